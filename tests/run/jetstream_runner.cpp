// SPDX-License-Identifier: MIT
#include <converge/store/jetstream.hpp>

#include <doctest/doctest.h>

#include <mutex>
#include <run/order.hpp>
#include <store/nats_server.hpp>
#include <thread>

// The runner on a store that has neither transactions nor locks, and lets appends wait together.

TEST_CASE("a runner works on NATS JetStream, and sees at once what its store has written") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    nats_server const server;
    converge::jetstream_store store{server.url()};
    auto now = converge::timestamp{};
    auto runner = converge::make_runner<order_process>(store, bookkeeper{}, {.now = [&] { return now; }});
    place(store, "1");
    runner.catch_up();
    CHECK(standing(store).at("1") == "placed awaiting open 0 1");
    now = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) +
          std::chrono::minutes{16};
    runner.catch_up(); // the payment times out
    CHECK(standing(store).at("1") == "placed expired open 0 0");
    pay(store, "1", 150);
    runner.catch_up();
    cancel(store, "1");
    runner.catch_up();
    pay(store, "whose?", 1); // it cannot be told whose this is
    runner.catch_up();
    CHECK(standing(store).at("1") == "placed paid cancelled 150 0");
    CHECK(bookings(store) == std::vector<std::string>{"1: greet", "1: ship", "1: recall", "1: refund 150"});
    CHECK(runner.parked().size() == 1);
    CHECK(runner.replay_parked() == 0);
    // Another program goes on where this one stood.
    converge::jetstream_store other{server.url()};
    auto second = converge::make_runner<order_process>(other, bookkeeper{});
    second.catch_up();
    CHECK(bookings(other).size() == 4);
    CHECK(second.counts().steps == 0);
}

TEST_CASE("two runners at once on NATS JetStream leave one set of steps") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    nats_server const server;
    converge::jetstream_store store{server.url()};
    converge::memory_store reference;
    auto const both = [&](auto append) { append(store), append(reference); };
    for (int number = 0; number < 200; ++number) {
        auto const key = std::to_string(number % 20);
        auto const kind = number / 20 % 4;
        both([&](auto& each) {
            if (kind == 0)
                place(each, key);
            else if (kind == 2 && number % 3 == 0)
                cancel(each, key);
            else if (kind != 2)
                pay(each, key, kind == 1 ? 60 : 70);
        });
    }
    converge::make_runner<order_process>(reference, bookkeeper{}).catch_up();
    // Whoever finds that the other has moved the cursor on begins again from there, as a supervisor would do.
    auto const work = [&] {
        converge::jetstream_store own{server.url()};
        for (;;)
            try {
                auto runner = converge::make_runner<order_process>(own, bookkeeper{}, {.batch_size = 3});
                return runner.catch_up();
            } catch (converge::store_error const& error) {
                if (error.trouble() != converge::store_trouble::in_use)
                    throw;
            }
    };
    {
        std::jthread const first{work};
        std::jthread const second{work};
    }
    work();
    CHECK(standing(store) == standing(reference));
    CHECK(steps(store) <= 200);
    auto booked = bookings(store);
    std::ranges::sort(booked);
    auto const once = [&](std::string const& what) { return std::ranges::count(booked, what); };
    for (int key = 0; key < 20; ++key)
        CHECK(once(std::to_string(key) + ": greet") == 1);
}
