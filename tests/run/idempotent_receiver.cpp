// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <run/died.hpp>
#include <run/order.hpp>

using namespace std::chrono_literals;

namespace {

converge::command_origin
from(std::uint64_t step, std::uint64_t index, std::vector<converge::command_place> passed_over = {}) {
    return {"order", "1", "payments", step, {step, index}, std::move(passed_over)};
}

} // namespace

TEST_CASE("two commands of one step are told apart by their number, and neither is taken twice") {
    converge::taken_commands taken;
    CHECK(taken.take(from(5, 0)));
    CHECK(taken.take(from(5, 1)));
    CHECK_FALSE(taken.take(from(5, 0)));
    CHECK_FALSE(taken.take(from(5, 1)));
    CHECK_FALSE(taken.take(from(4, 7)));
    CHECK(taken.take(from(6, 0)));
    CHECK(taken.instances.size() == 1);
}

TEST_CASE("a parked command lies below the mark when it comes, and is taken once all the same") {
    converge::taken_commands taken;
    CHECK(taken.take(from(5, 0)));
    CHECK(taken.take(from(9, 0, {{6, 0}, {7, 1}})));
    CHECK(taken.take(from(6, 0)));
    CHECK_FALSE(taken.take(from(6, 0)));
    CHECK(taken.instances.front().passed_over == std::vector<converge::command_place>{{7, 1}});
    CHECK_FALSE(taken.take(from(7, 0)));
    CHECK(taken.take(from(7, 1)));
    CHECK(taken.instances.front().passed_over.empty());
}

TEST_CASE("a command that was parked although it had been taken is not taken again") {
    converge::taken_commands taken;
    CHECK(taken.take(from(5, 0))); // the answer is lost, and the runner parks it
    CHECK(taken.take(from(6, 0, {{5, 0}})));
    CHECK_FALSE(taken.take(from(5, 0)));
}

TEST_CASE("a parked command that comes before later ones is one like any other") {
    converge::taken_commands taken;
    CHECK(taken.take(from(5, 0)));
    CHECK(taken.take(from(6, 0)));
    CHECK_FALSE(taken.take(from(6, 0)));
    CHECK(taken.take(from(8, 0, {{7, 0}})));
    CHECK(taken.take(from(9, 0, {{7, 0}})));
    CHECK(taken.instances.front().passed_over == std::vector<converge::command_place>{{7, 0}});
}

TEST_CASE("what was taken is remembered for each process manager and instance, in a snapshot too") {
    converge::taken_commands taken;
    auto origin = from(5, 0);
    CHECK(taken.take(origin));
    origin.instance = "2";
    origin.place = {3, 0};
    CHECK(taken.take(origin));
    origin.process = "other";
    CHECK(taken.take(origin));
    origin.passed_over = {{4, 0}};
    origin.place = {5, 0};
    CHECK(taken.take(origin));
    std::string snapshot;
    converge::json_codec{}.encode(taken, snapshot);
    auto again = converge::json_codec{}.decode<converge::taken_commands>(snapshot).value();
    CHECK(again == taken);
    CHECK_FALSE(again.take(origin));
    origin.place = {4, 0};
    CHECK(again.take(origin));

    converge::taken_command_ids ids;
    auto const id = converge::random_event_id();
    CHECK(ids.take(id));
    snapshot.clear();
    converge::json_codec{}.encode(ids, snapshot);
    CHECK_FALSE(converge::json_codec{}.decode<converge::taken_command_ids>(snapshot).value().take(id));
}

TEST_CASE("events are appended once for a command, whatever the version is when it comes again") {
    converge::memory_store store;
    auto const command = converge::random_event_id();
    auto const book = [&](converge::expected_version expected, converge::event_id const& id) {
        return converge::append_once<ledger::module>(
            store, "a", expected, id, ledger::booked{"1", "x", 1}, ledger::booked{"1", "y", 2});
    };
    auto const first = book(converge::expected_version::none(), command).value();
    CHECK(first.version == 2);
    CHECK_FALSE(first.repeated);
    CHECK(book(converge::expected_version::none(), command).value().repeated);
    CHECK(book(converge::expected_version::exactly(7), command).value().repeated);
    auto const refused = book(converge::expected_version::none(), converge::random_event_id());
    REQUIRE(refused.has_error());
    CHECK(refused.error().actual == 2);
    // In another stream it is another effect.
    CHECK_FALSE(converge::append_once<ledger::module>(
                    store, "b", converge::expected_version::any(), command, ledger::booked{"1", "x", 1})
                    .value()
                    .repeated);
    CHECK(store.head("ledger") == 3);
}

namespace {

/// Two aggregates in another place, reached by messages that may get lost on the way there and back, or come
/// when nobody waits for them any more. Their state is written and read like a snapshot each time.
class far_away {
public:
    explicit far_away(std::uint32_t seed) : random_{seed} {}
    std::atomic<bool> calm{false};

