// SPDX-License-Identifier: MIT
#pragma once

#include <boost/mp11/list.hpp>

namespace converge {

/// All of the terms hold. A term is a state (its machine is in it), `any_of`, `none_of`, `holds`, `fails`, an
/// outcome, or another `when`. Without terms it always holds.
template <class... Terms> struct when {
    using terms = boost::mp11::mp_list<Terms...>;
};

/// At least one of the terms holds.
template <class... Terms> struct any_of {
    using terms = boost::mp11::mp_list<Terms...>;
};

/// None of the terms holds.
template <class... Terms> struct none_of {
    using terms = boost::mp11::mp_list<Terms...>;
};

/// `Predicate{}(data)` is true. The predicate is a stateless function object over the process's data:
/// converged data and converged states give converged effects.
template <class Predicate> struct holds {
    using predicate = Predicate;
};

/// `Predicate{}(data)` is false.
template <class Predicate> struct fails {
    using predicate = Predicate;
};

/// A condition with a name, through which a process is used in a larger one: `struct settled :
/// outcome<when<...>> {};`
template <class Condition> struct outcome {
    using condition = Condition;
};

/// The outcomes of a process, for its member type `outcomes`: what others may ask of it. States that no
/// effect, no outcome and no later event can tell apart may differ at the end of two orders.
template <class... Outcomes> struct outcomes {
    using list = boost::mp11::mp_list<Outcomes...>;
};

} // namespace converge
