// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/observer.hpp>

#include <chrono>
#include <cstdint>
#include <examples/observed_orders/exposition.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace observed_orders {

/// An observer that counts for Prometheus. The runner's thread tells it what happens; any thread may ask for
/// the text.
class metrics {
public:
    explicit metrics(std::function<converge::timestamp()> now) : now_{std::move(now)} {}

    void operator()(converge::batch_handled const& batch) {
        std::scoped_lock const lock{mutex_};
        labels const marks{process(batch), {"module", std::string{batch.module}}};
        events_.add(marks, batch.events);
        conflicts_.add(marks, batch.conflicts);
        lag_.set(marks, static_cast<double>(batch.head - batch.through));
    }
    void operator()(converge::step_recorded const& step) {
        std::scoped_lock const lock{mutex_};
        steps_.add({process(step), {"module", std::string{step.module}}, {"event", std::string{step.event}}});
        step_latency_.observe({process(step)}, seconds(now_() - step.event_recorded_at));
    }
    void operator()(converge::command_handled const& command) {
        std::scoped_lock const lock{mutex_};
        labels const marks{process(command), {"command", std::string{command.command}}};
        commands_.add(marks);
        command_duration_.observe(marks, seconds(command.took));
    }
    void operator()(converge::command_failed const& command) {
        std::scoped_lock const lock{mutex_};
        retries_.add({process(command), {"command", std::string{command.command}}});
    }
    void operator()(converge::item_parked const& item) {
        std::scoped_lock const lock{mutex_};
        parked_.add(of_item(item));
    }
    void operator()(converge::item_replayed const& item) {
        std::scoped_lock const lock{mutex_};
        replayed_.add(of_item(item));
    }
    void operator()(converge::deadline_fired const& deadline) {
        std::scoped_lock const lock{mutex_};
        labels const marks{process(deadline), {"event", std::string{deadline.event}}};
        deadlines_.add(marks);
        deadline_delay_.observe(marks, seconds(deadline.at - deadline.due));
    }
    void operator()(converge::worker_joined const& worker) {
        std::scoped_lock const lock{mutex_};
        member_.set(of_worker(worker), 1);
    }
    void operator()(converge::worker_left const& worker) {
        std::scoped_lock const lock{mutex_};
        member_.set(of_worker(worker), 0);
    }
    void operator()(converge::partition_changed const& partition) {
        std::scoped_lock const lock{mutex_};
        auto marks = of_worker(partition);
        auto& held = held_[marks];
        if (partition.what == converge::partition_change::taken)
            held.insert(partition.partition);
        else
            held.erase(partition.partition);
        partitions_.set(marks, static_cast<double>(held.size()));
        if (partition.what == converge::partition_change::lost)
            lost_.add(marks);
    }
    void operator()(converge::instance_migrated const& instance) {
        std::scoped_lock const lock{mutex_};
        migrated_.add({process(instance), {"to", std::string{instance.to}}});
    }
    void operator()(converge::process_migrated const& migration) {
        std::scoped_lock const lock{mutex_};
        migrations_.add({process(migration), {"to", std::string{migration.to}}});
    }

    /// Everything that was counted, in the text format. A metric without samples has its name and help.
    std::string text() const {
        std::scoped_lock const lock{mutex_};
        std::string out;
        for (auto const* each :
             {&events_, &steps_, &conflicts_, &commands_, &retries_, &parked_, &replayed_, &deadlines_,
              &lost_, &migrated_, &migrations_})
            each->write(out);
        for (auto const* each : {&lag_, &member_, &partitions_})
            each->write(out);
        for (auto const* each : {&step_latency_, &command_duration_, &deadline_delay_})
            each->write(out);
        return out;
    }

private:
    static std::pair<std::string, std::string> process(auto const& happened) {
        return {"process", std::string{happened.process}};
    }
    static labels of_item(auto const& item) {
        return {process(item), {"kind", std::string{item.kind}}, {"name", std::string{item.name}}};
    }
    static labels of_worker(auto const& worker) {
        return {process(worker), {"worker", std::string{worker.worker}}};
    }
    static double seconds(auto span) { return std::chrono::duration<double>{span}.count(); }

    std::function<converge::timestamp()> now_;
    mutable std::mutex mutex_;
    counter events_{"converge_events_total", "Events of the process that were read."};
    counter steps_{"converge_steps_total", "Steps recorded: events that changed an instance."};
    counter conflicts_{"converge_conflicts_total", "Batches begun again because another runner was faster."};
    counter commands_{"converge_commands_total", "Commands that were handled."};
    counter retries_{"converge_command_retries_total", "Attempts that failed and are made again."};
    counter parked_{"converge_parked_total", "Events and commands that could not be handled."};
    counter replayed_{"converge_replayed_total", "Parked items that were handled after all."};
    counter deadlines_{"converge_deadlines_total", "Deadlines that fired."};
    gauge lag_{"converge_lag_positions", "Head of the module's log less the process manager's cursor."};
    counter lost_{"converge_partitions_lost_total", "Partitions whose lease has passed."};
    counter migrated_{"converge_instances_migrated_total", "Instances brought over to a declaration."};
    counter migrations_{"converge_migrations_total", "Migrations to a declaration that have ended."};
    gauge member_{"converge_worker_member", "Whether the worker is one of those that share the work."};
    gauge partitions_{"converge_partitions_held", "How many partitions the worker has."};
    std::map<labels, std::set<std::uint32_t>> held_; // a partition that is taken again counts once
    histogram step_latency_{"converge_step_latency_seconds", "From an event's append to its step."};
    histogram command_duration_{"converge_command_duration_seconds", "How long the handler took."};
    histogram deadline_delay_{"converge_deadline_delay_seconds", "How long after its time a deadline fired."};
};

} // namespace observed_orders
