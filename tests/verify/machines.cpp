// SPDX-License-Identifier: MIT
#include <converge/verify/verified.hpp>

#include <doctest/doctest.h>

#include <concepts>

// Each verdict on machines, with the counterexample it must give.
namespace {

using namespace converge;

struct paid_event {};
struct timeout_event {};
struct cancel_event {};
struct note_event {};

struct good {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        row<awaiting, paid_event, paid>, row<awaiting, timeout_event, expired>,
        row<expired, paid_event, paid>, stay<paid, paid_event, timeout_event>, stay<expired, timeout_event>>;
};
static_assert(verified<good>);
static_assert(convergent<good>);
static_assert(std::same_as<verdict<good>, converges<good>>);

struct undecided {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        row<awaiting, paid_event, paid>, stay<awaiting, timeout_event>, stay<paid, paid_event>>;
};
static_assert(std::same_as<verdict<undecided>, no_row_decides<undecided, undecided::paid, timeout_event>>);

struct decided_twice {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        row<awaiting, paid_event, paid>, stay<awaiting, paid_event>, stay<paid, paid_event>>;
};
static_assert(std::same_as<
              verdict<decided_twice>,
              two_rows_decide<
                  decided_twice, row<decided_twice::awaiting, paid_event, decided_twice::paid>,
                  row<decided_twice::awaiting, paid_event, decided_twice::awaiting>>>);

struct unreached {
    struct awaiting;
    struct paid;
    struct lost;
    using transitions = converge::transitions<
        row<awaiting, paid_event, paid>, stay<paid, paid_event>, row<lost, paid_event, paid>>;
};
static_assert(std::same_as<verdict<unreached>, state_is_never_reached<unreached, unreached::lost>>);

struct unused {
    struct awaiting;
    struct paid;
    using transitions = converge::transitions<
        row<awaiting, paid_event, paid>, stay<awaiting, note_event>, stay<paid, paid_event, note_event>>;
};
static_assert(std::same_as<verdict<unused>, event_is_never_used<unused, note_event>>);

struct late_money_is_lost {
    struct awaiting;
    struct paid;
    struct expired;
    using transitions = converge::transitions<
        row<awaiting, paid_event, paid>, row<awaiting, timeout_event, expired>,
        stay<paid, paid_event, timeout_event>, stay<expired, paid_event, timeout_event>>;
};
static_assert(std::same_as<
              verdict<late_money_is_lost>,
              two_orders_end_in_different_places<
                  late_money_is_lost, ends<history<paid_event, timeout_event>, late_money_is_lost::paid>,
                  ends<history<timeout_event, paid_event>, late_money_is_lost::expired>,
                  mend_with_either<
                      row<late_money_is_lost::expired, paid_event, late_money_is_lost::paid>,
                      row<late_money_is_lost::paid, timeout_event, late_money_is_lost::expired>>>>);

/// The two orders part one step from the beginning: the history that leads there is in the counterexample.
struct parts_later {
    struct start;
    struct begun;
    struct left;
    struct right;
    using transitions = converge::transitions<
        row<start, note_event, begun>, stay<start, paid_event, timeout_event>, //
        row<begun, paid_event, left>, row<begun, timeout_event, right>, stay<begun, note_event>,
        stay<left, note_event, paid_event, timeout_event>,
        stay<right, note_event, paid_event, timeout_event>>;
};
static_assert(std::same_as<
              verdict<parts_later>, two_orders_end_in_different_places<
                                        parts_later, ends<history<note_event, paid_event>, parts_later::left>,
                                        ends<history<paid_event, note_event>, parts_later::begun>,
                                        mend_with_either<
                                            row<parts_later::start, note_event, parts_later::left>,
                                            stay<parts_later::begun, paid_event>>>>);

struct ship {};
struct recall {
    using undoes = ship;
};
struct sends_on_the_way {
    struct start;
    struct paid;
    struct cancelled;
    struct both;
    using transitions = converge::transitions<
        row<start, paid_event, paid, send<ship>>, row<start, cancel_event, cancelled>, //
        row<paid, cancel_event, both>, row<cancelled, paid_event, both>,               //
        stay<paid, paid_event>, stay<cancelled, cancel_event>, stay<both, paid_event, cancel_event>>;
};
static_assert(std::same_as<
              verdict<sends_on_the_way>, two_orders_send_different_commands<
                                             sends_on_the_way, sends<history<paid_event, cancel_event>, ship>,
                                             sends<history<cancel_event, paid_event>>,
                                             mend_with<effect<when<sends_on_the_way::both>, ship>>>>);

/// The compensation makes the net equal.
struct recalls {
    struct start;
    struct paid;
    struct cancelled;
    struct both;
    using transitions = converge::transitions<
        row<start, paid_event, paid, send<ship>>, row<start, cancel_event, cancelled>, //
        row<paid, cancel_event, both, send<recall>>, row<cancelled, paid_event, both>, //
        stay<paid, paid_event>, stay<cancelled, cancel_event>, stay<both, paid_event, cancel_event>>;
};
static_assert(verified<recalls>);

struct toggles {
    struct off;
    struct on;
    static constexpr bool perpetual = true;
    using transitions = converge::transitions<row<off, note_event, on>, row<on, note_event, off>>;
};
static_assert(std::same_as<
              verdict<toggles>, redelivery_ends_in_a_different_place<
                                    toggles, ends<history<note_event>, toggles::on>,
                                    ends<history<note_event, note_event>, toggles::off>,
                                    mend_with_either<stay<toggles::on, note_event>, repeats<note_event>>>>);

struct toggles_and_counts : toggles {
    using repeats = converge::repeats<note_event>;
};
static_assert(verified<toggles_and_counts>);

struct sends_again {
    struct start;
    struct paid;
    using transitions = converge::transitions<
        row<start, paid_event, paid, send<ship>>, row<paid, paid_event, paid, send<ship>>>;
};
static_assert(std::same_as<
              verdict<sends_again>, redelivery_sends_commands_again<
                                        sends_again, sends<history<paid_event>, ship>,
                                        sends<history<paid_event, paid_event>, times<2, ship>>,
                                        mend_with<effect<when<sends_again::paid>, ship>>>>);

/// Two states that lead to each other for ever. They converge, because each event alone decides.
struct stuck {
    struct left;
    struct right;
    using transitions = converge::transitions<row<left, note_event, right>, row<right, note_event, left>>;
    using repeats = converge::repeats<note_event>;
};
static_assert(std::same_as<verdict<stuck>, no_final_state_can_be_reached_from<stuck, stuck::left>>);
struct ends_on_the_left : stuck {
    using final_states = states<left>;
};
static_assert(verified<ends_on_the_left>);

struct unknown_initial : good {
    struct nowhere;
    using initial = nowhere;
};
static_assert(
    std::same_as<verdict<unknown_initial>, state_is_in_no_row<unknown_initial, unknown_initial::nowhere>>);

struct is_large {
    constexpr bool operator()(auto const&) const { return true; }
};
struct guarded {
    struct small;
    struct large;
    using transitions = converge::transitions<
        row<small, if_<paid_event, is_large>, large>, stay<small, unless<paid_event, is_large>>,
        stay<large, paid_event>>;
};
static_assert(verified<guarded>);

/// Only one outcome of the guard is decided.
struct half_guarded {
    struct small;
    struct large;
    using transitions =
        converge::transitions<row<small, if_<paid_event, is_large>, large>, stay<large, paid_event>>;
};
static_assert(std::same_as<
              verdict<half_guarded>,
              no_row_decides<half_guarded, half_guarded::small, unless<paid_event, is_large>>>);

/// Letters of one event with different outcomes have to commute as well.
struct last_one_wins {
    struct start;
    struct small;
    struct large;
    using transitions = converge::transitions<
        row<start, if_<paid_event, is_large>, large>, row<start, unless<paid_event, is_large>, small>,
        row<small, if_<paid_event, is_large>, large>, stay<small, unless<paid_event, is_large>>,
        row<large, unless<paid_event, is_large>, small>, stay<large, if_<paid_event, is_large>>>;
};
static_assert(
    std::same_as<
        verdict<last_one_wins>,
        two_orders_end_in_different_places<
            last_one_wins,
            ends<history<unless<paid_event, is_large>, if_<paid_event, is_large>>, last_one_wins::large>,
            ends<history<if_<paid_event, is_large>, unless<paid_event, is_large>>, last_one_wins::small>,
            mend_with_either<
                stay<last_one_wins::large, unless<paid_event, is_large>>,
                stay<last_one_wins::small, if_<paid_event, is_large>>>>>);

} // namespace

TEST_CASE("the verdicts on machines are what the static assertions of this file say") {
    CHECK(convergent<good>);
    CHECK_FALSE(convergent<late_money_is_lost>);
}
