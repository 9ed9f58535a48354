// SPDX-License-Identifier: MIT
#pragma once

#include <converge/describe/text_table.hpp>
#include <converge/testing/expectation.hpp>
#include <converge/testing/scenario_run.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge::testing {

/// An event of a module that the process reads.
template <class Event, class Process>
concept event_read_by = boost::mp11::mp_contains<events_of<Process>, Event>::value;

/// What a scenario can say; `scenario` and, for doctest, `checked_scenario` are made of it. `Self` is the
/// class that derives from it, and has a `static void report(expectation const&)`.
///
/// Objects are handles: copies are the same scenario.
template <class Process, class Self> class scenario_steps {
public:
    /// Events that have happened before what is tested, each in its module's log, in this order.
    template <event_read_by<Process>... Events> Self given(Events const&... events) const {
        (run_->take("given ", events), ...);
        run_->begin();
        return self();
    }
    /// Events that happen now. `then_sends` is about what follows from here.
    template <event_read_by<Process>... Events> Self when(Events const&... events) const {
        run_->begin();
        (run_->take("when ", events), ...);
        return self();
    }
    /// Time that passes; deadlines that are due on the way fire when they are. Throws `std::invalid_argument`
    /// when it is negative. What it leads to belongs to the last `when`.
    Self after(std::chrono::microseconds span) const {
        run_->pass(span);
        return self();
    }
    /// From here on the handler refuses each `Command` with this reason, so that it is parked.
    template <sent_by<Process> Command> Self where_handler_refuses(std::string reason) const {
        run_->refuse(wire_name_of<Command>, std::move(reason));
        return self();
    }
    /// Expectations about states, data and deadlines are about the instance with this key from here on;
    /// before, about that of the first event.
    Self for_instance(std::string key) const {
        run_->set_key(std::move(key));
        return self();
    }

    /// Exactly these commands were sent since the last `when`, else since the end of `given`, in this order,
    /// by whichever instance.
    template <sent_by<Process>... Commands>
    Self then_sends(expected_command<Process> const& first, Commands const&... others) const {
        auto const expected = values(first, others...);
        return check(first.where, expected == run_->sent(), "other commands are sent than expected:", [&] {
            return side_by_side(expected, run_->sent(), "sent");
        });
    }
    /// The same, in whatever order.
    template <sent_by<Process>... Commands>
    Self then_sends_in_any_order(expected_command<Process> const& first, Commands const&... others) const {
        auto const expected = detail::sorted(values(first, others...));
        auto const sent = detail::sorted(run_->sent());
        return check(first.where, expected == sent, "other commands are sent than expected:", [&] {
            return side_by_side(expected, sent, "sent, in any order");
        });
    }
    /// At least these commands were sent, in whatever order.
    template <sent_by<Process>... Commands>
    Self then_sends_among_others(expected_command<Process> const& first, Commands const&... others) const {
        auto const expected = detail::sorted(values(first, others...));
        auto const sent = detail::sorted(run_->sent());
        return check(
            first.where, detail::are_among(expected, sent), "not all commands are sent that are expected:",
            [&] { return side_by_side(expected, sent, "sent, in any order"); });
    }
    Self then_sends_nothing(source_place where = source_place::here()) const {
        return check(where, run_->sent().empty(), "commands are sent, and none is expected:", [&] {
            return side_by_side({}, run_->sent(), "sent");
        });
    }

    /// Exactly these commands of effects stand in the end: the net effect of everything that was sent. In
    /// whatever order.
    template <sent_by<Process>... Commands>
    Self then_stands(expected_command<Process> const& first, Commands const&... others) const {
        return check_standing(first.where, values(first, others...));
    }
    Self then_nothing_stands(source_place where = source_place::here()) const {
        return check_standing(where, {});
    }

    /// The instance is in these states; any other term of a condition is allowed as well (`any_of`, `holds`,
    /// an outcome).
    template <class... Terms> Self then_is_in(source_place where = source_place::here()) const {
        auto const instance = run_->instance();
        instance_view<Process> const view{run_->key(), instance.states, instance.data};
        return check(where, (is_in<Terms>(view) && ...), of_instance() + " is in another place:", [&] {
            return text_table(
                {{"", "machine", "expected", "is"}, detail::row_of_term<Process, Terms>(view)...});
        });
    }

    /// A fold of the instance has this value.
    template <class Fold>
        requires boost::mp11::mp_contains<converge::detail::folds_of<Process>, Fold>::value
    Self
    then_data(typename Fold::value_type const& expected, source_place where = source_place::here()) const {
        auto const instance = run_->instance();
        auto const& is = get<Fold>(instance.data);
        return check(where, equal_fields(expected, is), of_instance() + " has other data:", [&] {
            return text_table(
                {{"fold", "expected", "is"},
                 {std::string{state_name<Fold>}, value_text(expected), value_text(is)}});
        });
    }
    /// The same for a process with data of its own.
    Self then_data(data_of<Process> const& expected, source_place where = source_place::here()) const
        requires has_free_data<Process>
    {
        auto const instance = run_->instance();
        return check(where, equal_fields(expected, instance.data), of_instance() + " has other data:", [&] {
            return side_by_side({shown(expected)}, {shown(instance.data)}, "is");
        });
    }

    /// The instance waits for a deadline of this event, which is due so long from now.
    template <class Event>
    Self then_waits_for(std::chrono::microseconds span, source_place where = source_place::here()) const {
        return check_waiting(where, wire_name_of<Event>, span);
    }
    /// The same, due at any time.
    template <class Event> Self then_waits_for(source_place where = source_place::here()) const {
        return check_waiting(where, wire_name_of<Event>, std::nullopt);
    }
    Self then_waits_for_nothing(source_place where = source_place::here()) const {
        return check(where, run_->pending().empty(), of_instance() + " still waits:", [&] {
            return table_of_pending();
        });
    }

    /// Something is parked whose reason, or whose name, has this text in it.
    Self then_parks(std::string_view text, source_place where = source_place::here()) const {
        auto const parked = run_->parked();
        bool const found = std::ranges::any_of(parked, [&](parked_item const& each) {
            return each.reason.find(text) != std::string::npos || each.name == text;
        });
        return check(where, found, "nothing is parked for a reason with \"" + std::string{text} + "\":", [&] {
            return table_of_parked(parked);
        });
    }
    Self then_parks_nothing(source_place where = source_place::here()) const {
        auto const parked = run_->parked();
        return check(where, parked.empty(), "something is parked:", [&] { return table_of_parked(parked); });
    }

    /// Whether all expectations so far are met.
    explicit operator bool() const {
        return std::ranges::all_of(*expectations_, [](expectation const& each) { return each.met; });
    }
    /// Every expectation so far, in order.
    std::vector<expectation> const& expectations() const noexcept { return *expectations_; }
    /// The expectations that are not met, each with its line; "" if there are none.
    std::string text() const {
        std::string all;
        for (auto const& each : *expectations_)
            if (!each.met)
                all += (all.empty() ? "" : "\n") + std::string{each.where.file} + ":" +
                       std::to_string(each.where.line) + ": " + each.text;
        return all;
    }
    /// What has happened so far, a line for each event and each thing it did.
    std::string history() const { return run_->history(); }

private:
    friend Self;
    scenario_steps() = default; // by `Self` alone

    Self const& self() const { return static_cast<Self const&>(*this); }

    template <sent_by<Process>... Commands>
    static std::vector<shown_value>
    values(expected_command<Process> const& first, Commands const&... others) {
        return {first.value, expected_command<Process>{others}.value...};
    }

    std::string of_instance() const {
        return run_->key().empty() ? "the instance" : "instance " + run_->key();
    }

    template <class Difference>
    Self check(source_place where, bool met, std::string const& what, Difference const& difference) const {
        expectation made{where, met, {}};
        if (!met)
            made.text = what + "\n\n" + difference() + "\nwhat happened:\n" + run_->history();
        expectations_->push_back(made);
        Self::report(made);
        return self();
    }

    Self check_standing(source_place where, std::vector<shown_value> expected) const {
        auto const instance = run_->instance();
        expected = detail::sorted(std::move(expected));
        auto const standing = instance.version == 0 ? std::vector<shown_value>{}
                                                    : detail::sorted(detail::standing_commands<Process>(
                                                          {run_->key(), instance.states, instance.data}));
        return check(where, expected == standing, "other effects of " + of_instance() + " stand:", [&] {
            return side_by_side(expected, standing, "stands");
        });
    }

    Self check_waiting(
        source_place where, std::string_view event, std::optional<std::chrono::microseconds> span) const {
        auto const pending = run_->pending();
        bool const waits = std::ranges::any_of(pending, [&](pending_deadline const& each) {
            return detail::event_of_deadline<Process>(each) == event &&
                   (!span || each.due - run_->now() == *span);
        });
        auto const in = span ? " in " + detail::span_text(*span) : std::string{};
        return check(
            where, waits, of_instance() + " does not wait for " + std::string{event} + in + ":",
            [&] { return table_of_pending(); });
    }

    std::string table_of_pending() const {
        std::vector<std::vector<std::string>> rows{{"waits for", "due in"}};
        for (auto const& each : run_->pending())
            rows.push_back(
                {std::string{detail::event_of_deadline<Process>(each)},
                 detail::span_text(each.due - run_->now())});
        if (rows.size() == 1)
            rows.push_back({"nothing", ""});
        return text_table(rows);
    }

    static std::string table_of_parked(std::vector<parked_item> const& parked) {
        std::vector<std::vector<std::string>> rows{{"parked", "name", "reason"}};
        for (auto const& each : parked)
            rows.push_back({each.kind, each.name, each.reason});
        if (parked.empty())
            rows.push_back({"nothing", "", ""});
        return text_table(rows);
    }

    std::shared_ptr<detail::scenario_run<Process>> run_ = std::make_shared<detail::scenario_run<Process>>();
    std::shared_ptr<std::vector<expectation>> expectations_ = std::make_shared<std::vector<expectation>>();
};

/// Given, when, then, for one process: its real runner over a store in memory, with a clock in hand. For any
/// test framework; `given` of `<converge/testing/doctest.hpp>` does the checking itself.
///
///     auto const story = scenario<order_process>{}
///         .given(order_placed{"7"}, order_cancelled{"7"})
///         .when(payment_received{"7", 990})
///         .then_sends(refund_payment{"7", 990});
///     EXPECT_TRUE(story) << story.text();
///
/// Not thread-safe.
template <class Process> class [[nodiscard]] scenario : public scenario_steps<Process, scenario<Process>> {
public:
    scenario() = default;

private:
    friend class scenario_steps<Process, scenario>;
    static void report(expectation const&) noexcept {} // the user asks
};

} // namespace converge::testing
