// SPDX-License-Identifier: MIT
#include <converge/verify/verified.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <string>

// What is known of the histories, and what may be observed of the ends: each changes a verdict.
namespace {

using namespace converge;

struct placed {
    std::string order;
};
struct paid {
    std::string order;
};
struct cancelled {
    std::string order;
};
struct shipped {
    std::string order;
};
struct shop : module<"shop", placed, paid, cancelled, shipped> {};

struct base {
    using reads = converge::reads<shop>;
    static std::string correlate(auto const& event) { return event.order; }
};
struct ship {};
struct recall {};
struct thank {};

/// Ignores money that comes before the order.
struct order {
    struct unknown;
    struct open;
    struct done;
    using transitions = converge::transitions<
        row<unknown, placed, open>, stay<unknown, paid>, //
        row<open, paid, done>, stay<open, placed>, stay<done, placed, paid>>;
};

// --- happens_before

struct in_any_order : base {
    using machines = converge::machines<order>;
};
static_assert(
    std::same_as<
        verdict<in_any_order>,
        two_orders_end_in_different_places<
            in_any_order, ends<history<placed, paid>, order::done>, ends<history<paid, placed>, order::open>,
            mend_with_either<row<order::unknown, placed, order::done>, stay<order::open, paid>>>>);

struct money_comes_later : in_any_order {
    using environment = converge::environment<happens_before<placed, paid>>;
};
static_assert(std::same_as<verdict<money_comes_later>, converges<money_comes_later, in_its_environment>>);
static_assert(verified<money_comes_later>);
static_assert(!unconditionally_verified<money_comes_later>);

/// The machine alone may say it as well.
struct order_that_knows : order {
    using environment = converge::environment<happens_before<placed, paid>>;
};
static_assert(std::same_as<verdict<order_that_knows>, converges<order_that_knows, in_its_environment>>);

/// The order follows over an event that the machine does not know.
struct money_comes_later_by_a_detour : in_any_order {
    using environment = converge::environment<happens_before<placed, shipped>, happens_before<shipped, paid>>;
};
static_assert(std::same_as<
              verdict<money_comes_later_by_a_detour>,
              converges<money_comes_later_by_a_detour, in_its_environment>>);

/// It does not help to know of other events.
struct knows_something_else : in_any_order {
    using environment =
        converge::environment<happens_before<placed, cancelled>, exclusive<shipped, cancelled>>;
};
static_assert(!convergent<knows_something_else>);

/// Where all orders agree anyway, the environment is no part of the proof.
struct set_of_two {
    struct none;
    struct one;
    struct other;
    struct both;
    using transitions = converge::transitions<
        row<none, placed, one>, row<none, paid, other>, row<one, paid, both>, row<other, placed, both>,
        stay<one, placed>, stay<other, paid>, stay<both, placed, paid>>;
};
struct needs_nothing : base {
    using machines = converge::machines<set_of_two>;
    using environment = converge::environment<happens_before<cancelled, shipped>>;
};
static_assert(std::same_as<verdict<needs_nothing>, converges<needs_nothing>>);

// --- exclusive

struct first_one_wins {
    struct nobody;
    struct payment;
    struct cancellation;
    using transitions = converge::transitions<
        row<nobody, paid, payment>, row<nobody, cancelled, cancellation>, stay<payment, paid, cancelled>,
        stay<cancellation, paid, cancelled>>;
};
struct never_both : base {
    using machines = converge::machines<first_one_wins>;
    using environment = converge::environment<exclusive<paid, cancelled>>;
};
static_assert(std::same_as<verdict<never_both>, converges<never_both, in_its_environment>>);

// --- at_most

/// Counts to two; the second payment is another fact.
struct counting {
    struct none;
    struct once;
    struct twice;
    using transitions =
        converge::transitions<row<none, paid, once>, row<once, paid, twice>, stay<twice, paid>>;
};
/// A redelivery counts again, however few payments there may be.
struct counts_redeliveries : base {
    using machines = converge::machines<counting>;
    using environment = converge::environment<at_most<2, paid>>;
};
static_assert(
    std::same_as<
        verdict<counts_redeliveries>, redelivery_ends_in_a_different_place<
                                          counts_redeliveries, ends<history<paid>, counting::once>,
                                          ends<history<paid, paid>, counting::twice>,
                                          mend_with_either<stay<counting::once, paid>, repeats<paid>>>>);
struct counts_repeats : counts_redeliveries {
    using repeats = converge::repeats<paid>;
};
static_assert(std::same_as<verdict<counts_repeats>, converges<counts_repeats>>);

/// A state that no admitted history reaches is refused like any other.
struct counts_too_far : counts_repeats {
    using environment = converge::environment<at_most<1, paid>>;
};
static_assert(std::same_as<verdict<counts_too_far>, state_is_never_reached<counting, counting::twice>>);

/// The third payment would break it: a cancellation before it is forgotten, one after it is not.
struct breaks_at_the_third {
    struct none;
    struct one;
    struct two;
    struct void_none;
    struct void_one;
    struct void_two;
    struct broken;
    using transitions = converge::transitions<
        row<none, paid, one>, row<one, paid, two>, row<two, paid, broken>, stay<broken, paid, cancelled>,
        row<none, cancelled, void_none>, row<one, cancelled, void_one>, row<two, cancelled, void_two>,
        row<void_none, paid, void_one>, row<void_one, paid, void_two>, stay<void_two, paid>,
        stay<void_none, cancelled>, stay<void_one, cancelled>, stay<void_two, cancelled>>;
};
template <std::size_t Limit> struct pays_at_most : base {
    using machines = converge::machines<breaks_at_the_third>;
    using repeats = converge::repeats<paid>;
    using environment = converge::environment<at_most<Limit, paid>>;
};
static_assert(
    std::same_as<
        verdict<pays_at_most<2>>, state_is_never_reached<breaks_at_the_third, breaks_at_the_third::broken>>);
static_assert(!convergent<pays_at_most<3>>);

// --- the environment must be possible

struct turns_in_a_circle : in_any_order {
    using environment = converge::environment<
        happens_before<placed, paid>, happens_before<paid, shipped>, happens_before<shipped, placed>>;
};
static_assert(std::same_as<verdict<turns_in_a_circle>, environment_rules_out<turns_in_a_circle, placed>>);
struct excludes_its_cause : in_any_order {
    using environment = converge::environment<happens_before<placed, paid>, exclusive<paid, placed>>;
};
static_assert(std::same_as<verdict<excludes_its_cause>, environment_rules_out<excludes_its_cause, paid>>);
struct happens_no_time : in_any_order {
    using environment = converge::environment<at_most<0, placed>>;
};
static_assert(std::same_as<verdict<happens_no_time>, environment_rules_out<happens_no_time, placed>>);

struct refunded {};
struct speaks_of_strangers : in_any_order {
    using environment = converge::environment<happens_before<placed, refunded>>;
};
static_assert(
    std::same_as<verdict<speaks_of_strangers>, event_is_in_no_module_read<speaks_of_strangers, refunded>>);

/// An end that only a history leads to which cannot happen is no end.
struct ends_with_both {
    struct none;
    struct one;
    struct other;
    struct both;
    struct again;
    using transitions = converge::transitions<
        row<none, placed, one>, row<none, paid, other>, row<one, paid, both>, row<other, placed, both>,
        row<one, shipped, one>, row<one, placed, one>, row<other, paid, other>, stay<none, shipped>,
        stay<other, shipped>, stay<both, placed, paid, shipped>>;
};

// --- accepts_race

struct either_is_fine : base {
    using machines = converge::machines<first_one_wins>;
    using environment = converge::environment<accepts_race<cancelled, paid>>;
};
static_assert(
    std::same_as<verdict<either_is_fine>, converges<either_is_fine, accepts_race<cancelled, paid>>>);
static_assert(!unconditionally_verified<either_is_fine>);

struct accepts_nothing : base {
    using machines = converge::machines<set_of_two>;
    using environment = converge::environment<accepts_race<placed, paid>>;
};
static_assert(std::same_as<
              verdict<accepts_nothing>, accepted_race_is_none<accepts_nothing, accepts_race<placed, paid>>>);

/// What is known goes before what is accepted.
struct accepts_what_cannot_happen : in_any_order {
    using environment = converge::environment<happens_before<placed, paid>, accepts_race<placed, paid>>;
};
static_assert(std::same_as<
              verdict<accepts_what_cannot_happen>,
              accepted_race_is_none<accepts_what_cannot_happen, accepts_race<placed, paid>>>);

/// An accepted race is no excuse for another one.
struct three_way {
    struct nobody;
    struct payment;
    struct cancellation;
    struct shipment;
    using transitions = converge::transitions<
        row<nobody, paid, payment>, row<nobody, cancelled, cancellation>, row<nobody, shipped, shipment>,
        stay<payment, paid, cancelled, shipped>, stay<cancellation, paid, cancelled, shipped>,
        stay<shipment, paid, cancelled, shipped>>;
};
struct accepts_one_of_three : base {
    using machines = converge::machines<three_way>;
    using environment = converge::environment<accepts_race<paid, cancelled>>;
};
static_assert(std::same_as<
              verdict<accepts_one_of_three>,
              two_orders_end_in_different_places<
                  accepts_one_of_three, ends<history<paid, shipped>, three_way::payment>,
                  ends<history<shipped, paid>, three_way::shipment>,
                  mend_with_either<
                      row<three_way::shipment, paid, three_way::payment>,
                      row<three_way::payment, shipped, three_way::shipment>>>>);

// --- states that nothing tells apart

using someone_won = any_of<first_one_wins::payment, first_one_wins::cancellation>;

struct does_the_same_for_both : base {
    using machines = converge::machines<first_one_wins>;
    using effects = converge::effects<effect<someone_won, thank>>;
};
static_assert(std::same_as<
              verdict<does_the_same_for_both>, converges<does_the_same_for_both, up_to_equivalent_states>>);
static_assert(!unconditionally_verified<does_the_same_for_both>);

struct does_something_for_one : base {
    using machines = converge::machines<first_one_wins>;
    using effects = converge::effects<effect<when<first_one_wins::payment>, thank>>;
};
static_assert(
    std::same_as<
        verdict<does_something_for_one>,
        two_orders_end_in_different_places<
            does_something_for_one, ends<history<paid, cancelled>, first_one_wins::payment, stands<thank>>,
            ends<history<cancelled, paid>, first_one_wins::cancellation>,
            mend_with_either<
                row<first_one_wins::cancellation, paid, first_one_wins::payment>,
                row<first_one_wins::payment, cancelled, first_one_wins::cancellation>>>>);

/// An outcome makes a difference visible.
struct payment_won : outcome<when<first_one_wins::payment>> {};
struct tells_who_won : does_the_same_for_both {
    using outcomes = converge::outcomes<payment_won>;
};
static_assert(std::same_as<
              verdict<tells_who_won>,
              two_orders_end_in_different_places<
                  tells_who_won, ends<history<paid, cancelled>, first_one_wins::payment, stands<payment_won>>,
                  ends<history<cancelled, paid>, first_one_wins::cancellation>,
                  mend_with_either<
                      row<first_one_wins::cancellation, paid, first_one_wins::payment>,
                      row<first_one_wins::payment, cancelled, first_one_wins::cancellation>>>>);

/// A command that is made of the instance may show its states.
struct thank_by_name {
    static thank_by_name from(auto const&) { return {}; }
};
struct thank_nobody {};
struct shows_who_won : base {
    using machines = converge::machines<first_one_wins>;
    using effects = converge::effects<effect<someone_won, thank_by_name, undone_by<thank_nobody>>>;
};
static_assert(!convergent<shows_who_won>);

/// Two states with the same effects, which a later event tells apart.
struct parts_later {
    struct none;
    struct left;
    struct right;
    struct far;
    using transitions = converge::transitions<
        row<none, paid, left>, row<none, cancelled, right>, stay<left, paid, cancelled>,
        stay<right, paid, cancelled>, stay<none, shipped>, row<left, shipped, far>, stay<right, shipped>,
        stay<far, paid, cancelled, shipped>>;
};
struct sees_the_far_one : base {
    using machines = converge::machines<parts_later>;
    using effects = converge::effects<effect<when<parts_later::far>, thank>>;
};
static_assert(std::same_as<
              verdict<sees_the_far_one>,
              two_orders_end_in_different_places<
                  sees_the_far_one, ends<history<paid, shipped>, parts_later::far, stands<thank>>,
                  ends<history<shipped, paid>, parts_later::left>,
                  mend_with_either<
                      row<parts_later::none, paid, parts_later::far>, stay<parts_later::left, shipped>>>>);

/// Two machines that differ together, and a condition over both.
struct second_machine {
    struct nobody;
    struct payment;
    struct cancellation;
    using transitions = converge::transitions<
        row<nobody, paid, payment>, row<nobody, cancelled, cancellation>, stay<payment, paid, cancelled>,
        stay<cancellation, paid, cancelled>>;
};
struct both_agree : base {
    using machines = converge::machines<first_one_wins, second_machine>;
    using effects = converge::effects<effect<
        any_of<
            when<first_one_wins::payment, second_machine::payment>,
            when<first_one_wins::cancellation, second_machine::cancellation>>,
        thank>>;
};
// Each machine alone would be told apart; together they always agree.
static_assert(std::same_as<verdict<both_agree>, converges<both_agree, up_to_equivalent_states>>);

/// A predicate over data may come out either way.
struct is_large {
    bool operator()(auto const&) const { return true; }
};
struct asks_data : base {
    using machines = converge::machines<first_one_wins>;
    using effects =
        converge::effects<effect<when<first_one_wins::payment, holds<is_large>>, ship, undone_by<recall>>>;
};
static_assert(!convergent<asks_data>);

// --- commands of rows add up over machines

/// Sends when its event comes first.
struct paid_first {
    struct open;
    struct mine;
    struct other;
    struct both;
    using transitions = converge::transitions<
        row<open, paid, mine, send<ship>>, row<open, cancelled, other>, row<mine, cancelled, both>,
        row<other, paid, both>, stay<mine, paid>, stay<other, cancelled>, stay<both, paid, cancelled>>;
};
struct cancelled_first {
    struct open;
    struct mine;
    struct other;
    struct both;
    using transitions = converge::transitions<
        row<open, cancelled, mine, send<ship>>, row<open, paid, other>, row<mine, paid, both>,
        row<other, cancelled, both>, stay<mine, cancelled>, stay<other, paid>, stay<both, paid, cancelled>>;
};
struct whoever_is_first : base {
    using machines = converge::machines<paid_first, cancelled_first>;
};
static_assert(!convergent<paid_first>);
static_assert(!convergent<cancelled_first>);
static_assert(verified<whoever_is_first>); // one parcel in either order
struct only_one_of_them : base {
    using machines = converge::machines<paid_first>;
};
static_assert(std::same_as<
              verdict<only_one_of_them>,
              two_orders_send_different_commands<
                  only_one_of_them, sends<history<paid, cancelled>, ship>, sends<history<cancelled, paid>>,
                  mend_with<effect<when<paid_first::both>, ship>>>>);

// --- an effect without compensation, in an environment

struct payment_machine {
    struct awaiting;
    struct received;
    using transitions = converge::transitions<row<awaiting, paid, received>, stay<received, paid>>;
};
struct cancellation_machine {
    struct open;
    struct closed;
    using transitions = converge::transitions<row<open, cancelled, closed>, stay<closed, cancelled>>;
};
struct ships_without_recall : base {
    using machines = converge::machines<payment_machine, cancellation_machine>;
    using effects =
        converge::effects<effect<when<payment_machine::received, cancellation_machine::open>, ship>>;
};
static_assert(
    std::same_as<
        verdict<ships_without_recall>,
        effect_may_have_to_be_undone<ships_without_recall, ship, history<paid>, history<paid, cancelled>>>);
struct never_cancelled_after_payment : ships_without_recall {
    using environment = converge::environment<exclusive<paid, cancelled>>;
};
static_assert(verified<never_cancelled_after_payment>);

// --- nested: what a member knows, the whole knows

struct outer : base {
    using machines = converge::machines<money_comes_later, payment_machine>;
};
static_assert(std::same_as<verdict<outer>, converges<outer, in_its_environment>>);

} // namespace

TEST_CASE("the environment and the observations change verdicts as the static assertions of this file say") {
    CHECK(convergent<money_comes_later>);
    CHECK_FALSE(convergent<in_any_order>);
}
