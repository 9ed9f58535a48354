// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace converge {

/// A name that is stored or shown: of a process, a machine, an event on the wire.
/// Made from a string literal; the text lives as long as the program. Complexity: constant.
struct name {
    std::string_view text;

    template <std::size_t Size> consteval name(char const (&literal)[Size]) : text{literal, Size - 1} {}
};

/// A name that can be a template argument: `module<"payments", ...>`.
template <std::size_t Size> struct literal_name {
    char text[Size]{};

    consteval literal_name(char const (&literal)[Size]) { std::copy_n(literal, Size, text); }
    constexpr std::string_view view() const noexcept { return {text, Size - 1}; }
};

namespace detail {

// The signature of this function contains the type's name on every compiler we support; where it starts and
// ends is measured once with a type whose name is known.
template <class Type> consteval std::string_view signature() { return __PRETTY_FUNCTION__; }

inline constexpr std::size_t signature_prefix = signature<double>().find("double");
inline constexpr std::size_t signature_suffix = signature<double>().size() - signature_prefix - 6;

/// The type's name as the compiler prints it, qualified.
template <class Type> consteval std::string_view qualified_name() {
    std::string_view text = signature<Type>();
    text.remove_prefix(signature_prefix);
    text.remove_suffix(signature_suffix);
    return text;
}

/// Where the last `::` outside angle brackets ends, 0 if there is none.
consteval std::size_t scope_end(std::string_view text) {
    std::size_t depth = 0;
    std::size_t found = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        depth += text[at] == '<' ? 1 : 0;
        depth -= text[at] == '>' && depth > 0 ? 1 : 0;
        if (depth == 0 && text[at] == ':')
            found = at + 1;
    }
    return found;
}

/// The type's name as the compiler prints it, without namespaces and classes around it.
template <class Type> consteval std::string_view unqualified_name() {
    constexpr std::string_view text = qualified_name<Type>();
    return text.substr(scope_end(text));
}

/// FNV-1a, 32 bits (Fowler, Noll, Vo).
consteval std::uint32_t hash_of(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (char const each : text)
        hash = (hash ^ static_cast<unsigned char>(each)) * 16777619U;
    return hash;
}

/// What is known of a type in the tables: its name, and the name's hash. The record's address identifies the
/// type, so that tables are built by loops over arrays and not by recursive instantiation.
struct type_record {
    std::string_view name;
    std::uint32_t hash;
};

template <class Type> consteval std::string_view declared_name() {
    if constexpr (requires { std::string_view{Type::name.text}; })
        return Type::name.text;
    else
        return unqualified_name<Type>();
}

} // namespace detail

/// The name of a state, which is stored in the step records. It is the type's unqualified name; specialise it
/// to keep a stored name when the type is renamed: `template <> constexpr std::string_view
/// converge::state_name<payment::settled> = "paid";`
template <class State> inline constexpr std::string_view state_name = detail::unqualified_name<State>();

/// The name of a process or a machine: its member `static constexpr converge::name name`, else the type's
/// unqualified name.
template <class Type> inline constexpr std::string_view name_of = detail::declared_name<Type>();

namespace detail {

template <class Type> inline constexpr type_record record_of{state_name<Type>, hash_of(state_name<Type>)};

/// Equal for equal types, different for different types.
using type_identity = type_record const*;

template <class Type> inline constexpr type_identity identity_of = &record_of<Type>;

} // namespace detail

} // namespace converge
