// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/module.hpp>

#include <boost/mp11/list.hpp>

#include <cstddef>

namespace converge {

/// The machines of a process; every event goes to each machine that knows it. A process may stand in the list
/// too: its machines, effects and data become part of the larger process. A machine that comes in twice is
/// one machine.
template <class... Machines> struct machines {
    using list = boost::mp11::mp_list<Machines...>;
};

/// The events of which several with equal content count (two payments of the same sum are two payments), so
/// that taking one twice may differ from taking it once. Redeliveries of one and the same event are told by
/// their position in any case.
template <class... Events> struct repeats {
    using list = boost::mp11::mp_list<Events...>;
};

/// A struct with member types `reads` and `machines`, and `static auto correlate(auto const& event)`, which
/// gives the key of the instance that an event is for: text or an integer.
///
/// Optional members: types `effects`, `data` (`folds<...>` or a struct of your own with `static void
/// apply(data&, event const&)` overloads in the process), `repeats`, `environment`, `outcomes`, `home` (the
/// module whose log holds the process's own records; the first one read, if it is not said), and `static
/// constexpr converge::name name`.
template <class Type>
concept process = requires {
    typename Type::reads::list;
    typename Type::machines::list;
};

} // namespace converge
