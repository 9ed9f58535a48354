// SPDX-License-Identifier: MIT
#include <converge/declare/event.hpp>
#include <converge/declare/module.hpp>
#include <converge/declare/process_parts.hpp>

#include <doctest/doctest.h>

#include <string>

namespace names {
struct plain {};
template <class> struct templated {};
struct outer {
    struct nested;
};
struct renamed {
    static constexpr converge::name wire_name{"renamed.v1"};
};
struct hidden {
    using visibility = converge::internal;
};
struct vendors_own {};
struct module : converge::module<"names", plain, hidden> {};

struct machine {
    struct only;
    using transitions = converge::transitions<converge::stay<only, plain>>;
};
struct first_process {
    using reads = converge::reads<module>;
    using machines = converge::machines<machine>;
};
struct second_process {
    static constexpr converge::name name{"second"};
    using home = module;
    using reads = converge::reads<module>;
    using machines = converge::machines<first_process, machine>;
    using repeats = converge::repeats<plain>;
};
} // namespace names

template <> struct converge::event_traits<names::vendors_own> {
    static constexpr std::string_view wire_name = "vendor.own";
    using visibility = converge::internal;
};

TEST_CASE("names are the unqualified ones of the types unless they say otherwise") {
    using namespace names;
    CHECK(converge::wire_name_of<plain> == "plain");
    CHECK(converge::wire_name_of<outer::nested> == "nested");
    CHECK(converge::wire_name_of<renamed> == "renamed.v1");
    CHECK(converge::wire_name_of<vendors_own> == "vendor.own");
    CHECK(converge::name_of<first_process> == "first_process");
    CHECK(converge::name_of<second_process> == "second");
    CHECK(module::module_name == "names");
}

TEST_CASE("events are public unless they say otherwise") {
    CHECK_FALSE(converge::is_internal<names::plain>);
    CHECK(converge::is_internal<names::hidden>);
    CHECK(converge::is_internal<names::vendors_own>);
}

TEST_CASE("a process in a process gives its parts, each once") {
    using namespace names;
    CHECK(std::same_as<converge::machines_of<second_process>, boost::mp11::mp_list<machine>>);
    CHECK(std::same_as<converge::repeats_of<second_process>, boost::mp11::mp_list<plain>>);
    CHECK(std::same_as<converge::home_of<first_process>, module>);
    CHECK(converge::machine_count_of<second_process> == 1);
}
