// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/runner.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <crash/audit.hpp>
#include <crash/order.hpp>
#include <crash/publisher.hpp>
#include <crash/stores.hpp>
#include <crash/victim.hpp>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>

namespace crash {

/// A number from the environment, or another one where it has none.
inline std::uint64_t number_in_environment(char const* name, std::uint64_t otherwise) {
    auto const* const text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

/// How often the worker is killed: the environment variable CONVERGE_KILLS, else 20.
inline std::uint64_t kills_wanted() { return number_in_environment("CONVERGE_KILLS", 20); }

/// What moments are drawn from: the environment variable CONVERGE_SEED, else chance.
inline std::uint64_t seed_of_moments() {
    return number_in_environment("CONVERGE_SEED", std::random_device{}());
}

/// How the worker is killed.
struct killing_plan {
    std::uint64_t kills = kills_wanted();
    std::chrono::milliseconds longest_life{250}; ///< a worker is killed before this has passed
    std::uint64_t orders = 15;                   ///< placed for each worker
    /// A first worker is left to finish, so that the store has all there is to have.
    bool undisturbed_first = false;
    bool once = true; ///< handlers write with `append_once`
};

/// Kills workers at random moments while orders are placed, lets the last one finish, and looks at what is
/// there.
template <class Where> class killing {
public:
    killing(std::string address, killing_plan plan)
        : address_{std::move(address)}, plan_{plan}, store_{Where::home(address_)},
          ledger_{Where::ledger(address_)} {}

    /// `between` is called before each worker with its number; what it returns is the longest life of this
    /// one.
    template <class Between> audit_result run(Between between) {
        auto const began = std::chrono::steady_clock::now();
        auto const seed = seed_of_moments();
        CAPTURE(seed);
        std::mt19937_64 random{seed};
        publisher others{Where{}, address_};
        if (plan_.undisturbed_first) {
            others.place_more(plan_.orders);
            let_finish();
        }
        std::uint64_t killed = 0;
        std::uint64_t in_the_cradle = 0; // in a row, before they were at work
        std::int64_t slowness = 1;       // of the machine, or of a build with sanitizers
        for (std::uint64_t number = 0; number < plan_.kills; ++number) {
            std::chrono::microseconds const longest = between(number);
            others.place_more(plan_.orders);
            victim worker{{Where::name, address_, word(), "run"}};
            std::this_thread::sleep_for(
                slowness * std::chrono::microseconds{
                               std::uniform_int_distribution<std::int64_t>{0, longest.count()}(random)});
            REQUIRE_MESSAGE(worker.kill(), "a worker ended by itself");
            ++killed;
            auto told = worker.told();
            in_the_cradle = told['s'] == 0 ? in_the_cradle + 1 : 0;
            if (in_the_cradle == 4) {
                slowness *= 2;
                in_the_cradle = 0;
            }
            for (auto const& [letter, times] : told)
                told_[letter] += times;
        }
        auto const trouble = others.finish();
        REQUIRE_MESSAGE(trouble.empty(), trouble);
        let_finish();
        auto const result = audit<decltype(store_), decltype(ledger_)>::of(store_, ledger_);
        std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;
        std::ostringstream text;
        text << Where::name << ", seed " << seed << ": " << killed << " kills, " << told_['s']
             << " of them of a runner at work; " << result.orders << " orders, " << result.events
             << " events, " << result.steps << " steps, " << result.effects << " effects, " << told_['r']
             << " of them handed over again; " << result.deadlines << " deadlines, " << result.fired
             << " fired; waited " << told_['w'] << " times for the lock, " << told_['u']
             << " times for the store; " << std::fixed << std::setprecision(1) << took.count() << " s";
        MESSAGE(text.str());
        return result;
    }
    audit_result run() {
        return run([this](std::uint64_t /*number*/) { return plan_.longest_life; });
    }

    /// A further runner finds nothing to do.
    void check_that_nothing_is_left() {
        auto runner = converge::make_runner<order_process>(store_, [](auto const&) {});
        runner.catch_up();
        CHECK(runner.counts().steps == 0);
        CHECK(runner.counts().commands == 0);
        CHECK(runner.counts().deadlines == 0);
        CHECK(runner.parked().empty());
    }

private:
    char const* word() const { return plan_.once ? "once" : "plainly"; }
    void let_finish() {
        victim worker{{Where::name, address_, word(), "finish"}};
        REQUIRE(worker.finish() == 0);
        told_['r'] += worker.told()['r'];
    }

    std::string address_;
    killing_plan plan_;
    decltype(Where::home("")) store_;
    decltype(Where::ledger("")) ledger_;
    std::map<char, std::uint64_t> told_;
};

/// The whole test, for stores that stay.
template <class Where> void check_killing(std::string const& address, killing_plan const& plan = {}) {
    killing<Where> workers{address, plan};
    auto const result = workers.run();
    CHECK_MESSAGE(result.wrong.empty(), result.text());
    CHECK(result.effects != 0);
    CHECK(result.fired != 0);
    workers.check_that_nothing_is_left();
}

} // namespace crash
