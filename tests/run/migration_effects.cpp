// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/testing/fake_clock.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <run/fixtures/shop_stores.hpp>

// After a migration the same stands as if the new declaration had sent everything.
namespace shop {
namespace {

using namespace std::chrono_literals;
using converge::effect, converge::when, converge::any_of, converge::none_of, converge::holds,
    converge::undone_by, converge::adjusted_by, converge::deadline, converge::period;

template <class... Effects> struct with {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<orders, one::payments>;
    using machines = converge::machines<one::placement, one::cancellation, one::payment>;
    using data = converge::folds<paid_cents>;
    using repeats = converge::repeats<payment_received>;
    using effects = converge::effects<Effects...>;
    static auto correlate(auto const& event) { return event.order; }
};

struct much_is_paid {
    bool operator()(auto const& data) const { return get<paid_cents>(data) >= 200; }
};

struct paid_out {
    BOOST_HANA_DEFINE_STRUCT(paid_out, (std::string, order), (std::int64_t, cents));
    static constexpr converge::name wire_name{"refund"};
    static paid_out from(auto const& order) { return {std::string{order.key}, get<paid_cents>(order) / 2}; }
};
struct report {
    BOOST_HANA_DEFINE_STRUCT(report, (std::string, order), (std::int64_t, cents));
    static report from(auto const& order) { return {std::string{order.key}, get<paid_cents>(order)}; }
};
struct half_report {
    BOOST_HANA_DEFINE_STRUCT(half_report, (std::string, order), (std::int64_t, cents));
    static constexpr converge::name wire_name{"report"};
    static half_report from(auto const& order) {
        return {std::string{order.key}, get<paid_cents>(order) / 2};
    }
};
struct take_back {
    BOOST_HANA_DEFINE_STRUCT(take_back, (std::string, order), (std::int64_t, cents));
    static take_back undoing(auto const& undone) { return {undone.order, undone.cents}; }
};

/// What a migration between processes with these effects sends for an order that was paid, and one that was
/// not.
template <class Old, class New> std::vector<std::string> sent_between() {
    struct upgrade : converge::evolves<Old, New> {};
    converge::memory_store store;
    pay(store, "paid", 100);
    place(store, "placed");
    converge::make_runner<Old>(store, [](auto const&) {}).catch_up();
    converge::migrate<upgrade>(store);
    std::vector<std::string> sent;
    converge::make_runner<New>(store, [&]<class Command>(Command const& command) {
        sent.push_back(command.order + ": " + std::string{converge::wire_name_of<Command>});
        if constexpr (requires { command.cents; })
            sent.back() += " " + std::to_string(command.cents);
    }).catch_up();
    std::ranges::sort(sent);
    return sent;
}
using commands = std::vector<std::string>;

using ship_paid = effect<when<one::payment::paid>, ship, undone_by<recall>>;
using ship_much = effect<when<holds<much_is_paid>>, ship, undone_by<recall>>;
using ship_placed = effect<when<one::placement::placed>, ship, undone_by<recall>>;
using refund_paid = effect<when<one::payment::paid>, refund, adjusted_by<&refund::cents, &reclaim::cents>>;
using refund_half =
    effect<when<one::payment::paid>, paid_out, adjusted_by<&paid_out::cents, &reclaim::cents>>;
using refund_much = effect<when<holds<much_is_paid>>, refund, adjusted_by<&refund::cents, &reclaim::cents>>;
using thank_paid = effect<when<one::payment::paid>, thank>;
using report_paid = effect<when<one::payment::paid>, report, undone_by<take_back>>;
using report_half = effect<when<one::payment::paid>, half_report, undone_by<take_back>>;

using timeout =
    effect<when<one::placement::placed, one::payment::awaiting>, deadline<payment_timed_out, period{15min}>>;
using second_timeout = effect<when<one::payment::awaiting>, deadline<payment_timed_out, period{30min}>>;
using unplaced_timeout =
    effect<when<one::placement::unknown, one::payment::awaiting>, deadline<payment_timed_out, period{15min}>>;

/// The deadlines of the order "placed" after a migration, as "effect after minutes", and how many are parked.
template <class Old, class New> std::vector<std::string> deadlines_between() {
    struct upgrade : converge::evolves<Old, New> {};
    converge::testing::fake_clock clock;
    auto const begin = clock.now();
    converge::memory_store store{clock};
    place(store, "placed");
    converge::make_runner<Old>(store, [](auto const&) {}, {.now = clock}).catch_up();
    clock.advance(1min);
    auto const counts = converge::migrate<upgrade>(store);
    std::vector<std::string> all;
    auto const placed = converge::read_instance<New>(store, "placed").value();
    for (auto const& each : placed.deadlines) {
        CHECK_FALSE(each.id.is_nil());
        all.push_back(
            std::to_string(each.effect) + " after " +
            std::to_string(std::chrono::duration_cast<std::chrono::minutes>(each.due - begin).count()));
    }
    if (counts.parked != 0)
        all.push_back(std::to_string(counts.parked) + " parked");
    return all;
}
using texts = std::vector<std::string>;

} // namespace

TEST_CASE("what is new in the new declaration is sent for the instances that stand there") {
    CHECK(sent_between<with<ship_paid>, with<thank_paid, ship_paid>>() == commands{"paid: thank"});
    CHECK(sent_between<with<>, with<ship_placed>>() == commands{"placed: ship"});
    CHECK(sent_between<with<>, with<refund_paid>>() == commands{"paid: refund 100"});
    CHECK(sent_between<with<thank_paid>, with<thank_paid>>().empty());
}

TEST_CASE("what the new declaration takes back is undone, and what it no longer has stays done") {
    CHECK(sent_between<with<ship_paid>, with<ship_much>>() == commands{"paid: recall"});
    CHECK(sent_between<with<ship_paid>, with<ship_placed>>() == commands{"paid: recall", "placed: ship"});
    CHECK(sent_between<with<ship_paid>, with<thank_paid>>() == commands{"paid: thank"});
    CHECK(sent_between<with<refund_paid>, with<refund_much>>() == commands{"paid: reclaim 100"});
}

TEST_CASE("an amount that the new declaration sees differently is adjusted") {
    CHECK(
        sent_between<with<refund_paid>, with<thank_paid, refund_half>>() ==
        commands{"paid: reclaim 50", "paid: thank"});
    CHECK(
        sent_between<with<refund_half>, with<refund_paid, thank_paid>>() ==
        commands{"paid: refund 50", "paid: thank"});
    CHECK(
        sent_between<with<report_paid>, with<report_half, thank_paid>>() ==
        commands{"paid: report 50", "paid: take_back 100", "paid: thank"});
    CHECK(sent_between<with<report_paid>, with<thank_paid, report_paid>>() == commands{"paid: thank"});
}

TEST_CASE("of several effects with one command each goes on from one") {
    using either = effect<when<any_of<one::payment::paid, one::placement::placed>>, ship, undone_by<recall>>;
    CHECK(sent_between<with<ship_placed, ship_paid>, with<ship_paid, ship_placed>>().empty());
    CHECK(sent_between<with<ship_placed, ship_paid>, with<either>>().empty());
    CHECK(sent_between<with<either>, with<ship_much, ship_placed, ship_paid>>().empty());
    CHECK(sent_between<with<ship_paid>, with<ship_paid, ship_paid>>() == commands{"paid: ship"});
}

TEST_CASE("a deadline goes on under the effect that has its event, or begins with the migration") {
    CHECK(deadlines_between<with<timeout>, with<thank_paid, timeout>>() == texts{"1 after 15"});
    CHECK(deadlines_between<with<timeout>, with<second_timeout>>() == texts{"0 after 15"});
    CHECK(
        deadlines_between<with<timeout>, with<second_timeout, timeout>>() ==
        texts{"0 after 31", "1 after 15"});
    CHECK(
        deadlines_between<with<second_timeout, timeout>, with<timeout, second_timeout>>() ==
        texts{"0 after 15", "1 after 30"});
    CHECK(deadlines_between<with<>, with<timeout>>() == texts{"0 after 16"});
}

TEST_CASE(
    "a deadline whose condition does not hold any more is cancelled, and one without a place is parked") {
    CHECK(deadlines_between<with<timeout>, with<unplaced_timeout>>().empty());
    CHECK(deadlines_between<with<timeout>, with<thank_paid>>() == texts{"1 parked"});
    CHECK(
        deadlines_between<with<second_timeout, timeout>, with<timeout>>() == texts{"0 after 15", "1 parked"});
}

} // namespace shop
