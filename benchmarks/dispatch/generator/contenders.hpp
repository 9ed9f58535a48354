// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <dispatch/generator/declarations.hpp>
#include <dispatch/generator/machines.hpp>
#include <string>

// The same machines as a careful hand would write them. A row with an action adds the row's weight to a sum;
// where there are no actions, the states are kept as bytes, for that is what is compared.
namespace generator {

inline std::string opened(workload const& of, std::string const& includes, std::string const& part) {
    return includes + "namespace " + of.name + "::" + part + " {\n";
}

/// A function for each type of event, which switches over the state, and one that switches over the type.
inline std::string nested_switch(workload const& of) {
    std::string made =
        opened(of, "#include <dispatch/workload.hpp>\n#include <" + of.name + ".hpp>\n", "nested_switch");
    made += "struct instance {\n    std::uint8_t states[" + text(of.machines) + "]{};\n";
    for (std::size_t event = 0; event < of.events.size(); ++event) {
        made += "    void take([[maybe_unused]] std::uint64_t& total, [[maybe_unused]] " + of.events[event] +
                " const& happened) {\n";
        auto const rows = of.rows_of_event(event);
        if (!rows.empty()) {
            auto const machine = text(of.rows[rows.front()].machine);
            made += "        switch (states[" + machine + "]) {\n";
            for (auto const at : rows) {
                auto const& each = of.rows[at];
                made += "        case " + text(each.from) + ":\n";
                if (each.guarded)
                    made += "            if (!workload::guard<" + text(event) +
                            ">(happened))\n                break;\n";
                if (of.actions)
                    made += "            total += weight(" + text(at + 1) + ");\n";
                made += "            states[" + machine + "] = " + text(each.to) + ";\n            break;\n";
            }
            made += "        default:\n            break;\n        }\n";
        }
        made += "    }\n";
    }
    made +=
        "    void take(std::uint64_t& total, logged const& arrived) {\n        switch (arrived.index) {\n";
    for (std::size_t event = 0; event < of.events.size(); ++event)
        made += "        case " + text(event) + ":\n            take(total, arrived.as<" + of.events[event] +
                ">());\n            break;\n";
    return made + "        default:\n            break;\n        }\n    }\n};\n} // namespace " + of.name +
           "::nested_switch\n";
}

/// The table is made with `push_back`, for a `boost::mpl::vector` written out ends at 50 rows.
inline std::string boost_msm(workload const& of) {
    std::string made = opened(
        of,
        "#include <dispatch/workload.hpp>\n#include <" + of.name +
            ".hpp>\n#include <boost/mpl/push_back.hpp>\n#include <boost/mpl/vector.hpp>\n"
            "#include <boost/msm/back/state_machine.hpp>\n#include <boost/msm/front/functor_row.hpp>\n"
            "#include <boost/msm/front/state_machine_def.hpp>\n",
        "msm");
    made += "namespace front = boost::msm::front;\n";
    for (std::size_t machine = 0; machine < of.machines; ++machine)
        for (std::size_t state = 0; state < of.states; ++state)
            made += "struct " + state_name(machine, state) + " : front::state<> {};\n";
    made += "template <std::size_t Row> struct act {\n"
            "    template <class Event, class Machine, class From, class To>\n"
            "    void operator()(Event const&, Machine& machine, From&, To&) const {\n"
            "        constexpr auto const& row = workload::rows[Row];\n"
            "        if constexpr (workload::actions)\n            machine.total += weight(Row + 1);\n"
            "        else\n            machine.states[row.machine] = row.to;\n    }\n};\n"
            "template <std::size_t Number> struct ask {\n"
            "    template <class Event, class Machine, class From, class To>\n"
            "    bool operator()(Event const& happened, Machine&, From&, To&) const {\n"
            "        return workload::guard<Number>(happened);\n    }\n};\n";
    made += "using table_0 = boost::mpl::vector0<>;\n";
    for (std::size_t at = 0; at < of.rows.size(); ++at) {
        auto const& each = of.rows[at];
        made += "using table_" + text(at + 1) + " = boost::mpl::push_back<table_" + text(at) +
                ", front::Row<" + state_name(each.machine, each.from) + ", " + of.events[each.event] + ", " +
                state_name(each.machine, each.to) + ", act<" + text(at) + ">, " +
                (each.guarded ? "ask<" + text(each.event) + ">" : "front::none") + ">>::type;\n";
    }
    made +=
        "struct definition : front::state_machine_def<definition> {\n"
        "    using no_exception_thrown = int;\n    using no_message_queue = int;\n    using initial_state = "
        "boost::mpl::vector<" +
        listed(of.machines, [](auto at) { return state_name(at, 0); }) +
        ">;\n    using transition_table = table_" + text(of.rows.size()) +
        ";\n    template <class Machine, class Event> void no_transition(Event const&, Machine&, int) {}\n"
        "    std::uint64_t total = 0;\n    std::uint8_t states[workload::machines]{};\n};\n"
        "using machine = boost::msm::back::state_machine<definition>;\n"
        "inline void take(machine& to, logged const& arrived) {\n    switch (arrived.index) {\n";
    for (std::size_t event = 0; event < of.events.size(); ++event)
        made += "    case " + text(event) + ":\n        to.process_event(arrived.as<" + of.events[event] +
                ">());\n        break;\n";
    return made + "    default:\n        break;\n    }\n}\n} // namespace " + of.name + "::msm\n";
}

inline std::string statechart_state(workload const& of, std::size_t machine, std::size_t state) {
    auto const name = state_name(machine, state);
    std::string reactions;
    std::string functions;
    for (std::size_t at = 0; at < of.rows.size(); ++at) {
        auto const& each = of.rows[at];
        if (each.machine != machine || each.from != state)
            continue;
        auto const event = "happened<" + text(each.event) + ">";
        reactions += (reactions.empty() ? "" : ", ") + ("sc::custom_reaction<" + event + ">");
        functions += "    sc::result react([[maybe_unused]] " + event + " const& event) {\n";
        if (each.guarded)
            functions += "        if (!workload::guard<" + text(each.event) +
                         ">(event.payload))\n            return discard_event();\n";
        functions += "        context<machine>().act<" + text(at) + ">();\n        return transit<" +
                     state_name(machine, each.to) + ">();\n    }\n";
    }
    return "struct " + name + " : sc::simple_state<" + name + ", " +
           (of.machines == 1 ? "machine" : "running::orthogonal<" + text(machine) + ">") +
           "> {\n    using reactions = boost::mpl::list<" + reactions + ">;\n" + functions + "};\n";
}

inline std::string boost_statechart(workload const& of) {
    std::string made = opened(
        of,
        "#include <dispatch/workload.hpp>\n#include <" + of.name +
            ".hpp>\n#include <boost/mpl/list.hpp>\n#include <boost/statechart/custom_reaction.hpp>\n"
            "#include <boost/statechart/event.hpp>\n#include <boost/statechart/simple_state.hpp>\n"
            "#include <boost/statechart/state_machine.hpp>\n#include <boost/statechart/transition.hpp>\n",
        "statechart");
    made += "namespace sc = boost::statechart;\n"
            "template <std::size_t Number> struct happened : sc::event<happened<Number>> {\n"
            "    using type = boost::mp11::mp_at_c<workload::events, Number>;\n"
            "    explicit happened(type const& of) : payload{of} {}\n    type const& payload;\n};\n";
    for (std::size_t machine = 0; machine < of.machines; ++machine)
        for (std::size_t state = 0; state < of.states; ++state)
            made += "struct " + state_name(machine, state) + ";\n";
    if (of.machines > 1)
        made += "struct running;\n";
    made += "struct machine : sc::state_machine<machine, " +
            (of.machines == 1 ? state_name(0, 0) : "running") +
            "> {\n    std::uint64_t total = 0;\n    std::uint8_t states[workload::machines]{};\n"
            "    template <std::size_t Row> void act() {\n"
            "        constexpr auto const& row = workload::rows[Row];\n"
            "        if constexpr (workload::actions)\n            total += weight(Row + 1);\n"
            "        else\n            states[row.machine] = row.to;\n    }\n};\n";
    if (of.machines > 1)
        made += "struct running : sc::simple_state<running, machine, boost::mpl::list<" +
                listed(of.machines, [](auto at) { return state_name(at, 0); }) + ">> {};\n";
    for (std::size_t machine = 0; machine < of.machines; ++machine)
        for (std::size_t state = 0; state < of.states; ++state)
            made += statechart_state(of, machine, state);
    made += "inline void take(machine& to, logged const& arrived) {\n    switch (arrived.index) {\n";
    for (std::size_t event = 0; event < of.events.size(); ++event)
        made += "    case " + text(event) + ":\n        to.process_event(happened<" + text(event) +
                ">{arrived.as<" + of.events[event] + ">()});\n        break;\n";
    return made + "    default:\n        break;\n    }\n}\n} // namespace " + of.name + "::statechart\n";
}

} // namespace generator
