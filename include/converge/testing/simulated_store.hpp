// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/pipelined_log.hpp>
#include <converge/testing/simulated_world.hpp>

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// What a simulated store can do beside the log and the cursors.
struct simulated_capabilities {
    bool batches = false;     ///< `atomic_batch_log`
    bool pipelined = false;   ///< `pipelined_log`
    bool lookups = false;     ///< `batch_lookup_log`
    bool runner_lock = false; ///< `runner_lock_store`; the lock can be lost, as a lease can
    bool records = false;     ///< `record_store`; with batches also `fenced_log`. Runners are workers then
};

/// The right to run a process manager in a simulation, until it is destroyed or lost.
class simulated_runner_lock {
public:
    simulated_runner_lock(std::map<std::string, std::size_t, std::less<>>& held, std::string process)
        : held_{&held}, process_{std::move(process)}, ticket_{held.at(process_)} {}
    simulated_runner_lock(simulated_runner_lock&& other) noexcept
        : held_{std::exchange(other.held_, nullptr)}, process_{std::move(other.process_)},
          ticket_{other.ticket_} {}
    simulated_runner_lock& operator=(simulated_runner_lock&& other) noexcept {
        std::swap(held_, other.held_);
        std::swap(process_, other.process_);
        std::swap(ticket_, other.ticket_);
        return *this;
    }
    ~simulated_runner_lock() {
        if (held_ == nullptr)
            return;
        auto const found = held_->find(process_);
        if (found != held_->end() && found->second == ticket_)
            held_->erase(found);
    }

private:
    std::map<std::string, std::size_t, std::less<>>* held_; // process to ticket
    std::string process_;
    std::size_t ticket_;
};

/// The locks that are held in a simulation.
struct simulated_locks {
    std::map<std::string, std::size_t, std::less<>> held;
    std::size_t tickets = 0;
};

