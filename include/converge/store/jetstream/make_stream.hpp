// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/api.hpp>
#include <converge/store/validation.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace converge::detail {

inline constexpr std::string_view jetstream_layout = "converge layout 1: ";

/// Throws `store_error` (`not_a_store`, `newer_schema`) unless the stream is one of ours.
inline void check_jetstream_layout(
    jetstream_connection const& on, std::string const& stream, std::string const& description,
    boost::json::object const& info) {
    auto const* const config = info.if_contains("config");
    auto const found = config == nullptr || !config->is_object()
                           ? std::string_view{}
                           : json_text(config->get_object(), "description");
    if (found == description)
        return;
    if (found.starts_with(jetstream_layout.substr(0, jetstream_layout.find('1'))))
        on.refuse(
            store_trouble::newer_schema, "JetStream stream " + stream + " has the description " +
                                             shown(found) + ", this program knows " + shown(description));
    on.refuse(
        store_trouble::not_a_store,
        "JetStream stream " + stream + " is not one of converge; it was left as it is");
}

/// Waits until a stream that the server knows of can be asked. In between, one that another client is making
/// has a name and no messages yet, and a nats-server 2.9 that is asked for one by the leader's request dies
/// of it; to a direct request nobody answers yet.
inline void await_jetstream_stream(
    jetstream_connection& on, std::string const& stream, boost::json::object const& info,
    std::string const& what) {
    auto const* const config = info.if_contains("config");
    auto const* const direct = config == nullptr || !config->is_object()
                                   ? nullptr
                                   : config->get_object().if_contains("allow_direct");
    if (direct != nullptr && *direct == true) // else an administrator has made it, long ago
        (void)on.ask(direct_get_request(stream, "whatever"), what);
}

/// Makes a stream of JetStream where there is none, and waits until it can be asked. Of all but a log each
/// subject keeps its last message. Throws `store_error`: `not_a_store`, `newer_schema` when there is
/// something else under this name.
inline void create_jetstream_stream(
    jetstream_connection& on, std::string const& stream, std::string_view kind, std::string const& subjects) {
    auto const what = "create the JetStream stream " + stream;
    auto const description = std::string{jetstream_layout} + std::string{kind};
    std::chrono::nanoseconds const window = on.options().duplicate_window;
    boost::json::object const body{
        {"name", stream},
        {"description", description},
        {"subjects", boost::json::array{boost::json::string{subjects}}},
        {"retention", "limits"},
        {"storage", "file"},
        {"discard", "new"},
        {"num_replicas", on.options().replicas},
        {"duplicate_window", window.count()},
        {"max_msgs_per_subject", kind == "log" ? -1 : 1},
        {"allow_direct", true},
        {"deny_delete", true},
        {"deny_purge", true}};
    auto made =
        read_answer(on.ask({"$JS.API.STREAM.CREATE." + stream, boost::json::serialize(body), {}}, what));
    if (made.error == jetstream_name_in_use) // with other settings, which may be the administrator's
        made = read_answer(on.ask({"$JS.API.STREAM.INFO." + stream, {}, {}}, what));
    if (made.error != 0)
        refuse_answer(on, what, made);
    check_jetstream_layout(on, stream, description, made.content);
    await_jetstream_stream(on, stream, made.content, what);
}

} // namespace converge::detail
