// SPDX-License-Identifier: MIT
#pragma once

#include <converge/describe/condition_text.hpp>
#include <converge/run/commands.hpp>
#include <converge/testing/instance_changes.hpp>
#include <converge/testing/side_by_side.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge::testing {

/// A line of the user's test. Not `std::source_location`, which clang 14 does not know.
struct source_place {
    char const* file = "";
    int line = 0;

    static constexpr source_place
    here(char const* file = __builtin_FILE(), int line = __builtin_LINE()) noexcept {
        return {file, line};
    }
};

/// What came of one `then_...`: whether it is met, and if not, what was expected, what is, and what happened
/// before.
struct expectation {
    source_place where;
    bool met = true;
    std::string text; ///< "" if it is met
};

/// A command that the process sends.
template <class Command, class Process>
concept sent_by = boost::mp11::mp_contains<commands_of<Process>, Command>::value;

/// A command of the process that a test expects, and the line that expects it.
template <class Process> struct expected_command {
    shown_value value;
    source_place where;

    template <sent_by<Process> Command>
    expected_command(Command const& command, source_place at = source_place::here())
        : value{shown(command)}, where{at} {}
};

namespace detail {

/// The commands of the effects that stand where an instance is.
template <class Process> std::vector<shown_value> standing_commands(instance_view<Process> const& instance) {
    std::vector<shown_value> standing;
    [[maybe_unused]] auto const one = [&]<class Condition, class Command, class Undo>(
                                          std::type_identity<effect<Condition, Command, Undo>>) {
        if (!condition_holds<Process, Condition>(instance.states, instance.data))
            return;
        if constexpr (std::same_as<Undo, irreversible>) {
            standing.push_back(shown(converge::detail::build<Command>(instance_key{instance.key})));
        } else {
            auto const command = converge::detail::build<Command>(instance);
            if constexpr (requires { Undo::quantity; }) {
                if (command.*Undo::quantity <= 0)
                    return;
            }
            standing.push_back(shown(command));
        }
    };
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, effects_of<Process>>>(
        [&]<class Effect>(std::type_identity<Effect> each) {
            if constexpr (!converge::detail::is_deadline<Effect>::value)
                one(each);
        });
    return standing;
}

inline std::vector<shown_value> sorted(std::vector<shown_value> values) {
    std::ranges::sort(values, [](shown_value const& one, shown_value const& other) {
        return std::pair{one.name, one.json} < std::pair{other.name, other.json};
    });
    return values;
}

/// Whether each of `wanted` is in `all`, as often as it is wanted. Both sorted.
inline bool are_among(std::vector<shown_value> const& wanted, std::vector<shown_value> const& all) {
    auto from = all.begin();
    for (auto const& each : wanted) {
        from = std::find(from, all.end(), each);
        if (from == all.end())
            return false;
        ++from;
    }
    return true;
}

/// Rows of a table for a condition that is expected to hold: the machine and its state for a state, the
/// condition in words for everything else.
template <class Process, class Term>
std::vector<std::string> row_of_term(instance_view<Process> const& instance) {
    bool const holds = is_in<Term>(instance);
    std::string const mark = holds ? "" : "!";
    if constexpr (std::same_as<
                      typename converge::detail::term_parts<Term>::states, boost::mp11::mp_list<Term>>) {
        constexpr auto place = converge::detail::place_of<Process, Term>;
        return {
            mark, converge::detail::machine_name_at(place.machine, machines_of<Process>{}),
            std::string{state_name<Term>},
            std::string{state_name_at<Process>(instance.states, place.machine)}};
    } else {
        return {
            mark, converge::detail::condition_words<Process, Term>::text(), "holds",
            holds ? "holds" : "does not hold"};
    }
}

} // namespace detail

} // namespace converge::testing
