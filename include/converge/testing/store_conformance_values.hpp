// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/validation.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <array>

// G6: what is allowed comes back as it was given, what is not is refused.
namespace converge::testing::detail {

/// All of them differ, though a store that folds, trims or matches patterns may not see it.
inline std::vector<std::string> awkward_names() {
    return {
        "a",
        "A",
        "a ",
        " a",
        "'",
        "''",
        "\"",
        "a'b\"c",
        "a b",
        "a/b",
        "../a",
        "a\\b",
        ".",
        "..",
        "a.b",
        "a..b",
        ".a",
        "a.",
        "%",
        "_",
        "a%",
        "*",
        "a.*",
        ">",
        "a.>",
        "$1",
        "?1",
        ":name",
        "\n",
        "\r\n",
        "\t",
        "\x01",
        "\x7F",
        "NULL",
        "1",
        "01",
        "1.0",
        "\xC3\xA9",
        "e\xCC\x81",
        "\xC3\x9F",
        "ss",
        "\xE2\x80\x8B",
        "\xF0\x9F\x9A\x80 rocket",
        "\xEF\xBB\xBF",
        "; DROP TABLE event; --"};
}

template <class Open> void awkward_names_of_streams(Open open) {
    auto store = open();
    auto names = awkward_names();
    names.emplace_back(maximum_stream_name, 's');
    names.emplace_back(maximum_stream_name - 1, 's');
    for (std::size_t each = 0; each < names.size(); ++each) {
        CAPTURE(names[each]);
        auto const done = append(store, "orders", names[each], expected_version::none(), {event_of(each)});
        CHECK(done.has_value());
    }
    for (std::size_t each = 0; each < names.size(); ++each) {
        CAPTURE(names[each]);
        auto const events = read_stream(store, "orders", names[each], 0, no_limit, "orders");
        REQUIRE(events.size() == 1);
        check_stored(events.front(), names[each], event_of(each));
        CHECK(store.last_of_stream("orders", names[each], "orders").value().id == id_of(each));
    }
    auto const all = all_of(store, "orders");
    REQUIRE(all.size() == names.size());
    for (std::size_t each = 0; each < names.size(); ++each)
        CHECK(all[each].stream == names[each]);
}

template <class Open> void awkward_names_of_modules_and_events(Open open) {
    auto store = open();
    auto names = awkward_names();
    names.emplace_back(maximum_module_name, 'm');
    names.emplace_back(maximum_module_name - 1, 'm');
    for (auto const& name : names) {
        CAPTURE(name);
        auto const done = append(store, name, "one", expected_version::none(), {event_of(1, name)});
        CHECK(done.has_value());
        auto hidden = internal_event_of(2);
        append(store, name, "one", expected_version::exactly(1), {hidden}).value();
    }
    for (auto const& name : names) {
        CAPTURE(name);
        auto const events = all_of(store, name);
        REQUIRE(events.size() == 2);
        check_stored(events.front(), "one", event_of(1, name));
        CHECK(
            read(store, name, 0, no_limit, name + "x").events.size() == 1); // only the same name is the same
    }
}

template <class Open> void awkward_names_of_readers(Open open) {
    auto store = open();
    auto names = awkward_names();
    names.emplace_back(maximum_reader_name, 'r');
    for (std::size_t each = 0; each < names.size(); ++each) {
        std::array<cursor, 2> const given{
            {{names[each], "orders", each + 1}, {"process", names[each], each + 1000}}};
        store.save_cursors(given);
    }
    for (std::size_t each = 0; each < names.size(); ++each) {
        CAPTURE(names[each]);
        CHECK(store.load_cursor(names[each], "orders") == each + 1);
        CHECK(store.load_cursor("process", names[each]) == each + 1000);
    }
}

template <class Open> void payloads(Open open) {
    auto store = open();
    std::string every_byte;
    for (auto byte = 0; byte < 256; ++byte)
        every_byte += static_cast<char>(byte);
    std::string large(std::size_t{8} << 20U, '\0');
    for (std::size_t at = 0; at < large.size(); ++at)
        large[at] = static_cast<char>(at * 2654435761U >> 13U);
    std::array<std::string, 6> const given{"", std::string(1, '\0'), "x", every_byte, large, "after"};
    for (std::size_t each = 0; each < given.size(); ++each) {
        auto event = event_of(each);
        event.payload = given[each];
        append(store, "orders", "one", expected_version::exactly(each), {event}).value();
    }
    auto const events = all_of(store, "orders");
    REQUIRE(events.size() == given.size());
    for (std::size_t each = 0; each < given.size(); ++each)
        CHECK_MESSAGE(events[each].payload == given[each], "payload of ", given[each].size(), " bytes");
    CHECK(store.last_of_stream("orders", "one", "orders").value().payload == "after");
}

/// Names that no store takes, if the longest may have `maximum` bytes.
inline std::vector<std::string> wrong_names(std::size_t maximum) {
    return {
        "",
        std::string(maximum + 1, 'x'),
        std::string(1, '\0'),
        std::string{"a\0b", 3},
        "\xFF",
        "a\xC3",
        "\xC0\x80",
        "\xED\xA0\x80",
        "\x80",
        "\xF4\x90\x80\x80",
        "\xE2\x82",
        "\xF0\x9F\x9A"};
}

template <class Open> void wrong_arguments(Open open) {
    auto store = open();
    append(store, "orders", "one", expected_version::none(), {event_of(1)}).value();
    auto const head = store.head("orders");
    auto const refused = [&](std::string_view module, std::string_view stream,
                             std::vector<new_event> const& events) {
        CHECK(trouble_of_call([&] {
                  (void)append(store, module, stream, expected_version::any(), events);
              }) == store_trouble::invalid_argument);
        CHECK(store.head("orders") == head);
    };
    for (auto const& name : wrong_names(maximum_module_name))
        refused(name, "one", {event_of(2)});
    for (auto const& name : wrong_names(maximum_stream_name))
        refused("orders", name, {event_of(2)});
    for (auto const& name : wrong_names(maximum_event_name))
        refused("orders", "one", {event_of(2), event_of(3, name)});
    refused("orders", "one", {});
    auto huge = event_of(3);
    huge.payload.assign(maximum_payload + 1, 'x');
    refused("orders", "one", {event_of(2), huge});
    CHECK(all_of(store, "orders").size() == 1);
    CHECK(append(store, "orders", "one", expected_version::exactly(1), {event_of(2)}).value().version == 2);
}

template <class Open> void wrong_cursors(Open open) {
    auto store = open();
    auto const refused = [&](cursor const& wrong) {
        std::array<cursor, 2> const given{{{"process", "orders", 5}, wrong}};
        CHECK(trouble_of_call([&] { store.save_cursors(given); }) == store_trouble::invalid_argument);
        CHECK(store.load_cursor("process", "orders") == 0);
    };
    for (auto const& name : wrong_names(maximum_reader_name))
        refused({name, "orders", 1});
    for (auto const& name : wrong_names(maximum_module_name))
        refused({"process", name, 1});
    refused({"process", "bills", maximum_position + 1});
}

} // namespace converge::testing::detail
