// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/codec.hpp>
#include <converge/dispatch/wire_name_index.hpp>
#include <converge/run/context.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/step_record.hpp>
#include <converge/run/thrown.hpp>
#include <converge/store/validation.hpp>

#include <boost/mp11/algorithm.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// What a handler knows of the command in its hands, and how it acts on aggregates so that the effect happens
/// once.
template <class Codec> class command_context {
public:
    command_context(event_id id, std::string_view key, converge::position step, Codec const& codec)
        : id_{id}, key_{key}, step_{step}, codec_{&codec} {}

    /// The command's id: the same whenever the command is tried again. Give it to systems that take an
    /// idempotency key.
    event_id const& id() const noexcept { return id_; }
    /// The key of the instance that asks for the command.
    std::string_view key() const noexcept { return key_; }
    /// The position of the step that asks for it, in the log of the process's home module.
    converge::position step() const noexcept { return step_; }

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

    /// For the runner: moves what was appended into the outbox.
    void move_to(detail::outbox& out) {
        for (auto& each : appends_)
            out.add(each.module, std::move(each.stream), expected_version::any(), std::move(each.event));
    }

private:
    struct pending_append {
        std::string_view module;
        std::string stream;
        new_event event;
    };
    event_id id_;
    std::string_view key_;
    converge::position step_;
    Codec const* codec_;
    std::vector<pending_append> appends_;
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

/// Sleeps, but not longer than until a stop is requested.
inline void sleep_unless_stopped(std::stop_token const& stop, std::chrono::milliseconds span) {
    std::mutex guard;
    std::condition_variable_any wake;
    std::unique_lock lock{guard};
    wake.wait_for(lock, stop, span, [] { return false; });
}

/// Reads the steps of a process and hands their commands to the user's handler.
template <class Process, class Store, class Handler, class Codec, class Context> class command_worker {
public:
    static constexpr std::string_view home = home_of<Process>::module_name;

    command_worker(Store& store, Handler handler, Codec codec, Context& context)
        : store_{&store}, handler_{std::move(handler)}, codec_{std::move(codec)}, context_{&context},
          reader_{std::string{name_of<Process>} + ".commands"}, prefix_{step_stream<Process>("")} {}

    void take(std::uint32_t) { cursor_ = saved_ = store_->load_cursor(reader_, home); }

    /// Handles the commands of one batch of steps; whether there was anything to read.
    bool work(std::stop_token const& stop) {
        due_.clear();
        auto const through =
            store_->read(home, cursor_, context_->options.batch_size, home, [&](event_view const& event) {
                collect(event);
            });
        if (through == cursor_) {
            if (saved_ != cursor_)
                save();
            return false;
        }
        outbox out;
        auto handled_through = through;
        for (auto const& each : due_) {
            if (stop.stop_requested() || handle(each, out, stop) == attempted::stopped) {
                handled_through = each.step - 1; // its step comes again
                break;
            }
        }
        if (!due_.empty() && handled_through != cursor_) {
            cursor const moved{reader_, home, handled_through};
            (void)out.write(*store_, {&moved, 1});
            saved_ = handled_through;
        }
        cursor_ = handled_through; // not before the write: if that throws, the batch comes again
        return true;
    }

    /// Tries a parked command again. Whether it is handled now; if not, it stays parked.
    bool replay(parked_item const& item, std::stop_token const& stop) {
        due_.clear();
        store_->read(home, item.position - 1, 1, home, [&](event_view const& event) {
            if (event.position == item.position)
                collect(event);
        });
        for (auto const& each : due_) {
            if (each.index != item.index)
                continue;
            outbox out;
            std::string reason;
            if (attempt(each, out, stop, reason) != attempted::handled)
                return false;
            out.add(
                home, parking_stream<Process>(), expected_version::any(),
                parking_record<Process>(unparked_event_name, item));
            (void)out.write(*store_, {});
            ++context_->counts.commands;
            return true;
        }
        return false;
    }

private:
    enum class attempted { handled, refused, stopped };

    struct due_command {
        std::string key;
        converge::position step{};
        std::uint64_t index = 0;
        command_entry command;
    };

    void save() {
        cursor const moved{reader_, home, cursor_};
        store_->save_cursors({&moved, 1});
        saved_ = cursor_;
    }

    void collect(event_view const& event) {
        if (event.name != step_event_name || !event.stream.starts_with(prefix_))
            return;
        auto commands = decode_commands(event.payload);
        if (!commands)
            throw store_error{
                store_trouble::corrupt, "the step at position " + std::to_string(event.position) +
                                            " of module '" + std::string{home} +
                                            "' cannot be read: " + commands.error().what()};
        std::uint64_t index = 0;
        for (auto& each : *commands)
            due_.push_back(
                {std::string{event.stream.substr(prefix_.size())}, event.position, index++, std::move(each)});
    }

    attempted handle(due_command const& due, outbox& out, std::stop_token const& stop) {
        std::string reason;
        auto const result = attempt(due, out, stop, reason);
        if (result == attempted::handled)
            ++context_->counts.commands;
        if (result == attempted::refused) {
            out.add(
                home, parking_stream<Process>(), expected_version::any(),
                parking_record<Process>(
                    parked_event_name, {"command", std::string{home}, due.step, due.index, due.command.name,
                                        std::move(reason)}));
            ++context_->counts.parked;
        }
        return result;
    }

    /// Hands the command over as often as the options allow, until it is taken, or a stop is requested. When
    /// it is refused, `reason` says why.
    attempted attempt(due_command const& due, outbox& out, std::stop_token const& stop, std::string& reason) {
        auto wait = context_->options.first_retry_after;
        for (std::uint32_t tried = 1;; ++tried, wait *= 2) {
            command_context<Codec> context{due.command.id, due.key, due.step, codec_};
            try {
                if (!invoke(due.command, context, reason))
                    return attempted::refused;
                context.move_to(out);
                return attempted::handled;
            } catch (...) {
                reason = "the handler threw: " + text_of_what_was_thrown();
            }
            if (tried >= context_->options.command_attempts)
                return attempted::refused;
            sleep_unless_stopped(stop, wait);
            if (stop.stop_requested())
                return attempted::stopped;
        }
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

    Store* store_;
    Handler handler_;
    Codec codec_;
    Context* context_;
    std::string reader_;
    std::string prefix_;
    converge::position cursor_ = 0;
    converge::position saved_ = 0;
    std::vector<due_command> due_;
};

} // namespace detail

} // namespace converge
