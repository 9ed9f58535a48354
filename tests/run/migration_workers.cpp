// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <run/fixtures/shop_stores.hpp>
#include <stop_token>
#include <thread>

// A migration where workers share the instances.
namespace shop {
namespace {

using namespace std::chrono_literals;

template <class Process> auto worker_of(converge::memory_store& store, std::string name) {
    return converge::make_worker<Process>(
        store, bookkeeper{}, {.partitions = 4, .worker = std::move(name), .lease_duration = 150ms});
}

/// Orders of the first version, in the hands of a worker that has left.
void work_and_leave(converge::memory_store& store) {
    auto worker = worker_of<one::order>(store, "early");
    for (auto const* order : {"1", "2", "3", "4", "5", "6"})
        place(store, order);
    pay(store, "2", 60);
    pay(store, "3", 120);
    worker.catch_up();
    worker.leave();
}

} // namespace

TEST_CASE("workers that have left leave their instances to a migration, and newer workers go on") {
    converge::memory_store store;
    work_and_leave(store);
    CHECK(converge::migrate<from_one_to_two>(store).instances == 6);
    CHECK_THROWS_AS((void)worker_of<one::order>(store, "old"), converge::process_changed);
    auto worker = worker_of<two::order>(store, "new");
    cancel(store, "3");
    worker.catch_up();
    converge::memory_store reference;
    copy_events(store, reference);
    converge::make_runner<two::order>(reference, bookkeeper{}).catch_up();
    CHECK(standing<two::order>(store) == standing<two::order>(reference));
    CHECK(balance(store).at("2: thank") == 1);
    CHECK(balance(store).at("3: refund") == 120);
}

TEST_CASE("workers that are present keep a migration away, and are named") {
    converge::memory_store store;
    work_and_leave(store);
    auto const before = records(store, "orders");
    std::string refused;
    {
        std::jthread const present{[store](std::stop_token const& stop) mutable {
            worker_of<one::order>(store, "present").run(stop);
        }};
        // The first sign of a worker does not say when it joined, for then it may still be told to go.
        auto const has_joined = [&] {
            auto const sign = store.find_record("converge/workers/order/present");
            return sign && sign->value.find(R"("joined":0,)") == std::string::npos;
        };
        for (int waited = 0; !has_joined() && waited < 2'000; ++waited)
            std::this_thread::sleep_for(5ms);
        refused =
            said<converge::store_error>([&] { converge::migrate<from_one_to_two>(store, {.patience = 1s}); });
    }
    CHECK(refused == "process manager 'order' cannot be migrated while workers are present: 'present'");
    CHECK(records(store, "orders") == before);
    CHECK(converge::migrate<from_one_to_two>(store).instances == 6); // it has left
}

TEST_CASE("a worker that was taken for dead does nothing more when it goes on") {
    converge::memory_store store;
    work_and_leave(store);
    auto worker = worker_of<one::order>(store, "stopped");
    worker.catch_up();
    CHECK(worker.partitions().size() == 4);
    CHECK(converge::migrate<from_one_to_two>(store, {.patience = 10ms}).instances == 6);
    auto const before = records(store, "orders");
    place(store, "7");
    CHECK_THROWS_AS(worker.catch_up(), converge::process_changed);
    CHECK(records(store, "orders").size() == before.size() + 1); // the order, and no step
    CHECK(worker.partitions().empty());
}

} // namespace shop
