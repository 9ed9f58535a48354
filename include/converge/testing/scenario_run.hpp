// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/instances.hpp>
#include <converge/run/publish.hpp>
#include <converge/run/runner.hpp>
#include <converge/store/memory.hpp>
#include <converge/testing/fake_clock.hpp>
#include <converge/testing/instance_changes.hpp>
#include <converge/testing/side_by_side.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing::detail {

/// What the handler of a scenario has seen, and which commands it is to refuse.
struct command_record {
    std::vector<shown_value> sent;
    std::map<std::string, std::string, std::less<>> refusals; // by wire name: what to throw
};

struct recording_handler {
    command_record* record;

    template <class Command> void operator()(Command const& command, auto&) const {
        record->sent.push_back(shown(command));
        if (auto const found = record->refusals.find(wire_name_of<Command>); found != record->refusals.end())
            throw std::runtime_error{found->second};
    }
};

/// The real runner over a store in memory, with a clock in hand, and a history of what it did.
template <class Process> class scenario_run {
public:
    scenario_run()
        : store_{clock_}, runner_{
                              store_,
                              recording_handler{&record_},
                              {.command_attempts = 1, .first_retry_after = {}, .now = clock_}} {}
    scenario_run(scenario_run const&) = delete;
    scenario_run& operator=(scenario_run const&) = delete;

    /// Appends the event to its module, lets the runner catch up, and notes what that did.
    template <class Event> void take(std::string_view word, Event const& event) {
        using module = typename converge::detail::module_of_event<Process, Event>::type;
        auto const key = key_of(event);
        if (key_.empty())
            key_ = key;
        history_.push_back(std::string{word} + shown(event).line());
        auto const id = name_based_id(std::string_view{"scenario"}, published_++);
        (void)publish<module>(store_, key.empty() ? "scenario" : key, event, id).value();
        work();
    }

    /// Lets the time pass, and stops wherever a deadline is due on the way.
    void pass(std::chrono::microseconds span) {
        history_.push_back("after " + span_text(span));
        auto const end = clock_.now() + span;
        while (auto const due = next_due(end)) {
            clock_.advance(*due - clock_.now());
            for (auto const& [key, instance] : read_instances<Process>(store_))
                for (auto const& each : instance.deadlines)
                    if (each.due == *due)
                        note(key, {std::string{event_of_deadline<Process>(each)} + " is due"});
            work();
        }
        clock_.advance(end - clock_.now());
    }

    /// The commands sent from now on are those that the next expectations are about.
    void begin() { since_ = record_.sent.size(); }

    std::vector<shown_value> sent() const {
        return {record_.sent.begin() + static_cast<std::ptrdiff_t>(since_), record_.sent.end()};
    }
    void refuse(std::string_view command, std::string reason) {
        record_.refusals.insert_or_assign(std::string{command}, std::move(reason));
    }

    /// The instance that expectations are about: that of the first event, if nothing else was said.
    std::string const& key() const noexcept { return key_; }
    void set_key(std::string key) { key_ = std::move(key); }
    instance_state<Process> instance() const {
        return read_instance<Process>(store_, key_).value_or(instance_state<Process>{});
    }
    std::vector<pending_deadline> pending() const {
        auto all = instance().deadlines;
        std::erase_if(all, [&](auto const& each) { return each.due <= clock_.now(); });
        return all;
    }
    std::vector<parked_item> parked() const { return runner_.parked(); }
    timestamp now() const noexcept { return clock_.now(); }

    std::string history() const {
        std::string text;
        for (auto const& line : history_)
            text += "  " + line + "\n";
        return text.empty() ? "  nothing\n" : text;
    }

private:
    template <class Event> static std::string key_of(Event const& event) {
        try {
            return converge::detail::key_text(Process::correlate(event));
        } catch (...) {
            return ""; // the runner will park the event
        }
    }

    std::optional<timestamp> next_due(timestamp end) const {
        std::optional<timestamp> next;
        for (auto const& [key, instance] : read_instances<Process>(store_))
            for (auto const& each : instance.deadlines)
                if (each.due > clock_.now() && each.due <= end && (!next || each.due < *next))
                    next = each.due;
        return next;
    }

    void work() {
        auto const before = read_instances<Process>(store_);
        auto const sent_before = record_.sent.size();
        auto const parked_before = runner_.parked().size();
        runner_.catch_up();
        for (auto const& [key, after] : read_instances<Process>(store_)) {
            auto const found = before.find(key);
            note(
                key,
                changes_between<Process>(
                    found == before.end() ? instance_state<Process>{} : found->second, after, clock_.now()));
        }
        for (auto at = sent_before; at < record_.sent.size(); ++at)
            history_.push_back("      sends " + record_.sent[at].line());
        auto const all_parked = runner_.parked();
        for (auto at = parked_before; at < all_parked.size(); ++at)
            history_.push_back("      parks " + all_parked[at].name + ": " + all_parked[at].reason);
    }

    void note(std::string const& key, std::vector<std::string> const& lines) {
        for (auto const& line : lines)
            history_.push_back("      " + (key == key_ ? "" : "instance " + key + ": ") + line);
    }

    fake_clock clock_;
    mutable memory_store store_; // reading takes a store that is not const
    command_record record_;
    runner<Process, memory_store, recording_handler> runner_;
    std::vector<std::string> history_;
    std::string key_;
    std::size_t since_ = 0;
    std::uint64_t published_ = 0;
};

} // namespace converge::testing::detail
