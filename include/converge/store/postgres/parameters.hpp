// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Appends an integer in network byte order.
template <class Integer> void append_big_endian(std::string& to, Integer value) {
    auto const bits = static_cast<std::uint64_t>(value);
    for (std::size_t byte = sizeof(Integer); byte-- > 0;)
        to += static_cast<char>(bits >> (8 * byte) & 0xFFU);
}

/// Types of the server, as the binary format of an array names them.
enum class postgres_type : std::uint32_t {
    boolean = 16,
    bytes = 17,
    bigint = 20,
    integer = 23,
    text = 25,
    uuid = 2950
};

/// A one-dimensional array in the server's binary format.
class postgres_array {
public:
    explicit postgres_array(postgres_type of) {
        append_big_endian<std::int32_t>(bytes_, 1); // dimensions
        append_big_endian<std::int32_t>(bytes_, 0); // no nulls
        append_big_endian(bytes_, static_cast<std::uint32_t>(of));
        append_big_endian<std::int32_t>(bytes_, 0); // the number of elements, known at the end
        append_big_endian<std::int32_t>(bytes_, 1); // the first has index 1
    }

    void add(bool value) { add(std::string_view{value ? "\1" : "\0", 1}); }
    void add(std::int32_t value) { add_integer(value); }
    void add(std::int64_t value) { add_integer(value); }
    void add(event_id const& id) {
        add(std::string_view{reinterpret_cast<char const*>(id.data), id.size()}); // NOLINT
    }
    void add(std::string_view value) {
        append_big_endian(bytes_, static_cast<std::int32_t>(value.size()));
        bytes_ += value;
        ++count_;
    }
    void add(char const*) = delete; // would be a bool

    void reserve(std::size_t size) { bytes_.reserve(size); }

    /// The finished array. No further `add`.
    std::string finish() && {
        std::string count;
        append_big_endian(count, count_);
        bytes_.replace(12, 4, count);
        return std::move(bytes_);
    }

private:
    template <class Integer> void add_integer(Integer value) {
        append_big_endian<std::int32_t>(bytes_, sizeof value);
        append_big_endian(bytes_, value);
        ++count_;
    }

    std::string bytes_;
    std::int32_t count_ = 0;
};

/// The parameters of one execution, all in binary. They own their bytes.
class postgres_parameters {
public:
    void add(bool value) { bytes_.emplace_back(1, value ? '\1' : '\0'); }
    void add(std::int32_t value) { append_big_endian(bytes_.emplace_back(), value); }
    void add(std::int64_t value) { append_big_endian(bytes_.emplace_back(), value); }
    void add(event_id const& id) { bytes_.emplace_back(id.begin(), id.end()); }
    void add(std::string_view value) { bytes_.emplace_back(value); }
    void add(char const*) = delete; // would be a bool
    void add(postgres_array&& value) { bytes_.push_back(std::move(value).finish()); }

    int size() const noexcept { return static_cast<int>(bytes_.size()); }
    std::vector<char const*> values() const {
        std::vector<char const*> each;
        each.reserve(bytes_.size());
        for (auto const& value : bytes_)
            each.push_back(value.data());
        return each;
    }
    std::vector<int> lengths() const {
        std::vector<int> each;
        each.reserve(bytes_.size());
        for (auto const& value : bytes_)
            each.push_back(static_cast<int>(value.size()));
        return each;
    }
    std::vector<int> formats() const { return std::vector<int>(bytes_.size(), 1); }

private:
    std::vector<std::string> bytes_;
};

/// A number of ours as the server's signed one: what is greater than any that can be stored stays so.
constexpr std::int64_t postgres_bigint(std::uint64_t value) noexcept {
    constexpr auto greatest = std::numeric_limits<std::int64_t>::max();
    return value > static_cast<std::uint64_t>(greatest) ? greatest : static_cast<std::int64_t>(value);
}

} // namespace converge::detail
