// SPDX-License-Identifier: MIT
#pragma once

#include "delivered_histories.hpp"

#include <converge/verify/order_differences.hpp>
#include <converge/verify/order_path.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

// The check of orders, applied to a drawn process.
namespace drawn {

using converge::detail::exploration_plan;
using converge::detail::explored_histories;
using converge::detail::order_comparison;
using converge::detail::order_fault;
using converge::detail::order_path;

inline constexpr std::size_t node_bound = 400;

/// What the check says, in terms that do not depend on its tables.
struct check_result {
    bool complete = false;
    order_fault fault = order_fault::none;
    std::size_t more = 0; // deliveries after the two orders until they differ
    bool merged = false;
    std::uint64_t accepted = 0;
    deliveries one; // the counterexample
    deliveries other;
    std::size_t one_end = 0; // states
    std::size_t other_end = 0;
};

inline bool is_redelivery(order_fault fault) {
    return fault == order_fault::redelivery_states || fault == order_fault::redelivery_commands;
}
inline bool is_of_commands(order_fault fault) {
    return fault == order_fault::commands || fault == order_fault::redelivery_commands;
}

/// The history of a node, from the links to its parents.
template <class Histories> std::vector<std::size_t> way_to(Histories const& histories, std::size_t node) {
    std::vector<std::size_t> way;
    for (; node != 0; node = histories.parent[node])
        way.insert(way.begin(), histories.by[node]);
    return way;
}

/// The histories of a counterexample, in letters of the check.
template <class Histories, class Difference>
std::vector<std::size_t> way_of(Histories const& histories, Difference const& found, bool other) {
    auto way = way_to(histories, found.node);
    if (!is_redelivery(found.fault))
        way.insert(way.end(), {other ? found.second : found.first, other ? found.first : found.second});
    else if (way.push_back(found.first); other)
        way.push_back(found.second);
    way.insert(way.end(), found.more.begin(), found.more.begin() + found.more_size);

    order_path<Histories, Difference> const path{histories, found};
    REQUIRE(path.length(other) == way.size());
    for (std::size_t step = 0; step < way.size(); ++step)
        REQUIRE(path.letter(other, step) == way[step]);
    return way;
}

template <std::size_t Machines> check_result check_composition(process const& drawn) {
    using plan = exploration_plan<maximum_letters, Machines, maximum_events>;
    using histories_type = explored_histories<node_bound, 2 * maximum_letters, plan, Machines>;
    tables const made{drawn};
    auto const view = made.view();
    auto const histories = std::make_unique<histories_type>(view, plan{view});
    if (!histories->complete)
        return {};
    auto const same = [&](auto const& one, auto const& other) {
        return drawn.seen_as[drawn.number_of(one)] == drawn.seen_as[drawn.number_of(other)];
    };
    using comparison = order_comparison<histories_type, node_bound, decltype(same)>;
    auto const found = std::make_unique<comparison>(view, *histories, same)->run();

    auto const in_steps = std::make_unique<comparison>(view, *histories, same);
    for (std::size_t node = 0; node < histories->size; node += 3)
        in_steps->compare(node, node + 3);
    while (!in_steps->done())
        in_steps->follow(2);
    REQUIRE(in_steps->result().fault == found.fault);
    REQUIRE(in_steps->result().one_end == found.one_end);
    REQUIRE(in_steps->result().merged == found.merged);

    check_result result{
        true,
        found.fault,
        found.more_size,
        found.merged,
        found.accepted,
        {},
        {},
        drawn.number_of(histories->states[found.one_end]),
        drawn.number_of(histories->states[found.other_end])};
    if (found.fault == order_fault::none)
        return result;
    auto const written_out = [&](bool other) {
        deliveries history;
        for (auto const at : way_of(*histories, found, other)) {
            auto const& letter = histories->plan.letters[at];
            history += static_cast<char>(letter.letter + (letter.again ? drawn.letters.size() : 0U));
        }
        return history;
    };
    result.one = written_out(false);
    result.other = written_out(true);
    auto const again = histories->distance(found.node) + 1;
    if (is_redelivery(found.fault) && number_of(result.other[again]) < drawn.letters.size())
        result.other[again] = static_cast<char>(number_of(result.other[again]) + drawn.letters.size());
    return result;
}

inline check_result check(process const& drawn) {
    switch (drawn.machines.size()) {
    case 1:
        return check_composition<1>(drawn);
    case 2:
        return check_composition<2>(drawn);
    default:
        return check_composition<3>(drawn);
    }
}

} // namespace drawn
