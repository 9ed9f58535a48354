// SPDX-License-Identifier: MIT
#include <converge/describe/permutations.hpp>
#include <converge/describe/report.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <examples/order_fulfilment/process.hpp>
#include <string>
#include <vector>

namespace {

using namespace converge;

struct placed_event {
    BOOST_HANA_DEFINE_STRUCT(placed_event, (std::string, order));
};
struct paid_event {
    BOOST_HANA_DEFINE_STRUCT(paid_event, (std::string, order));
};
struct cancelled_event {
    BOOST_HANA_DEFINE_STRUCT(cancelled_event, (std::string, order));
};
struct shop : module<"shop", placed_event, paid_event, cancelled_event> {};

struct order_machine {
    static constexpr converge::name name{"order"};
    struct unknown;
    struct open;
    struct paid;
    struct cancelled;
    using transitions = converge::transitions<
        row<unknown, placed_event, open>, stay<unknown, paid_event, cancelled_event>, //
        row<open, paid_event, paid>, row<open, cancelled_event, cancelled>, stay<open, placed_event>,
        stay<paid, placed_event, paid_event, cancelled_event>,
        stay<cancelled, placed_event, paid_event, cancelled_event>>;
};
struct ship {};
struct recall {};
struct is_paid : outcome<when<order_machine::paid>> {};
struct first_come {
    static constexpr converge::name name{"first come"};
    using reads = converge::reads<shop>;
    using machines = converge::machines<order_machine>;
    using effects = converge::effects<
        effect<when<is_paid>, ship, undone_by<recall>>,
        effect<
            any_of<order_machine::unknown, order_machine::open>,
            deadline<cancelled_event, period{std::chrono::minutes{15}}>>>;
    using outcomes = converge::outcomes<is_paid>;
    using environment = converge::environment<
        happens_before<placed_event, paid_event>, happens_before<placed_event, cancelled_event>,
        accepts_race<paid_event, cancelled_event>>;
    static std::string correlate(auto const& event) { return event.order; }
};
static_assert(verified<first_come>);

} // namespace

TEST_CASE("what the proof rests on is in the report and in the diagram, never silent") {
    CHECK(
        report<first_come>() ==
        R"(# Process first come

Orders and redeliveries of its events end in the same state with the same net effects, where:

- assumed: placed_event comes before any paid_event
- assumed: placed_event comes before any cancelled_event
- accepted: paid_event and cancelled_event race, either order is fine

```mermaid
stateDiagram-v2
    state "first come" as process {
        state "unknown" as order_unknown
        state "open" as order_open
        state "paid" as order_paid
        state "cancelled" as order_cancelled
        [*] --> order_unknown
        order_unknown --> order_open : placed_event
        order_open --> order_paid : paid_event
        order_open --> order_cancelled : cancelled_event
    }
    note right of process
        assumed: placed_event comes before any paid_event
        assumed: placed_event comes before any cancelled_event
        accepted: paid_event and cancelled_event race, either order is fine
    end note
```

| while                               | stands                          | undone by |
|-------------------------------------|---------------------------------|-----------|
| is_paid                             | ship                            | recall    |
| (order is unknown or order is open) | cancelled_event after 900000 ms | cancelled |

| outcome | while         |
|---------|---------------|
| is_paid | order is paid |
)");
}

TEST_CASE("a proof that rests on nothing says so, and its diagram has no note") {
    auto const page = report<order_fulfilment::order_process>();
    CHECK(page.starts_with("# Process order\n\nEvery order and every redelivery"));
    CHECK(page.find("note right of") == std::string::npos);
    CHECK(page.find("| payment is paid and cancellation is open and whole_item_ready") != std::string::npos);
}

TEST_CASE("the diagram of a machine that is not verified says so") {
    CHECK(mermaid<order_machine>().ends_with("note right of order_unknown : not verified\n"));
}

TEST_CASE("each kind of assumption has its words") {
    struct holds_it {
        struct none;
        struct one;
        struct two;
        using transitions = converge::transitions<
            row<none, paid_event, one>, row<none, cancelled_event, two>,
            stay<one, paid_event, cancelled_event>, stay<two, paid_event, cancelled_event>>;
        using environment =
            converge::environment<exclusive<paid_event, cancelled_event>, at_most<2, paid_event>>;
    };
    CHECK(
        assumptions_of<holds_it>() ==
        std::vector<std::string>{
            "assumed: never both paid_event and cancelled_event", "assumed: at most 2 x paid_event"});
}

TEST_CASE("orders that cannot happen are not in the table of permutations") {
    // A cancellation before the order does not happen; of the three events two orders are left.
    auto const orders = permutations<first_come>(paid_event{"1"}, placed_event{"1"}, cancelled_event{"1"});
    REQUIRE(orders.size() == 2);
    CHECK(orders[0].events == std::vector<std::string>{"placed_event", "paid_event", "cancelled_event"});
    CHECK(orders[1].events == std::vector<std::string>{"placed_event", "cancelled_event", "paid_event"});
}
