// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <run/order.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

// What a worker has just written, and does not read.
namespace {

using converge::detail::commands_of_step;
using converge::detail::fresh_steps;

commands_of_step step_at(converge::position at) {
    return {std::to_string(at), at, 1, std::vector<converge::detail::due_command>(1)};
}

std::vector<converge::position> steps_in(fresh_steps::run const& own) {
    std::vector<converge::position> all;
    for (auto const& each : own.steps)
        all.push_back(each.at);
    return all;
}

/// A command as a handler gets to know it.
using handed = std::tuple<
    std::string, converge::event_id, std::string, std::string, std::string, std::uint64_t, std::uint64_t,
    std::uint64_t>;

handed handed_over(std::string const& key, converge::detail::due_command const& due) {
    return {key,        due.command.id, due.command.name, due.command.payload,
            due.module, due.position,   due.place.step,   due.place.index};
}

/// The steps of the order process in a log, with their commands.
template <class Store> std::vector<commands_of_step> logged_steps(Store& store) {
    std::string const prefix = converge::detail::step_stream<order_process>("");
    std::vector<commands_of_step> all;
    store.read("orders", 0, ~std::size_t{0}, "orders", [&](converge::event_view const& event) {
        if (event.name != converge::step_event_name)
            return;
        auto const requested = converge::detail::decode_commands(event.payload).value();
        commands_of_step step{
            std::string{event.stream.substr(prefix.size())}, event.position, event.version, {}};
        for (std::uint64_t index = 0; index < requested.commands.size(); ++index)
            step.commands.push_back(
                {requested.commands[index], requested.module, requested.position, {event.position, index}});
        all.push_back(std::move(step));
    });
    return all;
}

std::vector<handed> commands_in(std::vector<commands_of_step> const& steps) {
    std::vector<handed> all;
    for (auto const& step : steps)
        for (auto const& due : step.commands)
            all.push_back(handed_over(step.key, due));
    return all;
}

std::map<std::string, std::vector<handed>> by_order(std::vector<handed> const& all) {
    std::map<std::string, std::vector<handed>> sorted;
    for (auto const& each : all)
        sorted[std::get<0>(each)].push_back(each);
    return sorted;
}

using reader_context = converge::detail::runner_context<converge::no_observer>;

template <class Store>
using order_commands = converge::detail::command_reader<order_process, Store, reader_context>;

/// Orders with payments and cancellations between them; every fifth one twice.
template <class Store> void publish_some(Store& store, std::mt19937_64& random, int orders) {
    for (int number = 0; number < orders; ++number) {
        auto const order = std::to_string(number * 4 / 5);
        if (random() % 4 != 0)
            place(store, order);
        if (random() % 2 == 0)
            pay(store, order, static_cast<std::int64_t>(60 + random() % 60));
        if (random() % 3 == 0)
            cancel(store, order);
    }
}

} // namespace

TEST_CASE("fresh steps are kept by runs without holes") {
    fresh_steps fresh{8, 4};
    CHECK(fresh.empty());
    CHECK(fresh.find(1) == nullptr);
    fresh.add(step_at(5));
    fresh.add(6); // of a step without commands
    fresh.add(step_at(7));
    fresh.add(step_at(10));
    auto* own = fresh.find(1);
    REQUIRE(own != nullptr);
    CHECK(own->first == 5);
    CHECK(own->last == 7);
    CHECK(steps_in(*own) == std::vector<converge::position>{5, 7});
    // In the middle of a run it is still that one.
    CHECK(fresh.find(7) == own);
    fresh.forget_step();
    CHECK(steps_in(*own) == std::vector<converge::position>{7});
    own = fresh.find(8);
    REQUIRE(own != nullptr);
    CHECK(own->first == 10);
    CHECK(own->last == 10);
    CHECK(fresh.find(11) == nullptr);
    CHECK(fresh.empty());
}

TEST_CASE("what is not behind everything else, or has no room, is left to the log") {
    fresh_steps fresh{3, 2};
    fresh.add(step_at(5));
    fresh.add(step_at(5));
    fresh.add(step_at(4));
    fresh.add(3);
    CHECK(fresh.find(1)->first == 5);
    CHECK(steps_in(*fresh.find(1)) == std::vector<converge::position>{5});
    CHECK_FALSE(fresh.is_crowded());
    fresh.add(step_at(6));
    CHECK(fresh.is_crowded());
    fresh.add(step_at(7));
    CHECK_FALSE(fresh.has_room());
    fresh.add(step_at(8));
    CHECK(fresh.find(1)->last == 7); // else it would pass for one without commands
    fresh.add(9);
    CHECK(fresh.find(1)->last == 7);
    CHECK(fresh.find(8) == nullptr); // one read tells of all that follows

    // Runs are bounded too.
    fresh_steps scattered{3, 1};
    for (converge::position at = 1; at < 100; at += 2)
        scattered.add(at);
    CHECK(scattered.find(5)->first == 5);
    CHECK(scattered.find(6) == nullptr);
    fresh_steps none{0, 1};
    none.add(step_at(1));
    none.add(2);
    CHECK(none.empty());
}

