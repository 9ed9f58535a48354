// SPDX-License-Identifier: MIT
#pragma once

#include <converge/verify/evolution_places.hpp>
#include <converge/verify/first_refusal.hpp>
#include <converge/verify/process_structure.hpp>

#include <boost/mp11/list.hpp>

#include <concepts>
#include <type_traits>

// Whether the data of an old instance is data of the new process.
namespace converge::detail {

template <class Evolution, class Fold, class... OldFolds>
auto fold_evolution(boost::mp11::mp_list<OldFolds...>) {
    constexpr bool known = ((state_name<OldFolds> == state_name<Fold>) || ...);
    if constexpr (begins_anew<Evolution, Fold>)
        return converges<Evolution>{};
    else if constexpr (known)
        return typename first_refusal<
            converges<Evolution>,
            std::conditional_t<
                state_name<OldFolds> != state_name<Fold> ||
                    std::same_as<typename OldFolds::state_type, typename Fold::state_type>,
                converges<Evolution>, fold_has_changed<Evolution, OldFolds, Fold>>...>::type{};
    else if constexpr (old_process_reads<Evolution>(typename Fold::events{}))
        return fold_has_no_past<Evolution, Fold>{};
    else
        return converges<Evolution>{};
}

template <class Evolution, class... Folds> auto folds_evolution(boost::mp11::mp_list<Folds...>) {
    using old_data = data_of<old_of<Evolution>>;
    using new_data = data_of<new_of<Evolution>>;
    if constexpr (has_free_data<old_of<Evolution>> || has_free_data<new_of<Evolution>>)
        return std::conditional_t<
            std::same_as<old_data, new_data> || begins_anew<Evolution, new_data>, converges<Evolution>,
            data_has_no_place<Evolution, old_data, new_data>>{};
    else
        return typename first_refusal<
            converges<Evolution>,
            decltype(fold_evolution<Evolution, Folds>(folds_of<old_of<Evolution>>{}))...>::type{};
}

} // namespace converge::detail
