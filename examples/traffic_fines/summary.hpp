// SPDX-License-Identifier: MIT
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <examples/traffic_fines/process.hpp>
#include <map>
#include <string>
#include <string_view>

namespace traffic_fines {

/// Where a fine stands, for the summary. It depends on states and data alone.
inline std::string end_state(converge::instance_state<fine_process> const& state) {
    converge::instance_view<fine_process> const view{"", state.states, state.data};
    if (is_in<dismissal::dismissed>(view))
        return "dismissed";
    if (is_in<holds<paid_in_full>>(view))
        return is_in<payment_term::over>(view) ? "paid late" : "paid in full";
    if (is_in<collection::due>(view))
        return "sent to collection";
    if (!is_in<appeal::none>(view))
        return "appealed";
    if (is_in<payment::some>(view))
        return "paid in part";
    return is_in<payment_term::over>(view) ? "unpaid, penalty added" : "unpaid";
}

/// What a run came to.
struct summary {
    std::size_t events = 0;
    std::size_t instances = 0;
    std::map<std::string, std::size_t> states;    ///< instances by end state
    std::map<std::string, std::size_t> commands;  ///< commands by type, as the ledger has them
    std::map<std::string, std::int64_t> standing; ///< penalties and collections that stand, cents refunded
    std::map<std::string, converge::position> positions;

    bool operator==(summary const&) const = default;
};

/// The command that wrote an entry of the ledger.
constexpr std::string_view command_of(std::string_view entry) {
    if (entry == "penalty_added")
        return "add_penalty";
    if (entry == "penalty_waived")
        return "waive_penalty";
    if (entry == "collection_ordered")
        return "send_to_collection";
    if (entry == "collection_recalled")
        return "recall_from_collection";
    return entry == "money_refunded" ? "refund" : "reclaim_refund";
}

/// Reads the summary from a store: instances from the process's records, commands from the ledger.
template <converge::event_log Store> summary summarize(Store& store) {
    summary made;
    auto const instances = converge::read_instances<fine_process>(store);
    made.instances = instances.size();
    for (auto const& [key, state] : instances)
        ++made.states[end_state(state)];
    for (auto const module :
         {police::module::module_name, payments::module::module_name, appeals::module::module_name}) {
        std::size_t events = 0;
        store.read(module, 0, ~std::size_t{0}, module, [&](converge::event_view const&) { ++events; });
        made.events += events;
        made.positions[std::string{module}] = store.head(module);
    }
    auto const cents = [](converge::event_view const& event) {
        return converge::json_codec{}.decode<ledger::money_refunded>(event.payload).value().cents;
    };
    store.read(
        ledger::module::module_name, 0, ~std::size_t{0}, ledger::module::module_name,
        [&](converge::event_view const& event) {
            ++made.commands[std::string{command_of(event.name)}];
            if (event.name == "penalty_added")
                ++made.standing["penalties"];
            if (event.name == "penalty_waived")
                --made.standing["penalties"];
            if (event.name == "collection_ordered")
                ++made.standing["collections"];
            if (event.name == "collection_recalled")
                --made.standing["collections"];
            if (event.name == "money_refunded")
                made.standing["cents refunded"] += cents(event);
            if (event.name == "money_reclaimed")
                made.standing["cents refunded"] -= cents(event);
        });
    return made;
}

/// The summary without what depends on the order in which the modules were read: which commands were sent and
/// undone again on the way.
inline summary converged_part(summary whole) {
    whole.commands.clear();
    std::erase_if(whole.standing, [](auto const& each) { return each.second == 0; });
    return whole;
}

inline boost::json::object to_json(summary const& made, double seconds) {
    auto const object_of = [](auto const& map) {
        boost::json::object object;
        for (auto const& [name, number] : map)
            object[name] = number;
        return object;
    };
    return {
        {"events", made.events},
        {"instances", made.instances},
        {"states", object_of(made.states)},
        {"commands", object_of(made.commands)},
        {"standing", object_of(made.standing)},
        {"positions", object_of(made.positions)},
        {"seconds", seconds}};
}

} // namespace traffic_fines
