// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/context.hpp>
#include <converge/run/deadline_wheel.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/partitions.hpp>
#include <converge/run/read_step.hpp>
#include <converge/run/recent_ids.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/batch_lookup_log.hpp>
#include <converge/store/validation.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge::detail {

template <class Effect> struct is_deadline : std::false_type {};
template <class Condition, class Event, period After>
struct is_deadline<effect<Condition, deadline<Event, After>, irreversible>> : std::true_type {};

/// The module of the process's modules that has the event.
template <class Process, class Event> struct module_of_event {
    template <class Module> using has = boost::mp11::mp_contains<typename Module::events, Event>;
    using type = boost::mp11::mp_at<modules_of<Process>, boost::mp11::mp_find_if<modules_of<Process>, has>>;
};

/// Reads the steps of a process, keeps the deadlines that instances wait for in a timer wheel in the log, and
/// appends the events of those that are due and still pending.
///
/// Whether one is still pending is looked for in the last step of its instance when it is due. So nothing has
/// to be done when a deadline is cancelled, and it does not matter if one is in the wheel twice.
template <class Process, class Store, class Codec, class Context> class deadline_worker {
public:
    static constexpr std::string_view home = home_of<Process>::module_name;
    static constexpr bool has_deadlines = boost::mp11::mp_any_of<effects_of<Process>, is_deadline>::value;

    deadline_worker(Store& store, Codec codec, Context& context)
        : store_{&store}, codec_{std::move(codec)}, context_{&context}, prefix_{step_stream<Process>("")},
          places_(context.partitions.partitions()) {
        auto const reader = std::string{name_of<Process>} + ".deadlines";
        for (std::uint32_t each = 0; each < places_.size(); ++each)
            places_[each].wheel =
                deadline_wheel{partition_reader(reader, each, static_cast<std::uint32_t>(places_.size()))};
    }

    /// Begins with the deadlines of the instances of a partition, from its saved cursors.
    void take(std::uint32_t partition) {
        if constexpr (has_deadlines) {
            auto& mine = places_[partition];
            mine.saved = load(mine.wheel);
            mine.held = true;
            begin(mine);
        }
    }
    /// Another worker may fire the deadlines of a partition from now on.
    void give_up(std::uint32_t partition) {
        places_[partition].held = false;
        places_[partition].wheel.begin({}, {});
        noted_.clear(); // of what was in memory alone
    }

    /// Reads one batch of steps, and one page of deadlines, and fires what is due. Whether there was
    /// anything.
    bool work() {
        if constexpr (!has_deadlines) {
            return false;
        } else {
            try {
                return read_and_fire();
            } catch (...) { // what is in memory may be ahead of the log
                for (auto& each : places_)
                    each.begun = false;
                noted_.clear();
                throw;
            }
        }
    }

    /// The time until the next deadline may be due, `longest` at most, and a tenth of a second: the clock may
    /// jump.
    std::chrono::nanoseconds until_due(std::chrono::nanoseconds longest) const {
        if constexpr (has_deadlines) {
            auto const now = context_->options.now();
            longest = std::min<std::chrono::nanoseconds>(longest, std::chrono::milliseconds{100});
            for (auto const& each : places_) {
                if (each.held && (!each.begun || each.wheel.is_behind(now)))
                    longest = std::chrono::nanoseconds{0};
                else if (auto const due = each.held ? each.wheel.next() : std::nullopt)
                    longest = std::clamp<std::chrono::nanoseconds>(
                        std::max(*due, decide_after_) - now, std::chrono::nanoseconds{0}, longest);
            }
        }
        return longest;
    }

    /// Deadlines in memory: those that are due soon.
    std::size_t in_memory() const noexcept {
        std::size_t number = 0;
        for (auto const& each : places_)
            number += each.wheel.size();
        return number;
    }

private:
    struct place {
        deadline_wheel wheel;
        position reached = 0;
        deadline_progress saved;
        bool held = false;
        bool begun = false;
        bool saving = false;
    };
    struct fired {
        std::string key;
        std::string event;
        timestamp due{};
        std::size_t request = 0; // in the outbox
    };
    struct due_entry {
        deadline_wheel* from = nullptr;
        deadline_entry entry;
    };
    struct pending_step {
        stream_version version{};
        std::vector<pending_deadline> deadlines;
    };

    /// Where nothing is saved that has a mark: the cursor of the steps alone. It may be of a version of this
    /// library that kept it before the oldest step with a deadline.
    deadline_progress load(deadline_wheel const& wheel) const {
        auto const read = store_->load_cursor(wheel.reader(), home); // also where a store compares cursors
        if (auto const saved = store_->load_cursor(wheel.progress_reader(), home); saved != 0)
            return decode_progress(saved, store_->head(home));
        return {read, 0};
    }
    /// From what was loaded, or saved since then.
    void begin(place& mine) {
        mine.reached = mine.saved.read;
        mine.wheel.begin(mine.saved, context_->options.now());
        mine.begun = true;
    }

    bool read_and_fire() {
        bool any = false;
        for (auto& each : places_) {
            if (each.held && !each.begun)
                begin(each);
            any |= each.held;
        }
        if (!any)
            return false;
        auto const now = context_->options.now();
        out_.clear();
        fired_.clear();
        bool busy = false;
        for (auto& each : places_)
            if (each.held)
                busy |= each.wheel.load(*store_, home, now);
        busy |= read_steps(now);
        fire(now);
        return write(busy, now) || busy;
    }

    bool read_steps(timestamp now) {
        auto from = maximum_position;
        for (auto const& each : places_)
            if (each.held)
                from = std::min(from, each.reached);
        std::map<std::string, pending_step> last; // of a batch, an instance's last step is what counts
        auto const through =
            store_->read(home, from, context_->options.batch_size, home, [&](event_view const& event) {
                if (event.name == step_event_name && event.stream.starts_with(prefix_))
                    note_step(event, last);
            });
        if (through == from)
            return false;
        std::vector<std::vector<deadline_entry>> entries(places_.size());
        for (auto& [key, step] : last)
            for (auto const& each : step.deadlines)
                if (noted_.insert(each.id))
                    entries[context_->partitions.partition_of(key)].push_back({each.due, step.version, key});
        for (std::size_t each = 0; each < places_.size(); ++each) {
            if (!places_[each].held)
                continue;
            places_[each].wheel.note(std::move(entries[each]), home, now, out_);
            places_[each].reached = std::max(places_[each].reached, through);
        }
        return true;
    }

    void note_step(event_view const& event, std::map<std::string, pending_step>& last) const {
        auto const key = event.stream.substr(prefix_.size());
        auto const& mine = places_[context_->partitions.partition_of(key)];
        if (!mine.held || event.position <= mine.reached)
            return;
        auto& step = last[std::string{key}];
        step = {event.version, {}};
        if (event.payload.find(R"("deadlines":[)") != std::string_view::npos)
            step.deadlines = deadlines_of(event);
    }

    /// Also of a step that another declaration of the process wrote: the log has those before a migration.
    /// When a deadline is due, the last step of its instance counts.
    static std::vector<pending_deadline> deadlines_of(event_view const& step) {
        auto deadlines = decode_step_deadlines(step.payload);
        if (!deadlines)
            throw store_error{
                store_trouble::corrupt,
                place_of_step<Process>(step) + " cannot be read: " + deadlines.error().what()};
        return std::move(*deadlines);
    }

    void fire(timestamp now) {
        decide_after_ = {};
        std::vector<due_entry> due;
        for (auto& mine : places_)
            add_due(mine, now, due);
        more_due_ = due.size() == context_->options.batch_size;
        if (due.empty())
            return;
        std::vector<std::string> streams;
        streams.reserve(due.size());
        for (auto const& each : due)
            streams.push_back(prefix_ + each.entry.key);
        auto const steps = last_of_each(*store_, home, streams, home);
        for (std::size_t at = 0; at < due.size(); ++at)
            if (!decide(due[at].entry, steps[at])) {
                due[at].from->put_back(std::move(due[at].entry));
                decide_after_ = now + std::chrono::milliseconds{1};
            }
    }

    void add_due(place& mine, timestamp now, std::vector<due_entry>& due) const {
        while (mine.held && due.size() < context_->options.batch_size) {
            auto next = mine.wheel.next_due(now);
            if (!next)
                return;
            while (auto again = mine.wheel.next_like(*next))
                next = std::move(again); // the greatest version comes last
            due.push_back({&mine.wheel, std::move(*next)});
        }
    }

    /// Fires a deadline that is still pending in its instance's last step. False: the store does not show the
    /// step that it comes from, as a replica that lags behind may.
    bool decide(deadline_entry const& due, std::optional<recorded_event> const& last) {
        if (!last || last->version < due.version)
            return false;
        for (auto const& each : read_step<Process>(*last).deadlines)
            if (each.due == due.due)
                add_event(each, due.key);
        return true;
    }

    void add_event(pending_deadline const& due, std::string const& key) {
        using all = effects_of<Process>;
        boost::mp11::mp_with_index<boost::mp11::mp_size<all>::value>(
            due.effect % boost::mp11::mp_size<all>::value, [&](auto number) {
                using effect = boost::mp11::mp_at<all, decltype(number)>;
                if constexpr (is_deadline<effect>::value) {
                    using event = typename effect::command::event;
                    auto const decoded = json_codec{}.decode<event>(due.payload);
                    new_event made{due.id, std::string{wire_name_of<event>}, is_internal<event>, {}};
                    codec_.encode(decoded.value(), made.payload);
                    fired_.push_back({key, made.name, due.due, out_.size()});
                    out_.add(
                        module_of_event<Process, event>::type::module_name, key, expected_version::any(),
                        std::move(made));
                }
            });
    }

    /// Writes what was noted and fired, and then the cursors. Whether there was anything but cursors, or more
    /// is due.
    bool write(bool busy, timestamp now) {
        bool const anything = out_.size() != 0;
        cursors_.clear();
        for (auto& each : places_) {
            each.saving = false; // of a write that failed
            if (!each.held || !each.wheel.is_written() || each.reached == 0)
                continue;
            each.wheel.move_mark(now);
            add_cursors(each, anything || !busy);
        }
        if (anything) {
            auto const done = out_.write(*store_, cursors_, context_->fences());
            if (done)
                tell(*done, now);
        } else if (!cursors_.empty()) {
            save_cursors_fenced(*store_, cursors_, context_->fences());
        }
        for (auto& each : places_)
            if (std::exchange(each.saving, false)) {
                each.saved = {each.reached, each.wheel.mark()};
            }
        return anything || more_due_;
    }

    void add_cursors(place& mine, bool may_save) {
        constexpr deadline_bucket rest = 16; // a mark alone is saved every quarter of an hour
        if (!may_save || (mine.reached == mine.saved.read && mine.wheel.mark() < mine.saved.mark + rest))
            return;
        mine.saving = true;
        cursors_.push_back(
            {mine.wheel.progress_reader(), home, encode_progress({mine.reached, mine.wheel.mark()})});
        cursors_.push_back({mine.wheel.reader(), home, mine.reached});
    }

    void tell(std::vector<appended> const& done, timestamp now) {
        for (auto const& each : fired_) {
            if (each.request < done.size() && done[each.request].repeated)
                continue; // it had fired before
            ++context_->counts.deadlines;
            context_->tell(deadline_fired{name_of<Process>, each.key, each.event, each.due, now});
        }
    }

    Store* store_;
    Codec codec_;
    Context* context_;
    std::string prefix_;
    std::vector<place> places_; // of each partition
    recent_ids noted_{32'768};  // deadlines that later steps still have
    outbox out_;
    std::vector<fired> fired_;
    std::vector<cursor> cursors_;
    timestamp decide_after_{};
    bool more_due_ = false;
};

} // namespace converge::detail
