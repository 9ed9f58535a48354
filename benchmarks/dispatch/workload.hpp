// SPDX-License-Identifier: MIT
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

// What all contenders of the dispatch benchmark are given.

/// A transition, as the generator of the workloads has it.
struct table_row {
    std::uint8_t machine;
    std::uint8_t from;
    std::uint8_t event;
    std::uint8_t to;
    bool guarded;
};

/// The process of converge that a workload is.
template <class Workload> struct process_of_workload;

/// An event as it comes out of a log: a number for its type, and where its payload is.
struct logged {
    void const* payload;
    std::uint16_t index;

    template <class Event> Event const& as() const { return *static_cast<Event const*>(payload); }
};

/// What the action of a row adds to the sum. All that took the same rows have the same sum, and hardly
/// anybody else.
constexpr std::uint16_t weight(std::size_t row) {
    auto value = row * 0x9e3779b97f4a7c15U;
    value ^= value >> 29U;
    return static_cast<std::uint16_t>((value * 0xbf58476d1ce4e5b9U) >> 48U);
}

/// After so many events a new instance begins, where states are what is compared.
inline constexpr std::size_t events_an_instance = 16;

/// The states of an instance as part of the sum of them all.
template <std::size_t Size>
std::uint64_t with_states(std::uint64_t total, std::uint8_t const (&states)[Size]) {
    for (auto const state : states)
        total = total * 31 + state;
    return total;
}

/// Gives each event to `take`, and begins anew with `restart` where the workload says so, or at the end.
template <class Workload, class Take, class Restart>
void replay(std::span<logged const> log, Take take, [[maybe_unused]] Restart restart) {
    if constexpr (Workload::actions) {
        for (auto const& each : log)
            take(each);
    } else {
        for (; log.size() >= events_an_instance; log = log.subspan(events_an_instance)) {
            for (auto const& each : log.first(events_an_instance))
                take(each);
            restart();
        }
    }
}

/// S. Vigna's SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
class drawn_numbers {
public:
    explicit drawn_numbers(std::uint64_t seed) : state_{seed} {}
    std::uint64_t operator()() {
        auto value = state_ += 0x9e3779b97f4a7c15U;
        value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
        value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
        return value ^ (value >> 31U);
    }
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>((*this)() % bound); }

private:
    std::uint64_t state_;
};

/// An event of the type with an amount from 0 to 99, where it has one.
template <class Event> Event drawn_event(drawn_numbers& random) {
    Event made{};
    if constexpr (requires { made.amount; })
        made.amount = static_cast<decltype(made.amount)>(random.below(100));
    return made;
}

/// A log of random events of a workload. The payloads are drawn from a few of each type, so that they are in
/// the cache, as those of a page that was just read and decoded are: dispatch is measured, and not the
/// memory.
template <class Workload> class event_log {
public:
    explicit event_log(std::size_t size) {
        constexpr auto types = boost::mp11::mp_size<typename Workload::events>::value;
        drawn_numbers random{7};
        auto const draw = [&](auto& payloads) {
            for (auto& each : payloads)
                each = drawn_event<std::remove_reference_t<decltype(each)>>(random);
        };
        std::apply([&](auto&... payloads) { (draw(payloads), ...); }, payloads_);
        for (std::size_t at = 0; at < size; ++at) {
            auto const index = random.below(types);
            auto const payload = random.below(payloads_of_a_type);
            boost::mp11::mp_with_index<types>(index, [&](auto type) {
                entries_.push_back({&std::get<type>(payloads_)[payload], static_cast<std::uint16_t>(index)});
            });
        }
    }
    event_log(event_log const&) = delete;

    std::span<logged const> entries() const { return entries_; }

private:
    static constexpr std::size_t payloads_of_a_type = 32;
    template <class Event> using payloads_of = std::array<Event, payloads_of_a_type>;

    boost::mp11::mp_rename<boost::mp11::mp_transform<payloads_of, typename Workload::events>, std::tuple>
        payloads_;
    std::vector<logged> entries_;
};
