// SPDX-License-Identifier: MIT
#include <converge/converge.hpp>
#include <converge/store/memory.hpp>

#include <doctest/doctest.h>

#include <string>

// What a runner may forget depends on what the proof rests on.
namespace with_caveats {
namespace {

using namespace converge;

struct placed {
    BOOST_HANA_DEFINE_STRUCT(placed, (std::string, order));
};
struct paid {
    BOOST_HANA_DEFINE_STRUCT(paid, (std::string, order));
};
struct shop : module<"shop", placed, paid> {};

/// Money before the order is ignored: the order of these two matters.
struct order {
    struct unknown;
    struct open;
    struct done;
    using transitions = converge::transitions<
        row<unknown, placed, open>, stay<unknown, paid>, row<open, paid, done>, stay<open, placed>,
        stay<done, placed, paid>>;
};
struct base {
    using reads = converge::reads<shop>;
    static auto correlate(auto const& event) { return event.order; }
};
struct in_environment : base {
    using machines = converge::machines<order>;
    using environment = converge::environment<happens_before<placed, paid>>;
};
struct with_race : base {
    using machines = converge::machines<order>;
    using environment = converge::environment<accepts_race<placed, paid>>;
};
struct payment {
    struct awaiting;
    struct received;
    using transitions = converge::transitions<row<awaiting, paid, received>, stay<received, paid>>;
};
struct strict : base {
    using machines = converge::machines<payment>;
};

/// How many steps are recorded of a payment that comes twice, as two events.
template <class Process> stream_version steps_of_two_payments() {
    memory_store store;
    publish<shop>(store, "1", placed{"1"});
    publish<shop>(store, "1", paid{"1"});
    publish<shop>(store, "1", paid{"1"});
    auto runner = make_runner<Process>(store, [](auto const&) {});
    runner.catch_up();
    return read_instance<Process>(store, "1")->version;
}

} // namespace

TEST_CASE("events that change nothing are forgotten only where the proof rests on the rows alone") {
    CHECK(steps_of_two_payments<strict>() == 1);
    CHECK(steps_of_two_payments<in_environment>() == 3);
    CHECK(steps_of_two_payments<with_race>() == 3);
}

TEST_CASE("a redelivery that would be another order of an accepted race is told by its position") {
    memory_store store;
    publish<shop>(store, "1", paid{"1"});
    publish<shop>(store, "1", placed{"1"});
    {
        auto runner = make_runner<with_race>(store, [](auto const&) {});
        runner.catch_up();
    }
    // All cursors are lost, and everything is read again: the payment would now find the order open.
    cursor const lost[] = {{"with_race", "shop", 0}};
    store.save_cursors(lost);
    auto runner = make_runner<with_race>(store, [](auto const&) {});
    runner.catch_up();
    auto const instance = read_instance<with_race>(store, "1");
    CHECK(instance->states == machine_states<with_race>{1}); // open, not done
    CHECK(runner.counts().redelivered == 2);
}

} // namespace with_caveats
