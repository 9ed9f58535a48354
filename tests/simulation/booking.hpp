// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/testing/simulate.hpp>

#include <string>

// A booking whose proof rests on an environment and an accepted race, so that it records every step.
namespace simulation {

struct seat_requested {
    BOOST_HANA_DEFINE_STRUCT(seat_requested, (std::string, seat));
};
struct seat_paid {
    BOOST_HANA_DEFINE_STRUCT(seat_paid, (std::string, seat));
};
struct seat_released {
    BOOST_HANA_DEFINE_STRUCT(seat_released, (std::string, seat));
};
struct seats : converge::module<"seats", seat_requested, seat_paid, seat_released> {};
struct desk : converge::module<"desk"> {};

struct print_ticket {
    BOOST_HANA_DEFINE_STRUCT(print_ticket, (std::string, seat));
};
struct void_ticket {
    using undoes = print_ticket;
    BOOST_HANA_DEFINE_STRUCT(void_ticket, (std::string, seat));
};
struct hold_seat {
    BOOST_HANA_DEFINE_STRUCT(hold_seat, (std::string, seat));
};
struct free_seat {
    BOOST_HANA_DEFINE_STRUCT(free_seat, (std::string, seat));
};

/// Money before the request is ignored, which cannot happen; of payment and release the first one wins, which
/// is accepted.
struct seat_booking {
    struct none;
    struct requested;
    struct paid;
    struct released;
    using transitions = converge::transitions<
        converge::row<none, seat_requested, requested>, converge::stay<none, seat_paid>,
        converge::stay<none, seat_released>,
        converge::row<requested, seat_paid, paid, converge::send<print_ticket>>,
        converge::row<requested, seat_released, released>, converge::stay<requested, seat_requested>,
        converge::stay<paid, seat_requested, seat_paid, seat_released>,
        converge::stay<released, seat_requested, seat_paid, seat_released>>;
};

struct booking_process {
    static constexpr converge::name name{"booking"};
    using home = desk;
    using reads = converge::reads<seats>;
    using machines = converge::machines<seat_booking>;
    using environment = converge::environment<
        converge::happens_before<seat_requested, seat_paid>,
        converge::happens_before<seat_requested, seat_released>,
        converge::accepts_race<seat_paid, seat_released>>;
    using effects = converge::effects<
        converge::effect<converge::when<seat_booking::requested>, hold_seat, converge::undone_by<free_seat>>>;
    static auto correlate(auto const& event) { return event.seat; }
};
static_assert(converge::verified<booking_process>);
static_assert(!converge::unconditionally_verified<booking_process>);

/// For one to four seats: a request, then payments and releases, in the order of one source a seat.
inline converge::testing::simulated_events booking_events(converge::testing::simulation_random& random) {
    converge::testing::simulated_events made;
    auto const count = random.between(1, 4);
    for (std::size_t source = 0; source < count; ++source) {
        auto const seat = "seat " + std::to_string(source);
        made.add<seats>(source, seat, seat_requested{seat});
        for (auto further = random.below(5); further > 0; --further)
            switch (random.below(8)) {
            case 0:
            case 1:
            case 2:
                made.add<seats>(source, seat, seat_paid{seat});
                break;
            case 3:
            case 4:
                made.add<seats>(source, seat, seat_released{seat});
                break;
            case 5:
                made.add<seats>(source, seat, seat_requested{seat});
                break;
            case 6:
                made.add_bytes<seats>(source, seat, "seat_paid", "{\"seat\":7}");
                break;
            default:
                made.add_bytes<seats>(source, seat, "seat_painted", "");
            }
    }
    return made;
}

} // namespace simulation
