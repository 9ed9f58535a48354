// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <dispatch/workload.hpp>
#include <flat.hpp>
#include <tuple>
#include <utility>
#include <vector>

// The workload `known`: the machine of `flat`, but each call knows the type of its event, as a handler of
// that type does. Events of one type come in blocks; each event is for another instance, whose state nobody
// foresees.

inline constexpr std::size_t events_of_a_block = 64;
inline constexpr std::size_t known_instances = 1024;

/// Events by type.
class typed_log {
public:
    explicit typed_log(std::size_t size) : rounds_{size / (types * events_of_a_block)} {
        drawn_numbers random{11};
        std::apply(
            [&](auto&... events) {
                (..., [&] {
                    using event = typename std::remove_reference_t<decltype(events)>::value_type;
                    for (std::size_t at = 0; at < rounds_ * events_of_a_block; ++at)
                        events.push_back(drawn_event<event>(random));
                }());
            },
            events_);
    }

    /// How many events there are.
    std::size_t size() const { return rounds_ * types * events_of_a_block; }

    /// Calls `take(instance, event, type)` with each event, and adds up what it returns; `type` is a
    /// constant.
    template <class Instances, class Take> std::uint64_t replay(Instances& instances, Take take) const {
        std::uint64_t total = 0;
        std::size_t block = 0;
        for (std::size_t round = 0; round < rounds_; ++round)
            [&]<std::size_t... Types>(std::index_sequence<Types...>) {
                (..., [&] {
                    auto const* const events = std::get<Types>(events_).data() + round * events_of_a_block;
                    auto* const of_block =
                        instances.data() + block++ * 7 * events_of_a_block % known_instances;
                    std::uint64_t added = 0;
                    for (std::size_t at = 0; at < events_of_a_block; ++at)
                        added += take(of_block[at], events[at], std::integral_constant<std::size_t, Types>{});
                    total += added;
                }());
            }(std::make_index_sequence<types>{});
        return total;
    }

private:
    static constexpr std::size_t types = boost::mp11::mp_size<flat::workload::events>::value;

    template <class Event> using vector_of = std::vector<Event>;
    std::size_t rounds_;
    boost::mp11::mp_rename<boost::mp11::mp_transform<vector_of, flat::workload::events>, std::tuple> events_;
};

namespace contenders::known {

std::uint64_t floor(typed_log const&);
std::uint64_t converge(typed_log const&);
std::uint64_t nested_switch(typed_log const&);
std::uint64_t variant(typed_log const&);
std::uint64_t msm(typed_log const&);
std::uint64_t statechart(typed_log const&);

} // namespace contenders::known
