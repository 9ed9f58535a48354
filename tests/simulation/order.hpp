// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/testing/simulate.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

// An order with everything that a process proved by its rows alone can have.
namespace simulation {

struct order_placed {
    BOOST_HANA_DEFINE_STRUCT(order_placed, (std::string, order));
};
struct order_cancelled {
    BOOST_HANA_DEFINE_STRUCT(order_cancelled, (std::string, order));
};
struct orders : converge::module<"orders", order_placed, order_cancelled> {};

struct payment_received {
    BOOST_HANA_DEFINE_STRUCT(payment_received, (std::string, order), (std::int64_t, cents));
};
struct payment_timed_out {
    BOOST_HANA_DEFINE_STRUCT(payment_timed_out, (std::string, order));
};
struct payments : converge::module<"payments", payment_received, payment_timed_out> {};

struct greet {
    BOOST_HANA_DEFINE_STRUCT(greet, (std::string, order));
};
struct ship {
    BOOST_HANA_DEFINE_STRUCT(ship, (std::string, order));
};
struct recall {
    BOOST_HANA_DEFINE_STRUCT(recall, (std::string, order));
};
struct paid_cents : converge::sum<&payment_received::cents> {};
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
        converge::row<unknown, order_placed, placed>, converge::stay<placed, order_placed>>;
};
struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        converge::row<awaiting, payment_received, paid>, converge::row<awaiting, payment_timed_out, expired>,
        converge::row<expired, payment_received, paid>,
        converge::stay<paid, payment_received, payment_timed_out>,
        converge::stay<expired, payment_timed_out>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions = converge::transitions<
        converge::row<open, order_cancelled, cancelled>, converge::stay<cancelled, order_cancelled>>;
};

struct much_is_paid {
    bool operator()(auto const& data) const {
        if (converge::testing::disturbed())
            throw std::runtime_error{"no opinion on this sum"};
        return get<paid_cents>(data) >= 100;
    }
};

struct order_process {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders, payments>;
    using machines = converge::machines<placement, payment, cancellation>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
    using effects = converge::effects<
        converge::effect<converge::when<>, greet>, // from the first record on, for ever
        converge::effect<
            converge::when<placement::placed, payment::awaiting, cancellation::open>,
            converge::deadline<payment_timed_out, converge::period{std::chrono::minutes{15}}>>,
        converge::effect<
            converge::when<converge::holds<much_is_paid>, cancellation::open>, ship,
            converge::undone_by<recall>>,
        converge::effect<
            converge::when<payment::paid, cancellation::cancelled>, refund,
            converge::adjusted_by<&refund::cents, &reclaim::cents>>>;
    static auto correlate(auto const& event) {
        if (event.order == "whose?" || converge::testing::disturbed())
            throw std::runtime_error{"nobody's order"};
        return event.order;
    }
};
static_assert(converge::verified<order_process>);

/// Three to a dozen events for one to three orders, each a source of its own; some are poison.
inline converge::testing::simulated_events order_events(converge::testing::simulation_random& random) {
    converge::testing::simulated_events made;
    auto const instances = random.between(1, 3);
    auto const count = random.between(3, 12);
    for (std::size_t source = 0; source < count; ++source) {
        auto const order = std::to_string(random.below(instances));
        switch (random.below(9)) {
        case 0:
        case 1:
        case 2:
            made.add<orders>(source, order, order_placed{order});
            break;
        case 3:
            made.add<orders>(source, order, order_cancelled{order});
            break;
        case 4:
        case 5:
        case 6:
            // Some are taken back, so that what was sent has to be undone.
            made.add<payments>(
                source, order,
                payment_received{order, static_cast<std::int64_t>(random.below(160)) - std::int64_t{40}},
                false);
            break;
        case 7:
            made.add<orders>(source, order, order_placed{order});
            made.add<payments>(source, order, payment_received{order, 100}, false);
            break;
        default:
            switch (random.below(4)) {
            case 0:
                made.add_bytes<payments>(source, order, "payment_received", "{\"order\":\"" + order + "\"}");
                break;
            case 1:
                made.add_bytes<orders>(source, order, "order_teleported", "{}");
                break;
            case 2:
                made.add<orders>(source, order, order_placed{"whose?"});
                break;
            default:
                made.add<orders>(source, order, order_cancelled{""});
            }
        }
    }
    return made;
}

} // namespace simulation
