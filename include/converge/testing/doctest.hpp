// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/scenario.hpp>

#include <doctest/doctest.h>

namespace converge::testing {

/// A scenario that tells doctest what comes of each expectation, at the line that has it. As with `CHECK`,
/// the test goes on.
template <class Process> class checked_scenario : public scenario_steps<Process, checked_scenario<Process>> {
public:
    checked_scenario() = default;

private:
    friend class scenario_steps<Process, checked_scenario>;
    static void report(expectation const& each) {
        if (each.met)
            DOCTEST_CHECK(each.met); // so that it is counted
        else
            DOCTEST_ADD_FAIL_CHECK_AT(each.where.file, each.where.line, each.text);
    }
};

/// Begins a scenario with events that have happened before what is tested:
///
///     TEST_CASE("late money for a cancelled order goes back") {
///         given<order_process>(order_placed{"7"}, order_cancelled{"7"})
///             .when(payment_received{"7", 990})
///             .then_sends(refund_payment{"7", 990})
///             .then_is_in<payment::paid, cancellation::cancelled>();
///     }
template <class Process, event_read_by<Process>... Events>
    requires(converge::detail::runner_verdict<Process, detail::recording_handler, json_codec>::holds)
checked_scenario<Process> given(Events const&... events) {
    return checked_scenario<Process>{}.given(events...);
}

/// Chosen when the process cannot be run, and never defined: the compiler's one error names the reason, on
/// the line of the call.
template <class Process, class... Events>
    requires(!converge::detail::runner_verdict<Process, detail::recording_handler, json_codec>::holds)
process_cannot_run<converge::detail::runner_verdict<Process, detail::recording_handler, json_codec>>
given(Events const&... events);

} // namespace converge::testing
