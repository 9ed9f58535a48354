// SPDX-License-Identifier: MIT
#pragma once

namespace converge::detail {

/// The first verdict of a list that does not hold, else `Otherwise`.
template <class Otherwise, class... Verdicts> struct first_refusal {
    using type = Otherwise;
};

template <class Otherwise, class Verdict, class... Verdicts>
    requires(!Verdict::holds)
struct first_refusal<Otherwise, Verdict, Verdicts...> {
    using type = Verdict;
};

template <class Otherwise, class Verdict, class... Verdicts>
    requires(Verdict::holds)
struct first_refusal<Otherwise, Verdict, Verdicts...> : first_refusal<Otherwise, Verdicts...> {};

} // namespace converge::detail
