// SPDX-License-Identifier: MIT
#include <converge/dispatch/replay.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace converge;

struct opened {
    std::string ticket;
};
struct paid {
    std::string ticket;
    int cents = 0;
};
struct seen {
    std::string ticket;
};
struct tickets : module<"tickets", seen, opened, paid> {};

struct large {
    constexpr bool operator()(paid const& event) const { return event.cents >= 100; }
};
struct opening {
    struct none;
    struct done;
    using transitions = converge::transitions<row<none, opened, done>, stay<done, opened>>;
};
struct payment {
    struct none;
    struct small;
    struct big;
    using transitions = converge::transitions<
        row<none, if_<paid, large>, big>, row<none, unless<paid, large>, small>,
        row<small, if_<paid, large>, big>, stay<small, unless<paid, large>>, stay<big, paid>>;
};
struct sight {
    struct none;
    struct payment_seen;
    using transitions = converge::transitions<row<none, paid, payment_seen>, stay<payment_seen, paid>>;
};
struct ticket_process {
    using reads = converge::reads<tickets>;
    using machines = converge::machines<opening, payment, sight>;
    static std::string correlate(auto const& event) { return event.ticket; }
};
static_assert(verified<ticket_process>);
static_assert(sizeof(machine_states<ticket_process>) == 3);

void check_replay(std::size_t events, std::size_t instances) {
    CAPTURE(events);
    std::mt19937 random{static_cast<unsigned>(events)};
    std::vector<machine_states<ticket_process>> wanted(instances, initial_states<ticket_process>);
    auto replayed = wanted;
    std::vector<instance_letter> log;
    for (std::size_t at = 0; at < events; ++at) {
        auto const instance = static_cast<std::uint32_t>(random() % instances);
        auto const note = [&](auto const& event) {
            step<ticket_process>(wanted[instance], event);
            auto const letter = letter_of<ticket_process>(event);
            CHECK(letter_of<ticket_process>(event_reference<ticket_process>{event}) == letter);
            log.push_back({instance, static_cast<std::uint32_t>(letter)});
        };
        switch (random() % 3) {
        case 0:
            note(opened{});
            break;
        case 1:
            note(seen{});
            break;
        default:
            note(paid{"", static_cast<int>(random() % 150)});
        }
    }
    replay<ticket_process>(replayed, log);
    CHECK(replayed == wanted);
}

} // namespace

TEST_CASE("a replayed log leaves every instance where steps leave it") {
    for (std::size_t const events : {0U, 1U, 23U, 24U, 25U, 48U, 5'000U})
        check_replay(events, 40);
    check_replay(200, 1);
}
