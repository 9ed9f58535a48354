// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/lease_record.hpp>
#include <converge/run/partitions.hpp>
#include <converge/verify/process_structure.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace converge {

/// The readers whose cursors a process manager keeps: for events, for commands, and two for deadlines, in
/// each partition. For a store that asks whose cursors a user may move, such as JetStream (`jetstream_user`).
/// `partitions` is the number of `worker_options`, 1 for a runner. Complexity: linear in it.
template <class Process> std::vector<std::string> reader_names(std::uint32_t partitions = 1) {
    std::vector<std::string> names;
    names.reserve(std::size_t{4} * partitions);
    for (auto const* work : {"", ".commands", ".deadlines"})
        for (std::uint32_t each = 0; each < partitions; ++each)
            names.push_back(detail::partition_reader(std::string{name_of<Process>} + work, each, partitions));
    for (std::uint32_t each = 0; each < partitions; ++each) // beside the last ones, what has fired
        names.push_back(names[2 * partitions + each] + ".fired");
    return names;
}

/// What the names of the records begin with that the workers of a process manager write, up to and including
/// their last '/'. A runner writes none.
template <class Process> std::vector<std::string> record_folders() {
    auto const split = detail::partitioning_name(name_of<Process>);
    return {
        detail::presence_prefix(name_of<Process>), detail::lease_prefix(name_of<Process>),
        split.substr(0, split.rfind('/') + 1)};
}

} // namespace converge
