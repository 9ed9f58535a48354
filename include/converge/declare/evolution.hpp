// SPDX-License-Identifier: MIT
#pragma once

#include <boost/mp11/list.hpp>

namespace converge {

/// A state of the old process and what it is called in the new one.
template <class OldState, class NewState> struct renames {};

/// An old instance in `From` (a state, or any condition over states of the old process) begins in the states
/// `To` of the new one. Goes before `renames` and before equal names.
template <class From, class... To> struct moves {};

/// A machine or a fold of the new process that starts from its beginning in an old instance too, although the
/// old process has had events for it: they are forgotten on purpose.
template <class Part> struct begins {};

/// A new declaration of a process for whose old instances each state has a place: derive a struct from it, so
/// that error messages say its name, and assert it: `struct upgrade : evolves<order_v1, order_v2,
/// renames<payment::paid, payment_2::settled>> {}; static_assert(verified<upgrade>);`
///
/// A machine of the new process takes the state of the old machine of the same name: the one that `renames`
/// gives, else the one of the same name. A new machine begins at its beginning if the old process read none
/// of its events. A fold keeps its value under its name. All else has to be said with `moves` and `begins`.
template <class Old, class New, class... Terms> struct evolves {
    using old_process = Old;
    using new_process = New;
    using evolution_terms = boost::mp11::mp_list<Terms...>;
};

/// A type that derives from `evolves<...>`.
template <class Type>
concept evolution = requires {
    typename Type::old_process;
    typename Type::new_process;
    typename Type::evolution_terms;
};

} // namespace converge
