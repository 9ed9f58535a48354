// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <run/order.hpp>
#include <vector>

namespace {

using namespace std::chrono_literals;
using converge::effect, converge::when, converge::any_of, converge::none_of, converge::holds, converge::fails,
    converge::undone_by, converge::adjusted_by, converge::deadline;

template <class... Effects> struct with {
    static constexpr converge::name name{"order"};
    using reads = order_process::reads;
    using machines = order_process::machines;
    using data = order_process::data;
    using repeats = order_process::repeats;
    using effects = converge::effects<Effects...>;
    static auto correlate(auto const& event) { return event.order; }
};
using money = effect<when<payment::paid>, refund, undone_by<recall>>;

struct settled : converge::outcome<when<payment::paid>> {};

// A machine with the states and events of `payment`, in which late money is lost.
namespace late_money_is_lost {
struct payment {
    struct awaiting;
    struct paid;
    struct expired;
    static constexpr converge::name name{"payment"};
    using transitions = converge::transitions<
        converge::row<awaiting, payments::payment_received, paid>,
        converge::row<awaiting, payments::payment_timed_out, expired>,
        converge::stay<expired, payments::payment_received>,
        converge::stay<paid, payments::payment_received, payments::payment_timed_out>,
        converge::stay<expired, payments::payment_timed_out>>;
};
struct process : with<> {
    using machines = converge::machines<placement, payment, cancellation>;
};
} // namespace late_money_is_lost

} // namespace

TEST_CASE("every part of a declaration has its say in the fingerprint") {
    using converge::fingerprint_of;
    std::vector<std::uint64_t> all{
        fingerprint_of<with<>>,
        fingerprint_of<late_money_is_lost::process>,
        fingerprint_of<with<money>>,
        fingerprint_of<with<money, money>>,
        fingerprint_of<with<effect<when<payment::expired>, refund, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<payment::awaiting>, refund, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<cancellation::open>, refund, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<payment::paid, cancellation::open>, refund, undone_by<recall>>>>,
        fingerprint_of<
            with<effect<when<any_of<payment::paid, cancellation::open>>, refund, undone_by<recall>>>>,
        fingerprint_of<
            with<effect<when<none_of<payment::paid, cancellation::open>>, refund, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<holds<much_is_paid>>, refund, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<fails<much_is_paid>>, refund, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<payment::paid>, ship, undone_by<recall>>>>,
        fingerprint_of<with<effect<when<payment::paid>, ship>>>,
        fingerprint_of<with<effect<when<payment::paid>, refund, undone_by<reclaim>>>>,
        fingerprint_of<
            with<effect<when<payment::paid>, refund, adjusted_by<&refund::cents, &reclaim::cents>>>>,
        fingerprint_of<with<
            effect<when<payment::awaiting>, deadline<payments::payment_timed_out, converge::period{1min}>>>>,
        fingerprint_of<with<
            effect<when<payment::awaiting>, deadline<payments::payment_timed_out, converge::period{2min}>>>>,
        fingerprint_of<order_process>};
    std::sort(all.begin(), all.end());
    CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
    // An outcome stands for its condition.
    CHECK(
        fingerprint_of<with<effect<when<settled>, refund, undone_by<recall>>>> ==
        fingerprint_of<with<effect<when<when<payment::paid>>, refund, undone_by<recall>>>>);
}

TEST_CASE("stored steps depend on this fingerprint, with every compiler") {
    CHECK(converge::fingerprint_text(converge::fingerprint_of<order_process>) == "338972487951727a");
}
