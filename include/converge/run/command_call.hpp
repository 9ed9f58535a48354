// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/dispatch/wire_name_index.hpp>
#include <converge/run/command_context.hpp>
#include <converge/run/command_window.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/thrown.hpp>

#include <boost/mp11/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge::detail {

/// A command on its way to the handler. What it points to stays where it is until the call is over.
struct command_call {
    command_lane* lane = nullptr;
    due_command const* due = nullptr;
    command_origin origin;
    std::uint32_t attempt = 1;
};

/// What came of a call.
struct command_outcome {
    enum class kind {
        handled,
        thrown,  ///< it may be tried again
        refused, ///< it is no command of the process: trying again would not help
    };
    kind came_to = kind::handled;
    std::string reason;
    std::vector<command_append> appends;
    std::chrono::nanoseconds took{};
};

/// Decodes a command and calls the user's handler with it. Several threads may do so at a time if the handler
/// allows it. Looks at the clock only where somebody wants to know how long a call took.
template <class Process, class Handler, class Codec, bool IsTimed> class command_caller {
public:
    command_caller(Handler handler, Codec codec) : handler_{std::move(handler)}, codec_{std::move(codec)} {}

    command_outcome operator()(command_call const& call) {
        auto const began = now();
        command_outcome outcome;
        command_context<Codec> context{call.due->command.id, call.origin, call.attempt, codec_};
        try {
            if (invoke(call.due->command, context, outcome.reason))
                outcome.appends = context.take_appends();
            else
                outcome.came_to = command_outcome::kind::refused;
        } catch (...) {
            outcome.came_to = command_outcome::kind::thrown;
            outcome.reason = "the handler threw: " + text_of_what_was_thrown();
        }
        outcome.took = now() - began;
        return outcome;
    }

private:
    static std::chrono::steady_clock::time_point now() {
        if constexpr (IsTimed)
            return std::chrono::steady_clock::now();
        else
            return {};
    }

    bool invoke(command_entry const& command, command_context<Codec>& context, std::string& reason) {
        using commands = commands_of<Process>;
        constexpr static auto names = index_wire_names(commands{});
        auto const place = names.find(command.name);
        if (place == names.size()) {
            reason = "the process has no command of this name";
            return false;
        }
        return hand_over(command, context, reason, place, commands{});
    }

    template <class... Commands>
    bool hand_over(
        command_entry const& command, command_context<Codec>& context, std::string& reason, std::size_t place,
        boost::mp11::mp_list<Commands...>) {
        bool taken = false;
        [[maybe_unused]] auto const one = [&]<class Command>(std::type_identity<Command>) {
            auto decoded = json_codec{}.decode<Command>(command.payload);
            if (!decoded) {
                reason = decoded.error().what();
                return;
            }
            taken = true;
            if constexpr (std::invocable<Handler&, Command const&, command_context<Codec>&>)
                handler_(std::as_const(*decoded), context);
            else
                handler_(std::as_const(*decoded));
        };
        std::size_t number = 0;
        ((number++ == place ? one(std::type_identity<Commands>{}) : void()), ...);
        return taken;
    }

    Handler handler_;
    Codec codec_;
};

} // namespace converge::detail
