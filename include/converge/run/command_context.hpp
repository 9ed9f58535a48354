// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/codec.hpp>
#include <converge/codec/identity.hpp>
#include <converge/declare/module.hpp>
#include <converge/run/command_origin.hpp>
#include <converge/store/validation.hpp>
#include <converge/verify/first_refusal.hpp>

#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace converge {

namespace detail {

/// An event that a handler has appended, before it is written.
struct command_append {
    std::string_view module; // of a type: lives as long as the program
    std::string stream;
    new_event event;
};

} // namespace detail

/// What a handler knows of the command in its hands, and how it acts on aggregates so that the effect happens
/// once. Used by the thread that calls the handler, as long as the call lasts.
template <class Codec> class command_context {
public:
    command_context(event_id id, command_origin const& origin, std::uint32_t attempt, Codec const& codec)
        : id_{id}, origin_{&origin}, attempt_{attempt}, codec_{&codec} {}

    /// The command's id: the same whenever the command is tried again. Give it to systems that take an
    /// idempotency key.
    event_id const& id() const noexcept { return id_; }
    /// The key of the instance that asks for the command.
    std::string_view key() const noexcept { return origin_->instance; }
    /// The position of the step that asks for it, in the log of the process's home module.
    converge::position step() const noexcept { return origin_->place.step; }
    /// Where the command comes from: what an idempotent receiver remembers, see `taken_commands`.
    command_origin const& origin() const noexcept { return *origin_; }
    /// The how manieth time the runner hands it over since it last began to: 1, 2, ...
    std::uint32_t attempt() const noexcept { return attempt_; }

    /// Appends an event to a stream of a module of the same store, once, however often the command is tried:
    /// the event's id is made of the command's. It is written when the handler has returned, together with
    /// the note that the command is handled. Throws `store_error` (`invalid_argument`), `encode_error`.
    template <event_module Module, class Event>
        requires boost::mp11::mp_contains<typename Module::events, Event>::value
    void append_once(std::string_view stream, Event const& event) {
        new_event made{
            name_based_id(std::string_view{"once"}, id_, std::uint64_t{appends_.size()}),
            std::string{wire_name_of<Event>},
            is_internal<Event>,
            {}};
        codec_->encode(event, made.payload);
        require_valid(append_request{Module::module_name, stream, expected_version::any(), {&made, 1}});
        appends_.push_back({Module::module_name, std::string{stream}, std::move(made)});
    }

    /// For the runner: what was appended.
    std::vector<detail::command_append> take_appends() { return std::exchange(appends_, {}); }

private:
    event_id id_;
    command_origin const* origin_;
    std::uint32_t attempt_;
    Codec const* codec_;
    std::vector<detail::command_append> appends_;
};

/// Several function objects as one overloaded handler.
template <class... Handlers> struct handlers : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers> handlers(Handlers...) -> handlers<Handlers...>;

/// Printed when a runner gets a handler that does not take one of the process's commands, as `(Command
/// const&)` or `(Command const&, auto& context)`.
template <class Process, class Command> struct no_handler_takes {
    static constexpr bool holds = false;
};

namespace detail {

struct every_command_is_handled {
    static constexpr bool holds = true;
    consteval operator bool() const noexcept { return true; }
};

template <class Handler, class Command, class Codec>
inline constexpr bool takes_command = std::invocable<Handler&, Command const&, command_context<Codec>&> ||
                                      std::invocable<Handler&, Command const&>;

template <class Process, class Handler, class Codec, class... Commands>
auto handler_verdict(boost::mp11::mp_list<Commands...>) -> typename first_refusal<
    every_command_is_handled, std::conditional_t<
                                  takes_command<Handler, Commands, Codec>, every_command_is_handled,
                                  no_handler_takes<Process, Commands>>...>::type;

} // namespace detail

} // namespace converge
