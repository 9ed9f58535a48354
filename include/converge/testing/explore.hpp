// SPDX-License-Identifier: MIT
#pragma once

#include <converge/describe/permutations.hpp>
#include <converge/describe/text_table.hpp>
#include <converge/run/step_record.hpp>
#include <converge/testing/event_orders.hpp>

#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge {

/// What `explore` found: whether all orders agree, and if not, two shortest histories that differ.
template <class Process, class... Events> class exploration {
    static_assert((detail::can_take<Process, Events> && ...));

public:
    constexpr explicit exploration(Events const&... events) : events_{events...} {
        detail::event_orders<Process, Events...> orders{events_};
        difference_ = orders.found;
        of_a_redelivery_ = orders.of_a_redelivery;
        one_ = std::move(orders.one);
        other_ = std::move(orders.other);
    }

    /// Every order of every selection of the events, also with redeliveries, leads to the same end.
    constexpr bool converges() const noexcept { return difference_ == difference::none; }
    constexpr explicit operator bool() const noexcept { return converges(); }
    constexpr converge::difference difference() const noexcept { return difference_; }
    /// The two histories, as places in the list of events; both empty if all orders agree. They are equal but
    /// for the last two events, or the second is the first with a redelivery at its end.
    constexpr std::vector<std::size_t> const& one() const noexcept { return one_; }
    constexpr std::vector<std::size_t> const& other() const noexcept { return other_; }

    /// The two histories step by step, as tables; "" if all orders agree. Not constexpr.
    std::string text() const {
        if (converges())
            return "";
        static constexpr std::array<char const*, 4> ends{
            "", "in different states", "with different data", "with different commands sent"};
        return std::string{of_a_redelivery_ ? "a redelivery ends " : "two orders of the same events end "} +
               ends[static_cast<std::size_t>(difference_)] + "\n\n" + table_of_history(one_) + "\n" +
               table_of_history(other_);
    }

private:
    using end = detail::explored_end<Process>;

    /// Whether the data has a text: folds, or a described struct.
    static constexpr bool shows_data = [] {
        if constexpr (has_free_data<Process>)
            return described<data_of<Process>>;
        else
            return !boost::mp11::mp_empty<detail::folds_of<Process>>::value;
    }();

    std::string table_of_history(std::vector<std::size_t> const& history) const {
        std::vector<std::vector<std::string>> rows{{"event"}};
        boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, machines_of<Process>>>(
            [&]<class Machine>(std::type_identity<Machine>) { rows[0].emplace_back(name_of<Machine>); });
        if constexpr (shows_data)
            rows[0].emplace_back("data");
        if constexpr (end::commands != 0)
            rows[0].emplace_back("sent by rows");
        rows[0].emplace_back("stands");
        static constexpr std::array<std::string_view, sizeof...(Events)> names{wire_name_of<Events>...};
        detail::event_orders<Process, Events...> const orders{events_};
        end at;
        rows.push_back(row_of("", at));
        for (auto const place : history) {
            at = orders.after(at, place);
            rows.push_back(row_of(std::string{names[place]}, at));
        }
        return text_table(rows);
    }

    static std::vector<std::string> row_of(std::string event, end const& at) {
        permutation described_end;
        instance_state<Process> state;
        state.states = at.states;
        state.data = at.data;
        detail::describe_end<Process>(described_end, state, machines_of<Process>{}, effects_of<Process>{});
        std::vector<std::string> row{std::move(event)};
        row.insert(row.end(), described_end.states.begin(), described_end.states.end());
        if constexpr (shows_data)
            detail::encode_data(row.emplace_back(), at.data);
        if constexpr (end::commands != 0)
            row.push_back(sent_text(at));
        row.push_back(detail::joined_text(described_end.stands, ", "));
        return row;
    }

    static std::string sent_text(end const& at) {
        std::vector<std::string> sent;
        std::size_t number = 0;
        boost::mp11::mp_for_each<
            boost::mp11::mp_transform<std::type_identity, detail::row_commands_of<Process>>>(
            [&]<class Command>(std::type_identity<Command>) {
                if (auto const times = at.sent[number++]; times != 0)
                    sent.push_back(
                        std::string{wire_name_of<Command>} +
                        (times == 1 ? "" : " x " + std::to_string(times)));
            });
        return detail::joined_text(sent, ", ");
    }

    std::tuple<Events...> events_;
    converge::difference difference_ = difference::none;
    bool of_a_redelivery_ = false;
    std::vector<std::size_t> one_;
    std::vector<std::size_t> other_;
};

/// Tries every order of every selection of concrete events, and the redelivery of each of them at every later
/// time, with data: as far as the process's environment admits them, and but for the order of accepted races.
/// For what the compiler cannot prove: data behind `apply`, guards and predicates over values. The process
/// need not be verified. Where it is verified up to equivalent states, states are compared by what can be
/// observed of them.
///
///     auto const found = explore<order_process>(paid{"1", 60}, paid{"1", 40}, cancelled{"1"});
///     CHECK_MESSAGE(found.converges(), found.text());
///     static_assert(explore<order_process>(...)); // where the process and its data are constexpr
///
/// Complexity: for n events, 2^n sets with at most n^2 events taken at each; memory for 2^n ends. Accepted
/// races multiply it by the ends they lead to.
template <process Process, class... Events>
constexpr exploration<Process, Events...> explore(Events const&... events) {
    return exploration<Process, Events...>{events...};
}

} // namespace converge
