// SPDX-License-Identifier: MIT
#include <converge/verify/evolution.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <cstdint>
#include <string>

// What a new declaration must say of the instances of the old one.
namespace {

using namespace converge;

struct placed {
    std::string order;
};
struct paid {
    std::string order;
    std::int64_t cents;
};
struct cancelled {
    std::string order;
};
struct reminded {
    std::string order;
};
struct shop : module<"shop", placed, paid, cancelled, reminded> {};
struct other_shop : module<"other", placed, paid, cancelled> {};

struct base {
    static constexpr converge::name name{"order"};
    using reads = converge::reads<shop>;
    static std::string correlate(auto const& event) { return event.order; }
};
struct ship {};
struct recall {};

struct payment {
    struct awaiting;
    struct received;
    using transitions = converge::transitions<row<awaiting, paid, received>, stay<received, paid>>;
};
struct cancellation {
    struct open;
    struct closed;
    using transitions = converge::transitions<row<open, cancelled, closed>, stay<closed, cancelled>>;
};
struct version_1 : base {
    using machines = converge::machines<payment, cancellation>;
};

// --- nothing to say

struct version_1_again : base {
    using machines = converge::machines<cancellation, payment>;
};
struct same : evolves<version_1, version_1_again> {};
static_assert(verified<same>);
static_assert(std::same_as<verdict<same>, converges<same>>);

// --- a state renamed

namespace two {
struct payment {
    struct awaiting;
    struct settled;
    using transitions = converge::transitions<row<awaiting, paid, settled>, stay<settled, paid>>;
};
} // namespace two
struct version_2 : base {
    using machines = converge::machines<two::payment, cancellation>;
};
struct forgets_received : evolves<version_1, version_2> {};
static_assert(
    std::same_as<
        verdict<forgets_received>,
        old_state_has_no_place<forgets_received, two::payment, when<payment::received>, history<paid>>>);
struct renames_received : evolves<version_1, version_2, renames<payment::received, two::payment::settled>> {};
static_assert(verified<renames_received>);
static_assert(
    evolved_states<renames_received>({1, 1}) == machine_states<version_2>{1, 1} &&
    evolved_states<renames_received>({0, 1}) == machine_states<version_2>{0, 1});

struct renames_a_stranger
    : evolves<version_1, version_2, renames<two::payment::settled, two::payment::settled>> {};
static_assert(
    std::same_as<verdict<renames_a_stranger>, state_is_in_no_machine<version_1, two::payment::settled>>);
struct renames_to_a_stranger : evolves<version_1, version_2, renames<payment::received, payment::received>> {
};
static_assert(
    std::same_as<verdict<renames_to_a_stranger>, state_is_in_no_machine<version_2, payment::received>>);

// --- two machines become one, by combinations

struct outcome_machine {
    struct nothing;
    struct bought;
    struct off;
    struct refund;
    using transitions = converge::transitions<
        row<nothing, paid, bought>, row<nothing, cancelled, off>, row<bought, cancelled, refund>,
        row<off, paid, refund>, stay<bought, paid>, stay<off, cancelled>, stay<refund, paid, cancelled>>;
};
struct version_3 : base {
    using machines = converge::machines<outcome_machine>;
};
struct says_nothing : evolves<version_1, version_3> {};
static_assert(
    std::same_as<
        verdict<says_nothing>, old_state_has_no_place<says_nothing, outcome_machine, when<>, history<>>>);
struct forgets_a_combination
    : evolves<
          version_1, version_3, moves<when<payment::awaiting, cancellation::open>, outcome_machine::nothing>,
          moves<when<payment::received, cancellation::open>, outcome_machine::bought>,
          moves<when<payment::awaiting, cancellation::closed>, outcome_machine::off>> {};
static_assert(std::same_as<
              verdict<forgets_a_combination>,
              old_state_has_no_place<
                  forgets_a_combination, outcome_machine, when<payment::received, cancellation::closed>,
                  history<paid, cancelled>>>);
struct all_combinations
    : evolves<
          version_1, version_3, moves<when<payment::awaiting, cancellation::open>, outcome_machine::nothing>,
          moves<when<payment::received, cancellation::open>, outcome_machine::bought>,
          moves<when<payment::awaiting, cancellation::closed>, outcome_machine::off>,
          moves<when<payment::received, cancellation::closed>, outcome_machine::refund>> {};
static_assert(verified<all_combinations>);
static_assert(evolved_states<all_combinations>({1, 1}) == machine_states<version_3>{3});
struct two_places : evolves<
                        version_1, version_3, moves<payment::awaiting, outcome_machine::nothing>,
                        moves<payment::received, outcome_machine::bought>,
                        moves<cancellation::closed, outcome_machine::off>> {};
static_assert(std::same_as<
              verdict<two_places>, old_state_has_two_places<
                                       two_places, when<payment::awaiting, cancellation::closed>,
                                       outcome_machine::nothing, outcome_machine::off>>);

// --- a new machine

struct reminders {
    struct none;
    struct sent;
    using transitions = converge::transitions<row<none, reminded, sent>, stay<sent, reminded>>;
};
struct version_4 : base {
    using machines = converge::machines<payment, cancellation, reminders>;
};
/// The old process read the reminders' module, and no instance remembers what it had.
struct forgets_reminders : evolves<version_1, version_4> {};
static_assert(
    std::same_as<
        verdict<forgets_reminders>, old_state_has_no_place<forgets_reminders, reminders, when<>, history<>>>);
struct begins_reminders : evolves<version_1, version_4, begins<reminders>> {};
static_assert(verified<begins_reminders>);
static_assert(evolved_states<begins_reminders>({1, 0}) == machine_states<version_4>{1, 0, 0});

struct mail_sent {
    std::string order;
};
struct mail : module<"mail", mail_sent> {};
struct mails {
    struct none;
    struct sent;
    using transitions = converge::transitions<row<none, mail_sent, sent>, stay<sent, mail_sent>>;
};
struct version_5 : base {
    using reads = converge::reads<shop, mail>;
    using machines = converge::machines<payment, cancellation, mails>;
};
struct reads_more : evolves<version_1, version_5> {};
static_assert(verified<reads_more>);

// --- a machine that converges only in its environment must stand where it would stand itself

struct order {
    struct unknown;
    struct open;
    struct done;
    using transitions = converge::transitions<
        row<unknown, placed, open>, stay<unknown, paid>, row<open, paid, done>, stay<open, placed>,
        stay<done, placed, paid>>;
};
struct version_6 : base {
    using machines = converge::machines<order>;
    using environment = converge::environment<happens_before<placed, paid>>;
};
struct placement {
    struct unknown;
    struct open;
    using transitions = converge::transitions<row<unknown, placed, open>, stay<open, placed>>;
};
struct version_0 : base {
    using machines = converge::machines<placement, payment>;
    using environment = converge::environment<happens_before<placed, paid>>;
};
struct stays_with_its_history : evolves<
                                    version_0, version_6, moves<placement::unknown, order::unknown>,
                                    moves<when<placement::open, payment::awaiting>, order::open>,
                                    moves<when<placement::open, payment::received>, order::done>> {};
static_assert(verified<stays_with_its_history>);
struct forgets_the_money : evolves<
                               version_0, version_6, moves<placement::unknown, order::unknown>,
                               moves<placement::open, order::open>> {};
static_assert(
    std::same_as<
        verdict<forgets_the_money>, old_state_is_placed_off_its_history<
                                        forgets_the_money, when<placement::open>, order::open, order::done>>);

// --- effects that cannot be undone

struct ships : base {
    using machines = converge::machines<payment>;
    using effects = converge::effects<effect<when<payment::received>, ship>>;
};
struct stops_when_cancelled {
    static constexpr converge::name name{"payment"};
    struct awaiting;
    struct refused;
    struct received;
    using transitions = converge::transitions<
        row<awaiting, paid, received>, stay<received, paid>, row<refused, paid, received>,
        row<awaiting, cancelled, refused>, stay<refused, cancelled>, stay<received, cancelled>>;
};
struct ships_2 : base {
    using machines = converge::machines<stops_when_cancelled>;
    using effects = converge::effects<effect<when<stops_when_cancelled::received>, ship>>;
};
struct keeps_what_is_shipped : evolves<ships, ships_2> {};
static_assert(verified<keeps_what_is_shipped>);

struct two_machines_ship : base {
    using machines = converge::machines<payment, cancellation>;
    using environment = converge::environment<exclusive<paid, cancelled>>;
    using effects = converge::effects<effect<when<payment::received, cancellation::open>, ship>>;
};
struct cannot_know : evolves<version_1, two_machines_ship, begins<cancellation>> {};
static_assert(std::same_as<
              verdict<cannot_know>,
              old_instance_may_have_to_undo<
                  cannot_know, ship, when<payment::received, cancellation::open>, cancelled>>);

// --- data

struct cents : sum<&paid::cents> {};
struct most : maximum<&paid::cents> {};
struct with_sum : version_1 {
    using repeats = converge::repeats<paid>;
    using data = folds<cents>;
};
struct with_both : version_1 {
    using repeats = converge::repeats<paid>;
    using data = folds<cents, most>;
};
struct keeps_the_sum : evolves<with_both, with_sum> {};
static_assert(verified<keeps_the_sum>);
struct asks_for_the_past : evolves<with_sum, with_both> {};
static_assert(std::same_as<verdict<asks_for_the_past>, fold_has_no_past<asks_for_the_past, most>>);
struct begins_to_look : evolves<with_sum, with_both, begins<most>> {};
static_assert(verified<begins_to_look>);

namespace two {
struct cents : maximum<&paid::cents> {};
} // namespace two
struct with_another_sum : version_1 {
    using data = folds<two::cents>;
};
struct changes_the_sum : evolves<with_sum, with_another_sum> {};
static_assert(std::same_as<verdict<changes_the_sum>, fold_has_changed<changes_the_sum, cents, two::cents>>);

struct notes {
    int lines = 0;
};
struct with_notes : version_1 {
    using data = notes;
    static void apply(notes& data, paid const&) { ++data.lines; }
};
struct takes_notes : evolves<version_1, with_notes> {};
static_assert(std::same_as<verdict<takes_notes>, data_has_no_place<takes_notes, folds<>, notes>>);
struct begins_notes : evolves<version_1, with_notes, begins<notes>> {};
static_assert(verified<begins_notes>);

// --- the same process

struct renamed_process : version_1 {
    static constexpr converge::name name{"another"};
};
struct is_another : evolves<version_1, renamed_process> {};
static_assert(
    std::same_as<verdict<is_another>, process_has_another_name<is_another, version_1, renamed_process>>);
struct lives_elsewhere : version_1 {
    using reads = converge::reads<other_shop>;
};
struct moves_home : evolves<version_1, lives_elsewhere> {};
static_assert(std::same_as<verdict<moves_home>, home_has_moved<moves_home, shop, other_shop>>);

struct diverges {
    struct nobody;
    struct money;
    struct end;
    using transitions = converge::transitions<
        row<nobody, paid, money>, row<nobody, cancelled, end>, stay<money, paid, cancelled>,
        stay<end, paid, cancelled>>;
};
struct diverging : base {
    using machines = converge::machines<diverges>;
};
struct to_something_wrong : evolves<version_1, diverging> {};
static_assert(std::same_as<verdict<to_something_wrong>, verdict<diverging>>);

} // namespace

TEST_CASE("old instances have their places as the static assertions of this file say") {
    CHECK(convergent<all_combinations>);
    CHECK_FALSE(convergent<forgets_a_combination>);
}
