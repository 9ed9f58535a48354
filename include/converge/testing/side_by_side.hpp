// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/event.hpp>
#include <converge/describe/text_table.hpp>
#include <converge/testing/value_text.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// An event or a command taken apart for showing and comparing: two are equal when their names and the JSON
/// that is stored of them are.
struct shown_value {
    std::string name;                                        ///< wire name
    std::vector<std::pair<std::string, std::string>> fields; ///< those of structs in it with a dot
    std::string json;

    /// `refund_payment {order: "7", cents: 990}`; the name alone if there are no fields.
    std::string line() const {
        std::string text;
        for (auto const& [field, value] : fields) {
            text += text.empty() ? " {" : ", ";
            text += field;
            text += ": ";
            text += value;
        }
        return name + text + (text.empty() ? "" : "}");
    }
    bool operator==(shown_value const& other) const { return name == other.name && json == other.json; }
};

namespace detail {

template <class Struct> void add_fields(Struct const& value, std::string const& before, shown_value& into) {
    for_each_field(value, [&](std::string_view name, auto const& member) {
        using type = std::remove_cvref_t<decltype(member)>;
        auto const full = before + std::string{name};
        if constexpr (described<type> && !std::is_empty_v<type> && !converge::detail::json_custom<type>)
            add_fields(member, full + ".", into);
        else
            into.fields.emplace_back(full, value_text(member));
    });
}

} // namespace detail

/// Throws `encode_error` where the value could not be stored.
template <class Type> shown_value shown(Type const& value) {
    shown_value made{std::string{wire_name_of<Type>}, {}, {}};
    detail::add_fields(value, "", made);
    json_codec{}.encode(value, made.json);
    return made;
}

namespace detail {

/// One line of a comparison: what stands in it on either side; null where the side has nothing.
struct pairing {
    shown_value const* expected = nullptr;
    shown_value const* actual = nullptr;
};

/// Puts two lists beside each other so that as many as possible stand beside their equal, then beside one of
/// the same name. Complexity: the product of the sizes (the alignment of Needleman and Wunsch).
inline std::vector<pairing>
aligned(std::vector<shown_value> const& expected, std::vector<shown_value> const& actual) {
    auto const gain = [&](std::size_t one, std::size_t other) {
        auto const& left = expected[one];
        auto const& right = actual[other];
        return left == right ? 3 : left.name == right.name ? 1 : 0;
    };
    auto const rows = expected.size() + 1;
    auto const columns = actual.size() + 1;
    std::vector<int> best(rows * columns, 0); // of what stands from here to the ends
    for (auto one = expected.size(); one-- > 0;)
        for (auto other = actual.size(); other-- > 0;)
            best[one * columns + other] = std::max(
                {best[(one + 1) * columns + other], best[one * columns + other + 1],
                 best[(one + 1) * columns + other + 1] + gain(one, other)});
    std::vector<pairing> made;
    std::size_t one = 0;
    std::size_t other = 0;
    while (one < expected.size() || other < actual.size()) {
        bool const both = one < expected.size() && other < actual.size();
        auto const here = both ? best[one * columns + other] : 0;
        if (both && gain(one, other) > 0 && here == best[(one + 1) * columns + other + 1] + gain(one, other))
            made.push_back({&expected[one++], &actual[other++]});
        else if (other == actual.size() || (both && here == best[(one + 1) * columns + other]))
            made.push_back({&expected[one++], nullptr});
        else
            made.push_back({nullptr, &actual[other++]});
    }
    return made;
}

inline std::string field_line(shown_value const* value, std::size_t at) {
    if (value == nullptr || at >= value->fields.size())
        return "";
    return "  " + value->fields[at].first + ": " + value->fields[at].second;
}

} // namespace detail

/// Two lists of commands beside each other, as a table. The first column marks what is missing (`-`), what
/// was not expected (`+`) and the members that differ (`!`).
inline std::string side_by_side(
    std::vector<shown_value> const& expected, std::vector<shown_value> const& actual,
    std::string const& heading) {
    std::vector<std::vector<std::string>> rows{{"", "expected", heading}};
    for (auto const& [left, right] : detail::aligned(expected, actual)) {
        std::string const mark = right == nullptr ? "-" : left == nullptr ? "+" : "";
        rows.push_back({mark, left == nullptr ? "" : left->name, right == nullptr ? "" : right->name});
        auto const lines =
            std::max(left == nullptr ? 0 : left->fields.size(), right == nullptr ? 0 : right->fields.size());
        for (std::size_t at = 0; at < lines; ++at) {
            auto one = detail::field_line(left, at);
            auto other = detail::field_line(right, at);
            rows.push_back({mark.empty() && one != other ? "!" : mark, std::move(one), std::move(other)});
        }
    }
    return text_table(rows);
}

} // namespace converge::testing
