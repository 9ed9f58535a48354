// SPDX-License-Identifier: MIT
#include <converge/verify/verified.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>

// Each verdict on processes, with the counterexample it must give.
namespace {

using namespace converge;

struct paid_event {
    std::string order;
    std::int64_t cents;
};
struct cancel_event {
    std::string order;
};
struct probe_event {
    using visibility = converge::internal;
    std::string order;
};
struct payments : module<"payments", paid_event, probe_event> {};
struct orders : module<"orders", cancel_event> {};

struct payment {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<row<awaiting, paid_event, paid>, stay<paid, paid_event>>;
};
struct cancellation {
    struct open;
    struct cancelled;
    using transitions =
        converge::transitions<row<open, cancel_event, cancelled>, stay<cancelled, cancel_event>>;
};
struct probing {
    struct quiet;
    struct probed;
    using transitions = converge::transitions<row<quiet, probe_event, probed>, stay<probed, probe_event>>;
};

struct base {
    using reads = converge::reads<orders, payments>;
    using machines = converge::machines<payment, cancellation>;
    static std::string correlate(auto const& event) { return event.order; }
};
struct ship {};
struct recall {};
struct refund {};

struct good : base {
    using effects = converge::effects<
        effect<when<payment::paid, cancellation::open>, ship, undone_by<recall>>,
        effect<when<payment::paid, cancellation::cancelled>, refund>>;
};
static_assert(verified<good>);
static_assert(unconditionally_verified<good>);
static_assert(std::same_as<verdict<good>, converges<good>>);

struct cannot_undo : base {
    using effects = converge::effects<effect<when<payment::paid, cancellation::open>, ship>>;
};
static_assert(std::same_as<
              verdict<cannot_undo>,
              effect_may_have_to_be_undone<
                  cannot_undo, ship, history<paid_event>, history<paid_event, cancel_event>>>);

/// A condition that holds from the beginning can be falsified by the first event.
struct cannot_undo_the_beginning : base {
    using effects = converge::effects<effect<when<cancellation::open>, ship>>;
};
static_assert(
    std::same_as<
        verdict<cannot_undo_the_beginning>,
        effect_may_have_to_be_undone<cannot_undo_the_beginning, ship, history<>, history<cancel_event>>>);

struct can_be_cancelled : base {
    using effects = converge::effects<
        effect<
            when<payment::awaiting, cancellation::open>,
            deadline<cancel_event, period{std::chrono::hours{1}}>>,
        effect<any_of<payment::paid, cancellation::cancelled>, ship>>;
};
static_assert(verified<can_be_cancelled>);

/// Nothing leads out of these states, so that nothing has to be explored, however many machines there are.
template <int Number> struct counted_event {};
template <int Number> struct waits_for {
    struct waiting;
    struct arrived;
    using transitions = converge::transitions<
        row<waiting, counted_event<Number>, arrived>, stay<arrived, counted_event<Number>>>;
};
template <class Numbers> struct sixteen;
template <int... Numbers> struct sixteen<std::integer_sequence<int, Numbers...>> {
    struct events_of_all : module<"all", counted_event<Numbers>...> {};
    using reads = converge::reads<events_of_all>;
    using machines = converge::machines<waits_for<Numbers>...>;
    using effects = converge::effects<effect<when<typename waits_for<Numbers>::arrived...>, ship>>;
    static int correlate(auto const&) { return 0; }
};
struct waits_for_all : sixteen<std::make_integer_sequence<int, 16>> {};
static_assert(verified<waits_for_all>);

struct reads_foreign_internals : base {
    using machines = converge::machines<payment, probing>;
};
static_assert(std::same_as<
              verdict<reads_foreign_internals>,
              event_is_internal_to_another_module<reads_foreign_internals, probe_event, payments>>);
struct reads_its_own_internals : reads_foreign_internals {
    using home = payments;
};
static_assert(verified<reads_its_own_internals>);

struct does_not_read_orders : base {
    using reads = converge::reads<payments>;
};
static_assert(std::same_as<
              verdict<does_not_read_orders>, event_is_in_no_module_read<does_not_read_orders, cancel_event>>);

struct also_orders : module<"also_orders", cancel_event> {};
struct reads_twice : base {
    using reads = converge::reads<payments, orders, also_orders>;
};
static_assert(std::same_as<verdict<reads_twice>, event_is_in_two_modules<reads_twice, cancel_event>>);

struct paid_in_disguise {
    static constexpr converge::name wire_name{"paid_event"};
    std::string order;
};
struct confused : module<"confused", paid_event, paid_in_disguise> {};
struct reads_confused : base {
    using reads = converge::reads<orders, confused>;
};
static_assert(std::same_as<
              verdict<reads_confused>, two_events_share_a_wire_name<confused, paid_event, paid_in_disguise>>);

struct other_payment : payment {
    static constexpr converge::name name{"payment"};
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<row<awaiting, paid_event, paid>, stay<paid, paid_event>>;
};
struct shares_names : base {
    using machines = converge::machines<payment, other_payment>;
};
static_assert(
    std::same_as<verdict<shares_names>, two_machines_share_a_name<shares_names, payment, other_payment>>);

struct in_no_machine : base {
    using effects = converge::effects<effect<when<probing::probed>, ship, undone_by<recall>>>;
};
static_assert(std::same_as<verdict<in_no_machine>, state_is_in_no_machine<in_no_machine, probing::probed>>);

struct cents : sum<&paid_event::cents> {};
struct most : maximum<&paid_event::cents> {};
struct counts_redeliveries : base {
    using data = folds<cents>;
};
static_assert(
    std::same_as<
        verdict<counts_redeliveries>, redelivery_changes_the_fold<counts_redeliveries, paid_event, cents>>);
struct counts_repeats : counts_redeliveries {
    using repeats = converge::repeats<paid_event>;
};
static_assert(verified<counts_repeats>);
struct takes_the_most : base {
    using data = folds<most>;
};
static_assert(verified<takes_the_most>);

struct refund_event {
    std::string order;
    std::int64_t cents;
};
struct refunds : module<"refunds", refund_event> {};
struct last_sum : latest<&paid_event::cents, &refund_event::cents> {};
struct compares_positions : base {
    using reads = converge::reads<orders, payments, refunds>;
    using data = folds<last_sum>;
};
static_assert(
    std::same_as<
        verdict<compares_positions>, positions_of_two_modules_are_compared<compares_positions, last_sum>>);

struct much {
    bool operator()(auto const& data) const { return get<most>(data) > 100; }
};
struct data_undoes : base {
    using data = folds<most>;
    using effects = converge::effects<effect<when<payment::paid, holds<much>>, ship>>;
};
static_assert(std::same_as<verdict<data_undoes>, data_may_undo_the_effect<data_undoes, ship, much>>);

struct own_data {
    int events = 0;
};
struct has_own_data : base {
    using data = own_data;
    static void apply(own_data& data, paid_event const&) { ++data.events; }
};
static_assert(verified<has_own_data>);
static_assert(std::same_as<verdict<has_own_data>, converges<has_own_data, except_for_its_data>>);
static_assert(!unconditionally_verified<has_own_data>);

// A process in a process, and the same machine in both.
struct paid_out : outcome<when<payment::paid, none_of<cancellation::cancelled>>> {};
struct outer : base {
    using machines = converge::machines<good, payment>;
    using effects = converge::effects<effect<when<paid_out>, ship, undone_by<recall>>>;
};
static_assert(verified<outer>);
static_assert(std::same_as<machines_of<outer>, boost::mp11::mp_list<payment, cancellation>>);
static_assert(boost::mp11::mp_size<effects_of<outer>>::value == 3);

struct diverging {
    struct start;
    struct paid;
    struct cancelled;
    using transitions = converge::transitions<
        row<start, paid_event, paid>, row<start, cancel_event, cancelled>,
        stay<paid, paid_event, cancel_event>, stay<cancelled, paid_event, cancel_event>>;
};
struct outer_of_diverging : base {
    using machines = converge::machines<good, diverging>;
};
static_assert(std::same_as<
              verdict<outer_of_diverging>,
              two_orders_end_in_different_places<
                  outer_of_diverging, ends<history<cancel_event, paid_event>, diverging::cancelled>,
                  ends<history<paid_event, cancel_event>, diverging::paid>,
                  mend_with_either<
                      row<diverging::paid, cancel_event, diverging::cancelled>,
                      row<diverging::cancelled, paid_event, diverging::paid>>>>);

} // namespace

TEST_CASE("the verdicts on processes are what the static assertions of this file say") {
    CHECK(convergent<good>);
    CHECK_FALSE(convergent<cannot_undo>);
}
