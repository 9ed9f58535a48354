// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <run/order.hpp>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// Into how many partitions a process manager is split, and who may work then.
namespace {

converge::worker_options split_into(std::uint32_t partitions, std::string name = "one") {
    converge::worker_options made;
    made.partitions = partitions;
    made.worker = std::move(name);
    return made;
}

/// What a call throws: its kind and its text.
template <class Call> std::pair<converge::store_trouble, std::string> refusal(Call const& call) {
    try {
        call();
    } catch (converge::store_error const& failed) {
        return {failed.trouble(), failed.what()};
    }
    FAIL("it was allowed");
    return {};
}

/// How often a handler was called for each order.
struct call_counter {
    std::map<std::string, int>* calls;
    template <class Command> void operator()(Command const& command, auto& context) const {
        ++(*calls)[command.order];
        bookkeeper{}(command, context);
    }
};

} // namespace

TEST_CASE("a lone runner is refused where workers share the process manager, and told what to do") {
    converge::memory_store store;
    (void)converge::make_worker<order_process>(store, bookkeeper{}, split_into(8));
    auto const [trouble, text] =
        refusal([&] { (void)converge::make_runner<order_process>(store, bookkeeper{}); });
    CHECK(trouble == converge::store_trouble::in_use);
    CHECK(
        text == "process manager 'order' is shared by workers in this store, in 8 partitions: use "
                "`converge::make_worker`, or go back to one runner with `converge::repartition` to 1");
}

TEST_CASE("workers are refused where a lone runner is at work") {
    converge::memory_store store;
    auto const runner = converge::make_runner<order_process>(store, bookkeeper{});
    auto const [trouble, text] =
        refusal([&] { (void)converge::make_worker<order_process>(store, bookkeeper{}, split_into(8)); });
    CHECK(trouble == converge::store_trouble::in_use);
    CHECK(text == "another runner of process manager 'order' is at work on this memory store");
    CHECK(store.find_records("").empty());
}

TEST_CASE("all workers have the same number of partitions") {
    converge::memory_store store;
    (void)converge::make_worker<order_process>(store, bookkeeper{}, split_into(8));
    auto const [trouble, text] =
        refusal([&] { (void)converge::make_worker<order_process>(store, bookkeeper{}, split_into(9)); });
    CHECK(trouble == converge::store_trouble::invalid_argument);
    CHECK(
        text == "process manager 'order' is split into 8 partitions in this store, and this worker is for 9: "
                "give all workers the same number, or change the store's with `converge::repartition`");
}

