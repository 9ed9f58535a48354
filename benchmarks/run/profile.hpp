// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/store/memory.hpp>

#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <processor_time.hpp>
#include <run/drain.hpp>
#include <run/throughput.hpp>
#include <run/workload.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// The parts of the way from log to step, each done for a whole batch before the next begins, so that the
/// clock is read but a few times: the library's own parts, put together as `event_worker` does it. On the
/// memory store.
class step_profile {
public:
    enum phase : unsigned char { reading, decoding, finding, stepping, naming, encoding, appending, count };
    static constexpr std::array<char const*, count> names{"read_ns", "decode_ns", "find_ns",  "step_ns",
                                                          "ids_ns",  "encode_ns", "append_ns"};

    explicit step_profile(converge::memory_store& store) : store_{&store} {}

    void run() {
        for (bool busy = true; busy;) {
            busy = false;
            boost::mp11::mp_for_each<boost::mp11::mp_iota_c<module_count>>(
                [&](auto number) { busy |= run_batch<decltype(number)::value>(); });
        }
    }
    double seconds(phase of) const { return seconds_[of]; }

private:
    using process = shop::order_process;
    static constexpr std::size_t module_count = converge::module_count_of<process>;
    static constexpr std::string_view home = shop::fulfilment::module_name;

    struct made_step {
        std::size_t arrival = 0;
        converge::instance_state<process> after;
        std::vector<converge::recorded_command> commands;
        std::vector<converge::event_id> command_ids;
        converge::event_id id{};
        std::string payload;
    };

    template <class Work> void timed(phase of, Work work) {
        auto const before = processor_seconds();
        work();
        seconds_[of] += processor_seconds() - before;
    }

    template <std::size_t Number> bool run_batch() {
        using module = boost::mp11::mp_at_c<converge::modules_of<process>, Number>;
        constexpr std::string_view name = module::module_name;
        auto const from = from_[Number];
        converge::detail::inbox<process, module> box;
        timed(reading, [&] {
            from_[Number] = store_->read(name, from, batch_size, home, [](converge::event_view const&) {});
        });
        if (from_[Number] == from)
            return false;
        timed(decoding, [&] {
            store_->read(name, from, batch_size, home, [&](converge::event_view const& event) {
                box.take(event, converge::json_codec{}, [](std::string_view) { return true; });
            });
        });
        timed(finding, [&] {
            converge::detail::look_up_together(*store_, box.arrivals, cache_);
            for (auto const& each : box.arrivals)
                (void)converge::detail::find_or_look_up(*store_, each.key, cache_);
        });
        std::vector<made_step> steps;
        timed(stepping, [&] { take_all<Number>(box.arrivals, steps); });
        timed(naming, [&] {
            converge::id_sequence const of_steps{std::string_view{"step"}, converge::name_of<process>, name};
            for (auto& each : steps)
                give_ids(each, box.arrivals[each.arrival], of_steps);
        });
        timed(encoding, [&] {
            for (auto& each : steps) {
                auto const& from_log = box.arrivals[each.arrival];
                each.payload = converge::detail::encode_step<process>(
                    each.after, {from_log.name, name, from_log.position, each.commands, each.command_ids});
            }
        });
        timed(appending, [&] { append_all(box.arrivals, steps, name, from_[Number]); });
        return true;
    }

    template <std::size_t Number, class Arrivals>
    void take_all(Arrivals const& arrivals, std::vector<made_step>& steps) {
        steps.reserve(arrivals.size());
        for (std::size_t at = 0; at < arrivals.size(); ++at) {
            auto const& arrived = arrivals[at];
            auto& current = *cache_.find(arrived.key);
            made_step made{at, current, {}, {}, {}, {}};
            bool const changed = std::visit(
                [&]<class Event>(Event const& event) {
                    if constexpr (std::same_as<Event, std::monostate>)
                        return false;
                    else
                        return converge::take_event<process>(
                            arrived.key, current, made.after, event,
                            {Number, arrived.position, arrived.recorded_at}, made.commands);
                },
                arrived.event);
            if (!changed)
                continue;
            current = made.after;
            ++current.version;
            steps.push_back(std::move(made));
        }
    }

    template <class Arrival>
    static void give_ids(made_step& step, Arrival const& from, converge::id_sequence const& of_steps) {
        step.id = of_steps.id_of(from.position, from.key);
        for (std::uint32_t at = 0; at < step.commands.size(); ++at)
            step.command_ids.push_back(converge::id_counted_on(step.id, at + 1));
    }

    template <class Arrivals>
    void append_all(
        Arrivals const& arrivals, std::vector<made_step>& steps, std::string_view module,
        converge::position through) {
        outbox_.clear();
        for (auto& each : steps)
            outbox_.add(
                home, converge::detail::step_stream<process>(arrivals[each.arrival].key),
                converge::expected_version::exactly(each.after.version),
                {each.id, std::string{converge::step_event_name}, true, std::move(each.payload)});
        std::array<converge::cursor, 1> const moved{{{converge::name_of<process>, module, through}}};
        (void)outbox_.write(*store_, moved).value();
    }

    converge::memory_store* store_;
    std::array<converge::position, module_count> from_{};
    converge::detail::instance_cache<process> cache_{~std::size_t{0}};
    converge::detail::outbox outbox_;
    std::array<double, count> seconds_{};
};

inline void add_profile(std::size_t orders) {
    add_run("profile/memory", [=](benchmark::State& state) {
        order_workload const workload{orders};
        converge::memory_store store;
        publish_all(store, workload.events());
        step_profile profile{store};
        profile.run();
        require_same(checksum_of(store), workload.checksum());
        double sum = 0;
        for (std::size_t phase = 0; phase < step_profile::count; ++phase) {
            auto seconds = profile.seconds(static_cast<step_profile::phase>(phase));
            if (phase == step_profile::decoding) // which reads too
                seconds -= profile.seconds(step_profile::reading);
            auto const events = static_cast<double>(workload.events().size());
            state.counters[step_profile::names.at(phase)] = seconds / events * 1e9;
            sum += seconds;
        }
        report_time_of_an_event(state, sum, workload.events().size());
    });
}
