// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <run/order.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

// Several workers on one store, with clocks that stand still until they are told to go on.
namespace {

using time_point = std::chrono::steady_clock::time_point;
constexpr auto lease_duration = 12s;

/// What all workers together have done, and when.
struct history {
    std::map<std::string, int> calls;                             ///< of handlers, by the id of the command
    std::vector<std::string> happened;                            ///< joined, left, taken, given, lost
    std::map<std::pair<std::string, std::uint64_t>, int> steps{}; ///< recorded, by instance and number

    int most_calls() const {
        int most = 0;
        for (auto const& [id, times] : calls)
            most = std::max(most, times);
        return most;
    }
    int most_steps() const {
        int most = 0;
        for (auto const& [step, times] : steps)
            most = std::max(most, times);
        return most;
    }
};

struct watching {
    history* of;
    void operator()(converge::step_recorded const& step) const {
        ++of->steps[{std::string{step.key}, step.step}];
    }
    void operator()(converge::worker_joined const& joined) const {
        of->happened.push_back(std::string{joined.worker} + " joined");
    }
    void operator()(converge::worker_left const& left) const {
        of->happened.push_back(std::string{left.worker} + " left");
    }
    void operator()(converge::partition_changed const& changed) const {
        static constexpr std::array words{"has", "gave", "lost"};
        of->happened.push_back(
            std::string{changed.worker} + " " + words[static_cast<std::size_t>(changed.what)] + " " +
            std::to_string(changed.partition));
    }
};

/// Books each command, and counts the calls.
struct counting {
    history* of;
    std::function<void(std::string const& order)> before = [](std::string const&) {};

