// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/lease_record.hpp>
#include <converge/run/partitions.hpp>
#include <converge/run/write_fenced.hpp>
#include <converge/store/concepts.hpp>
#include <converge/verify/process_structure.hpp>

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// Into how many partitions the instances of a process manager are split, and the change of that number.
namespace converge {

namespace detail {

[[noreturn]] inline void refuse_partitions(std::uint32_t partitions) {
    refuse_argument(
        std::to_string(partitions) + " partitions: there may be 1 to " + std::to_string(maximum_partitions));
}

template <class Store> auto lock_runner_if_possible(Store& store, std::string_view process) {
    if constexpr (runner_lock_store<Store>)
        return store.lock_runner(process);
    else
        return 0;
}

/// The record, decoded; nothing where a lone runner works.
template <class Process, record_store Store>
std::optional<std::pair<partitioning, record_revision>> find_partitioning(Store& store) {
    auto const found = store.find_record(partitioning_name(name_of<Process>));
    if (!found)
        return std::nullopt;
    return std::pair{decode_record<partitioning>(*found), found->revision};
}

template <class Process, record_store Store>
record_revision write_partitioning(Store& store, partitioning const& value, record_revision expected) {
    auto const name = partitioning_name(name_of<Process>);
    auto const written = store.write_record(name, expected, encode_record(value));
    if (!written)
        throw store_error{
            store_trouble::in_use, "record " + shown(name) + " is changed by somebody else at this moment"};
    return *written;
}

/// Lets the readers of one splitting begin where those of another one have come: each at the least of them,
/// for it may have instances of all. Deadlines begin with what their own readers have, if they were at work
/// before, or with the first step.
template <class Process, record_store Store>
void copy_cursors(Store& store, std::uint32_t from, std::uint32_t to, fence const& under) {
    auto const copy = [&](std::string const& reader, std::string_view module) {
        auto least = maximum_position;
        for (std::uint32_t each = 0; each < from; ++each)
            least = std::min(least, store.load_cursor(partition_reader(reader, each, from), module));
        std::vector<std::string> readers;
        std::vector<cursor> cursors;
        readers.reserve(to);
        for (std::uint32_t each = 0; each < to; ++each) {
            readers.push_back(partition_reader(reader, each, to));
            // Where the store compares cursors, it has to see what there is.
            if (store.load_cursor(readers.back(), module) != least)
                cursors.push_back({readers.back(), module, least});
        }
        if (!cursors.empty())
            save_cursors_fenced(store, cursors, {&under, 1});
    };
    std::string const process{name_of<Process>};
    boost::mp11::mp_for_each<boost::mp11::mp_iota<boost::mp11::mp_size<modules_of<Process>>>>(
        [&](auto number) {
            copy(process, boost::mp11::mp_at<modules_of<Process>, decltype(number)>::module_name);
        });
    copy(process + ".commands", home_of<Process>::module_name);
}

/// Ends what `revision` of the record has begun.
template <class Process, record_store Store>
void finish_partitioning(Store& store, partitioning const& begun, record_revision revision) {
    auto const name = partitioning_name(name_of<Process>);
    copy_cursors<Process>(store, begun.from.value(), begun.partitions, {name, revision});
    (void)write_partitioning<Process>(store, {begun.partitions, std::nullopt}, revision);
}

/// From now on it is a lone runner's.
template <class Process, record_store Store> void forget_partitioning(Store& store) {
    if (auto const found = find_partitioning<Process>(store))
        (void)store.remove_record(partitioning_name(name_of<Process>), found->second);
}

[[noreturn]] inline void
refuse_other_partitioning(std::string_view process, std::uint32_t found, std::uint32_t wanted) {
    throw store_error{
        store_trouble::invalid_argument,
        "process manager " + shown(process) + " is split into " + std::to_string(found) +
            " partitions in this store, and this worker is for " + std::to_string(wanted) +
            ": give all workers the same number, or change the store's with `converge::repartition`"};
}

/// The workers that are present, by the records of their signs of life.
template <class Process, record_store Store> std::vector<record> presences(Store& store) {
    auto const prefix = presence_prefix(name_of<Process>);
    auto found = store.find_records(prefix);
    std::erase_if(found, [&](record const& each) { // of a process whose name begins with this one's
        return each.name.find('/', prefix.size()) != std::string::npos;
    });
    return found;
}

[[noreturn]] inline void refuse_unfinished_partitioning(std::string_view process, partitioning const& begun) {
    throw store_error{
        store_trouble::in_use, "the partitions of process manager " + shown(process) +
                                   " are being changed from " + std::to_string(begun.from.value_or(0)) +
                                   " to " + std::to_string(begun.partitions) +
                                   "; if that was interrupted, call `converge::repartition` again"};
}

/// For a lone runner, which holds the lock of the process manager. Throws `store_error` (`in_use`) where
/// workers share it.
template <class Process, record_store Store> void require_unshared(Store& store) {
    auto const found = find_partitioning<Process>(store);
    if (!found)
        return;
    if (found->first.from)
        refuse_unfinished_partitioning(name_of<Process>, found->first);
    throw store_error{
        store_trouble::in_use, "process manager " + shown(name_of<Process>) +
                                   " is shared by workers in this store, in " +
                                   std::to_string(found->first.partitions) +
                                   " partitions: use `converge::make_worker`, or go back to one runner with "
                                   "`converge::repartition` to 1"};
}

/// Whether the process manager is split into so many partitions; false if nobody has split it. Throws as
/// `share_among_workers`.
template <class Process, record_store Store> bool is_shared(Store& store, std::uint32_t partitions) {
    bool const has_workers = !presences<Process>(store).empty(); // before, for it may be done at this moment
    auto const found = find_partitioning<Process>(store);
    if (!found)
        return false;
    if (found->first.partitions != partitions)
        refuse_other_partitioning(name_of<Process>, found->first.partitions, partitions);
    if (!found->first.from)
        return true;
    if (found->first.from != 1 || has_workers)
        refuse_unfinished_partitioning(name_of<Process>, found->first);
    return false;
}

/// Sees to it that the process manager is split into so many partitions, if nobody has split it yet. Throws
/// `store_error`: `invalid_argument` when it is split into another number, `in_use` when a lone runner is at
/// work, or the number is being changed.
template <class Process, record_store Store>
void share_among_workers(Store& store, std::uint32_t partitions) {
    using namespace std::chrono_literals;
    if (partitions == 0 || partitions > maximum_partitions)
        refuse_partitions(partitions);
    for (int attempt = 0; !is_shared<Process>(store, partitions); ++attempt)
        try {
            [[maybe_unused]] auto const lock = lock_runner_if_possible(store, name_of<Process>);
            auto const found = find_partitioning<Process>(store);
            partitioning const begun{partitions, 1};
            if (!found)
                finish_partitioning<Process>(store, begun, write_partitioning<Process>(store, begun, 0));
            else if (found->first.partitions == partitions && found->first.from == 1)
                finish_partitioning<Process>(store, begun, found->second); // begun by one that died of it
        } catch (store_error const& failed) {
            // Workers that start together do it together: one is faster.
            if (failed.trouble() != store_trouble::in_use && failed.trouble() != store_trouble::lease_lost)
                throw;
            if (attempt == 40)
                throw;
            std::this_thread::sleep_for(attempt == 0 ? 0ms : 50ms);
        }
}

/// For a worker that has just become visible: who changes the number looks for such afterwards.
template <class Process, record_store Store>
void require_partitioning(Store& store, std::uint32_t partitions) {
    auto const found = find_partitioning<Process>(store);
    if (found && found->first.partitions == partitions && !found->first.from)
        return;
    if (found && found->first.from)
        refuse_unfinished_partitioning(name_of<Process>, found->first);
    refuse_other_partitioning(name_of<Process>, found ? found->first.partitions : 1, partitions);
}

/// Removes the presence of workers that do not give a sign for so long, and says who does.
template <class Process, record_store Store>
std::string workers_alive(Store& store, std::chrono::milliseconds patience) {
    auto const before = presences<Process>(store);
    if (!before.empty())
        std::this_thread::sleep_for(patience);
    for (auto const& each : before)
        (void)store.remove_record(each.name, each.revision);
    std::string names;
    for (auto const& each : presences<Process>(store))
        names += (names.empty() ? "" : ", ") +
                 shown(std::string_view{each.name}.substr(presence_prefix(name_of<Process>).size()));
    return names;
}

} // namespace detail

/// Splits the instances of a process manager into another number of partitions: when no worker and no runner
/// is at work. With 1 it is a lone runner's again. Instances, their history and what is parked stay as they
/// are; each reader goes on where the slowest one of the former partitions stood, so that some commands may
/// be handed over again that were done, with their ids.
///
/// Workers that were killed have left their presence behind: those who give no sign of life for `patience`,
/// which should be longer than the lease of any, are taken for dead. Throws `store_error`: `in_use` when a
/// runner is at work, or workers are, which it names; `invalid_argument`. When it was interrupted, it is
/// called again; until then nobody begins to work. Complexity: linear in both numbers of
/// partitions; the deadlines of a new number are then collected from all steps.
template <class Process, record_store Store>
    requires cursor_store<Store>
void repartition(
    Store& store, std::uint32_t partitions, std::chrono::milliseconds patience = std::chrono::seconds{30}) {
    if (partitions == 0 || partitions > detail::maximum_partitions)
        detail::refuse_partitions(partitions);
    [[maybe_unused]] auto const lock = detail::lock_runner_if_possible(store, name_of<Process>);
    auto const found = detail::find_partitioning<Process>(store);
    auto const from = found ? found->first.from.value_or(found->first.partitions) : 1;
    if (found ? !found->first.from && partitions == from && partitions != 1 : partitions == 1)
        return; // one partition of workers is not a lone runner's
    // Who becomes visible from now on sees that, and goes; so those who are visible are all there are.
    detail::partitioning const begun{partitions, from};
    auto const revision = detail::write_partitioning<Process>(store, begun, found ? found->second : 0);
    if (auto const names = detail::workers_alive<Process>(store, patience); !names.empty()) {
        if (found)
            (void)detail::write_partitioning<Process>(store, found->first, revision);
        else
            (void)store.remove_record(detail::partitioning_name(name_of<Process>), revision);
        throw store_error{
            store_trouble::in_use, "process manager " + detail::shown(name_of<Process>) +
                                       " cannot be split anew while workers are present: " + names};
    }
    // What a worker that was taken for dead still sends has no lease then.
    for (std::uint32_t each = 0; each < from; ++each)
        if (auto const lease = store.find_record(detail::lease_name(name_of<Process>, each)))
            (void)store.remove_record(lease->name, lease->revision);
    detail::finish_partitioning<Process>(store, begun, revision);
    if (partitions == 1)
        detail::forget_partitioning<Process>(store);
}

} // namespace converge