    template <class Command> void handle(Command const& command, auto const& context) {
        std::scoped_lock const lock{guard_};
        auto const aggregate = std::is_same_v<Command, refund> ? std::size_t{0} : std::size_t{1};
        if (!calm && one_in(8))
            throw std::runtime_error{"lost on the way there"};
        if (!calm && one_in(8)) {
            late_.push_back({aggregate, context.origin(), context.id()});
            throw std::runtime_error{"no answer in time"};
        }
        deliver({aggregate, context.origin(), context.id()});
        if (!calm && one_in(6))
            throw std::runtime_error{"lost on the way back"};
        (void)command;
    }
    void deliver_late() {
        std::scoped_lock const lock{guard_};
        while (!late_.empty() && (calm || one_in(3))) {
            auto const at = static_cast<std::ptrdiff_t>(random_() % late_.size());
            auto const arrived = late_[static_cast<std::size_t>(at)];
            late_.erase(late_.begin() + at);
            deliver(arrived);
        }
    }
    bool one_in(std::uint32_t rate) { return random_() % rate == 0; }

    std::map<converge::event_id, std::size_t> effects;

private:
    struct message {
        std::size_t aggregate = 0;
        converge::command_origin origin;
        converge::event_id id{};
    };
    void deliver(message const& each) {
        auto& snapshot = snapshots_[each.aggregate];
        auto taken = converge::json_codec{}.decode<converge::taken_commands>(snapshot).value();
        if (taken.take(each.origin))
            ++effects[each.id];
        snapshot.clear();
        converge::json_codec{}.encode(taken, snapshot);
    }

    std::mutex guard_;
    std::mt19937 random_;
    std::deque<message> late_;
    std::array<std::string, 2> snapshots_{R"({"instances":[]})", R"({"instances":[]})"};
};

/// A run in which everything goes wrong; then all is calm, what is parked is replayed, and each command that
/// the steps ask for must have had its effect once.
template <class Store> void check_effects_once(std::uint32_t seed, std::size_t threads) {
    CAPTURE(seed);
    CAPTURE(threads);
    Store store;
    far_away world{seed};
    auto const handler = [&](auto const& command, auto const& context) { world.handle(command, context); };
    std::mt19937 random{seed};
    converge::runner_options const options{
        .batch_size = 1 + random() % 6,
        .command_attempts = 1 + static_cast<std::uint32_t>(random() % 3),
        .first_retry_after = 0ms,
        .concurrent_commands = threads,
        .command_window = 1 + random() % 40};
    store.before_write = [&] {
        if (!world.calm && random() % 12 == 0)
            throw died{};
    };
    store.after_write = store.before_write;
    using runner_type = decltype(converge::make_runner<order_process>(store, handler, options));
    std::optional<runner_type> runner;
    auto const attempt = [&](auto const& what) {
        try {
            if (!runner)
                runner.emplace(converge::make_runner<order_process>(store, handler, options));
            what();
        } catch (died const&) {
            if (random() % 2 == 0)
                runner.reset();
        }
    };
    for (int turn = 0; turn < 60; ++turn) {
        auto const key = std::to_string(random() % 3);
        auto const choice = random() % 8;
        if (choice == 0)
            cancel(store.inner, key);
        else if (choice < 4)
            pay(store.inner, key, 60);
        world.deliver_late();
        attempt([&] {
            if (random() % 6 == 0)
                (void)runner->replay_parked();
            else
                (void)runner->work();
        });
        if (random() % 20 == 0)
            runner.reset();
    }
    world.calm = true;
    runner.reset();
    runner.emplace(converge::make_runner<order_process>(store, handler, options));
    runner->catch_up();
    (void)runner->replay_parked();
    world.deliver_late();
    runner->catch_up();
    CHECK(runner->parked().empty());
    std::size_t asked_for = 0;
    store.read("orders", 0, ~std::size_t{0}, "orders", [&](converge::event_view const& event) {
        if (event.name != converge::step_event_name)
            return;
        for (auto const& each : converge::detail::decode_commands(event.payload).value().commands) {
            ++asked_for;
            auto const found = world.effects.find(each.id);
            CHECK((found == world.effects.end() ? 0 : found->second) == 1);
        }
    });
    CHECK(asked_for == world.effects.size());
}

} // namespace

TEST_CASE("whatever a runner repeats, parks and replays, an idempotent receiver takes each command once") {
    for (std::uint32_t seed = 0; seed < 150; ++seed) {
        check_effects_once<bare_store>(seed, 1);
        check_effects_once<batch_store>(seed, 1);
    }
    for (std::uint32_t seed = 0; seed < 30; ++seed)
        check_effects_once<bare_store>(seed, 3);
}
