// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <run/order.hpp>

namespace {

/// The same process manager, which no longer ships.
struct changed_process {
    static constexpr converge::name name{"order"};
    using reads = order_process::reads;
    using machines = order_process::machines;
    using data = order_process::data;
    using repeats = order_process::repeats;
    static auto correlate(auto const& event) { return event.order; }
};

/// Keeps its data in a struct of its own.
struct own_data {
    BOOST_HANA_DEFINE_STRUCT(own_data, (std::int64_t, largest));
};
struct reports_largest {
    BOOST_HANA_DEFINE_STRUCT(reports_largest, (std::string, order), (std::int64_t, cents));
    static reports_largest from(auto const& order) { return {std::string{order.key}, order.data.largest}; }
};
struct takes_back {
    BOOST_HANA_DEFINE_STRUCT(takes_back, (std::string, order));
};
struct own_data_process {
    using reads = converge::reads<orders::module, payments::module>;
    using machines = converge::machines<payment>;
    using data = own_data;
    using effects = converge::effects<
        converge::effect<converge::when<payment::paid>, reports_largest, converge::undone_by<takes_back>>>;
    static void apply(own_data& data, payments::payment_received const& event) {
        data.largest = std::max(data.largest, event.cents);
    }
    static auto correlate(auto const& event) { return event.order; }
};
static_assert(converge::verified<own_data_process>);

} // namespace

TEST_CASE("another declaration of the process is refused, and told where the instances stand") {
    converge::memory_store store;
    place(store, "1");
    place(store, "2");
    pay(store, "2", 5);
    converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
    std::string said;
    try {
        (void)converge::make_runner<changed_process>(store, [] {});
    } catch (converge::process_changed const& changed) {
        said = changed.what();
    }
    CHECK(said.starts_with("process manager 'order' has changed: this program's declaration is "));
    CHECK(said.find("1 x cancellation: open, payment: awaiting, placement: placed") != std::string::npos);
    CHECK(said.find("1 x cancellation: open, payment: paid, placement: placed") != std::string::npos);
    CHECK_NOTHROW((void)converge::make_runner<order_process>(store, bookkeeper{}));
}

TEST_CASE("data behind apply is recorded with every step, and its effects follow it") {
    converge::memory_store store;
    std::vector<std::string> sent;
    auto runner = converge::make_runner<own_data_process>(
        store, converge::handlers{
                   [&](reports_largest const& command) { sent.push_back(std::to_string(command.cents)); },
                   [&](takes_back const&) { sent.emplace_back("back"); }});
    for (auto const cents : {5, 9, 7}) {
        pay(store, "1", cents);
        runner.catch_up();
    }
    CHECK(sent == std::vector<std::string>{"5", "back", "9"});
    auto const instance = converge::read_instance<own_data_process>(store, "1");
    REQUIRE(instance.has_value());
    CHECK(instance->data.largest == 9);
    CHECK(instance->version == 3); // also the one that changed nothing
    // What `apply` does not take and the machines stay at is recorded as well.
    converge::publish<payments::module>(store, "1", payments::payment_timed_out{"1"}).value();
    runner.catch_up();
    CHECK(converge::read_instance<own_data_process>(store, "1")->version == 4);
    CHECK(sent.size() == 3);
    CHECK_FALSE(converge::read_instance<own_data_process>(store, "2").has_value());
}

TEST_CASE("a step that cannot be read is named") {
    converge::memory_store store;
    place(store, "1");
    converge::make_runner<order_process>(store, bookkeeper{}).catch_up();
    std::string stream;
    store.read("orders", 0, 100, "orders", [&](converge::event_view const& event) {
        if (event.internal && event.payload.find("states") != std::string_view::npos)
            stream = event.stream;
    });
    REQUIRE_FALSE(stream.empty());
    auto const last = store.last_of_stream("orders", stream, "orders").value();
    auto payload = last.payload;
    payload.replace(payload.find("\"placed\""), 8, "\"nowhere\"");
    converge::new_event const damaged{converge::random_event_id(), last.name, true, payload};
    store.append({"orders", stream, converge::expected_version::any(), {&damaged, 1}}).value();
    pay(store, "1", 5);
    CHECK_THROWS_WITH_AS(
        (void)converge::read_instance<order_process>(store, "1"), doctest::Contains("nowhere"),
        converge::store_error);
    auto runner = converge::make_runner<order_process>(store, bookkeeper{});
    CHECK_THROWS_WITH_AS(runner.catch_up(), doctest::Contains("nowhere"), converge::store_error);
}
