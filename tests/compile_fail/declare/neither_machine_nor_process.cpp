// SPDX-License-Identifier: MIT
// expect: has_neither_transitions_nor_reads_and_machines<orders>
#include "../order.hpp"

#ifdef REPAIRED
static_assert(verified<order_base>);
#else
static_assert(verified<orders>);
#endif
