// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/inbox.hpp>
#include <converge/run/instance_cache.hpp>
#include <converge/run/options.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/step_record.hpp>
#include <converge/run/take_event.hpp>
#include <converge/run/thrown.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace converge::detail {

/// Reads the modules of a process and appends a step record for each event that changes an instance.
template <class Process, class Store, class Codec> class event_worker {
public:
    static constexpr std::string_view reader = name_of<Process>;
    static constexpr std::string_view home = home_of<Process>::module_name;

    event_worker(Store& store, Codec codec, runner_options const& options, runner_counts& counts)
        : store_{&store}, codec_{std::move(codec)}, options_{&options}, counts_{&counts},
          cache_{options.cached_instances} {
        boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<modules_of<Process>>>>(
            [&](auto number) {
                using module = boost::mp11::mp_at<modules_of<Process>, decltype(number)>;
                cursors_[number] = saved_[number] = store_->load_cursor(reader, module::module_name);
            });
    }

    /// Handles one batch of each module; whether there was anything.
    ///
    /// The module with the least cursor comes first. So the order in which batches are handled depends on the
    /// cursors alone, and a run that is killed and started again sends the same commands as one that is not.
    bool work() {
        bool busy = false;
        std::array<bool, module_count_of<Process>> exhausted{};
        for (std::size_t turn = 0; turn < exhausted.size(); ++turn) {
            std::size_t next = exhausted.size();
            for (std::size_t module = 0; module < exhausted.size(); ++module)
                if (!exhausted[module] && (next == exhausted.size() || cursors_[module] < cursors_[next]))
                    next = module;
            if (next == exhausted.size())
                break;
            exhausted[next] = !boost::mp11::mp_with_index<module_count_of<Process>>(
                next, [&](auto number) { return work_on<decltype(number)::value>(); });
            busy |= !exhausted[next];
        }
        if (!busy)
            save_cursors();
        return busy;
    }

    /// Saves cursors that moved over events which left no record. Losing them would cost rereading.
    void save_cursors() {
        std::vector<cursor> moved;
        boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<modules_of<Process>>>>(
            [&](auto number) {
                using module = boost::mp11::mp_at<modules_of<Process>, decltype(number)>;
                if (cursors_[number] != saved_[number])
                    moved.push_back({reader, module::module_name, cursors_[number]});
            });
        if (moved.empty())
            return;
        store_->save_cursors(moved);
        saved_ = cursors_;
    }

    /// Takes a parked event again. Whether it is handled now; if not, it stays parked.
    bool replay(parked_item const& item) {
        bool handled = false;
        boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<modules_of<Process>>>>(
            [&](auto number) {
                using module = boost::mp11::mp_at<modules_of<Process>, decltype(number)>;
                if (module::module_name == item.module)
                    handled = replay_in<decltype(number)::value>(item);
            });
        return handled;
    }

    std::array<position, module_count_of<Process>> const& cursors() const noexcept { return cursors_; }

private:
    template <std::size_t Number> using module_number = boost::mp11::mp_at_c<modules_of<Process>, Number>;

    template <class Module> struct inbox_for {
        using type = inbox<Process, Module>;
    };
    template <class Module> using inbox_of = inbox<Process, Module>;
    using inboxes =
        boost::mp11::mp_apply<std::tuple, boost::mp11::mp_transform<inbox_of, modules_of<Process>>>;

    template <std::size_t Number> bool work_on() {
        using module = module_number<Number>;
        auto& box = std::get<Number>(inboxes_);
        box.clear();
        auto const through = store_->read(
            module::module_name, cursors_[Number], options_->batch_size, home,
            [&](event_view const& event) { box.take(event, codec_); });
        if (through == cursors_[Number])
            return false;
        while (!record<Number>(box, through, false))
            ++counts_->conflicts;
        counts_->events += box.arrivals.size();
        counts_->parked += box.refused.size();
        cursors_[Number] = through;
        cache_.trim();
        return true;
    }

    template <std::size_t Number> bool replay_in(parked_item const& item) {
        using module = module_number<Number>;
        inbox<Process, module> box;
        store_->read(module::module_name, item.position - 1, 1, home, [&](event_view const& event) {
            if (event.position == item.position)
                box.take(event, codec_);
        });
        if (box.arrivals.size() != 1)
            return false;
        while (!record<Number>(box, cursors_[Number], true)) {
            if (!box.refused.empty())
                return false;
        }
        if (!box.refused.empty())
            return false;
        outbox done;
        done.add(
            home, parking_stream<Process>(), expected_version::any(),
            parking_record<Process>(unparked_event_name, item));
        (void)done.write(*store_, {});
        return true;
    }

    /// Takes the arrivals and writes their steps, what is to be parked, and the cursor. False: another runner
    /// was faster, begin again.
    template <std::size_t Number, class Box> bool record(Box& box, position through, bool replaying) {
        using module = module_number<Number>;
        auto const refused_before = box.refused.size();
        runner_counts const counts_before = *counts_;
        outbox_.clear();
        touched_.clear();
        for (auto const& each : box.arrivals)
            take<Number>(each, box.refused, replaying);
        if (!replaying)
            for (auto const& item : box.refused)
                outbox_.add(
                    home, parking_stream<Process>(), expected_version::any(),
                    parking_record<Process>(parked_event_name, item));
        if (outbox_.size() == 0)
            return true;
        cursor const moved{reader, module::module_name, through};
        try {
            auto const done = outbox_.write(*store_, {&moved, 1});
            if (done) {
                saved_[Number] = through;
                forget_repeated(*done);
                return true;
            }
        } catch (...) {
            forget_touched(); // their states are ahead of what is recorded
            throw;
        }
        forget_touched();
        box.refused.resize(refused_before);
        *counts_ = counts_before;
        return false;
    }

    template <std::size_t Number, class Arrival>
    void take(Arrival const& arrived, std::vector<parked_item>& refused, bool replaying) {
        auto& current = find_or_load(arrived.key);
        if (!replaying && arrived.position <= current.handled[Number]) {
            ++counts_->redelivered;
            return;
        }
        auto next = current;
        commands_.clear();
        try {
            auto const changed = std::visit(
                [&]<class Event>(Event const& event) {
                    if constexpr (std::same_as<Event, std::monostate>)
                        return false;
                    else
                        return take_event<Process>(
                            arrived.key, current, next, event,
                            {Number, arrived.position, arrived.recorded_at}, commands_);
                },
                arrived.event);
            // What changes nothing now changes nothing later, because the process converges: it need not be
            // remembered. That does not follow where orders are ruled out, accepted or equal but in name.
            if (!changed && unconditionally_verified<Process>) {
                ++counts_->unchanged;
                return;
            }
            add_step<Number>(arrived, next);
        } catch (...) {
            refused.push_back(
                {"event", std::string{module_number<Number>::module_name}, arrived.position, 0,
                 std::string{arrived.name}, "the process threw: " + text_of_what_was_thrown()});
            return;
        }
        current = std::move(next);
        touched_.push_back(arrived.key);
    }

    template <std::size_t Number, class Arrival>
    void add_step(Arrival const& arrived, instance_state<Process>& next) {
        constexpr std::string_view module = module_number<Number>::module_name;
        for (auto& each : next.deadlines)
            if (each.id.is_nil())
                each.id = name_based_id(
                    std::string_view{"deadline"}, reader, arrived.key, module, arrived.position,
                    std::uint64_t{each.effect});
        command_ids_.clear();
        for (std::size_t at = 0; at < commands_.size(); ++at)
            command_ids_.push_back(name_based_id(
                std::string_view{"command"}, reader, arrived.key, module, arrived.position,
                std::uint64_t{at}));
        new_event step{
            name_based_id(std::string_view{"step"}, reader, arrived.key, module, arrived.position),
            std::string{step_event_name}, true,
            encode_step<Process>(next, {arrived.name, module, arrived.position, commands_, command_ids_})};
        outbox_.add(
            home, step_stream<Process>(arrived.key), expected_version::exactly(next.version),
            std::move(step));
        ++next.version;
        ++counts_->steps;
    }

    instance_state<Process>& find_or_load(std::string_view key) {
        if (auto* found = cache_.find(key))
            return *found;
        auto const stream = step_stream<Process>(key);
        auto const last = store_->last_of_stream(home, stream, home);
        if (!last)
            return cache_.add(key, {});
        auto decoded = decode_step<Process>(last->payload);
        if (!decoded)
            throw store_error{
                store_trouble::corrupt, "step " + std::to_string(last->version) + " of stream '" + stream +
                                            "' in module '" + std::string{home} +
                                            "' cannot be read: " + decoded.error().what()};
        decoded->version = last->version;
        return cache_.add(key, std::move(*decoded));
    }

    // An id that was there already was written by another runner, perhaps after other steps than ours.
    void forget_repeated(std::vector<appended> const& done) {
        for (std::size_t at = 0; at < touched_.size() && at < done.size(); ++at)
            if (done[at].repeated)
                cache_.remove(touched_[at]);
    }

    void forget_touched() {
        for (auto const& key : touched_)
            cache_.remove(key);
    }

    Store* store_;
    Codec codec_;
    runner_options const* options_;
    runner_counts* counts_;
    instance_cache<Process> cache_;
    inboxes inboxes_;
    outbox outbox_;
    std::vector<std::string> touched_; // keys, in the order of the steps in the outbox
    std::vector<recorded_command> commands_;
    std::vector<event_id> command_ids_;
    std::array<position, module_count_of<Process>> cursors_{};
    std::array<position, module_count_of<Process>> saved_{};
};

} // namespace converge::detail
