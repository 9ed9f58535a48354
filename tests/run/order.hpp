// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/store/batch_lookup_log.hpp>
#include <converge/store/memory.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// An order, small enough for tests, with everything a process can have.
namespace orders {
struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
};
struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct module : converge::module<"orders", order_placed, order_cancelled> {};
} // namespace orders

namespace payments {
struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, order), (std::int64_t, cents));
};
struct payment_timed_out {
    BOOST_HANA_DEFINE_STRUCT(payment_timed_out, (std::string, order));
};
struct module : converge::module<"payments", payment_received, payment_timed_out> {};
} // namespace payments

namespace ledger {
struct booked {
    BOOST_HANA_DEFINE_STRUCT(booked, (std::string, order), (std::string, what), (std::int64_t, cents));
};
struct module : converge::module<"ledger", booked> {};
} // namespace ledger

struct greet {
    BOOST_HANA_DEFINE_STRUCT(greet, (std::string, order));
};
struct ship {
    BOOST_HANA_DEFINE_STRUCT(ship, (std::string, order));
};
struct recall {
    BOOST_HANA_DEFINE_STRUCT(recall, (std::string, order));
};
struct paid_cents : converge::sum<&payments::payment_received::cents> {};
struct refund {
    BOOST_HANA_DEFINE_STRUCT(refund, (std::string, order), (std::int64_t, cents));
    static refund from(auto const& order) { return {std::string{order.key}, get<paid_cents>(order)}; }
};
struct reclaim {
    BOOST_HANA_DEFINE_STRUCT(reclaim, (std::string, order), (std::int64_t, cents));
    static reclaim from(auto const& order) { return {std::string{order.key}, 0}; }
};

struct placement {
    struct unknown;
    struct placed;
    using transitions = converge::transitions<
        converge::row<unknown, orders::order_placed, placed>, converge::stay<placed, orders::order_placed>>;
};
struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        converge::row<awaiting, payments::payment_received, paid>,
        converge::row<awaiting, payments::payment_timed_out, expired>,
        converge::row<expired, payments::payment_received, paid>,
        converge::stay<paid, payments::payment_received, payments::payment_timed_out>,
        converge::stay<expired, payments::payment_timed_out>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, orders::order_cancelled, cancelled>,
        converge::stay<cancelled, orders::order_cancelled>>;
};

/// Throws where a test says so.
struct much_is_paid {
    static inline std::int64_t throws_at = -1;
    bool operator()(auto const& data) const {
        if (get<paid_cents>(data) == throws_at)
            throw std::runtime_error{"no opinion on this sum"};
        return get<paid_cents>(data) >= 100;
    }
};

struct order_process {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders::module, payments::module>;
    using machines = converge::machines<placement, payment, cancellation>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payments::payment_received>;
    using effects = converge::effects<
        converge::effect<converge::when<>, greet>, // from the first record on, for ever
        converge::effect<
            converge::when<placement::placed, payment::awaiting, cancellation::open>,
            converge::deadline<payments::payment_timed_out, converge::period{std::chrono::minutes{15}}>>,
        converge::effect<
            converge::when<converge::holds<much_is_paid>, cancellation::open>, ship,
            converge::undone_by<recall>>,
        converge::effect<
            converge::when<payment::paid, cancellation::cancelled>, refund,
            converge::adjusted_by<&refund::cents, &reclaim::cents>>>;
    static auto correlate(auto const& event) {
        if (event.order == "whose?")
            throw std::runtime_error{"nobody's order"};
        return event.order;
    }
};
static_assert(converge::verified<order_process>);

/// Books each command in the ledger, and so once.
struct bookkeeper {
    template <class Command> void operator()(Command const& command, auto& context) const {
        std::int64_t cents = 0;
        if constexpr (requires { command.cents; })
            cents = command.cents;
        context.template append_once<ledger::module>(
            command.order,
            ledger::booked{command.order, std::string{converge::wire_name_of<Command>}, cents});
    }
};

