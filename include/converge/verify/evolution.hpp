// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/evolution_verdict.hpp>
#include <converge/verify/verified.hpp>

namespace converge {

/// An evolution whose verdict holds.
template <class Type>
concept verified_evolution = evolution<Type> && convergent<Type>;

/// Where an instance of the old process stands in the new one. Complexity: linear in the number of machines
/// and `moves`.
template <verified_evolution Evolution>
constexpr machine_states<typename Evolution::new_process>
evolved_states(machine_states<typename Evolution::old_process> const& in) {
    return detail::evolve<Evolution>(in, machines_of<typename Evolution::new_process>{});
}

} // namespace converge
