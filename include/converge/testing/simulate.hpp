// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/step_record.hpp>
#include <converge/testing/simulation_schedule.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// How a schedule is made. What is not said here is drawn from the seed.
struct simulation_settings {
    std::size_t fewest_workers = 1;
    std::size_t most_workers = 5;
    /// Turns of workers after the last event is appended, before everything becomes calm.
    std::size_t most_further_turns = 12;
    /// Whether events may be parked for a while and replayed later, behind others of their module. Only for
    /// processes whose proof does not rest on an order of events (`happens_before`, `accepts_race`).
    bool events_come_late = true;
    /// Store calls after which a schedule is taken to be endless.
    std::uint64_t call_limit = 100'000;
    /// Whether the result tells everything that happened.
    bool traced = false;
};

/// What came of a schedule.
struct simulation_result {
    std::uint64_t seed = 0;
    std::vector<std::string> troubles; ///< what should not have happened; empty: all is well
    std::string trace;                 ///< a line for each thing that happened, if it was asked for
    fault_counts faults;
    std::uint64_t store_calls = 0;

    bool holds() const noexcept { return troubles.empty(); }
    explicit operator bool() const noexcept { return holds(); }
    /// The seed, the troubles, and the trace.
    std::string text() const {
        auto made = "seed " + std::to_string(seed) + (holds() ? ": all is well\n" : ":\n");
        for (auto const& each : troubles)
            made += "  " + each + "\n";
        return made + trace;
    }
};

namespace detail {

/// Where an instance stands, for comparison.
struct standing_instance {
    std::vector<std::size_t> states;
    std::string data;
    std::vector<std::uint32_t> deadlines; ///< numbers of the effects that wait
    std::vector<std::int64_t> balance;

    bool operator==(standing_instance const&) const = default;
    std::string text() const {
        std::string made = "states";
        for (auto const each : states)
            made += " " + std::to_string(each);
        made += ", data " + data + ", deadlines";
        for (auto const each : deadlines)
            made += " " + std::to_string(each);
        made += ", commands add up to";
        for (auto const each : balance)
            made += " " + std::to_string(each);
        return made;
    }
};

template <class Process>
standing_instance
standing(instance_state<Process> const& state, typename effect_balance<Process>::balance const& balance) {
    standing_instance made;
    made.states.assign(state.states.begin(), state.states.end());
    converge::detail::encode_data(made.data, state.data);
    for (auto const& each : state.deadlines)
        made.deadlines.push_back(each.effect);
    std::sort(made.deadlines.begin(), made.deadlines.end());
    made.balance.assign(balance.begin(), balance.end());
    return made;
}

/// Where all instances stand that differ from a new one.
template <class Process>
std::map<std::string, standing_instance>
standing_instances(simulated_world& world, simulation_audit<Process> const& audit) {
    using balance = typename effect_balance<Process>::balance;
    auto const new_one = standing<Process>({}, balance{});
    std::map<std::string, standing_instance> all;
    for (auto const& [key, state] : read_instances<Process>(world.disk)) {
        auto const booked = audit.balances().find(key);
        auto const& balances = booked == audit.balances().end() ? balance{} : booked->second;
        if (auto const wrong = effect_balance<Process>::difference(key, state, balances); !wrong.empty())
            world.trouble("instance '" + key + "':" + wrong);
        if (auto made = standing<Process>(state, balances); !(made == new_one))
            all.emplace(key, std::move(made));
    }
    return all;
}

/// What is parked, as text.
template <class Process> std::vector<std::string> parked_texts(simulated_disk& disk) {
    std::vector<std::string> all;
    for (auto const& each : converge::detail::parked_items<Process>(disk))
        all.push_back(
            each.kind + " " + std::to_string(each.position) + " of " + each.module + ", " + each.name);
    std::sort(all.begin(), all.end());
    return all;
}

/// Copies the events of the modules that a process reads, with their positions and times, and without the
/// runner's own records.
template <class Process> void copy_events(simulated_disk const& from, simulated_disk& to) {
    boost::mp11::mp_for_each<modules_of<Process>>([&]<class Module>(Module) {
        auto const* const log = from.find(Module::module_name);
        if (log == nullptr)
            return;
        for (std::size_t at = 0; at < log->positions.size(); ++at) {
            auto const view = log->view(at);
            if (view.name.starts_with(reserved_prefix))
                continue;
            to.gap = view.position - to.head(Module::module_name) - 1;
            to.now = view.recorded_at;
            new_event const event{view.id, std::string{view.name}, view.internal, std::string{view.payload}};
            (void)to.append({Module::module_name, view.stream, expected_version::any(), {&event, 1}});
        }
        to.gap = 0;
    });
}

template <class Process>
void compare(
    simulated_world& world, std::map<std::string, standing_instance> const& found,
    std::map<std::string, standing_instance> const& quiet) {
    for (auto const& [key, stands] : quiet) {
        auto const other = found.find(key);
        if (other == found.end())
            world.trouble(
                "instance '" + key + "' is missing, in the quiet run it stands at " + stands.text());
        else if (!(other->second == stands))
            world.trouble(
                "instance '" + key + "' stands at " + other->second.text() + ", in the quiet run at " +
                stands.text());
    }
    for (auto const& [key, stands] : found)
        if (!quiet.contains(key))
            world.trouble(
                "instance '" + key + "' stands at " + stands.text() + ", in the quiet run it is new");
}

} // namespace detail

