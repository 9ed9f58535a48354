// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace converge {

/// A revision of a record: greater than every earlier revision of any record of its store, and never used
/// twice, also after the record was removed and made again. 0 means "there is no such record".
using record_revision = std::uint64_t;

/// A small value with a name, which is replaced only by who knows its revision: a lease, a setting.
struct record {
    std::string name; ///< 1 to 1,024 bytes of UTF-8 without NUL, as the name of a stream
    record_revision revision{};
    std::string value; ///< up to 65,536 bytes of any kind
};

/// What a batch asks of a record: that it has this revision in the moment in which the batch is written. The
/// view must outlive the call.
struct fence {
    std::string_view record;
    record_revision revision{}; ///< at least 1
};

/// Keeps records, which are written by compare-and-set.
///
/// - `find_record(name)`: the record, as it was when the call began or later.
/// - `find_records(prefix)`: all records whose names begin with the prefix, which may be empty, in the order
///   of the bytes of their names. It need not be one moment for all of them.
/// - `write_record(name, expected, value)`: makes the record if `expected` is 0 and there is none, replaces
///   its value if it has the revision `expected`, and returns the new revision; the write is durable then.
///   Otherwise nothing is written, and nothing is returned. Of several that expect one revision, one at most
///   writes. When it throws `unavailable` or `busy`, the record may have been written or not, and perhaps is
///   a moment later: writing once more, with the revision that is found, settles it.
/// - `remove_record(name, expected)`: true if the record had the revision `expected`, and is gone now, for
///   good; false if it has another, or there is none. When it throws, as above.
///
/// All of them throw `store_error`, `invalid_argument` for a name, prefix or value that is not allowed.
template <class Store>
concept record_store = requires(Store& store, std::string_view text, record_revision expected) {
    { store.find_record(text) } -> std::same_as<std::optional<record>>;
    { store.find_records(text) } -> std::same_as<std::vector<record>>;
    { store.write_record(text, expected, text) } -> std::same_as<std::optional<record_revision>>;
    { store.remove_record(text, expected) } -> std::same_as<bool>;
};

} // namespace converge