TEST_CASE("own steps are complete from the first one on that follows a doubt") {
    fresh_steps fresh{4, 1};
    CHECK(fresh.complete_from() == fresh_steps::never);
    fresh.add(5);
    CHECK(fresh.complete_from() == 5);
    fresh.add(step_at(9));
    CHECK(fresh.complete_from() == 5);
    fresh.doubt();
    CHECK(fresh.complete_from() == fresh_steps::never);
    fresh.add(step_at(12));
    CHECK(fresh.complete_from() == 12);
    fresh.add(11); // not behind the others
    CHECK(fresh.complete_from() == fresh_steps::never);
    fresh.add(step_at(14));
    CHECK(fresh.complete_from() == 14);
    fresh.add(step_at(15));
    CHECK(fresh.complete_from() == 14);
    fresh.add(16); // no room
    CHECK(fresh.complete_from() == fresh_steps::never);
    CHECK(fresh.find(10)->first == 12);
    CHECK(fresh.find(13)->first == 14);
    fresh.forget_step();
    fresh.add(20);
    CHECK(fresh.complete_from() == 20);
    fresh.clear();
    CHECK(fresh.complete_from() == fresh_steps::never);
}

TEST_CASE("commands come in the log's order, each once, whichever of the steps are fresh") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        batch_store store;
        publish_some(store, random, 30);
        auto idle = converge::make_runner<order_process>(store, [](auto const&) {});
        idle.catch_up();
        store.inner.save_cursors(std::vector<converge::cursor>{{"order.commands", "orders", 0}});
        auto const steps = logged_steps(store);

        converge::runner_options options;
        options.batch_size = 1 + random() % 7;
        options.command_window = 1 + random() % 20;
        reader_context shared{options, {}};
        order_commands<batch_store> reader{store, shared};
        reader.take(0);
        shared.partitions.take(0);
        converge::detail::command_window window{options.command_window};
        converge::detail::parked_commands const parked;

        std::vector<handed> seen;
        std::size_t told = 0;   // steps that may be known
        auto const tell = [&] { // what is written next is told in part, or not
            for (auto const until = std::min(told + random() % 8, steps.size()); told < until; ++told)
                if (random() % 4 != 0) {
                    if (steps[told].commands.empty())
                        reader.fresh().add(steps[told].at);
                    else
                        reader.fresh().add(steps[told]);
                }
        };
        for (bool busy = true; busy || told < steps.size();) {
            tell();
            busy = reader.read_into(window, parked);
            for (auto number = random() % 12; number != 0; --number)
                if (auto* const lane = window.next({})) {
                    seen.push_back(handed_over(lane->key, lane->commands.front()));
                    window.finish(*lane, false);
                    busy = true;
                }
            busy = busy || !window.empty();
        }
        // Of one order they come in their order; a busy one may be overtaken by others.
        REQUIRE(by_order(seen) == by_order(commands_in(steps)));
        CHECK(reader.reached(0) == store.head("orders"));
    }
}

