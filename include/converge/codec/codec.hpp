// SPDX-License-Identifier: MIT
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <concepts>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace converge {

/// Why bytes could not be decoded: which field, and the reason. "cents: expected an integer, found a string".
class decode_error {
public:
    decode_error() = default;
    /// `path` names the field, from the value that is decoded; empty for the value itself.
    decode_error(std::string path, std::string reason) : path_{std::move(path)}, reason_{std::move(reason)} {}
    /// The error of a member, told by the struct that has it.
    decode_error in(std::string_view field) const {
        auto const nested = !path_.empty() && path_.front() != '[';
        decode_error outer{*this};
        outer.path_ = std::string{field} + (nested ? "." : "") + path_;
        return outer;
    }
    /// Field path and reason.
    std::string what() const { return path_.empty() ? reason_ : path_ + ": " + reason_; }

private:
    std::string path_;
    std::string reason_;
};

/// Thrown by `value()` of a result that holds an error.
class decoding_failed : public std::runtime_error {
public:
    explicit decoding_failed(decode_error const& error) : std::runtime_error{error.what()} {}
};

[[noreturn]] inline void
throw_exception_from_error(decode_error const& error, boost::source_location const& /*where*/) {
    throw decoding_failed{error};
}

/// Thrown when a value cannot be encoded: text that is not UTF-8, a number that is not finite. Names the
/// field.
class encode_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

template <class Type> using decode_result = boost::system::result<Type, decode_error>;

namespace detail {
/// What is wrong, or nothing: inside a codec, where a result of each member's type would cost much to
/// compile.
using decode_failure = std::optional<decode_error>;
} // namespace detail

/// Turns a struct into bytes and back. Bad bytes are a value, not an exception. Stateless use from several
/// threads must be safe.
///
/// - `codec.encode(value, out)` appends the bytes of `value` to the string `out`; throws `encode_error`.
/// - `codec.template decode<Type>(bytes)` gives a `decode_result<Type>`.
template <class Codec, class Type>
concept codec_for =
    requires(Codec const& codec, Type const& value, std::string& out, std::string_view bytes) {
        codec.encode(value, out);
        { codec.template decode<Type>(bytes) } -> std::same_as<decode_result<Type>>;
    };

} // namespace converge
