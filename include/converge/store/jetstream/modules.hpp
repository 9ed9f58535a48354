// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/api.hpp>
#include <converge/store/jetstream/names.hpp>
#include <converge/store/text_map.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace converge::detail {

/// The streams of JetStream that modules have, made when a module is first written to.
class jetstream_modules {
public:
    struct known {
        jetstream_module names;
        bool exists = false;          ///< the log is there
        bool ready = false;           ///< the log and the ids are there and are ours
        std::uint64_t own_sequence{}; ///< the last message of the log that this store object has written
    };

    explicit jetstream_modules(jetstream_connection& on) : on_{&on} {}

    known& find(std::string_view module) {
        auto const found = modules_.find(module);
        if (found != modules_.end())
            return *found->second;
        auto made = std::make_unique<known>(known{{on_->options().prefix, module}});
        return *modules_.emplace(std::string{module}, std::move(made)).first->second;
    }

    /// Makes what is missing. Throws `store_error`: `not_a_store`, `newer_schema` when there is something
    /// else under these names.
    known& create(std::string_view module) {
        auto& each = find(module);
        if (each.ready)
            return each;
        create(each.names.log, "log", each.names.subjects + "*.*");
        create(each.names.ids, "ids", each.names.id_subjects + "*");
        each.ready = each.exists = true;
        return each;
    }

    /// Whether the module has a log. A user who may read only what is public asks with `foreign`.
    bool exists(known& each, bool foreign) {
        if (each.exists)
            return true;
        auto const what = "look for module " + shown(each.names.name);
        auto const answer = read_answer(on_->ask(
            foreign ? probe_request(each.names)
                    : jetstream_request{"$JS.API.STREAM.INFO." + each.names.log, {}, {}},
            what));
        if (answer.error == jetstream_no_stream)
            return false;
        if (answer.error != 0)
            refuse_answer(*on_, what, answer);
        each.exists = true;
        return true;
    }

private:
    static constexpr std::string_view layout = "converge layout 1: ";

    static jetstream_request probe_request(jetstream_module const& names) {
        auto const name = to_string(random_event_id());
        auto const filter = names.side(jetstream_side::public_);
        boost::json::object const body{
            {"stream_name", names.log},
            {"config",
             {{"name", name},
              {"deliver_policy", "new"},
              {"ack_policy", "none"},
              {"filter_subject", filter},
              {"mem_storage", true},
              {"num_replicas", 1},
              {"inactive_threshold", 1'000'000'000}}}};
        return {
            "$JS.API.CONSUMER.CREATE." + names.log + "." + name + "." + filter,
            boost::json::serialize(body),
            {}};
    }

    void create(std::string const& stream, std::string_view kind, std::string const& subjects) const {
        auto const what = "create the JetStream stream " + stream;
        auto const description = std::string{layout} + std::string{kind};
        std::chrono::nanoseconds const window = on_->options().duplicate_window;
        boost::json::object const body{
            {"name", stream},
            {"description", description},
            {"subjects", boost::json::array{boost::json::string{subjects}}},
            {"retention", "limits"},
            {"storage", "file"},
            {"discard", "new"},
            {"num_replicas", on_->options().replicas},
            {"duplicate_window", window.count()},
            {"max_msgs_per_subject", kind == "ids" ? 1 : -1},
            {"allow_direct", true},
            {"deny_delete", true},
            {"deny_purge", true}};
        auto made = read_answer(
            on_->ask({"$JS.API.STREAM.CREATE." + stream, boost::json::serialize(body), {}}, what));
        if (made.error == jetstream_name_in_use) // with other settings, which may be the administrator's
            made = read_answer(on_->ask({"$JS.API.STREAM.INFO." + stream, {}, {}}, what));
        if (made.error != 0)
            refuse_answer(*on_, what, made);
        check_layout(stream, description, made.content);
    }

    void check_layout(
        std::string const& stream, std::string const& description, boost::json::object const& info) const {
        auto const* const config = info.if_contains("config");
        auto const found = config == nullptr || !config->is_object()
                               ? std::string_view{}
                               : json_text(config->get_object(), "description");
        if (found == description)
            return;
        if (found.starts_with(layout.substr(0, layout.find('1'))))
            on_->refuse(
                store_trouble::newer_schema, "JetStream stream " + stream + " has the description " +
                                                 shown(found) + ", this program knows " + shown(description));
        on_->refuse(
            store_trouble::not_a_store,
            "JetStream stream " + stream + " is not one of converge; it was left as it is");
    }

    jetstream_connection* on_;
    text_map<std::unique_ptr<known>> modules_;
};

} // namespace converge::detail