/// Runs one schedule: the process's real runners, one to five of them, on a simulated store, clock and
/// scheduler, everything drawn from the seed, in this thread. Workers crash, stores fail before or after they
/// have done what was asked, cursors are old, locks are lost, clocks jump, handlers throw, events come twice.
/// Then all becomes calm, and the result says what should not have happened: see `simulation_audit`; and
/// where an instance does not stand, with its data and the sum of its commands, where it stands after a quiet
/// run of one worker over the same events. The same seed gives the same schedule on every compiler, as long
/// as process, handler and events are the same and depend on nothing else.
///
///     auto const events = [](converge::testing::simulation_random& random) {
///         converge::testing::simulated_events made;
///         for (std::size_t number = 0; number < random.between(3, 9); ++number)
///             made.add<orders>(number, "stream", order_placed{"1"});
///         return made;
///     };
///     auto const result = converge::testing::simulate<order_process>(seed, events, handler);
///     CHECK_MESSAGE(result.holds(), result.text());
///
/// `handler` is copied for each worker; it is called as a runner calls it. `Capabilities` says what the store
/// can do. Complexity: about 0.3 milliseconds for ten events. Uses state of this thread; several threads may
/// run schedules at a time.
template <
    class Process, simulated_capabilities Capabilities = simulated_capabilities{}, class Events,
    class Handler>
simulation_result
simulate(std::uint64_t seed, Events&& events, Handler handler, simulation_settings const& settings = {}) {
    simulation_result result;
    result.seed = seed;
    simulated_world world{seed};
    detail::world_of_this_thread = &world;
    if (settings.traced)
        world.trace = &result.trace;
    world.call_limit = settings.call_limit;
    simulation_audit<Process> audit{world};
    world.observer = &audit;
    world.rates = fault_rates::drawn(world.random);
    if (!settings.events_come_late)
        world.rates[simulated_fault::unreadable_event] = world.rates[simulated_fault::failed_code] = 0;
    auto const workers = world.random.between(settings.fewest_workers, settings.most_workers);
    auto const turns = world.random.between(0, settings.most_further_turns);
    bool const same_workers = world.random.one_in(2);
    {
        std::uint32_t partitions = 1;
        if constexpr (Capabilities.records) {
            partitions = static_cast<std::uint32_t>(world.random.between(1, 6));
            if constexpr (Capabilities.batches)
                audit.require_leases(partitions);
        }
        simulation_schedule<Process, Capabilities, Handler> schedule{world, handler, partitions};
        schedule.add_workers(workers);
        schedule.disturb(events(world.random), turns);
        schedule.settle(same_workers, true);
    }
    simulated_world quiet{seed};
    detail::world_of_this_thread = nullptr;
    quiet.call_limit = settings.call_limit;
    quiet.clock = {}; // before every deadline
    if (!world.ended) {
        audit.check_all_is_done();
        simulation_audit<Process> quiet_audit{quiet};
        quiet.observer = &quiet_audit;
        detail::copy_events<Process>(world.disk, quiet.disk);
        simulation_schedule<Process, Capabilities, Handler> schedule{quiet, handler};
        schedule.add_workers(1);
        schedule.settle(false, false);
        detail::compare<Process>(
            world, detail::standing_instances<Process>(world, audit),
            detail::standing_instances<Process>(quiet, quiet_audit));
        for (auto const& each : quiet.troubles)
            world.trouble("in the quiet run: " + each);
        if (detail::parked_texts<Process>(world.disk) != detail::parked_texts<Process>(quiet.disk))
            world.trouble("what stays parked is not what stays parked in the quiet run");
    }
    result.troubles = std::move(world.troubles);
    result.faults = world.counts;
    result.store_calls = world.calls + quiet.calls;
    return result;
}

} // namespace converge::testing
