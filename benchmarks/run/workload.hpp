// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/publish.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <run/order_process.hpp>
#include <run/standing.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// An event of the workload, as the log will have it.
struct logged_event {
    std::uint64_t time = 0;
    std::string_view module;
    std::string order;
    converge::new_event event;
};

/// Orders from number `first` on, each with what happens to it: about three events, of three modules, in the
/// order of their times, which are drawn from a span in which some thousands of other orders have theirs. The
/// same numbers have the same events, always.
class order_workload {
public:
    explicit order_workload(std::size_t orders, std::size_t first = 0) {
        events_.reserve(orders * 13 / 4);
        for (std::size_t number = first; number < first + orders; ++number)
            add(number);
        std::ranges::sort(events_, {}, &logged_event::time);
    }

    std::vector<logged_event> const& events() const noexcept { return events_; }
    /// Where all must end.
    std::uint64_t checksum() const noexcept { return sum_.value(); }

private:
    static constexpr std::uint64_t span_of_an_order = 4'000; // a new order comes at each unit of time

    /// SplitMix64.
    static std::uint64_t draw(std::uint64_t& state) noexcept {
        auto value = state += 0x9E3779B97F4A7C15U;
        value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
        value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
        return value ^ (value >> 31U);
    }
    static bool happens(std::uint64_t& state, std::uint64_t percent) noexcept {
        return draw(state) % 100 < percent;
    }

    template <class Module, class Event>
    void add(std::uint64_t& state, std::size_t number, std::string const& order, Event const& event) {
        converge::event_id id{};
        std::uint64_t const halves[]{draw(state), draw(state)};
        std::memcpy(id.data, halves, sizeof halves);
        events_.push_back(
            {number + draw(state) % span_of_an_order, Module::module_name, order,
             converge::encode_event(event, id)});
    }

    void add(std::size_t number) {
        std::uint64_t state = number * 0xD1342543DE82EF95U + 1;
        auto const order = "order-" + std::to_string(number);
        standing at;
        at.placed = true;
        add<shop::orders>(state, number, order, shop::order_placed{order});
        at.expired = happens(state, 20);
        if (at.expired)
            add<shop::payments>(state, number, order, shop::payment_timed_out{order});
        at.paid = !at.expired || happens(state, 50);
        if (at.paid) {
            at.cents = static_cast<std::int64_t>(100 + draw(state) % 100'000);
            add<shop::payments>(state, number, order, shop::payment_received{order, at.cents});
        }
        at.cancelled = happens(state, 12);
        if (at.cancelled)
            add<shop::orders>(state, number, order, shop::order_cancelled{order});
        at.delivered = at.paid && !at.cancelled && happens(state, 90);
        if (at.delivered)
            add<shop::shipping>(state, number, order, shop::parcel_delivered{order});
        at.shipped = at.paid && !at.cancelled ? 1 : 0;
        at.refunded = at.paid && at.cancelled ? 1 : 0;
        at.invoiced = at.delivered ? 1 : 0;
        sum_.add(at.line(order));
    }

    std::vector<logged_event> events_;
    ::checksum sum_;
};

/// Writes the events, many at a time.
template <class Store> void publish_all(Store& store, std::span<logged_event const> events) {
    constexpr std::size_t together = 4'096;
    for (std::size_t at = 0; at < events.size(); at += together) {
        std::vector<converge::append_request> requests;
        for (auto const& each : events.subspan(at, std::min(together, events.size() - at)))
            requests.push_back(
                {each.module, each.order, converge::expected_version::any(), {&each.event, 1}});
        (void)store.commit({requests, {}}).value();
    }
}

/// Where the orders in a store stand by their steps, and what these have asked for.
template <class Store> std::uint64_t checksum_of(Store& store) {
    using process = shop::order_process;
    std::map<std::string, standing> all;
    for (auto const& [key, state] : converge::read_instances<process>(store)) {
        converge::instance_view<process> const view{key, state.states, state.data};
        auto& at = all[key];
        at.placed = is_in<shop::placement::placed>(view);
        at.paid = is_in<shop::payment::paid>(view);
        at.expired = is_in<shop::payment::expired>(view);
        at.cancelled = is_in<shop::cancellation::cancelled>(view);
        at.delivered = is_in<shop::delivery::delivered>(view);
        at.cents = get<shop::paid_cents>(view);
    }
    auto const home = shop::fulfilment::module_name;
    store.read(home, 0, ~std::size_t{0}, home, [&](converge::event_view const& event) {
        if (event.name != converge::step_event_name)
            return;
        auto& at =
            all.at(std::string{event.stream.substr(converge::detail::step_stream_prefix_size<process>)});
        for (auto const& command : converge::detail::decode_commands(event.payload).value().commands) {
            at.shipped += command.name == "ship_order" ? 1 : command.name == "recall_order" ? -1 : 0;
            at.refunded += command.name == "refund_payment" ? 1 : 0;
            at.invoiced += command.name == "send_invoice" ? 1 : 0;
        }
    });
    checksum sum;
    for (auto const& [order, at] : all)
        sum.add(at.line(order));
    return sum.value();
}
