// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/run/command_worker.hpp>
#include <converge/testing/effect_balance.hpp>
#include <converge/testing/simulated_world.hpp>

#include <boost/uuid/uuid_io.hpp>

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// What a simulation notes, through `append_once`, of each command that is handled: so that each effect can
/// be counted.
struct simulation_booked {
    BOOST_HANA_DEFINE_STRUCT(
        simulation_booked, (event_id, command), (std::string, name), (std::vector<std::int64_t>, changes));
};

/// The module of these notes.
struct simulation_ledger : module<"converge-simulation", simulation_booked> {};

/// The user's handler in a simulation: it throws now and then before or after the user's code, throws for
/// some commands until they are cured, lets others work, and books the command.
template <class Process, class Handler> class simulated_handler {
public:
    simulated_handler(simulated_world& world, simulated_worker const& worker, Handler handler)
        : world_{&world}, worker_{&worker}, handler_{std::move(handler)} {}

    template <class Command, class Context>
        requires std::invocable<Handler&, Command const&, Context&> ||
                 std::invocable<Handler&, Command const&>
    void operator()(Command const& command, Context& context) {
        world_->tracing = worker_;
        world_->note([&] {
            return "handles " + std::string{wire_name_of<Command>} + " of " + std::string{context.key()} +
                   ", step " + std::to_string(context.step());
        });
        if (world_->observer != nullptr)
            world_->observer->begun(context.key(), *worker_);
        disturb(context.id());
        world_->interleave();
        if constexpr (std::invocable<Handler&, Command const&, Context&>)
            handler_(command, context);
        else
            handler_(command);
        context.template append_once<simulation_ledger>(
            context.key(),
            simulation_booked{
                context.id(), std::string{wire_name_of<Command>}, effect_balance<Process>::changes(command)});
        disturb(context.id());
        if (world_->observer != nullptr)
            world_->observer->handled(context.id());
    }

private:
    void disturb(event_id const& id) {
        std::string_view const bytes{reinterpret_cast<char const*>(id.data), id.size()};
        if (world_->poisoned(simulated_fault::poison_command, bytes)) {
            world_->note([] { return std::string{"  is poisoned"}; });
            throw std::runtime_error{"simulated poison"};
        }
        if (world_->occurs(simulated_fault::failed_handler)) {
            world_->note([] { return std::string{"  throws"}; });
            throw std::runtime_error{"simulated failure of a handler"};
        }
    }

    simulated_world* world_;
    simulated_worker const* worker_;
    Handler handler_;
};

/// The JSON codec, but for events that it refuses until they are cured.
class simulated_codec {
public:
    explicit simulated_codec(simulated_world& world) : world_{&world} {}

    template <class Type> void encode(Type const& value, std::string& out) const {
        json_codec{}.encode(value, out);
    }
    template <class Type> decode_result<Type> decode(std::string_view bytes) const {
        if (world_->poisoned(simulated_fault::unreadable_event, bytes))
            return decode_error{"", "simulated: unreadable"};
        return json_codec{}.decode<Type>(bytes);
    }

private:
    simulated_world* world_;
};

} // namespace converge::testing
