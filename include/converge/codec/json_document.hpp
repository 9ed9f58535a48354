// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/codec.hpp>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace converge::detail {

/// Makes a document of what a parser meets, as Boost.JSON's own handler does, but for numbers with a
/// fraction: Boost.JSON 1.81 may be off by some units in the last place there, so that a double would not
/// come back as it was written. Here its text is read by `std::from_chars`, which rounds right.
struct json_document_handler {
    static constexpr std::size_t max_object_size = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::uint32_t>::max();
    using text = boost::json::string_view;
    using error = boost::json::error_code;

    boost::json::value_stack stack;

    explicit json_document_handler(boost::json::storage_ptr memory) { stack.reset(std::move(memory)); }

    bool on_document_begin(error& /*failed*/) { return true; }
    bool on_document_end(error& /*failed*/) { return true; }
    bool on_object_begin(error& /*failed*/) { return true; }
    bool on_array_begin(error& /*failed*/) { return true; }
    bool on_object_end(std::size_t members, error& /*failed*/) {
        stack.push_object(members);
        return true;
    }
    bool on_array_end(std::size_t items, error& /*failed*/) {
        stack.push_array(items);
        return true;
    }
    bool on_key_part(text part, std::size_t /*size*/, error& /*failed*/) {
        stack.push_chars(part);
        return true;
    }
    bool on_key(text last, std::size_t /*size*/, error& /*failed*/) {
        stack.push_key(last);
        return true;
    }
    bool on_string_part(text part, std::size_t /*size*/, error& /*failed*/) {
        stack.push_chars(part);
        return true;
    }
    bool on_string(text last, std::size_t /*size*/, error& /*failed*/) {
        stack.push_string(last);
        return true;
    }
    /// Only of a number at the end of a part that is not the last: a document comes here in one.
    bool on_number_part(text /*part*/, error& /*failed*/) { return true; }
    bool on_int64(std::int64_t number, text /*digits*/, error& /*failed*/) {
        stack.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, text /*digits*/, error& /*failed*/) {
        stack.push_uint64(number);
        return true;
    }
    bool on_double(double number, text digits, error& /*failed*/) {
        // What is out of range stays as the parser has it: zero, or infinity, which decoding refuses.
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        stack.push_double(number);
        return true;
    }
    bool on_bool(bool flag, error& /*failed*/) {
        stack.push_bool(flag);
        return true;
    }
    bool on_null(error& /*failed*/) {
        stack.push_null();
        return true;
    }
    bool on_comment_part(text /*part*/, error& /*failed*/) { return true; }
    bool on_comment(text /*last*/, error& /*failed*/) { return true; }
};

/// A parsed document, or why there is none. Small documents are parsed without the heap. Duplicate keys: the
/// last one counts, as Boost.JSON has it. Deeper than 32 levels is an error.
class json_document {
public:
    explicit json_document(std::string_view text) : memory_{space_.data(), space_.size()} {
        boost::json::error_code failed;
        boost::json::basic_parser<json_document_handler> parser{boost::json::parse_options{}, &memory_};
        auto const consumed = parser.write_some(false, text.data(), text.size(), failed);
        if (failed)
            failure_ = decode_error{
                "", "no JSON at byte " + std::to_string(consumed) + " of " + std::to_string(text.size()) +
                        ": " + failed.message()};
        else if (consumed < text.size())
            failure_ =
                decode_error{"", "something follows the JSON value at byte " + std::to_string(consumed)};
        else
            value_.emplace(parser.handler().stack.release());
    }
    json_document(json_document const&) = delete;
    json_document& operator=(json_document const&) = delete;

    decode_failure const& failure() const noexcept { return failure_; }
    /// Precondition: no failure.
    boost::json::value const& value() const noexcept { return *value_; }

private:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): filling it costs more than the parse
    std::array<unsigned char, 4096> space_;
    boost::json::monotonic_resource memory_;
    std::optional<boost::json::value> value_;
    decode_failure failure_;
};

/// Calls `use(value)` with the parsed document, or returns what is wrong with it.
template <class Type, class Use> decode_result<Type> with_document(std::string_view text, Use use) {
    json_document const document{text};
    if (document.failure())
        return *document.failure();
    return use(document.value());
}

} // namespace converge::detail
