// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/runner.hpp>
#include <converge/run/worker.hpp>
#include <converge/testing/simulated_events.hpp>
#include <converge/testing/simulated_handler.hpp>
#include <converge/testing/simulated_store.hpp>
#include <converge/testing/simulation_audit.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge::testing {

/// The workers of one process manager in a simulated world, and who does what when.
///
/// One thread. A worker's turn is a call of its runner; another worker's turn may take place inside it, at
/// each store call and in each handler, and so on three turns deep. So of two workers every interleaving
/// occurs in which one is overtaken by whole turns of the other.
template <class Process, simulated_capabilities Capabilities, class Handler> class simulation_schedule {
public:
    using store_type = simulated_store<Capabilities>;

    /// `partitions` is for workers alone.
    simulation_schedule(simulated_world& world, Handler handler, std::uint32_t partitions = 1)
        : world_{&world}, handler_{std::move(handler)}, partitions_{partitions} {
        world.let_others_work = [this] { act(); };
    }
    simulation_schedule(simulation_schedule const&) = delete;
    simulation_schedule& operator=(simulation_schedule const&) = delete;
    ~simulation_schedule() {
        world_->let_others_work = nullptr;
        world_->tracing = nullptr;
    }

    void add_workers(std::size_t count) {
        for (std::size_t number = 0; number < count; ++number)
            places_.push_back(std::make_unique<place>(number + 1));
    }

    /// Appends the events, and lets the workers work while everything goes wrong.
    void disturb(simulated_events const& events, std::size_t further_turns) {
        sources_ = &events.sources();
        next_of_source_.assign(sources_->size(), 0);
        while (!world_->ended && (events_are_left() || further_turns > 0)) {
            if (!events_are_left())
                --further_turns;
            act();
        }
        sources_ = nullptr;
    }

    /// Nothing goes wrong any more. The workers come to rest, deadlines come due, what is parked is replayed.
    void settle(bool with_the_same_workers, bool time_passes) {
        world_->calm = true;
        world_->tracing = nullptr;
        world_->note([] { return std::string{"calm"}; });
        for (auto& each : places_) {
            each->state.clock_skew = {};
            if (!with_the_same_workers || each->state.dead)
                stop(*each);
            if constexpr (Capabilities.runner_lock)
                if (each != places_.front())
                    stop(*each);
        }
        rest();
        if (time_passes)
            pass(std::chrono::days{30});
        for (auto& each : places_)
            if (each == places_.front() || Capabilities.records)
                replay(*each);
        rest();
        if (time_passes)
            pass(std::chrono::days{30});
        if (world_->ended)
            world_->trouble(
                "the workers do not come to rest in " + std::to_string(world_->call_limit) + " store calls");
    }

private:
    using handler_type = simulated_handler<Process, Handler>;
    static auto type_of_runner() {
        if constexpr (Capabilities.records)
            return std::type_identity<worker<Process, store_type, handler_type, simulated_codec>>{};
        else
            return std::type_identity<runner<Process, store_type, handler_type, simulated_codec>>{};
    }
    using runner_type = typename decltype(type_of_runner())::type;

    struct place {
        explicit place(std::size_t number) { state.number = number; }
        simulated_worker state;
        std::unique_ptr<store_type> store;
        std::unique_ptr<runner_type> runner_at_work;
    };

    void replay(place& at) {
        try {
            (void)running(at).replay_parked();
        } catch (simulation_ended const&) {
            world_->ended = true;
        }
    }

    bool events_are_left() const {
        if (sources_ != nullptr)
            for (std::size_t each = 0; each < sources_->size(); ++each)
                if (next_of_source_[each] < (*sources_)[each].size())
                    return true;
        return false;
    }

    /// One thing happens, whatever it is.
    void act() {
        auto const choice = world_->random.below(16);
        if (choice < 4)
            publish();
        else if (choice == 4)
            change_clock();
        else if (choice == 5)
            stop_someone();
        else
            work(*places_[world_->random.below(places_.size())]);
    }

    void publish() {
        if (!events_are_left())
            return;
        auto source = world_->random.below(sources_->size());
        while (next_of_source_[source] == (*sources_)[source].size())
            source = (source + 1) % sources_->size();
        auto const& event = (*sources_)[source][next_of_source_[source]++];
        append(event, event.event);
        if (world_->occurs(simulated_fault::repeated_event))
            append(event, event.event);
        if (event.may_be_duplicated && world_->occurs(simulated_fault::duplicated_event)) {
            auto copy = event.event;
            copy.id = name_based_id(std::string_view{"duplicate"}, copy.id, world_->calls);
            append(event, copy);
        }
    }
    void append(simulated_event const& event, new_event const& as) {
        world_->tracing = nullptr;
        world_->note(
            [&] { return "publish " + as.name + " " + as.payload + " in " + std::string{event.module}; });
        (void)world_->append({event.module, event.stream, expected_version::any(), {&as, 1}}, nullptr);
    }

    void change_clock() {
        world_->tracing = nullptr;
        auto const span = std::chrono::seconds{world_->random.below(86'400)};
        if (world_->occurs(simulated_fault::forward_clock_jump))
            world_->clock += span;
        else if (world_->occurs(simulated_fault::back_clock_jump))
            world_->clock -= span;
        else
            world_->clock += span / 100;
        if constexpr (Capabilities.records) // so has a worker that is in a call stood still for a while
            world_->waited += std::chrono::milliseconds{world_->random.below(300)};
        world_->note([&] {
            return "the clock is at " + std::to_string(world_->clock.time_since_epoch().count() / 1'000'000);
        });
    }

    /// A worker dies, in the middle of its turn or between two, or is stopped as an operator stops it.
    void stop_someone() {
        auto& chosen = *places_[world_->random.below(places_.size())];
        world_->tracing = &chosen.state;
        if (chosen.state.at_work) {
            if (world_->occurs(simulated_fault::crash_between)) {
                world_->note([] { return std::string{"is killed"}; });
                chosen.state.dead = true;
            }
        } else if (world_->occurs(simulated_fault::restart)) {
            world_->note([] { return std::string{"is stopped"}; });
            stop(chosen);
        }
    }

    void stop(place& at) {
        at.runner_at_work.reset();
        at.store.reset();
        at.state.dead = false;
        at.state.saved.clear();
        at.state.latest_now = {};
    }

    auto& running(place& at) {
        if (at.runner_at_work)
            return *at.runner_at_work;
        stop(at);
        at.store = std::make_unique<store_type>(*world_, locks_, at.state);
        if (!world_->calm)
            at.state.clock_skew = std::chrono::seconds{world_->random.below(600)} - std::chrono::seconds{300};
        at.runner_at_work = std::make_unique<runner_type>(
            *at.store, handler_type{*world_, at.state, handler_}, options(at), simulated_codec{*world_});
        return *at.runner_at_work;
    }

    auto options(place& at) {
        auto running = options_of_runner(at);
        if constexpr (Capabilities.records) {
            worker_options made;
            made.partitions = partitions_;
            made.worker = at.state.name();
            // A turn is some dozen calls, a millisecond each, and others may take theirs meanwhile.
            made.lease_duration = std::chrono::milliseconds{world_->random.between(120, 400)};
            made.longest_hand_over = std::chrono::milliseconds{world_->random.below(3) * 100};
            made.running = std::move(running);
            return made;
        } else {
            return running;
        }
    }

    runner_options options_of_runner(place& at) {
        runner_options made;
        made.batch_size = world_->random.between(1, 8);
        made.cached_instances = world_->random.below(5);
        made.command_attempts = static_cast<std::uint32_t>(world_->random.between(1, 3));
        made.first_retry_after = std::chrono::milliseconds{world_->random.below(3) * 10};
        made.command_window = world_->random.between(1, 24);
        made.steady_now = [world = world_] { return world->steady_now(); };
        made.now = [world = world_, worker = &at.state] {
            auto const told = world->clock + worker->clock_skew;
            worker->latest_now = std::max(worker->latest_now, told);
            return told;
        };
        return made;
    }

    void work(place& at) {
        if (at.state.at_work)
            return;
        at.state.at_work = true;
        world_->tracing = &at.state;
        world_->note([] { return std::string{"turn"}; });
        bool goes_on = false;
        try {
            auto& mine = running(at);
            if (world_->occurs(simulated_fault::replay))
                (void)mine.replay_parked();
            else
                (void)mine.work();
            goes_on = !at.state.dead;
        } catch (simulated_crash const&) {
            goes_on = false;
        } catch (simulation_ended const&) {
            goes_on = false;
        } catch (store_error const& failed) {
            if (failed.trouble() == store_trouble::corrupt ||
                failed.trouble() == store_trouble::invalid_argument)
                world_->trouble(std::string{"a runner throws: "} + failed.what());
            goes_on = at.runner_at_work && !at.state.dead && world_->random.one_in(2);
        } catch (std::exception const& failed) {
            world_->trouble(std::string{"a runner throws: "} + failed.what());
        }
        if (!goes_on)
            stop(at);
        at.state.at_work = false;
    }

    /// All workers work until none of them finds anything to do, also when some time has passed: for retries,
    /// and the leases of those that died.
    void rest() {
        constexpr int rounds = Capabilities.records ? 10 : 3;
        for (int idle = 0; idle < rounds && !world_->ended; ++idle) {
            world_->waited += std::chrono::milliseconds{80};
            for (auto& each : places_) {
                if (Capabilities.runner_lock && each != places_.front())
                    break;
                if (work_in_calm(*each))
                    idle = -1;
            }
        }
    }

    bool work_in_calm(place& at) {
        world_->tracing = &at.state;
        try {
            return running(at).work();
        } catch (simulation_ended const&) {
            return false;
        } catch (simulated_crash const&) {
            stop(at);
            return true;
        } catch (std::exception const& failed) {
            world_->trouble(std::string{"a runner throws when nothing goes wrong: "} + failed.what());
            stop(at);
            return false;
        }
    }

    void pass(std::chrono::seconds span) {
        world_->clock += span;
        rest();
    }

    simulated_world* world_;
    Handler handler_;
    std::uint32_t partitions_;
    simulated_locks locks_;
    std::vector<std::unique_ptr<place>> places_;
    std::vector<std::vector<simulated_event>> const* sources_ = nullptr;
    std::vector<std::size_t> next_of_source_;
};

} // namespace converge::testing
