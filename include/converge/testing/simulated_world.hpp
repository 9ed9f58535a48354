// SPDX-License-Identifier: MIT
#pragma once

#include <converge/testing/simulated_disk.hpp>
#include <converge/testing/simulation_faults.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// Thrown out of a store call when the worker dies there. No `std::exception`, so that nobody takes it for an
/// error to be handled; whoever catches everything and goes on meets it again at the next call.
struct simulated_crash {};

/// Thrown out of every store call when a schedule does not come to an end.
struct simulation_ended {};

/// What is known of one worker, from its start to its death.
struct simulated_worker {
    std::size_t number = 0;
    bool at_work = false; ///< it is in a call, perhaps while others are at work
    bool dead = false;    ///< it dies at its next store call
    std::chrono::microseconds clock_skew{};
    timestamp latest_now{};                              ///< the latest time that it was told
    std::vector<std::pair<std::string, position>> saved; ///< reader and module, and the cursor it saved last

    std::string name() const { return "w" + std::to_string(number); }
};

/// Is told of everything that reaches the disk.
class simulation_observer {
public:
    /// `by` is null when no worker wrote it.
    virtual void appended(std::string_view module, event_view const& event, simulated_worker const* by) = 0;
    virtual void saved(cursor const& moved, simulated_worker const& by) = 0;
    /// A handler begins, and is about to return.
    virtual void begun(std::string_view key, simulated_worker const& by) = 0;
    virtual void handled(event_id const& command) = 0;

protected:
    simulation_observer() = default;
    simulation_observer(simulation_observer const&) = default;
    simulation_observer& operator=(simulation_observer const&) = default;
    ~simulation_observer() = default;
};

/// Everything that the parts of a simulation share: random numbers, disk, clock, faults, trace. Used by one
/// thread.
class simulated_world {
public:
    explicit simulated_world(std::uint64_t seed) : random{seed}, salt_{random.next()} {}

    simulation_random random;
    simulated_disk disk;
    fault_rates rates;
    fault_counts counts;
    timestamp clock{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
    /// The clock that only goes forward: a millisecond for each store call, and what is waited beside.
    std::chrono::milliseconds waited{};
    std::chrono::steady_clock::time_point steady_now() const {
        return std::chrono::steady_clock::time_point{
            std::chrono::milliseconds{static_cast<std::int64_t>(calls)} + waited};
    }
    bool calm = false; ///< nothing goes wrong any more, and what was poisoned is cured
    simulation_observer* observer = nullptr;
    std::function<void()> let_others_work; ///< does something else, before a call goes on
    std::uint64_t calls = 0;               ///< store calls made
    std::uint64_t call_limit = 100'000;
    bool ended = false;
    std::vector<std::string> troubles;
    std::string* trace = nullptr; ///< null: nothing is traced
    simulated_worker const* tracing = nullptr;

    /// Whether a fault occurs now; it is counted then.
    bool occurs(simulated_fault fault) {
        if (calm || !random.one_in(rates[fault]))
            return false;
        ++counts[fault];
        return true;
    }

    /// Whether something is poisoned, as long as nothing is cured: the same answer for the same bytes.
    bool poisoned(simulated_fault fault, std::string_view bytes) {
        auto const rate = rates[fault];
        if (calm || rate == 0)
            return false;
        auto hash = salt_ + static_cast<std::uint64_t>(fault);
        for (auto const byte : bytes)
            hash = simulation_random::mixed(hash ^ static_cast<unsigned char>(byte));
        if (hash % rate != 0)
            return false;
        ++counts[fault];
        return true;
    }

    /// Lets others work, now and then.
    void interleave() {
        if (depth_ >= deepest || !let_others_work || !occurs(simulated_fault::switched_worker))
            return;
        auto const* const before = tracing;
        ++depth_;
        let_others_work();
        --depth_;
        tracing = before;
    }

    append_result append(append_request const& request, simulated_worker const* by) {
        prepare_write();
        auto const written = disk.append(request);
        if (written)
            tell(request, *written, by);
        return written;
    }
    batch_result commit(batch const& together, simulated_worker const* by) {
        prepare_write();
        auto const written = disk.commit(together);
        if (!written)
            return written;
        for (std::size_t at = 0; at < written->size(); ++at)
            tell(together.appends[at], (*written)[at], by);
        if (observer != nullptr)
            for (auto const& each : together.cursors)
                observer->saved(each, *by);
        return written;
    }
    void save(cursor const& moved, simulated_worker const& by) {
        disk.save_cursor(moved);
        if (observer != nullptr)
            observer->saved(moved, by);
    }

    /// Notes what went wrong. A schedule has few troubles, or very many.
    void trouble(std::string what) {
        note([&] { return "TROUBLE: " + what; });
        if (troubles.size() < 20)
            troubles.push_back(std::move(what));
    }
    /// Adds a line to the trace; `text` is called only when there is one.
    template <class Text> void note(Text const& text) {
        if (trace == nullptr)
            return;
        trace->append(2 * depth_, ' ');
        *trace += tracing == nullptr ? "-- " : tracing->name() + " ";
        *trace += text();
        *trace += '\n';
    }

private:
    static constexpr std::size_t deepest = 3;

    void prepare_write() {
        if (!calm)
            clock += std::chrono::milliseconds{random.below(2'000)};
        disk.now = clock;
        if (occurs(simulated_fault::position_gap))
            disk.gap = random.between(1, 5);
    }
    void tell(append_request const& request, appended const& written, simulated_worker const* by) {
        if (observer == nullptr || written.repeated)
            return;
        auto const& log = *disk.find(request.module);
        auto const first = log.place_after(written.first - 1);
        for (std::size_t at = 0; at < request.events.size(); ++at)
            observer->appended(request.module, log.view(first + at), by);
    }

    std::uint64_t salt_;
    std::size_t depth_ = 0;
};

namespace detail {

/// The world of the simulation that this thread runs.
inline thread_local simulated_world* world_of_this_thread = nullptr;

} // namespace detail

/// Whether code of a process should fail here: in a simulation now and then, the same for the same seed; when
/// all is cured, and outside of simulations, never. For `correlate`, guards and predicates that may throw:
///
///     if (converge::testing::disturbed()) throw std::runtime_error{"no opinion"};
inline bool disturbed() {
    auto* const world = detail::world_of_this_thread;
    return world != nullptr && world->occurs(simulated_fault::failed_code);
}

} // namespace converge::testing