/// A store in a simulation, one object for each worker, all on the disk of one world. At each call the worker
/// may die before or after, others may work before and after, the call may throw `store_error`
/// (`unavailable`, `busy`, `in_use`) before it has done anything or when it has done everything, a read may
/// give less than there is or the log as it was a moment ago, and a cursor an older value: all of it within
/// the store contract. Used by one thread.
template <simulated_capabilities Capabilities> class simulated_store {
public:
    simulated_store(simulated_world& world, simulated_locks& locks, simulated_worker& worker)
        : world_{&world}, locks_{&locks}, worker_{&worker} {}

    append_result append(append_request const& request) {
        require_valid(request);
        begin([&] { return "append " + text_of(request); });
        auto const result = world_->append(request, worker_);
        end();
        return result;
    }

    batch_result commit(batch const& together)
        requires(Capabilities.batches)
    {
        require_valid(together);
        if constexpr (!Capabilities.records)
            converge::detail::require_unfenced(together);
        begin([&] { return "commit" + text_of(together.appends) + text_of(together.cursors); });
        if constexpr (Capabilities.records)
            require(together.fences);
        auto const result = world_->commit(together, worker_);
        end();
        if (result)
            acknowledge(together.cursors);
        return result;
    }

    std::vector<append_result> append_each(std::span<append_request const> requests)
        requires(Capabilities.pipelined)
    {
        for (auto const& each : requests)
            require_valid(each);
        begin([&] { return "append each" + text_of(requests); });
        bool const fails = requests.size() > 1 && world_->occurs(simulated_fault::failure_between);
        std::vector<append_result> results;
        std::map<std::pair<std::string_view, std::string_view>, wrong_version> refused;
        for (auto const& each : requests) {
            auto const stream = std::pair{each.module, each.stream};
            if (auto const found = refused.find(stream); found != refused.end()) {
                results.emplace_back(found->second);
                continue;
            }
            if (fails && world_->random.one_in(3)) {
                refused.emplace(stream, wrong_version{}); // nor are the further ones of its stream done
                continue;
            }
            auto result = world_->append(each, worker_);
            if (!result) {
                result = wrong_version{results.size(), result.error().actual};
                refused.emplace(stream, result.error());
            }
            results.push_back(result);
        }
        if (fails)
            fail("done in part");
        end();
        return results;
    }

    template <class Visitor>
    position read(
        std::string_view module, position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) {
        begin([&] {
            return "read " + std::string{module} + " after " + std::to_string(after) + ", at most " +
                   std::to_string(limit);
        });
        if (limit > 1 && world_->occurs(simulated_fault::short_read))
            limit = world_->random.between(1, std::min(limit - 1, std::size_t{8}));
        auto known = std::numeric_limits<std::size_t>::max();
        auto const* const log = world_->disk.find(module);
        if (log != nullptr && world_->occurs(simulated_fault::stale_read)) {
            auto const size = log->positions.size();
            known = size - world_->random.below(std::min(size, std::size_t{6}) + 1);
        }
        auto const through = world_->disk.read(module, after, limit, viewer, visit, known);
        world_->note([&] { return "  through " + std::to_string(through); });
        end();
        return through;
    }

    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) {
        begin([&] { return "read stream " + std::string{stream}; });
        world_->disk.read_stream(module, stream, after, limit, viewer, visit);
        end();
    }

    std::optional<recorded_event>
    last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) {
        begin([&] { return "last of stream " + std::string{stream}; });
        std::size_t const back = world_->occurs(simulated_fault::stale_lookup) ? 1 : 0;
        auto result = world_->disk.last_of_stream(module, stream, viewer, back);
        end();
        return result;
    }

    std::vector<std::optional<recorded_event>> last_of_streams(
        std::string_view module, std::span<std::string_view const> streams, std::string_view viewer)
        requires(Capabilities.lookups)
    {
        begin([&] { return "last of " + std::to_string(streams.size()) + " streams"; });
        std::vector<std::optional<recorded_event>> results;
        for (auto const& stream : streams) {
            std::size_t const back = world_->occurs(simulated_fault::stale_lookup) ? 1 : 0;
            results.push_back(world_->disk.last_of_stream(module, stream, viewer, back));
        }
        end();
        return results;
    }

    position head(std::string_view module) {
        begin([&] { return "head of " + std::string{module}; });
        auto const result = world_->disk.head(module);
        end();
        return result;
    }

    position load_cursor(std::string_view reader, std::string_view module) {
        begin([&] { return "load cursor " + std::string{reader} + " in " + std::string{module}; });
        auto result = world_->disk.cursor_value(reader, module);
        if (world_->occurs(simulated_fault::stale_cursor)) {
            auto const values = world_->disk.cursor_values(reader, module);
            auto const place = world_->random.below(values.size() + 1);
            result = place == values.size() ? 0 : values[place];
        }
        world_->note([&] { return "  is " + std::to_string(result); });
        end();
        std::erase_if(worker_->saved, [&](auto const& each) { // it begins anew
            return each.first == std::string{reader} + " in " + std::string{module};
        });
        return result;
    }

    void save_cursors(std::span<cursor const> cursors) {
        for (auto const& each : cursors)
            require_valid(each);
        begin([&] { return "save" + text_of(cursors); });
        for (auto const& each : cursors) {
            if (world_->occurs(simulated_fault::failure_between))
                fail("done in part");
            world_->save(each, *worker_);
        }
        end();
        acknowledge(cursors);
    }

    void save_cursors(std::span<cursor const> cursors, std::span<fence const> fences)
        requires(Capabilities.records && Capabilities.batches)
    {
        (void)commit({{}, cursors, fences});
    }

    std::optional<record> find_record(std::string_view name)
        requires(Capabilities.records)
    {
        converge::detail::require_record(name);
        begin([&] { return "find record " + std::string{name}; });
        auto found = world_->disk.records.find(name);
        end();
        return found;
    }
    std::vector<record> find_records(std::string_view prefix)
        requires(Capabilities.records)
    {
        converge::detail::require_record_prefix(prefix);
        begin([&] { return "find records " + std::string{prefix}; });
        auto found = world_->disk.records.find_all(prefix);
        end();
        return found;
    }
    std::optional<record_revision>
    write_record(std::string_view name, record_revision expected, std::string_view value)
        requires(Capabilities.records)
    {
        converge::detail::require_record(name, value);
        begin([&] {
            return "write record " + std::string{name} + " at " + std::to_string(expected) + ": " +
                   std::string{value};
        });
        auto const written = world_->disk.records.write(name, expected, value);
        world_->note([&] { return written ? "  is at " + std::to_string(*written) : std::string{"  no"}; });
        end();
        return written;
    }
    bool remove_record(std::string_view name, record_revision expected)
        requires(Capabilities.records)
    {
        converge::detail::require_record(name);
        begin([&] { return "remove record " + std::string{name} + " at " + std::to_string(expected); });
        auto const removed = world_->disk.records.remove(name, expected);
        end();
        return removed;
    }

    simulated_runner_lock lock_runner(std::string_view process)
        requires(Capabilities.runner_lock)
    {
        begin([&] { return "lock " + std::string{process}; });
        if (locks_->held.contains(process) && !world_->occurs(simulated_fault::lost_lease)) {
            world_->note([] { return std::string{"  is held"}; });
            throw store_error{store_trouble::in_use, "simulated: another runner is at work"};
        }
        locks_->held.insert_or_assign(std::string{process}, ++locks_->tickets);
        return {locks_->held, std::string{process}};
    }