TEST_CASE("what is fresh is not read") {
    std::mt19937_64 random{11};
    batch_store store;
    publish_some(store, random, 30);
    converge::make_runner<order_process>(store, [](auto const&) {}).catch_up();
    store.inner.save_cursors(std::vector<converge::cursor>{{"order.commands", "orders", 0}});
    auto const steps = logged_steps(store);
    std::size_t reads = 0;
    store.before_read = [&](std::string_view) { ++reads; };
    reader_context shared{{}, {}};
    order_commands<batch_store> reader{store, shared};
    reader.take(0);
    shared.partitions.take(0);
    for (converge::position at = 1, number = 0; at <= store.head("orders"); ++at) {
        bool const is_step = number < steps.size() && steps[number].at == at;
        if (is_step && !steps[number].commands.empty())
            reader.fresh().add(steps[number]);
        else
            reader.fresh().add(at);
        number += is_step ? 1 : 0;
    }
    converge::detail::command_window window{1'000};
    CHECK(reader.read_into(window, {}));
    CHECK(window.size() == commands_in(steps).size());
    CHECK(reader.reached(0) == store.head("orders"));
    CHECK(reads == 0);
    CHECK_FALSE(reader.read_into(window, {}));
    CHECK(reads == 1);
}

namespace {

/// A store that counts what is asked of it, and checks fences.
class counting_store : public converge::memory_store {
public:
    std::size_t mutable reads = 0;
    template <class Visitor>
    converge::position read(
        std::string_view module, converge::position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) const {
        ++reads;
        return memory_store::read(module, after, limit, viewer, visit);
    }
};
static_assert(converge::fenced_log<counting_store>);

/// One of two workers that have written the steps of a log, each those of its partition.
struct one_of_two_workers {
    counting_store store;
    std::vector<commands_of_step> steps;
    std::vector<commands_of_step> own;
    reader_context shared;
    order_commands<counting_store> reader{store, shared};
    converge::detail::command_window window;

    one_of_two_workers(std::mt19937_64& random, converge::runner_options const& options)
        : shared{options, {}, 2}, window{options.command_window} {
        publish_some(store, random, 60);
        converge::make_runner<order_process>(store, [](auto const&) {}).catch_up();
        steps = logged_steps(store);
        std::ranges::copy_if(steps, std::back_inserter(own), [&](auto const& each) { return is_own(each); });
        shared.leases = {{"lease of partition 0", 1}};
        reader.take(0);
        shared.partitions.take(0);
        store.reads = 0;
    }
    bool is_own(commands_of_step const& step) const { return shared.partitions.partition_of(step.key) == 0; }
    void tell(commands_of_step const& step) {
        if (step.commands.empty())
            reader.fresh().add(step.at);
        else
            reader.fresh().add(step);
    }
    /// Hands over what is there.
    bool take_into(std::vector<handed>& seen) {
        bool busy = reader.read_into(window, {});
        while (auto* const lane = window.next({})) {
            seen.push_back(handed_over(lane->key, lane->commands.front()));
            window.finish(*lane, false);
            busy = true;
        }
        return busy;
    }
};

} // namespace

TEST_CASE("a worker with leases reads nothing between its own steps") {
    std::mt19937_64 random{14};
    one_of_two_workers one{random, {}};
    REQUIRE(one.own.size() > 20);
    REQUIRE(one.own.size() + 20 < one.steps.size());
    std::vector<handed> seen;
    for (auto const& each : one.own) {
        one.tell(each);
        (void)one.take_into(seen);
    }
    CHECK(by_order(seen) == by_order(commands_in(one.own)));
    CHECK(one.store.reads == 1); // of what lay before the first of them
    CHECK(one.reader.reached(0) == one.own.back().at);
    // When nothing more comes it reads on, or it would have to when it is started again.
    while (one.take_into(seen)) {
    }
    CHECK(one.reader.reached(0) == one.store.head("orders"));
    CHECK(seen.size() == commands_in(one.own).size());

    SUBCASE("and one without leases does") {
        one_of_two_workers lone{random, {}};
        lone.shared.leases.clear();
        for (auto const& each : lone.own) {
            lone.tell(each);
            (void)lone.take_into(seen);
        }
        CHECK(lone.store.reads > 10);
    }
}

TEST_CASE("a worker that has a doubt finds its own steps in the log") {
    for (unsigned seed = 0; seed < 200; ++seed) {
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        converge::runner_options options;
        options.batch_size = 1 + random() % 7;
        options.command_window = 1 + random() % 20;
        one_of_two_workers one{random, options};
        std::vector<handed> seen;
        for (auto left = random() % 10; auto const& each : one.own) {
            if (left != 0) { // written before it had the lease
                --left;
                continue;
            }
            if (random() % 12 == 0)
                one.reader.fresh().doubt();
            else
                one.tell(each); // there may be no room for it
            if (random() % 3 == 0)
                (void)one.take_into(seen);
        }
        while (one.take_into(seen)) {
        }
        REQUIRE(by_order(seen) == by_order(commands_in(one.own)));
        CHECK(one.reader.reached(0) == one.store.head("orders"));
    }
}

TEST_CASE("what was taken from memory and lost with its partition is read from the log") {
    std::mt19937_64 random{13};
    batch_store store;
    publish_some(store, random, 30);
    converge::make_runner<order_process>(store, [](auto const&) {}).catch_up();
    store.inner.save_cursors(std::vector<converge::cursor>{{"order.commands", "orders", 0}});
    auto const steps = logged_steps(store);
    reader_context shared{{}, {}};
    order_commands<batch_store> reader{store, shared};
    reader.take(0);
    shared.partitions.take(0);
    for (auto const& each : steps)
        reader.fresh().add(each);
    converge::detail::command_window window{4};
    CHECK(reader.read_into(window, {}));
    CHECK_FALSE(window.has_room());
    window.drop(0);
    reader.give_up(0);
    CHECK(window.empty());
    reader.take(0); // its cursor is where it was
    std::vector<handed> seen;
    while (reader.read_into(window, {}) || !window.empty())
        while (auto* const lane = window.next({})) {
            seen.push_back(handed_over(lane->key, lane->commands.front()));
            window.finish(*lane, false);
        }
    CHECK(by_order(seen) == by_order(commands_in(steps)));
    CHECK(reader.reached(0) == store.head("orders"));
}

TEST_CASE_TEMPLATE("what is handed over is what the log says", Store, bare_store, batch_store) {
    std::mt19937_64 random{12};
    Store store;
    std::vector<handed> seen;
    auto runner = converge::make_runner<order_process>(
        store, [&]<class Command>(Command const& command, auto& context) {
            std::string payload;
            converge::json_codec{}.encode(command, payload);
            auto const& origin = context.origin();
            seen.emplace_back(
                origin.instance, context.id(), converge::wire_name_of<Command>, payload, origin.module,
                origin.position, origin.place.step, origin.place.index);
        });
    publish_some(store, random, 100);
    runner.catch_up();
    auto wanted = commands_in(logged_steps(store));
    std::ranges::sort(wanted);
    std::ranges::sort(seen);
    CHECK(seen == wanted);
    CHECK(seen.size() > 100);
}
