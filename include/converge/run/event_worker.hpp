// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/conflict_watch.hpp>
#include <converge/run/context.hpp>
#include <converge/run/fresh_steps.hpp>
#include <converge/run/inbox.hpp>
#include <converge/run/instance_cache.hpp>
#include <converge/run/instance_look_up.hpp>
#include <converge/run/made_step.hpp>
#include <converge/run/next_module.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/step_writer.hpp>
#include <converge/run/take_event.hpp>
#include <converge/run/thrown.hpp>
#include <converge/store/prefetching_log.hpp>

#include <array>
#include <bitset>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace converge::detail {

/// Reads the modules of a process and appends a step record for each event that changes an instance of a
/// partition that the worker has.
template <class Process, class Store, class Codec, class Context> class event_worker {
public:
    static constexpr std::string_view reader = name_of<Process>;
    static constexpr std::string_view home = home_of<Process>::module_name;

    event_worker(Store& store, Codec codec, Context& context)
        : store_{&store}, codec_{std::move(codec)}, context_{&context},
          cache_{context.options.cached_instances},
          cursors_{cursors_of_modules(context.partitions.partitions(), modules_of<Process>{})} {}

    /// Begins to work on a partition, from its saved cursors.
    void take(std::uint32_t partition) {
        for (auto& each : cursors_)
            each.take(*store_, partition);
    }
    /// Another worker may change its instances from now on.
    void give_up(std::uint32_t partition) {
        for (auto& each : cursors_)
            each.give_up(partition);
        cache_.remove_if(
            [&](std::string_view key) { return context_->partitions.partition_of(key) == partition; });
    }

    /// Handles one batch of each module; whether there was anything.
    ///
    /// The module with the least cursor comes first. So the order in which batches are handled depends on the
    /// cursors alone, and a run that is killed and started again sends the same commands as one that is not.
    ///
    /// Steps that are written are added to `fresh`, as far as it has room, so that nobody need read them;
    /// `after_batch` is called after each batch.
    template <std::invocable AfterBatch> bool work(fresh_steps& fresh, AfterBatch after_batch) {
        if (context_->partitions.empty())
            return false;
        bool busy = false;
        std::array<bool, module_count_of<Process>> may_come{};
        may_come.fill(true);
        for (std::size_t turn = 0; turn < may_come.size(); ++turn) {
            auto const next = next_module(reached(), may_come);
            if (next == may_come.size())
                break;
            may_come[next] = boost::mp11::mp_with_index<module_count_of<Process>>(
                next, [&](auto number) { return work_on<decltype(number)::value>(fresh); });
            busy |= may_come[next];
            after_batch();
        }
        if (!busy)
            save_cursors();
        return busy;
    }

    /// Saves cursors that moved over events which left no record. Losing them would cost rereading.
    void save_cursors() {
        moved_.clear();
        for (auto const& each : cursors_)
            each.add_unsaved(moved_);
        if (moved_.empty())
            return;
        save_cursors_fenced(*store_, moved_, context_->fences());
        for (auto& each : cursors_)
            each.note_saved();
    }

    /// The modules read, and how far.
    std::vector<cursor> seen() const {
        std::vector<cursor> all;
        boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<modules_of<Process>>>>(
            [&](auto number) {
                using module = boost::mp11::mp_at<modules_of<Process>, decltype(number)>;
                all.push_back({reader, module::module_name, cursors_[number].from()});
            });
        return all;
    }

    /// Takes a parked event again. Whether it is handled now; if not, it stays parked. So does one that this
    /// worker has not come to in its module's log.
    bool replay(parked_item const& item, fresh_steps& fresh) {
        bool handled = false;
        boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<modules_of<Process>>>>(
            [&](auto number) {
                using module = boost::mp11::mp_at<modules_of<Process>, decltype(number)>;
                if (module::module_name == item.module)
                    handled = replay_in<decltype(number)::value>(item, fresh);
            });
        return handled;
    }

    /// Of each module: the last position up to which everything is handled.
    std::array<position, module_count_of<Process>> reached() const noexcept {
        std::array<position, module_count_of<Process>> all{};
        for (std::size_t module = 0; module < all.size(); ++module)
            all[module] = cursors_[module].from();
        return all;
    }

private:
    template <std::size_t Number> using module_number = boost::mp11::mp_at_c<modules_of<Process>, Number>;

    template <class Module> using inbox_of = inbox<Process, Module>;
    using inboxes =
        boost::mp11::mp_apply<std::tuple, boost::mp11::mp_transform<inbox_of, modules_of<Process>>>;

    template <class... Modules>
    static std::array<partition_cursors, module_count_of<Process>>
    cursors_of_modules(std::uint32_t partitions, boost::mp11::mp_list<Modules...>) {
        return {partition_cursors{std::string{reader}, Modules::module_name, partitions}...};
    }

    template <std::size_t Number> bool work_on(fresh_steps& fresh) {
        using module = module_number<Number>;
        auto& box = std::get<Number>(inboxes_);
        box.clear();
        auto& cursors = cursors_[Number];
        auto const from = cursors.from();
        std::size_t read = 0;
        auto const through = store_->read(
            module::module_name, from, context_->options.batch_size, home, [&](event_view const& event) {
                ++read;
                box.take(event, codec_, [&](std::string_view key) {
                    return cursors.awaits(context_->partitions.partition_of(key), event.position);
                });
            });
        may_have_more_[Number] = read == context_->options.batch_size;
        if (through == from)
            return false;
        prefetch_next<Number>(through);
        auto const steps_before = context_->counts.steps;
        std::size_t conflicts = 0;
        while (!record<Number>(box, through, false, fresh))
            ++conflicts;
        cursors.advance(through);
        context_->counts.conflicts += conflicts;
        context_->counts.events += box.arrivals.size();
        context_->counts.parked += box.refused.size();
        for (auto const& item : box.refused)
            context_->tell(
                item_parked{reader, item.kind, item.module, item.position, item.name, item.reason});
        if constexpr (Context::template is_observed<batch_handled>)
            context_->tell(batch_handled{
                reader, module::module_name, through, store_->head(module::module_name), box.arrivals.size(),
                static_cast<std::size_t>(context_->counts.steps - steps_before), conflicts});
        cache_.trim();
        return true;
    }

    /// Lets the store begin with the batch that comes after this one, which ends at `through`.
    template <std::size_t Number> void prefetch_next([[maybe_unused]] position through) {
        if constexpr (prefetching_log<Store>) {
            auto cursors = reached();
            cursors[Number] = through;
            auto const next = next_module(cursors, may_have_more_);
            if (next < cursors.size())
                store_->prefetch(cursors_[next].module(), cursors[next], context_->options.batch_size, home);
        }
    }

    template <std::size_t Number> bool replay_in(parked_item const& item, fresh_steps& fresh) {
        using module = module_number<Number>;
        // Its step will say that the instance has passed everything before it, which must be true.
        if (cursors_[Number].from() < item.position)
            return false;
        inbox<Process, module> box;
        store_->read(module::module_name, item.position - 1, 1, home, [&](event_view const& event) {
            if (event.position == item.position)
                box.take(event, codec_, [&](std::string_view key) {
                    return context_->partitions.holds(context_->partitions.partition_of(key));
                });
        });
        if (box.arrivals.size() != 1)
            return false;
        while (!record<Number>(box, 0, true, fresh)) {
            if (!box.refused.empty())
                return false;
        }
        if (!box.refused.empty())
            return false;
        outbox done;
        done.add(
            home, parking_stream<Process>(), expected_version::any(),
            parking_record<Process>(unparked_event_name, item));
        (void)done.write(*store_, {}, context_->fences());
        context_->tell(item_replayed{reader, item.kind, item.module, item.position, item.name});
        return true;
    }

    /// Takes the arrivals and writes their steps, what is to be parked, and the cursor. False: another runner
    /// was faster, begin again.
    template <std::size_t Number, class Box>
    bool record(Box& box, position through, bool replaying, fresh_steps& fresh) {
        auto const refused_before = box.refused.size();
        runner_counts const counts_before = context_->counts;
        outbox_.clear();
        touched_.clear();
        moved_.clear();
        if (!replaying)
            cursors_[Number].add_unsaved_through(through, moved_);
        try {
            look_up_together(*store_, box.arrivals, cache_);
            for (auto const& each : box.arrivals)
                // It may read, and so fail in the middle.
                take<Number>(each, box.refused, replaying, fresh.has_room());
            if (!replaying)
                park(box.refused);
            if (outbox_.size() == 0)
                return true;
            unsettled_.set(Number);
            auto const done = outbox_.write(*store_, moved_, context_->fences());
            unsettled_.reset(Number);
            if (done) {
                if (!replaying) {
                    cursors_[Number].advance(through);
                    cursors_[Number].note_saved();
                }
                forget_repeated(*done);
                note_fresh(touched_, *done, fresh);
                if (unsettled_.any())
                    fresh.doubt();
                tell_steps<Number>(*done);
                return true;
            }
            conflicts_.note(home, outbox_.stream(done.error().request), done.error().actual);
        } catch (...) {
            fresh.doubt();
            forget_touched(); // their states are ahead of what is recorded
            throw;
        }
        fresh.doubt();
        forget_touched();
        box.refused.resize(refused_before);
        context_->counts = counts_before;
        return false;
    }

    /// Parks items together with the steps; where that is not one transaction, before them: a step of a later
    /// event says that the instance has passed the parked one, which would never be looked at again.
    void park(std::vector<parked_item> const& items) {
        if (items.empty())
            return;
        outbox before;
        auto& out = atomic_batch_log<Store> ? outbox_ : before;
        for (auto const& item : items)
            out.add(
                home, parking_stream<Process>(), expected_version::any(),
                parking_record<Process>(parked_event_name, item));
        if (before.size() != 0)
            (void)before.write(*store_, {}, context_->fences());
    }

    template <std::size_t Number, class Arrival>
    void
    take(Arrival const& arrived, std::vector<parked_item>& refused, bool replaying, bool keeps_commands) {
        auto& current = find_or_look_up(*store_, arrived.key, cache_);
        if (!replaying && arrived.position <= current.handled[Number]) {
            ++context_->counts.redelivered;
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
                ++context_->counts.unchanged;
                return;
            }
            steps_.write(
                outbox_, arrived.key, arrived.name, module_number<Number>::module_name, arrived.position,
                next, commands_);
            ++context_->counts.steps;
        } catch (...) {
            refused.push_back(
                {"event", std::string{module_number<Number>::module_name}, arrived.position, 0,
                 std::string{arrived.name}, "the process threw: " + text_of_what_was_thrown()});
            return;
        }
        current = std::move(next);
        auto& made = touched_.emplace_back(made_step{
            arrived.key,
            arrived.name,
            arrived.position,
            arrived.recorded_at,
            current.version,
            commands_.size(),
            current.deadlines.size(),
            {}});
        if (keeps_commands)
            made.due = take_due_commands(
                commands_, steps_.command_ids(), module_number<Number>::module_name, arrived.position);
    }

    // An id that was there already was written by another runner, perhaps after other steps than ours.
    void forget_repeated(std::vector<appended> const& done) {
        for (std::size_t at = 0; at < touched_.size() && at < done.size(); ++at)
            if (done[at].repeated)
                cache_.remove(touched_[at].key);
    }

    template <std::size_t Number> void tell_steps([[maybe_unused]] std::vector<appended> const& done) {
        if constexpr (Context::template is_observed<step_recorded>)
            for (std::size_t at = 0; at < touched_.size() && at < done.size(); ++at)
                if (auto const& each = touched_[at]; !done[at].repeated)
                    context_->tell(step_recorded{
                        reader, each.key, module_number<Number>::module_name, each.position, each.event,
                        each.recorded_at, each.version, each.commands, each.deadlines});
    }

    void forget_touched() {
        for (auto const& each : touched_)
            cache_.remove(each.key);
    }

    Store* store_;
    Codec codec_;
    Context* context_;
    instance_cache<Process> cache_;
    inboxes inboxes_;
    outbox outbox_;
    std::vector<made_step> touched_; // in the order of the steps in the outbox
    std::vector<cursor> moved_;
    conflict_watch conflicts_;
    step_writer<Process> steps_;
    std::vector<recorded_command> commands_;
    std::array<partition_cursors, module_count_of<Process>> cursors_;
    /// Modules whose last write ended with an exception: it may be written nevertheless, or will be.
    std::bitset<module_count_of<Process>> unsettled_;
    std::array<bool, module_count_of<Process>> may_have_more_{}; // the last batch was as large as one may be
};

} // namespace converge::detail
