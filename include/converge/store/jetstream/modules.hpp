// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/api.hpp>
#include <converge/store/jetstream/make_stream.hpp>
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
        create_jetstream_stream(*on_, each.names.log, "log", each.names.subjects + "*.*");
        create_jetstream_stream(*on_, each.names.ids, "ids", each.names.id_subjects + "*");
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

    jetstream_connection* on_;
    text_map<std::unique_ptr<known>> modules_;
};

} // namespace converge::detail
