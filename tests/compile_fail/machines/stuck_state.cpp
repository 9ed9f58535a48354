// SPDX-License-Identifier: MIT
// expect: no_final_state_can_be_reached_from<door, door::closed>
#include <converge/verify/verified.hpp>

struct pushed {};

struct door {
    struct closed;
    struct open;
    using repeats = converge::repeats<pushed>;
    using transitions =
        converge::transitions<converge::row<closed, pushed, open>, converge::row<open, pushed, closed>>;
#ifdef REPAIRED
    using final_states = converge::states<closed>;
#endif
};
static_assert(converge::verified<door>);
