// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/store/error.hpp>
#include <converge/store/record.hpp>
#include <converge/store/validation.hpp>

#include <boost/hana/define_struct.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// How the workers of a process manager keep what they have to know of each other: records, one for each
// worker that is present, one for each partition, and one that says how many partitions there are.
namespace converge::detail {

/// A sign of life, of a worker that is present. Each further one replaces the record, and so gives it another
/// revision: that is all that the others look at, for their clocks are not the worker's.
struct presence {
    BOOST_HANA_DEFINE_STRUCT(
        presence, (record_revision, joined), ///< of the record when the worker joined; 0 in that one
        (std::int64_t, lease_milliseconds));
};

/// Who has a partition. The record changes when the partition changes hands, and at no other time: so its
/// revision is the fence of all that is written for the partition meanwhile.
struct lease {
    BOOST_HANA_DEFINE_STRUCT(
        lease, (std::string, worker), ///< empty: nobody has it
        (record_revision, joined),    ///< of the worker's presence: another one of its name is not meant
        (std::int64_t, lease_milliseconds));
};

/// How the instances of a process manager are split. With `from`, the cursors of so many partitions are being
/// copied to those of `partitions`, and nobody may work.
struct partitioning {
    BOOST_HANA_DEFINE_STRUCT(partitioning, (std::uint32_t, partitions), (std::optional<std::uint32_t>, from));
};

inline constexpr std::uint32_t maximum_partitions = 4'096;
inline constexpr std::size_t maximum_worker_name = 255; // bytes

inline std::string presence_prefix(std::string_view process) {
    return "converge/workers/" + std::string{process} + "/";
}
inline std::string lease_prefix(std::string_view process) {
    return "converge/leases/" + std::string{process} + "/";
}
/// The number is the same length for all partitions, so that the records are found in their order.
inline std::string lease_name(std::string_view process, std::uint32_t partition) {
    auto const digits = std::to_string(partition);
    return lease_prefix(process) + std::string(4 - digits.size(), '0') + digits;
}
inline std::string partitioning_name(std::string_view process) {
    return "converge/partitions/" + std::string{process};
}

template <class Value> std::string encode_record(Value const& value) {
    std::string text;
    json_codec{}.encode(value, text);
    return text;
}
/// Throws `store_error` (`corrupt`) that names the record.
template <class Value> Value decode_record(record const& from) {
    auto value = json_codec{}.decode<Value>(from.value);
    if (!value)
        throw store_error{
            store_trouble::corrupt, "record " + shown(from.name) + ", revision " +
                                        std::to_string(from.revision) +
                                        ", cannot be read: " + value.error().what()};
    return std::move(*value);
}

} // namespace converge::detail
