// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <dispatch/generator/machines.hpp>
#include <string>
#include <vector>

namespace generator {

inline std::string text(std::size_t number) { return std::to_string(number); }

/// `one(0), one(1), ...`, `size` of them.
template <class One> std::string listed(std::size_t size, One one, char const* separator = ", ") {
    std::string made;
    for (std::size_t at = 0; at < size; ++at)
        made += (at == 0 ? "" : separator) + one(at);
    return made;
}

inline std::string machine_name(std::size_t number) { return "machine_" + text(number); }
inline std::string state_name(std::size_t machine, std::size_t state) {
    return "state_" + text(machine) + "_" + text(state);
}

/// Events with payloads of different types, and their guards.
inline std::string event_types(workload const& of) {
    std::array<char const*, 5> const members{
        "std::int32_t amount = 0;", "double amount = 0;",
        "std::uint8_t amount = 0;\n    std::int64_t account = 0;",
        "std::int64_t amount = 0;\n    std::int16_t branch = 0;",
        "float amount = 0;\n    std::uint32_t code = 0;"};
    std::string made = "template <std::size_t Number> struct event;\n";
    for (std::size_t at = 0; at < of.events.size(); ++at)
        made += "template <> struct " + of.events[at] + " {\n    " + members[at % members.size()] + "\n};\n";
    made +=
        "template <std::size_t Number> struct guard {\n"
        "    constexpr bool operator()(event<Number> const& happened) const { return happened.amount >= 50; "
        "}\n};\n";
    return made;
}

/// A machine for converge; all that no row decides stays.
inline std::string declared_machine(workload const& of, std::size_t machine) {
    std::vector<std::vector<std::string>> stays(of.states);
    std::string entries;
    auto const enter = [&](std::string const& entry) {
        entries += (entries.empty() ? "        " : ",\n        ") + entry;
    };
    std::vector<std::string> known;
    for (std::size_t event = 0; event < of.events.size(); ++event) {
        std::vector<bool> decided(of.states, false);
        bool mine = false;
        for (auto const at : of.rows_of_event(event)) {
            auto const& each = of.rows[at];
            if (each.machine != machine)
                continue;
            mine = true;
            decided[each.from] = true;
            auto const guard = "guard<" + text(event) + ">";
            auto const on =
                each.guarded ? "converge::if_<" + of.events[event] + ", " + guard + ">" : of.events[event];
            enter(
                "converge::row<s" + text(each.from) + ", " + on + ", s" + text(each.to) +
                (of.actions ? ", converge::send<command<" + text(at % 16) + ">>>" : ">"));
            if (each.guarded)
                stays[each.from].push_back("converge::unless<" + of.events[event] + ", " + guard + ">");
        }
        for (std::size_t state = 0; mine && state < of.states; ++state)
            if (!decided[state])
                stays[state].push_back(of.events[event]);
    }
    for (std::size_t state = 0; state < of.states; ++state)
        if (!stays[state].empty())
            enter(
                "converge::stay<s" + text(state) + ", " +
                listed(stays[state].size(), [&](auto at) { return stays[state][at]; }) + ">");
    return "struct " + machine_name(machine) + " {\n" +
           listed(
               of.states, [](auto at) { return "    struct s" + text(at) + ";\n"; }, "") +
           "    using initial = s0;\n    static constexpr bool perpetual = true;\n    using transitions = "
           "converge::transitions<\n" +
           entries + ">;\n};\n";
}

inline std::string declared_process(workload const& of) {
    std::string made = "struct log_module : converge::module<\"log\", " +
                       listed(of.events.size(), [&](auto at) { return of.events[at]; }) + "> {};\n";
    if (of.actions)
        made += "template <std::size_t Number> struct command {};\n";
    for (std::size_t machine = 0; machine < of.machines; ++machine)
        made += declared_machine(of, machine);
    made += "struct process {\n    using reads = converge::reads<log_module>;\n    using machines = "
            "converge::machines<" +
            listed(of.machines, machine_name) + ">;\n";
    made += "    using repeats = converge::repeats<" +
            listed(of.events.size(), [&](auto at) { return of.events[at]; }) +
            ">;\n    static int correlate(auto const&) { return 0; }\n};\n";
    return made;
}

/// The events, their guards, and the rows as data.
inline std::string declaration(workload const& of) {
    std::string made =
        "#include <dispatch/workload.hpp>\n"
        "#include <boost/mp11/list.hpp>\n#include <array>\n#include <cstddef>\n#include <cstdint>\n";
    if (of.declared)
        made += "#include <examples/order_fulfilment/process.hpp>\n";
    made += "namespace " + of.name + " {\n";
    if (!of.declared)
        made += event_types(of);
    made += "struct workload {\n    using events = boost::mp11::mp_list<" +
            listed(of.events.size(), [&](auto at) { return of.events[at]; }) + ">;\n";
    auto const constant = [&](std::string const& type, std::string const& name, std::string const& value) {
        made += "    static constexpr " + type + " " + name + " = " + value + ";\n";
    };
    constant("char const*", "name", "\"" + of.name + "\"");
    constant("std::size_t", "machines", text(of.machines));
    constant("std::size_t", "states", text(of.states));
    constant("bool", "actions", of.actions ? "true" : "false");
    made += "    static constexpr std::array<table_row, " + text(of.rows.size()) + "> rows{\n" +
            listed(
                of.rows.size(),
                [&](auto at) {
                    auto const& each = of.rows[at];
                    return "        table_row{" + text(each.machine) + ", " + text(each.from) + ", " +
                           text(each.event) + ", " + text(each.to) + ", " +
                           (each.guarded ? "true" : "false") + "}";
                },
                ",\n") +
            "};\n";
    made += "    template <std::size_t Event, class Payload> static bool guard([[maybe_unused]] Payload "
            "const& payload) {\n";
    if (!of.declared)
        made += "        return " + of.name + "::guard<Event>{}(payload);\n";
    else
        made += "        return true;\n";
    return made + "    }\n};\n} // namespace " + of.name + "\n";
}

/// The declaration for converge.
inline std::string process(workload const& of) {
    return "#include <" + of.name +
           ".hpp>\n#include <converge/declare/machine.hpp>\n#include "
           "<converge/declare/process.hpp>\n#include "
           "<converge/declare/module.hpp>\nnamespace " +
           of.name + " {\n" +
           (of.declared ? "using process = order_fulfilment::order_process;\n" : declared_process(of)) +
           "} // namespace " + of.name + "\ntemplate <> struct process_of_workload<" + of.name +
           "::workload> {\n    using type = " + of.name + "::process;\n};\n";
}

} // namespace generator