/// Every command that was booked, as text, in the order of the ledger's log.
template <class Store> std::vector<std::string> bookings(Store& store) {
    std::vector<std::string> all;
    store.read("ledger", 0, ~std::size_t{0}, "ledger", [&](converge::event_view const& event) {
        auto const entry = converge::json_codec{}.decode<ledger::booked>(event.payload).value();
        all.push_back(
            entry.order + ": " + entry.what + (entry.cents == 0 ? "" : " " + std::to_string(entry.cents)));
    });
    return all;
}

/// Where all instances stand, without how they came there.
template <class Store> std::map<std::string, std::string> standing(Store& store) {
    std::map<std::string, std::string> all;
    for (auto const& [key, state] : converge::read_instances<order_process>(store)) {
        converge::instance_view<order_process> const view{key, state.states, state.data};
        all[key] = std::string{is_in<placement::placed>(view) ? "placed" : "unknown"} + " " +
                   (is_in<payment::paid>(view)      ? "paid"
                    : is_in<payment::expired>(view) ? "expired"
                                                    : "awaiting") +
                   " " + (is_in<cancellation::cancelled>(view) ? "cancelled" : "open") + " " +
                   std::to_string(get<paid_cents>(view)) + " " + std::to_string(state.deadlines.size());
    }
    return all;
}

/// How many step records there are.
template <class Store> std::size_t steps(Store& store) {
    std::size_t number = 0;
    for (auto const& [key, state] : converge::read_instances<order_process>(store))
        number += state.version;
    return number;
}

/// A memory store that promises no more than a log and cursors, and does what a test asks for before it reads
/// or writes.
class bare_store {
public:
    converge::memory_store inner;
    std::function<void(std::string_view module)> before_read = [](std::string_view) {};
    std::function<void()> before_write = [] {};
    std::function<void()> after_write = [] {};
    mutable std::size_t looked_up = 0; ///< how often an instance's last step was asked for

    converge::append_result append(converge::append_request const& request) {
        before_write();
        auto result = inner.append(request);
        after_write();
        return result;
    }
    template <class Visitor>
    converge::position read(
        std::string_view module, converge::position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        before_read(module);
        return inner.read(module, after, limit, viewer, visit);
    }
    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, converge::stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) const {
        inner.read_stream(module, stream, after, limit, viewer, visit);
    }
    auto last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) const {
        ++looked_up;
        return inner.last_of_stream(module, stream, viewer);
    }
    converge::position head(std::string_view module) const { return inner.head(module); }
    converge::position load_cursor(std::string_view reader, std::string_view module) const {
        return inner.load_cursor(reader, module);
    }
    void save_cursors(std::span<converge::cursor const> cursors) {
        before_write();
        inner.save_cursors(cursors);
        after_write();
    }
};
static_assert(converge::event_log<bare_store> && converge::cursor_store<bare_store>);
static_assert(!converge::atomic_batch_log<bare_store> && !converge::runner_lock_store<bare_store>);

/// The same with batches.
class batch_store : public bare_store {
public:
    converge::batch_result commit(converge::batch const& together) {
        before_write();
        auto result = inner.commit(together);
        after_write();
        return result;
    }
};
static_assert(converge::atomic_batch_log<batch_store>);

/// And with look-ups of many instances together, as a store that is far away has them.
class lookup_store : public batch_store {
public:
    std::function<void()> after_lookup = [] {};
    mutable std::vector<std::size_t> looked_up_together; ///< how many instances, call by call

    std::vector<std::optional<converge::recorded_event>> last_of_streams(
        std::string_view module, std::span<std::string_view const> streams, std::string_view viewer) const {
        looked_up_together.push_back(streams.size());
        std::vector<std::optional<converge::recorded_event>> found;
        for (auto const& each : streams)
            found.push_back(inner.last_of_stream(module, each, viewer));
        after_lookup();
        return found;
    }
};
static_assert(converge::batch_lookup_log<lookup_store> && !converge::batch_lookup_log<batch_store>);

inline converge::timestamp real_now() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

template <class Store> void place(Store& store, std::string const& order) {
    converge::publish<orders::module>(store, order, orders::order_placed{order}).value();
}
template <class Store> void cancel(Store& store, std::string const& order) {
    converge::publish<orders::module>(store, order, orders::order_cancelled{order}).value();
}
template <class Store> void pay(Store& store, std::string const& order, std::int64_t cents) {
    converge::publish<payments::module>(store, order, payments::payment_received{order, cents}).value();
}
