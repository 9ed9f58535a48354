// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/inbox.hpp>
#include <converge/run/instances.hpp>
#include <converge/run/lease_record.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/partitions.hpp>
#include <converge/testing/simulated_handler.hpp>

#include <boost/json/parse.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace converge::testing {

/// Watches everything that reaches the disk of a simulation, and says what should not have happened:
///
/// - two steps for one event and instance; two bookings of one command, or of one that no step asks for
///   or whose handler threw; an instance's commands booked in another order than that of its steps;
/// - a cursor that moves past an event which has no step, is not parked and would change something, or past a
///   command that is neither booked nor parked;
/// - a worker that records a step, saves a cursor or begins with a command of a partition of which it has not
///   the lease in that moment;
/// - a deadline that fires before its time by the clock of the worker that fires it; in calm, one that
/// nothing
///   waits for.
template <class Process> class simulation_audit final : public simulation_observer {
public:
    using balance = typename effect_balance<Process>::balance;
    static constexpr std::string_view home = home_of<Process>::module_name;

    explicit simulation_audit(simulated_world& world)
        : world_{&world}, steps_prefix_{converge::detail::step_stream<Process>("")},
          parking_{converge::detail::parking_stream<Process>()},
          commands_reader_{std::string{name_of<Process>} + ".commands"} {}

    void appended(std::string_view module, event_view const& event, simulated_worker const* by) override {
        if (module == simulation_ledger::module_name)
            return take_booking(event);
        if (module == home && event.name == step_event_name && event.stream.starts_with(steps_prefix_)) {
            require_lease(event.stream.substr(steps_prefix_.size()), by, "records a step");
            return take_step(event);
        }
        if (module == home && event.stream == parking_)
            return take_parked(event);
        if (auto const due = due_.find(event.id); due != due_.end())
            take_deadline(event, due->second, by);
    }

    void saved(cursor const& moved, simulated_worker const& by) override {
        auto const [reader, share] = taken_apart(moved.reader);
        if (share.partitions > 1)
            require_lease(share.partition, &by, "saves a cursor");
        if (reader == commands_reader_)
            return check_commands(moved.position, share);
        if (reader != name_of<Process>)
            return;
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<module_count_of<Process>>>([&](auto number) {
            using read_module = boost::mp11::mp_at_c<modules_of<Process>, number>;
            if (read_module::module_name != moved.module)
                return;
            auto& from = handled_through_[std::string{moved.reader}][number];
            if (moved.position > from)
                check_events<number>(std::exchange(from, moved.position), moved.position, share);
        });
    }

    void begun(std::string_view key, simulated_worker const& by) override {
        require_lease(key, &by, "begins a command");
    }
    void handled(event_id const& command) override { handled_.insert(command); }

    /// From now on nobody may do anything for a partition of so many without having its lease.
    void require_leases(std::uint32_t partitions) { partitions_ = partitions; }

    /// Everything that the logs hold must be done now. Call it when the workers are at rest.
    void check_all_is_done() {
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<module_count_of<Process>>>([&](auto number) {
            using read_module = boost::mp11::mp_at_c<modules_of<Process>, number>;
            // What was seen to be no change must still be none.
            check_events<number>(0, world_->disk.head(read_module::module_name), {});
        });
        for (auto const& [id, each] : commands_)
            if (!each.booked)
                world_->trouble("a command is lost: " + text_of(each));
        for (auto const& [key, ids] : waiting_)
            for (auto const& id : ids)
                if (!fired_.contains(id))
                    world_->trouble("a deadline of instance '" + key + "' is pending for ever");
    }

    /// What the commands of each instance add up to.
    std::map<std::string, balance> const& balances() const noexcept { return balances_; }

private:
    struct known_command {
        std::string key;
        position step{};
        std::size_t index = 0;
        std::string name;
        bool booked = false;
    };
    struct known_deadline {
        std::string key;
        timestamp due{};
    };
    using parked_name = std::tuple<std::string, std::string, position, std::uint64_t>;

    static std::string text_of(known_command const& command) {
        return command.name + " of instance '" + command.key + "', number " + std::to_string(command.index) +
               " of the step at " + std::to_string(command.step);
    }

    void require_lease(std::string_view key, simulated_worker const* by, char const* what) {
        if (partitions_ != 0)
            require_lease(partition_of(key, partitions_), by, what);
    }
    void require_lease(std::uint32_t partition, simulated_worker const* by, char const* what) {
        if (partitions_ == 0 || by == nullptr)
            return;
        auto const found =
            world_->disk.records.find(converge::detail::lease_name(name_of<Process>, partition));
        auto const holder =
            found ? converge::detail::decode_record<converge::detail::lease>(*found).worker : std::string{};
        if (holder != by->name())
            world_->trouble(
                "worker " + by->name() + " " + what + " in partition " + std::to_string(partition) +
                ", which " + (holder.empty() ? "nobody" : holder) + " has");
    }

    void take_step(event_view const& event) {
        std::string const key{event.stream.substr(steps_prefix_.size())};
        auto const document = boost::json::parse(event.payload).as_object();
        std::string const module{document.at("module").as_string()};
        auto const at = document.at("position").to_number<position>();
        if (!steps_.emplace(module, at, key).second)
            world_->trouble(
                "two steps of instance '" + key + "' for the event at " + std::to_string(at) + " of " +
                module);
        if (auto const* commands = document.if_contains("commands")) {
            std::size_t index = 0;
            for (auto const& each : commands->as_array()) {
                known_command made{key, event.position, index++, std::string{each.at("name").as_string()}};
                auto const id = *parse_event_id(each.at("id").as_string());
                if (!commands_.emplace(id, made).second)
                    world_->trouble("two commands have one id: " + text_of(made));
                unchecked_.emplace_back(event.position, id);
            }
        }
        auto& waiting = waiting_[key];
        waiting.clear();
        if (auto const* deadlines = document.if_contains("deadlines"))
            for (auto const& each : deadlines->as_array()) {
                auto const id = *parse_event_id(each.at("id").as_string());
                due_[id] = {
                    key, timestamp{std::chrono::microseconds{each.at("due").to_number<std::int64_t>()}}};
                waiting.insert(id);
            }
    }

    void take_booking(event_view const& event) {
        auto const booked = json_codec{}.decode<simulation_booked>(event.payload).value();
        auto const found = commands_.find(booked.command);
        if (found == commands_.end())
            return world_->trouble("a command is booked that no step asks for: " + booked.name);
        auto& command = found->second;
        if (command.booked)
            world_->trouble("a command is booked twice: " + text_of(command));
        if (command.key != event.stream || command.name != booked.name)
            world_->trouble("a command is booked as another one: " + text_of(command));
        if (!handled_.contains(booked.command))
            world_->trouble("a command is booked although its handler threw: " + text_of(command));
        command.booked = true;
        auto& sums = balances_[command.key];
        for (std::size_t account = 0; account < sums.size(); ++account)
            sums[account] += booked.changes.at(account);
        auto& last = last_booked_[command.key];
        auto const place = std::pair{command.step, command.index};
        if (place < last &&
            !once_parked_.contains({"command", std::string{home}, command.step, command.index}))
            world_->trouble("a command is booked after later ones: " + text_of(command));
        last = std::max(last, place);
    }

    void take_parked(event_view const& event) {
        auto const item = json_codec{}.decode<parked_item>(event.payload).value();
        parked_name const name{item.kind, item.module, item.position, item.index};
        if (event.name == parked_event_name) {
            parked_.insert(name);
            once_parked_.insert(name);
        } else {
            parked_.erase(name);
        }
    }

    void take_deadline(event_view const& event, known_deadline const& due, simulated_worker const* by) {
        fired_.insert(event.id);
        if (by != nullptr && by->latest_now < due.due)
            world_->trouble("a deadline of instance '" + due.key + "' fires before its time");
        if (world_->calm && !waiting_[due.key].contains(event.id))
            world_->trouble("a deadline of instance '" + due.key + "' fires that nothing waits for");
    }

    /// A worker's partition of the instances; of one all belong to it.
    struct share_of_instances {
        std::uint32_t partition = 0;
        std::uint32_t partitions = 1;
        bool holds(std::string_view key) const { return partition_of(key, partitions) == partition; }
    };

    /// "order#2/8" is partition 2 of 8.
    static std::pair<std::string_view, share_of_instances> taken_apart(std::string_view reader) {
        auto const hash = reader.rfind('#');
        auto const slash = reader.rfind('/');
        share_of_instances share;
        if (hash == std::string_view::npos || slash == std::string_view::npos || slash < hash)
            return {reader, share};
        share.partition = number_in(reader.substr(hash + 1, slash - hash - 1));
        share.partitions = number_in(reader.substr(slash + 1));
        return {reader.substr(0, hash), share};
    }
    static std::uint32_t number_in(std::string_view digits) {
        std::uint32_t number = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        return number;
    }

    void check_commands(position through, share_of_instances share) {
        std::erase_if(unchecked_, [&](auto const& each) {
            auto const& command = commands_.at(each.second);
            if (each.first > through || !share.holds(command.key))
                return false;
            if (!command.booked &&
                !parked_.contains({"command", std::string{home}, command.step, command.index}))
                world_->trouble(
                    "the cursor of commands moves past one that is not done: " + text_of(command));
            return true;
        });
    }

    template <std::size_t Number>
    void check_events(position from, position through, share_of_instances share) {
        using read_module = boost::mp11::mp_at_c<modules_of<Process>, Number>;
        auto* const world = std::exchange(detail::world_of_this_thread, nullptr); // no failing code here
        converge::detail::inbox<Process, read_module> box;
        auto const* const log = world_->disk.find(read_module::module_name);
        for (auto at = log == nullptr ? 0 : log->place_after(from);
             log != nullptr && at < log->positions.size() && log->positions[at] <= through; ++at)
            box.take(log->view(at), json_codec{}, [&](std::string_view key) { return share.holds(key); });
        std::string const module{read_module::module_name};
        for (auto const& item : box.refused)
            if (!parked_.contains({"event", module, item.position, 0}))
                world_->trouble(
                    "an event that cannot be read is lost: at " + std::to_string(item.position) + " of " +
                    module);
        for (auto const& each : box.arrivals)
            if (!steps_.contains({module, each.position, each.key}) &&
                !parked_.contains({"event", module, each.position, 0}) && !changes_nothing<Number>(each))
                world_->trouble(
                    "an event is lost: " + std::string{each.name} + " of instance '" + each.key + "', at " +
                    std::to_string(each.position) + " of " + module);
        detail::world_of_this_thread = world;
    }

    template <std::size_t Number, class Arrival> bool changes_nothing(Arrival const& arrived) {
        if constexpr (!unconditionally_verified<Process>) {
            return false; // it records every step
        } else {
            auto const before =
                read_instance<Process>(world_->disk, arrived.key).value_or(instance_state<Process>{});
            auto after = before;
            std::vector<recorded_command> commands;
            return !std::visit(
                [&]<class Event>(Event const& event) {
                    if constexpr (std::same_as<Event, std::monostate>)
                        return false;
                    else
                        return take_event<Process>(
                            arrived.key, before, after, event,
                            {Number, arrived.position, arrived.recorded_at}, commands);
                },
                arrived.event);
        }
    }

    simulated_world* world_;
    std::uint32_t partitions_ = 0; // 0: no leases
    std::string steps_prefix_;
    std::string parking_;
    std::string commands_reader_;
    std::set<std::tuple<std::string, position, std::string>> steps_; // module, position, key
    std::map<event_id, known_command> commands_;
    std::set<event_id> handled_;                           // commands
    std::vector<std::pair<position, event_id>> unchecked_; // by step
    std::map<std::string, std::pair<position, std::size_t>> last_booked_;
    std::map<std::string, balance> balances_;
    std::set<parked_name> parked_; // now
    std::set<parked_name> once_parked_;
    std::map<event_id, known_deadline> due_;
    std::map<std::string, std::set<event_id>> waiting_; // by key: of the last step
    std::set<event_id> fired_;
    std::map<std::string, std::array<position, module_count_of<Process>>> handled_through_; // by reader
};

} // namespace converge::testing