    template <class Command> void operator()(Command const& command, auto& context) const {
        before(command.order);
        ++of->calls[to_string(context.id())];
        bookkeeper{}(command, context);
    }
};

using worker =
    converge::worker<order_process, converge::memory_store, counting, converge::json_codec, watching>;

/// What the commands of each order add up to: the ones on the way depend on how modules are interleaved.
std::map<std::string, std::int64_t> balances(converge::memory_store& store) {
    std::map<std::string, std::int64_t> all;
    store.read("ledger", 0, ~std::size_t{0}, "ledger", [&](converge::event_view const& event) {
        auto const entry = converge::json_codec{}.decode<ledger::booked>(event.payload).value();
        bool const takes_back = entry.what == "recall" || entry.what == "reclaim";
        auto const amount = entry.cents == 0 ? 1'000'000 : entry.cents;
        all[entry.order] += entry.what == "greet" ? 1'000'000'000 : takes_back ? -amount : amount;
    });
    std::erase_if(all, [](auto const& each) { return each.second == 0; });
    return all;
}

struct fixture {
    history done;
    time_point now{1s};
    converge::timestamp calendar{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
    converge::memory_store store{[this] { return calendar; }};
    std::uint32_t partitions = 6;
    int published = 0;

    converge::worker_options options(std::string name) {
        converge::worker_options made;
        made.partitions = partitions;
        made.worker = std::move(name);
        made.lease_duration = lease_duration;
        made.running.batch_size = 7;
        made.running.now = [this] { return calendar; };
        made.running.steady_now = [this] { return now; };
        return made;
    }
    std::unique_ptr<worker> make(std::string name) {
        return std::make_unique<worker>(
            store, counting{&done}, options(std::move(name)), converge::json_codec{}, watching{&done});
    }

    /// Some orders, which are paid and in part cancelled in two further calls each.
    void publish(int number) {
        for (int each = 0; each < number; ++each, ++published) {
            auto const order = std::to_string(published % 40);
            switch (published / 40 % 3) {
            case 0:
                place(store, order);
                break;
            case 1:
                pay(store, order, 100 + published);
                break;
            default:
                cancel(store, order);
            }
        }
    }

    /// What one runner does with the same events, undisturbed.
    void check_against_a_lone_runner() {
        converge::memory_store quiet{[this] { return calendar; }};
        for (auto const* module : {"orders", "payments"})
            store.read(module, 0, ~std::size_t{0}, module, [&](converge::event_view const& event) {
                if (event.name.starts_with(converge::reserved_prefix))
                    return;
                converge::new_event const copy{
                    event.id, std::string{event.name}, event.internal, std::string{event.payload}};
                (void)quiet.append({module, event.stream, converge::expected_version::any(), {&copy, 1}});
            });
        converge::runner_options calm;
        calm.now = [this] { return calendar; };
        converge::make_runner<order_process>(quiet, bookkeeper{}, calm).catch_up();
        CHECK(standing(store) == standing(quiet));
        CHECK(balances(store) == balances(quiet));
        CHECK(done.most_steps() == 1);
    }
    /// Each command was handed over, and once.
    void check_each_command_once() {
        CHECK(done.most_calls() == 1);
        CHECK(done.calls.size() == bookings(store).size());
    }
};

/// All work until none finds anything to do; a second passes in each round.
void rest(fixture& with, std::vector<worker*> const& all, int rounds = 30) {
    for (int idle = 0; idle < rounds; ++idle) {
        with.now += 1s;
        for (auto* const each : all)
            while (each->work())
                idle = 0;
    }
}

/// Whether the workers have all partitions, each once, and the same number of them.
bool is_shared_fairly(std::vector<worker*> const& all, std::uint32_t partitions) {
    std::set<std::uint32_t> together;
    std::size_t number = 0;
    for (auto const* each : all) {
        auto const mine = each->partitions();
        number += mine.size();
        together.insert(mine.begin(), mine.end());
        if (mine.size() < partitions / all.size() || mine.size() > partitions / all.size() + 1)
            return false;
    }
    return number == partitions && together.size() == partitions;
}

} // namespace

TEST_CASE("one worker does what a runner does") {
    fixture all;
    all.publish(120);
    auto const one = all.make("one");
    one->catch_up();
    CHECK(one->partitions().size() == 6);
    all.check_against_a_lone_runner();
    all.check_each_command_once();
    one->leave();
    CHECK(one->partitions().empty());
    CHECK(all.done.happened.front() == "one joined");
    CHECK(all.done.happened.back() == "one left");
    CHECK(std::ranges::count(all.done.happened, std::string{"one has 3"}) == 1);
    CHECK(std::ranges::count(all.done.happened, std::string{"one gave 3"}) == 1);
    CHECK(all.store.find_records("converge/workers/").empty());
}

TEST_CASE("workers join while events flow, and each event and command is done once") {
    fixture all;
    auto const one = all.make("one");
    auto const two = all.make("two");
    auto const three = all.make("three");
    std::vector<worker*> present{one.get()};
    for (int round = 0; round < 60; ++round) {
        all.publish(2);
        all.now += 1s;
        if (round == 10)
            present.push_back(two.get());
        if (round == 30)
            present.push_back(three.get());
        for (auto* const each : present)
            (void)each->work();
    }
    rest(all, present);
    CHECK(is_shared_fairly(present, 6));
    all.check_against_a_lone_runner();
    all.check_each_command_once();
    for (auto const* each : present)
        CHECK(each->counts().steps > 0);
}

TEST_CASE("workers leave while events flow, and each event and command is done once") {
    fixture all;
    auto const one = all.make("one");
    auto const two = all.make("two");
    auto const three = all.make("three");
    std::vector<worker*> present{one.get(), two.get(), three.get()};
    rest(all, present, 10);
    CHECK(is_shared_fairly(present, 6));
    for (int round = 0; round < 60; ++round) {
        all.publish(2);
        all.now += 1s;
        if (round == 20) {
            one->leave();
            std::erase(present, one.get());
        }
        if (round == 40) {
            three->leave();
            std::erase(present, three.get());
        }
        for (auto* const each : present)
            (void)each->work();
    }
    rest(all, present);
    CHECK(is_shared_fairly(present, 6));
    CHECK(one->partitions().empty());
    all.check_against_a_lone_runner();
    all.check_each_command_once();
}

TEST_CASE("the partitions of a worker that crashes go to the others, and nothing is lost") {
    fixture all;
    auto one = all.make("one");
    auto const two = all.make("two");
    rest(all, {one.get(), two.get()}, 10);
    all.publish(60);
    (void)one->work(); // in the middle of its work
    one.reset();
    all.publish(60);
    auto const taken_after = all.now + lease_duration;
    while (two->partitions().size() < 6) {
        REQUIRE(all.now <= taken_after + 2s);
        all.now += 1s;
        (void)two->work();
    }
    CHECK(all.now >= taken_after - 2s);
    rest(all, {two.get()});
    all.check_against_a_lone_runner();
    // It may have died between a command and the note that it is done: that is handed over again.
    CHECK(all.done.most_calls() <= 2);
    CHECK(all.done.calls.size() == bookings(all.store).size());
    CHECK(all.store.find_records("converge/workers/").size() == 1); // the dead one's is cleared away
}

TEST_CASE("a worker that is stopped beyond its lease, in a handler, does no harm when it goes on") {
    fixture all;
    auto const two = all.make("two");
    bool stopped = false;
    counting handler{&all.done};
    handler.before = [&](std::string const&) {
        if (std::exchange(stopped, true))
            return;
        // SIGSTOP here; the others go on. Then SIGCONT.
        all.publish(40);
        rest(all, {two.get()});
        CHECK(two->partitions().size() == 6);
    };
    worker one{all.store, handler, all.options("one"), converge::json_codec{}, watching{&all.done}};
    rest(all, {&one, two.get()}, 10);
    REQUIRE(is_shared_fairly({&one, two.get()}, 6));
    all.publish(80);
    while (!stopped)
        (void)one.work();
    CHECK(std::ranges::count_if(all.done.happened, [](auto const& each) {
              return each.starts_with("one lost");
          }) == 3);
    CHECK(one.partitions().empty());
    rest(all, {&one, two.get()});
    CHECK(is_shared_fairly({&one, two.get()}, 6));
    all.check_against_a_lone_runner();
    // Only the command that was in its hands is handed over twice.
    CHECK(all.done.most_calls() == 2);
    CHECK(std::ranges::count_if(all.done.calls, [](auto const& each) { return each.second == 2; }) == 1);
}

TEST_CASE("a worker whose clock stood still with it is held back by the fences alone") {
    fixture all;
    auto const two = all.make("two");
    auto frozen = all.now;
    auto options = all.options("one");
    options.running.steady_now = [&] { return frozen; }; // so is a machine that was suspended
    bool stopped = false;
    counting handler{&all.done};
    handler.before = [&](std::string const&) {
        if (std::exchange(stopped, true))
            return;
        rest(all, {two.get()});
        CHECK(two->partitions().size() == 6);
    };
    worker one{all.store, handler, options, converge::json_codec{}, watching{&all.done}};
    for (int times = 0; times < 20; ++times) {
        all.now += 1s;
        frozen += 1s;
        (void)one.work();
        (void)two->work();
    }
    REQUIRE(one.partitions().size() == 3);
    all.publish(80);
    auto const before = all.store.head("ledger");
    while (!stopped)
        (void)one.work();
    CHECK(one.partitions().empty());
    CHECK(one.counts().commands > 1); // it went on with its commands, but
    CHECK(all.store.head("ledger") > before);
    for (int times = 0; times < 40; ++times) {
        all.now += 1s;
        frozen += 1s;
        (void)one.work();
        (void)two->work();
    }
    CHECK(is_shared_fairly({&one, two.get()}, 6));
    all.check_against_a_lone_runner();
}

TEST_CASE(
    "a partition is handed over when the commands in memory are done, retries too, and the rest goes on") {
    fixture all;
    all.partitions = 2;
    std::set<std::string> failing{"0", "1"};
    counting handler{&all.done};
    handler.before = [&](std::string const& order) {
        if (failing.contains(order))
            throw std::runtime_error{"not now"};
    };
    auto options = all.options("one");
    options.running.command_attempts = 1'000;
    options.running.first_retry_after = 100ms;
    options.running.longest_retry_after = 100ms;
    options.longest_hand_over = 1h;
    worker one{all.store, handler, options, converge::json_codec{}, watching{&all.done}};
    auto const two = all.make("two");
    all.publish(40);
    for (int times = 0; times < 30; ++times) {
        all.now += 100ms;
        (void)one.work();
    }
    CHECK(all.done.calls.size() == 38);
    // "0" and "1" are in different partitions, so each has a command that fails.
    REQUIRE(converge::partition_of("0", 2) != converge::partition_of("1", 2));
    for (int times = 0; times < 20; ++times) {
        all.now += 1s;
        (void)one.work();
        (void)two->work();
    }
    CHECK(one.partitions().size() == 1); // it begins nothing for the other one
    CHECK(two->partitions().empty());    // but still has it
    all.publish(40);
    for (int times = 0; times < 20; ++times) {
        all.now += 1s;
        (void)one.work();
        (void)two->work();
    }
    CHECK(all.done.calls.size() > 45); // in the partition that it keeps
    CHECK(two->partitions().empty());
    failing.clear();
    rest(all, {&one, two.get()});
    CHECK(is_shared_fairly({&one, two.get()}, 2));
    all.check_against_a_lone_runner();
    all.check_each_command_once();
}

TEST_CASE("a hand-over does not wait for retries for ever") {
    fixture all;
    all.partitions = 2;
    counting handler{&all.done};
    bool fails = true;
    handler.before = [&](std::string const& order) {
        if (fails && (order == "0" || order == "1"))
            throw std::runtime_error{"not now"};
    };
    auto options = all.options("one");
    options.running.command_attempts = 1'000;
    options.running.longest_retry_after = 100ms;
    options.longest_hand_over = 20s;
    worker one{all.store, handler, options, converge::json_codec{}, watching{&all.done}};
    auto const two = all.make("two");
    all.publish(40);
    (void)one.work();
    for (int times = 0; times < 30; ++times) {
        all.now += 1s;
        (void)one.work();
        (void)two->work();
    }
    CHECK(is_shared_fairly({&one, two.get()}, 2));
    fails = false;
    rest(all, {&one, two.get()});
    all.check_against_a_lone_runner();
}

TEST_CASE("a worker that comes back to a partition begins where the others have left it") {
    fixture all;
    auto const one = all.make("one");
    auto two = all.make("two");
    rest(all, {one.get(), two.get()}, 10);
    for (int times = 0; times < 5; ++times) {
        all.publish(20);
        rest(all, {one.get(), two.get()}, 5);
        two->leave();
        all.publish(20);
        rest(all, {one.get()}, 10);
        CHECK(one->partitions().size() == 6);
        all.publish(20);
        rest(all, {one.get(), two.get()}, 10);
        CHECK(is_shared_fairly({one.get(), two.get()}, 6));
    }
    all.check_against_a_lone_runner();
    all.check_each_command_once();
}

TEST_CASE("deadlines are fired by the worker that has the partition, also those that it was given") {
    fixture all;
    auto const one = all.make("one");
    auto const two = all.make("two");
    all.publish(40); // each waits a quarter of an hour for its payment
    rest(all, {one.get()}, 5);
    rest(all, {one.get(), two.get()}, 10);
    REQUIRE(is_shared_fairly({one.get(), two.get()}, 6));
    all.calendar += 16min;
    rest(all, {one.get(), two.get()}, 10);
    CHECK(one->counts().deadlines > 5);
    CHECK(two->counts().deadlines > 5);
    CHECK(one->counts().deadlines + two->counts().deadlines == 40);
    all.check_against_a_lone_runner();
}

TEST_CASE("what is parked is replayed by the worker that has the instance, and by no other") {
    fixture all;
    auto const one = all.make("one");
    auto const two = all.make("two");
    rest(all, {one.get(), two.get()}, 10);
    much_is_paid::throws_at = 150;
    std::string const order = "7";
    place(all.store, order);
    pay(all.store, order, 150);
    rest(all, {one.get(), two.get()}, 3);
    REQUIRE(one->parked().size() == 1);
    much_is_paid::throws_at = -1;
    auto const partition = converge::partition_of(order, 6);
    auto const held = one->partitions();
    bool const is_ones = std::ranges::find(held, partition) != held.end();
    auto& owner = is_ones ? *one : *two;
    auto& other = is_ones ? *two : *one;
    CHECK(other.replay_parked() == 0);
    CHECK(owner.replay_parked() == 1);
    CHECK(one->parked().empty());
    rest(all, {one.get(), two.get()}, 3);
    all.check_against_a_lone_runner();
}

TEST_CASE("a worker whose lease passes while it replays does not try again what was parked") {
    fixture all;
    auto const two = all.make("two");
    bool refuses = true;
    bool stops = false;
    std::size_t tried_again = 0;
    counting handler{&all.done};
    handler.before = [&](std::string const&) {
        if (refuses)
            throw std::runtime_error{"not now"};
        ++tried_again;
        if (std::exchange(stops, false)) { // and goes on when the others have what it had
            rest(all, {two.get()});
            CHECK(two->partitions().size() == 6);
            throw std::runtime_error{"not yet"};
        }
    };
    auto options = all.options("one");
    options.running.command_attempts = 2;
    worker one{all.store, handler, options, converge::json_codec{}, watching{&all.done}};
    rest(all, {&one}, 3);
    all.publish(20);
    rest(all, {&one}, 3);
    REQUIRE(one.parked().size() >= 10);
    rest(all, {&one, two.get()}, 10);
    REQUIRE(is_shared_fairly({&one, two.get()}, 6));
    refuses = false;
    stops = true;
    CHECK(one.replay_parked() == 0);
    CHECK(one.partitions().empty());
    CHECK(tried_again == 1);
    rest(all, {&one, two.get()}, 10);
    CHECK(one.replay_parked() + two->replay_parked() > 0);
    CHECK(one.parked().empty());
    all.check_against_a_lone_runner();
    all.check_each_command_once();
}

namespace {

/// A store that may lose a write on its way, which then arrives after the next one.
class late_store : public converge::memory_store {
public:
    bool loses = false;

