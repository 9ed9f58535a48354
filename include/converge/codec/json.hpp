// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/codec.hpp>
#include <converge/codec/json_decode.hpp>
#include <converge/codec/json_document.hpp>
#include <converge/codec/json_encode.hpp>
#include <converge/codec/json_plain.hpp>

#include <string>
#include <string_view>

namespace converge {

/// Structs as JSON objects, generated from their description by Boost.Hana. The default codec.
///
/// Integers, floating point, `bool`, text (UTF-8), enumerations (as integers), `std::optional` (absent or
/// null), vectors, arrays, sets, maps with text keys, tuples (as arrays), durations and time points (as
/// counts), UUIDs (as text), described structs, and what `json_as` says. Unknown fields are tolerated;
/// missing and mistyped ones are errors that name the field. Thread-safe, no state.
struct json_codec {
    /// Appends the JSON of `value`. Throws `encode_error` naming the field when text is not UTF-8 or a number
    /// not finite; `out` then ends with an unfinished document. Complexity: linear in the size of the
    /// document.
    template <class Type> void encode(Type const& value, std::string& out) const {
        detail::encode_json(value, out);
    }

    /// The value, or what is wrong with the bytes. Complexity: linear.
    template <class Type> decode_result<Type> decode(std::string_view bytes) const {
        if constexpr (detail::plain_struct<Type>)
            if (Type made{}; detail::read_plain(bytes, made))
                return made;
        detail::json_document const document{bytes};
        if (document.failure())
            return *document.failure();
        if constexpr (detail::json_custom<Type>) {
            return json_as<Type>::decode(document.value());
        } else {
            Type made{};
            if (auto const failure = detail::decode_into(document.value(), made))
                return *failure;
            return made;
        }
    }
};

} // namespace converge
