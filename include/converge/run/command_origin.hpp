// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace converge {

/// Where a command stands among those of its instance: they are handed over in this order.
struct command_place {
    BOOST_HANA_DEFINE_STRUCT(
        command_place, (std::uint64_t, step), ///< position of its step in the log of the home module
        (std::uint64_t, index));              ///< its number in the step, from 0

    constexpr auto operator<=>(command_place const&) const = default;
};

/// Where a command comes from. Described, so that it can be part of an event or travel with a message.
struct command_origin {
    BOOST_HANA_DEFINE_STRUCT(
        command_origin, (std::string, process), ///< name of the process manager
        (std::string, instance),                ///< key of the instance that asks for the command
        (std::string, module),                  ///< of the event whose step asks for it
        (std::uint64_t, position),              ///< of that event in its module's log
        (command_place, place),                 ///< among the commands of the instance
        /// Earlier commands of the instance that are parked: they come after this one, if they come.
        (std::vector<command_place>, passed_over));

    bool operator==(command_origin const&) const = default;
};

} // namespace converge
