// SPDX-License-Identifier: MIT
#include <converge/store/jetstream.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <run/order.hpp>
#include <set>
#include <store/nats_server.hpp>
#include <string>
#include <vector>

using namespace std::chrono_literals;

// Workers on a store that has neither transactions nor fences, and refuses a cursor that another one has
// moved.
TEST_CASE("workers share a process manager on NATS JetStream, come and go, and come back") {
    if (auto const reason = no_nats_server(); !reason.empty()) {
        MESSAGE(reason);
        return;
    }
    nats_server const server;
    std::chrono::steady_clock::time_point now{1s};
    auto calendar = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    std::set<std::string> calls;
    int all_calls = 0;
    auto const handler = [&](auto const& command, auto& context) {
        calls.insert(to_string(context.id()));
        ++all_calls;
        bookkeeper{}(command, context);
    };
    using handler_type = decltype(handler);
    using worker = converge::worker<order_process, converge::jetstream_store, std::decay_t<handler_type>>;
    converge::jetstream_store first{server.url()};
    converge::jetstream_store second{server.url()};
    auto const make = [&](converge::jetstream_store& store, std::string name) {
        converge::worker_options options;
        options.partitions = 4;
        options.worker = std::move(name);
        options.lease_duration = 12s;
        options.running.now = [&] { return calendar; };
        options.running.steady_now = [&] { return now; };
        return std::make_unique<worker>(store, handler, options);
    };
    auto const rest = [&](std::vector<worker*> const& all) {
        for (int idle = 0; idle < 8; ++idle) {
            now += 2s;
            for (auto* const each : all)
                while (each->work())
                    idle = 0;
        }
    };
    auto one = make(first, "one");
    auto two = make(second, "two");
    int published = 0;
    auto const publish = [&] {
        for (int each = 0; each < 12; ++each)
            place(first, std::to_string(published++));
    };
    for (int times = 0; times < 2; ++times) {
        publish();
        rest({one.get()});
        CHECK(one->partitions().size() == 4);
        publish();
        rest({one.get(), two.get()});
        CHECK(one->partitions().size() == 2);
        CHECK(two->partitions().size() == 2);
        if (times == 0) {
            two->leave();
        } else {
            one.reset(); // crashes
            publish();
            rest({two.get()});
            CHECK(two->partitions().size() == 4);
            one = make(first, "one"); // with the store that remembers where it had been
            rest({one.get(), two.get()});
        }
        publish();
        rest({one.get(), two.get()});
        calendar += 16min; // the payments time out
        rest({one.get(), two.get()});
    }
    auto const orders = static_cast<std::size_t>(published);
    CHECK(bookings(first).size() == orders);
    CHECK(calls.size() == orders);
    CHECK(all_calls == published);
    auto const all = standing(first);
    CHECK(all.size() == orders);
    for (auto const& [key, stands] : all)
        CHECK(stands == "placed expired open 0 0");
    CHECK(first.find_records("converge/workers/").size() == 2);
}
