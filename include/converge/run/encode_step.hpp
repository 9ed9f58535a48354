// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/codec/text_pieces.hpp>
#include <converge/run/commands.hpp>
#include <converge/run/instance.hpp>
#include <converge/run/step_texts.hpp>

#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace converge::detail {

/// What a step record says beside the instance's state.
struct step_facts {
    std::string_view event;  // wire name
    std::string_view module; // where it came from
    converge::position position{};
    std::span<recorded_command const> commands;
    std::span<event_id const> command_ids;
};

inline void encode_text(std::string_view text, text_pieces& to) {
    if (plain_prefix(text) == text.size())
        to.add_quoted(text);
    else
        encode_special_text(text, to.out());
}

template <class Process>
void encode_states(step_texts<Process> const& texts, std::span<state_index const> states, text_pieces& to) {
    for (std::size_t machine = 0; machine < states.size(); ++machine)
        to.add(texts.state(machine, states[machine]));
}

template <class Process>
void encode_handled(step_texts<Process> const& texts, std::span<position const> handled, text_pieces& to) {
    bool first = true;
    for (std::size_t module = 0; module < handled.size(); ++module)
        if (handled[module] != 0) {
            if (!first)
                to.add(",");
            to.add(texts.module(module));
            to.add_number(handled[module]);
            first = false;
        }
}

template <class... Folds> void encode_data(text_pieces& to, folds<Folds...> const& data) {
    to.add("{");
    bool first = true;
    [[maybe_unused]] auto one = [&]<class Fold>(std::type_identity<Fold>) {
        if (!first)
            to.add(",");
        first = false;
        encode_text(state_name<Fold>, to);
        to.add(":");
        auto const& value =
            std::get<boost::mp11::mp_find<boost::mp11::mp_list<Folds...>, Fold>::value>(data.states);
        using type = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::integral<type> && !std::same_as<type, bool>)
            to.add_number(value);
        else
            encode_json(value, to.out());
    };
    (one(std::type_identity<Folds>{}), ...);
    to.add("}");
}

template <class Data> void encode_data(text_pieces& to, Data const& data) { encode_json(data, to.out()); }

/// Appends an instance's data to `out`.
template <class Data> void encode_data(std::string& out, Data const& data) {
    text_pieces to{out};
    encode_data(to, data);
    (void)to.out();
}

inline void encode_commands(step_facts const& facts, text_pieces& to) {
    for (std::size_t at = 0; at < facts.commands.size(); ++at) {
        to.add(at == 0 ? std::string_view{R"(,"commands":[{"id":)"} : R"(,{"id":)");
        to.add_quoted(facts.command_ids[at]);
        to.add(R"(,"name":)");
        encode_text(facts.commands[at].name, to);
        to.add(R"(,"payload":)");
        to.add(facts.commands[at].payload);
        to.add(at + 1 == facts.commands.size() ? std::string_view{"}]"} : "}");
    }
}

inline void encode_deadlines(std::span<pending_deadline const> deadlines, text_pieces& to) {
    for (std::size_t at = 0; at < deadlines.size(); ++at) {
        auto const& each = deadlines[at];
        to.add(at == 0 ? std::string_view{R"(,"deadlines":[{"effect":)"} : R"(,{"effect":)");
        to.add_number(each.effect);
        to.add(R"(,"id":)");
        to.add_quoted(each.id);
        to.add(R"(,"due":)");
        to.add_number(each.due.time_since_epoch().count());
        to.add(R"(,"payload":)");
        to.add(each.payload);
        to.add(at + 1 == deadlines.size() ? std::string_view{"}]"} : "}");
    }
}

/// Appends the record to `out`.
template <class Process>
void encode_step(instance_state<Process> const& state, step_facts const& facts, std::string& out) {
    static step_texts<Process> const texts;
    text_pieces to{out};
    to.add(R"({"event":)");
    encode_text(facts.event, to);
    to.add(R"(,"module":)");
    encode_text(facts.module, to);
    to.add(R"(,"position":)");
    to.add_number(facts.position);
    to.add(texts.declaration());
    encode_states(texts, state.states, to);
    to.add(R"(},"handled":{)");
    encode_handled(texts, state.handled, to);
    to.add(R"(},"data":)");
    encode_data(to, state.data);
    encode_commands(facts, to);
    encode_deadlines(state.deadlines, to);
    to.add("}");
    (void)to.out();
}

/// The record.
template <class Process>
std::string encode_step(instance_state<Process> const& state, step_facts const& facts) {
    std::string out;
    encode_step(state, facts, out);
    return out;
}

} // namespace converge::detail