private:
    /// Throws `store_error` (`lease_lost`).
    void require(std::span<fence const> fences) {
        try {
            world_->disk.records.require(fences);
        } catch (store_error const& failed) {
            ++world_->counts[simulated_fault::lost_lease];
            world_->note([&] { return std::string{"  "} + failed.what(); });
            throw;
        }
    }

    template <class Text> void begin(Text const& text) {
        world_->tracing = worker_;
        if (++world_->calls > world_->call_limit)
            world_->ended = true;
        world_->note(text);
        live();
        world_->interleave();
        live();
        if (world_->occurs(simulated_fault::crash_before_call))
            die("before the call is done");
        if (world_->occurs(simulated_fault::failure_before))
            fail("nothing done");
    }

    void end() {
        world_->interleave();
        live();
        if (world_->occurs(simulated_fault::crash_after_call))
            die("after the call is done");
        if (world_->occurs(simulated_fault::failure_after))
            fail("but done");
    }

    void live() const {
        if (world_->ended)
            throw simulation_ended{};
        if (worker_->dead)
            die("while others were at work");
    }
    [[noreturn]] void die(char const* when) const {
        worker_->dead = true;
        world_->note([&] { return std::string{"  dies "} + when; });
        throw simulated_crash{};
    }
    [[noreturn]] void fail(char const* what) const {
        static constexpr std::array troubles{
            store_trouble::unavailable, store_trouble::busy, store_trouble::in_use};
        world_->note([&] { return std::string{"  fails, "} + what; });
        throw store_error{troubles[world_->random.below(troubles.size())], "simulated failure"};
    }

    /// A worker's cursors, as it knows them, only go forward.
    void acknowledge(std::span<cursor const> cursors) {
        for (auto const& each : cursors) {
            auto name = std::string{each.reader} + " in " + std::string{each.module};
            auto found = worker_->saved.begin();
            while (found != worker_->saved.end() && found->first != name)
                ++found;
            if (found == worker_->saved.end()) {
                worker_->saved.emplace_back(std::move(name), each.position);
                continue;
            }
            if (each.position < found->second)
                world_->trouble(
                    "cursor " + name + " goes back from " + std::to_string(found->second) + " to " +
                    std::to_string(each.position));
            found->second = each.position;
        }
    }

    static std::string text_of(append_request const& request) {
        std::string text = request.events.front().name + " to " + std::string{request.stream} + " in " +
                           std::string{request.module};
        if (auto const version = request.expected.required())
            text += " at version " + std::to_string(*version);
        return text;
    }
    static std::string text_of(std::span<append_request const> requests) {
        std::string text;
        for (auto const& each : requests)
            text += "\n      " + text_of(each);
        return text;
    }
    static std::string text_of(std::span<cursor const> cursors) {
        std::string text;
        for (auto const& each : cursors)
            text += "\n      cursor " + std::string{each.reader} + " in " + std::string{each.module} +
                    " to " + std::to_string(each.position);
        return text;
    }

    simulated_world* world_;
    simulated_locks* locks_;
    simulated_worker* worker_;
};

} // namespace converge::testing
