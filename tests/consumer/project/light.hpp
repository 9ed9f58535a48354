// SPDX-License-Identifier: MIT
#pragma once

#include <converge/converge.hpp>
#include <converge/store/sqlite.hpp>

#include <string>

struct pressed {
    BOOST_HANA_DEFINE_STRUCT(pressed, (std::string, lamp));
};
struct house : converge::module<"house", pressed> {};
struct switch_on {
    BOOST_HANA_DEFINE_STRUCT(switch_on, (std::string, lamp));
};

struct light {
    struct off;
    struct on;
    using transitions = converge::transitions<converge::row<off, pressed, on>, converge::stay<on, pressed>>;
};

struct lamp_process {
    static constexpr converge::name name{"lamp"};
    using reads = converge::reads<house>;
    using machines = converge::machines<light>;
    using effects = converge::effects<converge::effect<converge::when<light::on>, switch_on>>;
    static auto correlate(pressed const& event) { return event.lamp; }
};
static_assert(converge::verified<lamp_process>);

int press(converge::sqlite_store& store);
