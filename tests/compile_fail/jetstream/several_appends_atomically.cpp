// SPDX-License-Identifier: MIT
// before: 3
// expect: store_does_not_write_several_appends_atomically<
#include <converge/store/commit_atomically.hpp>
#include <converge/store/jetstream.hpp>
#include <converge/store/memory.hpp>

#ifdef REPAIRED
using store_of_this_program = converge::memory_store;
#else
using store_of_this_program = converge::jetstream_store;
#endif

// Money leaves one account and arrives at another, or neither.
bool transfer(
    store_of_this_program& store, converge::new_event const& taken, converge::new_event const& given) {
    converge::append_request const appends[] = {
        {"accounts", "from", converge::expected_version::exactly(1), {&taken, 1}},
        {"accounts", "to", converge::expected_version::exactly(1), {&given, 1}}};
    return converge::commit_atomically(store, {appends, {}}).has_value();
}
