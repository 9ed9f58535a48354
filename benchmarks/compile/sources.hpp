// SPDX-License-Identifier: MIT
#pragma once

#include <benchmarks/compile/lattice.hpp>

#include <cstddef>
#include <string>

// Programs that declare the same machine, for converge and for Boost's two libraries of state machines.
namespace sources {

/// `one(0), one(1), ...`, `size` of them.
template <class One> std::string listed(std::size_t size, One one, char const* separator = ", ") {
    std::string made;
    for (std::size_t at = 0; at < size; ++at)
        made += (at == 0 ? "" : separator) + one(at);
    return made;
}

inline std::string event(std::size_t number) { return "event_" + std::to_string(number); }
inline std::string state(std::size_t number) { return "state_" + std::to_string(number); }
inline std::string machine(std::size_t number) { return "machine_" + std::to_string(number); }

inline std::string const include_verify = "#include <converge/verify/verified.hpp>\n";

inline std::string declared_events(std::size_t size) {
    return listed(
               size, [](auto at) { return "struct " + event(at) + " {};\n"; }, "") +
           "struct module : converge::module<\"module\", " + listed(size, event) + "> {};\n";
}

/// A machine with rows where the state changes and one `stay` a state for the rest. Event `e` of the lattice
/// is the type `name_of_event(e)`.
template <class Name>
std::string declared_machine(std::string const& name, lattice const& shape, Name name_of_event) {
    std::string entries;
    auto const enter = [&](std::string const& entry) {
        entries += (entries.empty() ? "        " : ",\n        ") + entry;
    };
    for (std::size_t from = 0; from < shape.states(); ++from) {
        std::string kept;
        for (std::size_t by = 0; by < shape.events(); ++by) {
            auto const to = shape.after(from, by);
            if (to == from)
                kept += ", " + name_of_event(by);
            else
                enter("converge::row<" + state(from) + ", " + name_of_event(by) + ", " + state(to) + ">");
        }
        if (!kept.empty())
            enter("converge::stay<" + state(from) + kept + ">");
    }
    return "struct " + name + " {\n" +
           listed(
               shape.states(), [](auto at) { return "    struct " + state(at) + ";\n"; }, "") +
           "    using transitions = converge::transitions<\n" + entries + ">;\n};\n";
}

inline std::string declared_process(std::size_t machines, std::string const& more = "") {
    return "struct process {\n    using reads = converge::reads<module>;\n    using machines = "
           "converge::machines<" +
           listed(machines, machine) + ">;\n" + more +
           "    static int correlate(auto const&) { return 0; }\n};\n";
}

/// One machine and a process around it. `last` is what is asked of the compiler.
inline std::string one_machine(lattice const& shape, std::string const& last) {
    return include_verify + declared_events(shape.events()) + declared_machine(machine(0), shape, event) +
           declared_process(
               1, shape.counts()
                      ? "    using repeats = converge::repeats<" + listed(shape.events(), event) + ">;\n"
                      : "") +
           last;
}

inline std::string declared(lattice const& shape) {
    return one_machine(
        shape, "static_assert(converge::table_of<machine_0>.state_count == " +
                   std::to_string(shape.states()) + ");\n");
}

inline std::string verified(lattice const& shape) {
    return one_machine(shape, "static_assert(converge::verified<process>);\n");
}

/// Verified, and a function that takes each event: what the other libraries' programs do.
inline std::string dispatching(lattice const& shape) {
    return "#include <converge/dispatch/step.hpp>\n" + verified(shape) +
           "void take(converge::machine_states<process>& states) {\n" +
           listed(
               shape.events(),
               [](auto at) { return "    converge::step<process>(states, " + event(at) + "{});\n"; }, "") +
           "}\n";
}

/// Machines that share an event, with effects over the states of neighbours.
inline std::string several_machines(std::size_t machines) {
    lattice const shape{{3, 4}, 6};
    auto const own = shape.events() - 1; // the last event is the same in all
    std::string made = include_verify + declared_events(machines * own + 1);
    for (std::size_t at = 0; at < machines; ++at)
        made += declared_machine(machine(at), shape, [&](std::size_t by) {
            return event(by == own ? machines * own : at * own + by);
        });
    made += listed(
        machines,
        [](auto at) {
            return "struct do_" + std::to_string(at) + " {};\nstruct undo_" + std::to_string(at) + " {};\n";
        },
        "");
    auto const effect = [&](std::size_t at) {
        auto const number = std::to_string(at);
        auto const neighbour = (at + 1) % machines;
        return "converge::effect<converge::when<" + machine(at) + "::" + state(shape.states() - 1) +
               (neighbour == at ? "" : ", " + machine(neighbour) + "::" + state(0)) + ">, do_" + number +
               ", converge::undone_by<undo_" + number + ">>";
    };
    return made + "struct close_order {};\n" +
           declared_process(
               machines, "    using effects = converge::effects<" + listed(machines, effect) +
                             ", converge::effect<converge::when<machine_0::" + state(shape.states() - 1) +
                             ">, close_order>>;\n") +
           "static_assert(converge::verified<process>);\n";
}

/// A process that waits for each of its events, in whatever order they come: a machine of two states for
/// each.
inline std::string any_order(std::size_t events) {
    lattice const shape{{2}, 1};
    std::string made = include_verify + declared_events(events);
    for (std::size_t at = 0; at < events; ++at)
        made += declared_machine(machine(at), shape, [&](std::size_t) { return event(at); });
    auto const arrived = [](std::size_t at) { return machine(at) + "::state_1"; };
    return made + "struct do_it {};\nstruct undo_it {};\n" +
           declared_process(
               events, "    using effects = converge::effects<converge::effect<converge::when<" +
                           listed(events, arrived) + ">, do_it, converge::undone_by<undo_it>>>;\n") +
           "static_assert(converge::verified<process>);\n";
}

inline std::string boost_statechart(lattice const& shape) {
    std::string made = "#include <boost/mpl/list.hpp>\n"
                       "#include <boost/statechart/event.hpp>\n"
                       "#include <boost/statechart/in_state_reaction.hpp>\n"
                       "#include <boost/statechart/simple_state.hpp>\n"
                       "#include <boost/statechart/state_machine.hpp>\n"
                       "#include <boost/statechart/transition.hpp>\n"
                       "namespace sc = boost::statechart;\n";
    made += listed(
        shape.events(),
        [](auto at) { return "struct " + event(at) + " : sc::event<" + event(at) + "> {};\n"; }, "");
    made += listed(shape.states(), [](auto at) { return "struct " + state(at) + ";\n"; }, "");
    made += "struct machine : sc::state_machine<machine, state_0> {};\n";
    for (std::size_t from = 0; from < shape.states(); ++from) {
        auto const reaction = [&](std::size_t by) {
            auto const to = shape.after(from, by);
            return to == from ? "sc::in_state_reaction<" + event(by) + ">"
                              : "sc::transition<" + event(by) + ", " + state(to) + ">";
        };
        made += "struct " + state(from) + " : sc::simple_state<" + state(from) +
                ", machine> {\n    using reactions = boost::mpl::list<" + listed(shape.events(), reaction) +
                ">;\n};\n";
    }
    return made + "void take(machine& running) {\n    running.initiate();\n" +
           listed(
               shape.events(), [](auto at) { return "    running.process_event(" + event(at) + "{});\n"; },
               "") +
           "}\n";
}

/// The table is made with `push_back`, for a `boost::mpl::vector` written out ends at 50 rows.
inline std::string boost_msm(lattice const& shape) {
    std::string made = "#include <boost/mpl/push_back.hpp>\n"
                       "#include <boost/mpl/vector.hpp>\n"
                       "#include <boost/msm/back/state_machine.hpp>\n"
                       "#include <boost/msm/front/functor_row.hpp>\n"
                       "#include <boost/msm/front/state_machine_def.hpp>\n"
                       "namespace front = boost::msm::front;\n";
    made += listed(shape.events(), [](auto at) { return "struct " + event(at) + " {};\n"; }, "");
    made +=
        listed(shape.states(), [](auto at) { return "struct " + state(at) + " : front::state<> {};\n"; }, "");
    made += "using table_0 = boost::mpl::vector0<>;\n";
    std::size_t rows = 0;
    for (std::size_t from = 0; from < shape.states(); ++from)
        for (std::size_t by = 0; by < shape.events(); ++by) {
            auto const to = shape.after(from, by);
            auto const before = std::to_string(rows++);
            made += "using table_" + std::to_string(rows) + " = boost::mpl::push_back<table_" + before +
                    ", front::Row<" + state(from) + ", " + event(by) + ", " +
                    (to == from ? "front::none" : state(to)) + ">>::type;\n";
        }
    return made +
           "struct definition : front::state_machine_def<definition> {\n    using initial_state = state_0;\n "
           "   using transition_table = table_" +
           std::to_string(rows) +
           ";\n};\nusing machine = boost::msm::back::state_machine<definition>;\n"
           "void take(machine& running) {\n    running.start();\n" +
           listed(
               shape.events(), [](auto at) { return "    running.process_event(" + event(at) + "{});\n"; },
               "") +
           "}\n";
}

} // namespace sources
