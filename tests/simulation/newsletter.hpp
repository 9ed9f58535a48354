// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/testing/simulate.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

// A subscription whose deadlines change nothing, and whose data is its own.
namespace simulation {

struct subscribed {
    BOOST_HANA_DEFINE_STRUCT(subscribed, (std::uint64_t, reader), (std::uint64_t, number));
};
struct letter_due {
    BOOST_HANA_DEFINE_STRUCT(letter_due, (std::uint64_t, reader));
    static letter_due from(auto const& instance) { return {std::stoull(std::string{instance.key})}; }
};
struct unsubscribed {
    BOOST_HANA_DEFINE_STRUCT(unsubscribed, (std::uint64_t, reader));
};
struct subscriptions : converge::module<"subscriptions", subscribed, unsubscribed> {};
struct calendar : converge::module<"calendar", letter_due> {};

struct welcome {
    BOOST_HANA_DEFINE_STRUCT(welcome, (std::string, reader));
};
struct subscription {
    struct none;
    struct active;
    struct ended;
    using transitions = converge::transitions<
        converge::row<none, subscribed, active>, converge::row<none, unsubscribed, ended>,
        converge::stay<active, subscribed>, converge::row<active, unsubscribed, ended>,
        converge::stay<ended, subscribed, unsubscribed>>;
};

/// Two deadlines of one instance, one of which ends when the subscription does. Their event is used by
/// nothing else. The data is the process's own: the greatest number seen.
struct newsletter_process {
    static constexpr converge::name name{"newsletter"};
    using reads = converge::reads<subscriptions, calendar>;
    using machines = converge::machines<subscription>;
    struct data {
        BOOST_HANA_DEFINE_STRUCT(data, (std::uint64_t, greatest));
    };
    static void apply(data& of, subscribed const& event) {
        of.greatest = std::max(of.greatest, event.number);
    }
    using effects = converge::effects<
        converge::effect<converge::when<>, welcome>,
        converge::effect<
            converge::when<subscription::active>,
            converge::deadline<letter_due, converge::period{std::chrono::minutes{5}}>>,
        converge::effect<
            converge::when<converge::any_of<subscription::active, subscription::ended>>,
            converge::deadline<letter_due, converge::period{std::chrono::hours{1}}>>>;
    static auto correlate(auto const& event) { return event.reader; }
};
static_assert(converge::verified<newsletter_process>);
static_assert(!converge::unconditionally_verified<newsletter_process>);

inline converge::testing::simulated_events newsletter_events(converge::testing::simulation_random& random) {
    converge::testing::simulated_events made;
    auto const count = random.between(2, 9);
    for (std::size_t source = 0; source < count; ++source) {
        auto const reader = std::uint64_t{random.below(3)};
        auto const stream = std::to_string(reader);
        if (random.one_in(4))
            made.add<subscriptions>(source, stream, unsubscribed{reader});
        else
            made.add<subscriptions>(source, stream, subscribed{reader, random.below(100)});
    }
    return made;
}

} // namespace simulation
