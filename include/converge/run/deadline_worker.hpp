// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/context.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/step_record.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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

/// Reads the steps of a process, keeps the deadlines that instances wait for, and appends the events of those
/// that are due.
///
/// The saved cursor stays before the oldest step with a pending deadline, so that a restart finds them all.
template <class Process, class Store, class Codec, class Context> class deadline_worker {
public:
    static constexpr std::string_view home = home_of<Process>::module_name;
    static constexpr bool has_deadlines = boost::mp11::mp_any_of<effects_of<Process>, is_deadline>::value;

    deadline_worker(Store& store, Codec codec, Context& context)
        : store_{&store}, codec_{std::move(codec)}, context_{&context},
          reader_{std::string{name_of<Process>} + ".deadlines"}, prefix_{step_stream<Process>("")} {}

    void take(std::uint32_t) {
        if constexpr (has_deadlines)
            cursor_ = saved_ = store_->load_cursor(reader_, home);
    }

    /// Reads one batch of steps, or fires what is due when all are read. Whether there was anything.
    bool work() {
        if constexpr (!has_deadlines) {
            return false;
        } else {
            auto const through =
                store_->read(home, cursor_, context_->options.batch_size, home, [&](event_view const& event) {
                    note(event);
                });
            if (through != cursor_) {
                cursor_ = through;
                return true;
            }
            auto const fired = fire();
            save();
            return fired;
        }
    }

    /// The time until the next deadline is due, `longest` at most, and a tenth of a second: the clock may
    /// jump.
    std::chrono::nanoseconds until_due(std::chrono::nanoseconds longest) const {
        if (by_due_.empty())
            return longest;
        return std::clamp<std::chrono::nanoseconds>(
            by_due_.begin()->first - context_->options.now(), std::chrono::nanoseconds{0},
            std::min<std::chrono::nanoseconds>(longest, std::chrono::milliseconds{100}));
    }

private:
    struct waiting {
        converge::position step{};
        std::vector<pending_deadline> deadlines;
    };

    void note(event_view const& event) {
        if (event.name != step_event_name || !event.stream.starts_with(prefix_))
            return;
        auto const key = std::string{event.stream.substr(prefix_.size())};
        forget(key);
        if (event.payload.find(R"("deadlines":[)") == std::string_view::npos)
            return;
        auto state = decode_step<Process>(event.payload);
        if (!state)
            throw store_error{
                store_trouble::corrupt, "the step at position " + std::to_string(event.position) +
                                            " of module '" + std::string{home} +
                                            "' cannot be read: " + state.error().what()};
        if (state->deadlines.empty())
            return;
        for (auto const& each : state->deadlines)
            by_due_.insert({each.due, key});
        steps_.insert({event.position, key});
        waiting_.emplace(key, waiting{event.position, std::move(state->deadlines)});
    }

    void forget(std::string const& key) {
        auto const found = waiting_.find(key);
        if (found == waiting_.end())
            return;
        for (auto const& each : found->second.deadlines)
            by_due_.erase({each.due, key});
        steps_.erase({found->second.step, key});
        waiting_.erase(found);
    }

    /// Appends what is due, and forgets it when it is written: if the store fails, it is due again.
    bool fire() {
        outbox out;
        auto const now = context_->options.now();
        std::vector<std::pair<timestamp, std::string>> due;
        for (auto each = by_due_.begin(); each != by_due_.end() && each->first <= now; ++each) {
            due.push_back(*each);
            for (auto const& deadline : waiting_.at(each->second).deadlines)
                if (deadline.due == each->first)
                    add(deadline, each->second, out);
        }
        if (out.size() == 0)
            return false;
        (void)out.write(*store_, {});
        context_->counts.deadlines += out.size();
        for (auto const& [when, key] : due)
            forget_fired(when, key);
        return true;
    }

    /// The instance may stay as it is, and then no further step says that nothing is pending.
    void forget_fired(timestamp when, std::string const& key) {
        auto& pending = waiting_.at(key).deadlines;
        std::erase_if(pending, [&](pending_deadline const& each) { return each.due == when; });
        by_due_.erase({when, key});
        if (pending.empty())
            forget(key);
    }

    void add(pending_deadline const& due, std::string const& key, outbox& out) const {
        using all = effects_of<Process>;
        boost::mp11::mp_with_index<boost::mp11::mp_size<all>::value>(
            due.effect % boost::mp11::mp_size<all>::value, [&](auto number) {
                using effect = boost::mp11::mp_at<all, decltype(number)>;
                if constexpr (is_deadline<effect>::value) {
                    using event = typename effect::command::event;
                    auto const decoded = json_codec{}.decode<event>(due.payload);
                    new_event made{due.id, std::string{wire_name_of<event>}, is_internal<event>, {}};
                    codec_.encode(decoded.value(), made.payload);
                    out.add(
                        module_of_event<Process, event>::type::module_name, key, expected_version::any(),
                        std::move(made));
                }
            });
    }

    void save() {
        auto const safe = steps_.empty() ? cursor_ : steps_.begin()->first - 1;
        if (safe == saved_)
            return;
        cursor const moved{reader_, home, safe};
        store_->save_cursors({&moved, 1});
        saved_ = safe;
    }

    Store* store_;
    Codec codec_;
    Context* context_;
    std::string reader_;
    std::string prefix_;
    converge::position cursor_ = 0;
    converge::position saved_ = 0;
    std::map<std::string, waiting, std::less<>> waiting_;        // by key
    std::set<std::pair<timestamp, std::string>> by_due_;         // not fired yet
    std::set<std::pair<converge::position, std::string>> steps_; // of those that wait
};

} // namespace converge::detail
