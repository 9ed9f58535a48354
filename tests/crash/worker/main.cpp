// SPDX-License-Identifier: MIT
// worker STORE ADDRESS once|plainly run|finish: the program that is killed. It runs the orders of a store,
// and books each command twice over: in the runner's own store and in the ledger, which is another one. A
// letter on the standard output for what the test counts: s, a runner has begun; r, a command was in the
// ledger already; w, it waits for the lock of its predecessor; u, the store could not be reached.

#include <crash/order.hpp>
#include <crash/stores.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stop_token>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <thread>
#include <type_traits>
#include <unistd.h>

namespace {

void tell(char letter) {
    if (::write(STDOUT_FILENO, &letter, 1) != 1)
        ::_exit(3); // the test is gone
}

template <class Ledger> struct bookkeeper {
    Ledger* ledger;
    bool once;

    void operator()(auto const& command, auto& context) const {
        using command_type = std::remove_cvref_t<decltype(command)>;
        crash::booked entry{
            command.order, std::string{converge::wire_name_of<command_type>}, 0, context.id()};
        if constexpr (requires { command.cents; })
            entry.cents = command.cents;
        if (once) {
            if (converge::append_once<crash::ledger>(
                    *ledger, command.order, converge::expected_version::any(), context.id(), entry)
                    .value()
                    .repeated)
                tell('r');
        } else {
            converge::publish<crash::ledger>(*ledger, command.order, entry).value();
        }
        context.template append_once<crash::bookings>(command.order, entry);
    }
};

template <class Where> void work(std::string const& address, bool once, bool finish) {
    auto home = Where::home(address);
    auto ledger = Where::ledger(address);
    auto runner = converge::make_runner<crash::order_process>(
        home, bookkeeper<decltype(ledger)>{&ledger, once}, {.batch_size = 16});
    tell('s');
    if (!finish)
        return runner.run(std::stop_token{});
    // What is pending is due at the second turn; what comes of it is done at the third.
    for (int turn = 0; turn < 3; ++turn) {
        runner.catch_up();
        std::this_thread::sleep_for(2 * crash::time_to_pay);
    }
}

template <class Where> int work_until_it_is_done(std::string const& address, bool once, bool finish) {
    for (;;)
        try {
            work<Where>(address, once, finish);
            return 0;
        } catch (converge::store_error const& error) {
            if (error.trouble() == converge::store_trouble::in_use)
                tell('w'); // the lock of the one that was killed is not free yet
            else if (error.trouble() == converge::store_trouble::unavailable)
                tell('u');
            else
                throw;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
}

} // namespace

int main(int count, char** words) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (count != 5) {
        std::fputs("worker STORE ADDRESS once|plainly run|finish\n", stderr);
        return 2;
    }
    std::string_view const store = words[1];
    std::string const address = words[2];
    bool const once = std::string_view{words[3]} == "once";
    bool const finish = std::string_view{words[4]} == "finish";
    try {
        if (store == crash::in_sqlite::name)
            return work_until_it_is_done<crash::in_sqlite>(address, once, finish);
#ifdef CONVERGE_HAS_POSTGRES
        if (store == crash::in_postgres::name)
            return work_until_it_is_done<crash::in_postgres>(address, once, finish);
#endif
#ifdef CONVERGE_HAS_JETSTREAM
        if (store == crash::in_jetstream::name)
            return work_until_it_is_done<crash::in_jetstream>(address, once, finish);
#endif
        std::fputs("no such store was built in\n", stderr);
        return 2;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "worker: %s\n", error.what());
        return 1;
    }
}
