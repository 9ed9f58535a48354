// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <run/order.hpp>

using namespace std::chrono_literals;

namespace {

/// What was paid over 100 cents; below that it is negative, which is nothing to give back.
struct surplus {
    BOOST_HANA_DEFINE_STRUCT(surplus, (std::string, order), (std::int64_t, cents));
    static surplus from(auto const& order) { return {std::string{order.key}, get<paid_cents>(order) - 100}; }
};
struct surplus_process {
    using home = orders::module;
    using reads = converge::reads<payments::module>;
    using machines = converge::machines<payment>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payments::payment_received>;
    using effects = converge::effects<converge::effect<
        converge::when<payment::paid>, surplus, converge::adjusted_by<&surplus::cents, &reclaim::cents>>>;
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<surplus_process>);

struct reminded {
    BOOST_HANA_DEFINE_STRUCT(reminded, (std::string, order));
};
struct urged {
    BOOST_HANA_DEFINE_STRUCT(urged, (std::string, order));
};
struct letters : converge::module<"letters", reminded, urged> {};
struct two_deadlines_process {
    using reads = converge::reads<orders::module, letters>;
    using machines = converge::machines<placement>;
    using effects = converge::effects<
        converge::effect<
            converge::when<placement::placed>, converge::deadline<reminded, converge::period{1min}>>,
        converge::effect<
            converge::when<placement::placed>, converge::deadline<urged, converge::period{2min}>>>;
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<two_deadlines_process>);

std::vector<std::string> names_in(converge::memory_store const& store, std::string_view module) {
    std::vector<std::string> names;
    store.read(module, 0, ~std::size_t{0}, module, [&](converge::event_view const& event) {
        names.emplace_back(event.name);
    });
    return names;
}

} // namespace

TEST_CASE("a desired quantity below nothing is nothing") {
    converge::memory_store store;
    auto runner = converge::make_runner<surplus_process>(store, bookkeeper{});
    for (auto const cents : {40, 100, -70, 50}) {
        pay(store, "1", cents);
        runner.catch_up();
    }
    CHECK(bookings(store) == std::vector<std::string>{"1: surplus 40", "1: reclaim 40", "1: surplus 20"});
}

TEST_CASE("a command may append several events, each once") {
    converge::memory_store store;
    auto runner = converge::make_runner<order_process>(store, [](auto const& command, auto& context) {
        bookkeeper{}(command, context);
        context.template append_once<ledger::module>(command.order, ledger::booked{command.order, "copy", 0});
    });
    place(store, "1");
    runner.catch_up();
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "1: copy"});
}

TEST_CASE("of the commands of one step the parked one is replayed, and no other") {
    converge::memory_store store;
    std::vector<std::string> handled;
    bool closed = true;
    auto runner = converge::make_runner<order_process>(
        store,
        [&](auto const& command) {
            constexpr auto name = converge::wire_name_of<std::remove_cvref_t<decltype(command)>>;
            if (closed && name == "ship")
                throw std::runtime_error{"the road is closed"};
            handled.emplace_back(name);
        },
        {.command_attempts = 1});
    pay(store, "1", 150); // one step: greet and ship
    runner.catch_up();
    REQUIRE(runner.parked().size() == 1);
    CHECK(runner.parked().front().index == 1);
    CHECK(runner.replay_parked() == 0);
    closed = false;
    CHECK(runner.replay_parked() == 1);
    CHECK(handled == std::vector<std::string>{"greet", "ship"});
}

TEST_CASE("deadlines of one instance fire each at its own time, from that very moment on") {
    converge::memory_store store;
    place(store, "1");
    converge::timestamp now{};
    converge::runner_options options;
    options.now = [&] { return now; };
    auto runner = converge::make_runner<two_deadlines_process>(store, [] {}, options);
    runner.catch_up();
    auto const instance = converge::read_instance<two_deadlines_process>(store, "1");
    REQUIRE(instance.has_value());
    REQUIRE(instance->deadlines.size() == 2);
    CHECK(instance->deadlines[1].due - instance->deadlines[0].due == 1min);
    using names = std::vector<std::string>;
    now = instance->deadlines[0].due - 1us;
    runner.catch_up();
    CHECK(names_in(store, "letters").empty());
    now += 1us;
    runner.catch_up();
    CHECK(names_in(store, "letters") == names{"reminded"});
    now = instance->deadlines[1].due - 1us;
    runner.catch_up();
    CHECK(names_in(store, "letters") == names{"reminded"});
    now += 1us;
    runner.catch_up();
    CHECK(names_in(store, "letters") == names{"reminded", "urged"});
}
