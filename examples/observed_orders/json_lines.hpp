// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/run/observer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace observed_orders {

/// A time as RFC 3339 has it, in UTC with microseconds: `2026-11-25T21:34:00.000250Z`.
inline std::string rfc3339(converge::timestamp at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const time{at - day};
    std::array<char, 48> text{};
    auto const size = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", int{date.year()},
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

/// A member of a line: text, a number, what the codec can encode.
template <class Value> struct member {
    std::string_view name;
    Value value;
};
template <class Value> member(std::string_view, Value) -> member<Value>;

/// An observer that writes a line of JSON for everything that happens to an instance: steps, commands,
/// retries, what is parked and replayed, deadlines. Each line is written and flushed at once.
class json_lines {
public:
    json_lines(std::ostream& out, std::function<converge::timestamp()> now)
        : out_{&out}, now_{std::move(now)} {}

    void operator()(converge::step_recorded const& step) {
        write(
            "info", "step recorded", step, member{"key", step.key}, member{"module", step.module},
            member{"position", step.position}, member{"event", step.event}, member{"step", step.step},
            member{"commands", step.commands}, member{"deadlines", step.deadlines},
            member{"latency_seconds", seconds(now_() - step.event_recorded_at)});
    }
    void operator()(converge::command_handled const& command) {
        write(
            "info", "command handled", command, member{"key", command.key},
            member{"command", command.command}, member{"id", command.id}, member{"attempt", command.attempt},
            member{"duration_seconds", seconds(command.took)});
    }
    void operator()(converge::command_failed const& command) {
        write(
            "warning", "command failed", command, member{"key", command.key},
            member{"command", command.command}, member{"id", command.id}, member{"attempt", command.attempt},
            member{"reason", command.reason}, member{"retry_after_seconds", seconds(command.retry_after)});
    }
    void operator()(converge::item_parked const& item) {
        write(
            "error", "parked", item, member{"kind", item.kind}, member{"module", item.module},
            member{"position", item.position}, member{"name", item.name}, member{"reason", item.reason});
    }
    void operator()(converge::item_replayed const& item) {
        write(
            "info", "replayed", item, member{"kind", item.kind}, member{"module", item.module},
            member{"position", item.position}, member{"name", item.name});
    }
    void operator()(converge::deadline_fired const& deadline) {
        write(
            "info", "deadline fired", deadline, member{"key", deadline.key}, member{"event", deadline.event},
            member{"due", rfc3339(deadline.due)},
            member{"delay_seconds", seconds(deadline.at - deadline.due)});
    }
    void operator()(converge::worker_joined const& worker) {
        write("info", "worker joined", worker, member{"worker", worker.worker});
    }
    void operator()(converge::worker_left const& worker) {
        write("info", "worker left", worker, member{"worker", worker.worker});
    }
    void operator()(converge::partition_changed const& change) {
        auto const is_lost = change.what == converge::partition_change::lost;
        auto const is_taken = change.what == converge::partition_change::taken;
        write(
            is_lost ? "warning" : "info",
            is_lost    ? "partition lost"
            : is_taken ? "partition taken"
                       : "partition given",
            change, member{"worker", change.worker}, member{"partition", change.partition});
    }
    void operator()(converge::instance_migrated const& instance) {
        write(
            "info", "instance migrated", instance, member{"key", instance.key}, member{"from", instance.from},
            member{"to", instance.to}, member{"step", instance.step}, member{"commands", instance.commands});
    }
    void operator()(converge::process_migrated const& migration) {
        write(
            "info", "process migrated", migration, member{"from", migration.from}, member{"to", migration.to},
            member{"instances", migration.instances});
    }

private:
    static double seconds(auto span) { return std::chrono::duration<double>{span}.count(); }

    template <class... Values>
    void write(
        std::string_view level, std::string_view what, auto const& happened, member<Values> const&... more) {
        text_ = "{";
        add(member{"time", rfc3339(now_())});
        add(member{"level", level});
        add(member{"what", what});
        add(member{"process", happened.process});
        (add(more), ...);
        text_ += "}\n";
        *out_ << text_ << std::flush;
    }
    template <class Value> void add(member<Value> const& one) {
        if (text_.size() != 1)
            text_ += ',';
        converge::json_codec{}.encode(one.name, text_);
        text_ += ':';
        converge::json_codec{}.encode(one.value, text_);
    }

    std::ostream* out_;
    std::function<converge::timestamp()> now_;
    std::string text_;
};

} // namespace observed_orders
