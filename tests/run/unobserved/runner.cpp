// SPDX-License-Identifier: MIT
// A runner that nobody watches; with -DWATCHED somebody does. See `compare`.
#include <run/order.hpp>

#ifdef WATCHED
struct lag_of_modules {
    converge::position* lag;
    void operator()(converge::batch_handled const& batch) const { *lag = batch.head - batch.through; }
};
#else
struct lag_of_modules {
    converge::position* lag;
};
#endif

void work(converge::memory_store& store, void (*book)(std::string const&), converge::position& lag);
void work(converge::memory_store& store, void (*book)(std::string const&), converge::position& lag) {
    auto runner = converge::make_runner<order_process>(
        store, [book](auto const& command) { book(command.order); }, {.concurrent_commands = 4},
        converge::json_codec{}, lag_of_modules{&lag});
    runner.catch_up();
    (void)runner.replay_parked();
}
