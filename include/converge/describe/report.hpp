// SPDX-License-Identifier: MIT
#pragma once

#include <converge/describe/assumptions.hpp>
#include <converge/describe/condition_text.hpp>
#include <converge/describe/mermaid.hpp>
#include <converge/describe/text_table.hpp>

#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

namespace converge {

namespace detail {

template <class Effect> struct effect_row {
    static std::string command() { return std::string{wire_name_of<typename Effect::command>}; }
    static std::string undone_by() {
        if constexpr (std::same_as<typename Effect::undo::command, void>)
            return "never undone";
        else
            return std::string{wire_name_of<typename Effect::undo::command>};
    }
};
template <class Condition, class Event, period After>
struct effect_row<effect<Condition, deadline<Event, After>, irreversible>> {
    static std::string command() {
        return std::string{wire_name_of<Event>} + " after " + std::to_string(After.microseconds / 1000) +
               " ms";
    }
    static std::string undone_by() { return "cancelled"; }
};

} // namespace detail

/// A process as a page of Markdown for people: what is proved and what that rests on, the diagram, the
/// effects with their conditions and what undoes them, the outcomes.
template <process Process>
    requires convergent<Process>
std::string report() {
    std::string page = "# Process " + std::string{name_of<Process>} + "\n\n";
    auto const assumptions = assumptions_of<Process>();
    page += assumptions.empty() ? "Every order and every redelivery of its events ends in the same state "
                                  "with the same net effects.\n"
                                : "Orders and redeliveries of its events end in the same state with the same "
                                  "net effects, where:\n\n";
    for (auto const& line : assumptions)
        page += "- " + line + "\n";
    page += "\n```mermaid\n" + mermaid<Process>() + "```\n";

    std::vector<std::vector<std::string>> effects{{"while", "stands", "undone by"}};
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, effects_of<Process>>>(
        [&]<class Effect>(std::type_identity<Effect>) {
            effects.push_back(
                {condition_text<Process, typename Effect::condition>(), detail::effect_row<Effect>::command(),
                 detail::effect_row<Effect>::undone_by()});
        });
    if (effects.size() > 1)
        page += "\n" + text_table(effects);

    std::vector<std::vector<std::string>> outcomes{{"outcome", "while"}};
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, outcomes_of<Process>>>(
        [&]<class Outcome>(std::type_identity<Outcome>) {
            outcomes.push_back(
                {std::string{state_name<Outcome>}, condition_text<Process, typename Outcome::condition>()});
        });
    if (outcomes.size() > 1)
        page += "\n" + text_table(outcomes);
    return page;
}

} // namespace converge
