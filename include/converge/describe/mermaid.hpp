// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/condition_evaluation.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/describe/assumptions.hpp>
#include <converge/verify/machine_types.hpp>

#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace converge {

namespace detail {

template <class Letter> struct letter_text {
    static std::string text() { return std::string{wire_name_of<Letter>}; }
};
template <class Letter, class Guard> struct letter_text<if_<Letter, Guard>> {
    static std::string text() {
        return letter_text<Letter>::text() + " [" + std::string{state_name<Guard>} + "]";
    }
};
template <class Letter, class Guard> struct letter_text<unless<Letter, Guard>> {
    static std::string text() {
        return letter_text<Letter>::text() + " [not " + std::string{state_name<Guard>} + "]";
    }
};

/// The transitions of a machine that change its state, one line each.
template <class Machine> std::string mermaid_transitions(std::string_view indent) {
    std::string text;
    auto const name = std::string{name_of<Machine>} + "_";
    auto const line = [&](std::string const& content) { text += std::string{indent} + content + "\n"; };
    auto const& table = table_of<Machine>;
    for (auto const* state : table.states)
        line("state \"" + std::string{state->name} + "\" as " + name + std::string{state->name});
    line("[*] --> " + name + std::string{table.states[table.initial]->name});
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, machine_rows<Machine>>>(
        [&]<class Row>(std::type_identity<Row>) {
            using parts = row_parts<Row>;
            using from = typename parts::from;
            using to = typename parts::to;
            if (identity_of<from> == identity_of<to> &&
                boost::mp11::mp_empty<typename parts::commands>::value)
                return;
            auto content = name + std::string{state_name<from>} + " --> " + name +
                           std::string{state_name<to>} + " : " + letter_text<typename parts::letter>::text();
            boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, typename parts::commands>>(
                [&]<class Command>(std::type_identity<Command>) {
                    content += " / " + std::string{wire_name_of<Command>};
                });
            line(content);
        });
    return text;
}

/// What the proof rests on, as a note beside a state; nothing where it rests on nothing.
template <class Type> std::string mermaid_note(std::string_view indent, std::string const& state) {
    std::string text;
    if constexpr (convergent<Type>) {
        for (auto const& line : assumptions_of<Type>())
            text += std::string{indent} + "    " + line + "\n";
        if (!text.empty())
            text = std::string{indent} + "note right of " + state + "\n" + text + std::string{indent} +
                   "end note\n";
    } else {
        text = std::string{indent} + "note right of " + state + " : not verified\n";
    }
    return text;
}

} // namespace detail

/// A machine, or a process with its machines side by side, as the text of a Mermaid state diagram
/// (https://mermaid.js.org/syntax/stateDiagram.html). What changes nothing is left out. A note says what its
/// proof rests on, such as accepted races, or that there is none.
template <class Type> std::string mermaid() {
    if constexpr (process<Type>) {
        std::string text = "stateDiagram-v2\n    state \"" + std::string{name_of<Type>} + "\" as process {\n";
        bool first = true;
        boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, machines_of<Type>>>(
            [&]<class Machine>(std::type_identity<Machine>) {
                if (!first)
                    text += "        --\n";
                first = false;
                text += detail::mermaid_transitions<Machine>("        ");
            });
        return text + "    }\n" + detail::mermaid_note<Type>("    ", "process");
    } else {
        auto const initial = std::string{name_of<Type>} + "_" +
                             std::string{table_of<Type>.states[table_of<Type>.initial]->name};
        return "stateDiagram-v2\n" + detail::mermaid_transitions<Type>("    ") +
               detail::mermaid_note<Type>("    ", initial);
    }
}

} // namespace converge