    converge::batch_result commit(converge::batch const& together) {
        if (std::exchange(loses, false)) {
            for (auto const& each : together.appends)
                late_.push_back(
                    {std::string{each.module},
                     std::string{each.stream},
                     each.expected,
                     {each.events.begin(), each.events.end()}});
            throw converge::store_error{converge::store_trouble::unavailable, "the line is cut"};
        }
        auto done = memory_store::commit(together);
        std::vector<converge::append_request> requests;
        for (auto const& each : late_)
            requests.push_back({each.module, each.stream, each.expected, each.events});
        if (!requests.empty())
            arrived = memory_store::commit({.appends = requests, .cursors = {}}).has_value();
        late_.clear();
        return done;
    }
    bool arrived = false;

private:
    struct kept {
        std::string module;
        std::string stream;
        converge::expected_version expected;
        std::vector<converge::new_event> events;
    };
    std::vector<kept> late_;
};
static_assert(converge::fenced_log<late_store>);

} // namespace

TEST_CASE("steps that arrive after others, when their write had failed, have their commands handed over") {
    late_store store;
    std::vector<std::string> greeted;
    auto const handler = [&]<class Command>(Command const& command, auto&) {
        if constexpr (std::same_as<Command, greet>)
            greeted.push_back(command.order);
    };
    auto one = converge::make_worker<order_process>(store, handler, {.partitions = 2, .worker = "one"});
    much_is_paid::throws_at = 150;
    place(store, "a");
    pay(store, "a", 150);
    one.catch_up();
    much_is_paid::throws_at = -1;
    REQUIRE(one.parked().size() == 1);
    REQUIRE(greeted == std::vector<std::string>{"a"});

    place(store, "b");
    store.loses = true;
    CHECK_THROWS_AS(one.work(), converge::store_error);
    CHECK(one.replay_parked() == 1);
    CHECK(store.arrived);
    place(store, "c");
    one.catch_up();
    std::ranges::sort(greeted);
    CHECK(greeted == std::vector<std::string>{"a", "b", "c"});
}