TEST_CASE("options that are not allowed are named") {
    converge::memory_store store;
    auto const of = [&](converge::worker_options options) {
        return refusal([&] { (void)converge::make_worker<order_process>(store, bookkeeper{}, options); })
            .second;
    };
    CHECK(of(split_into(0)) == "0 partitions: there may be 1 to 4096");
    CHECK(of(split_into(4'097)) == "4097 partitions: there may be 1 to 4096");
    CHECK(of(split_into(8, "a/b")) == "worker name 'a/b' has a '/'");
    auto options = split_into(8);
    options.lease_duration = 0ms;
    CHECK(of(options) == "a lease of 0 milliseconds");
    CHECK(refusal([&] {
              converge::repartition<order_process>(store, 0);
          }).second == "0 partitions: there may be 1 to 4096");
    CHECK(store.find_records("").empty());
}

TEST_CASE("workers go on where a lone runner has come, and a lone runner where workers have") {
    converge::memory_store store;
    std::map<std::string, int> calls;
    auto const publish = [&](int from) {
        for (int each = from; each < from + 20; ++each)
            place(store, std::to_string(each));
    };
    auto const check = [&](std::size_t orders) {
        CHECK(calls.size() == orders);
        for (auto const& [order, times] : calls)
            CHECK(times == 1); // nothing was handed over again
        CHECK(steps(store) == orders);
    };
    publish(0);
    converge::make_runner<order_process>(store, call_counter{&calls}).catch_up();
    check(20);
    for (std::uint32_t const partitions : {8U, 3U, 12U}) {
        converge::repartition<order_process>(store, partitions);
        publish(static_cast<int>(calls.size()));
        auto worker =
            converge::make_worker<order_process>(store, call_counter{&calls}, split_into(partitions));
        worker.catch_up();
        worker.leave();
    }
    check(80);
    converge::repartition<order_process>(store, 1);
    CHECK(store.find_records("").empty());
    publish(80);
    converge::make_runner<order_process>(store, call_counter{&calls}).catch_up();
    check(100);
    // Where nobody has said the number, the first worker does.
    auto worker = converge::make_worker<order_process>(store, call_counter{&calls}, split_into(5));
    publish(100);
    worker.catch_up();
    check(120);
}

TEST_CASE("deadlines that are pending survive every change of partitions, and fire once") {
    auto now = converge::timestamp{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
    converge::memory_store store{[&] { return now; }};
    auto options = split_into(4);
    options.running.now = [&] { return now; };
    for (int each = 0; each < 10; ++each)
        place(store, std::to_string(each));
    converge::make_runner<order_process>(store, bookkeeper{}, options.running).catch_up();
    for (std::uint32_t const partitions : {4U, 3U, 4U}) {
        converge::repartition<order_process>(store, partitions);
        options.partitions = partitions;
        now += 1min;
        place(store, std::to_string(10 + partitions));
        auto worker = converge::make_worker<order_process>(store, bookkeeper{}, options);
        worker.catch_up();
        worker.leave();
    }
    converge::repartition<order_process>(store, 1);
    now += 1h;
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, options.running);
    runner.catch_up();
    CHECK(runner.counts().deadlines == 12);
}

TEST_CASE("the number of partitions is not changed while workers are present") {
    converge::memory_store store;
    auto worker = converge::make_worker<order_process>(store, bookkeeper{}, split_into(8, "night shift"));
    (void)worker.work();
    std::jthread const at_work{[&](std::stop_token const& stop) {
        auto other = converge::make_worker<order_process>(store, bookkeeper{}, [] {
            auto options = split_into(8, "day shift");
            options.lease_duration = 30ms; // gives a sign each 10 ms
            return options;
        }());
        other.run(stop);
    }};
    // The first sign of a worker does not say when it joined, for then it may still be told to go.
    auto const has_joined = [&] {
        auto const sign = store.find_record("converge/workers/order/day shift");
        return sign && sign->value.find(R"("joined":0,)") == std::string::npos;
    };
    while (!has_joined())
        std::this_thread::yield();
    // The night shift gives no sign for a second, and is taken for dead.
    auto const [trouble, text] = refusal([&] { converge::repartition<order_process>(store, 4, 1s); });
    CHECK(trouble == converge::store_trouble::in_use);
    CHECK(text == "process manager 'order' cannot be split anew while workers are present: 'day shift'");
    CHECK(refusal([&] {
              (void)converge::make_runner<order_process>(store, bookkeeper{});
          }).second.find("in 8 partitions") != std::string::npos);
}

TEST_CASE("a worker that was taken for dead when the number was changed does not go on") {
    converge::memory_store store;
    std::chrono::steady_clock::time_point now{1s};
    auto options = split_into(8);
    options.running.steady_now = [&] { return now; };
    auto worker = converge::make_worker<order_process>(store, bookkeeper{}, options);
    (void)worker.work();
    converge::repartition<order_process>(store, 4, 1ms);
    place(store, "1");
    auto const first = refusal([&] {
        (void)worker.work();
        now += 4s;
        (void)worker.work();
    });
    CHECK(first.first == converge::store_trouble::invalid_argument);
    CHECK(
        first.second.find("is split into 4 partitions in this store, and this worker is for 8") !=
        std::string::npos);
    CHECK(steps(store) == 0);
    CHECK(worker.partitions().empty());
}

TEST_CASE("a split that was interrupted is ended by the next worker, and a change of it by who began it") {
    converge::memory_store store;
    CHECK(store.write_record("converge/partitions/order", 0, R"({"partitions":4,"from":1})"));
    place(store, "1");
    auto worker = converge::make_worker<order_process>(store, bookkeeper{}, split_into(4));
    worker.catch_up();
    worker.leave();
    CHECK(steps(store) == 1);
    auto const found = store.find_record("converge/partitions/order").value();
    CHECK(store.write_record(found.name, found.revision, R"({"partitions":6,"from":4})"));
    for (std::uint32_t const partitions : {4U, 6U})
        CHECK_THROWS_AS(
            (void)converge::make_worker<order_process>(store, bookkeeper{}, split_into(partitions)),
            converge::store_error);
    auto const [trouble, text] =
        refusal([&] { (void)converge::make_runner<order_process>(store, bookkeeper{}); });
    CHECK(trouble == converge::store_trouble::in_use);
    CHECK(
        text == "the partitions of process manager 'order' are being changed from 4 to 6; if that was "
                "interrupted, call `converge::repartition` again");
    converge::repartition<order_process>(store, 6);
    auto next = converge::make_worker<order_process>(store, bookkeeper{}, split_into(6));
    place(store, "2");
    next.catch_up();
    CHECK(steps(store) == 2);
}

TEST_CASE("a record of the partitions that is none of ours is named") {
    converge::memory_store store;
    CHECK(store.write_record("converge/partitions/order", 0, "many"));
    auto const [trouble, text] =
        refusal([&] { (void)converge::make_runner<order_process>(store, bookkeeper{}); });
    CHECK(trouble == converge::store_trouble::corrupt);
    CHECK(text.find("record 'converge/partitions/order', revision 1, cannot be read") == 0);
}
