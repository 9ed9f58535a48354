// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/jetstream/connection.hpp>
#include <converge/store/jetstream/names.hpp>
#include <converge/store/text_map.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace converge::detail {

struct jetstream_key_value_deleter {
    void operator()(kvStore* bucket) const noexcept { kvStore_Destroy(bucket); }
    void operator()(kvEntry* entry) const noexcept { kvEntry_Destroy(entry); }
    void operator()(jsCtx* context) const noexcept { jsCtx_Destroy(context); }
};

/// Cursors in a key-value bucket. A cursor that somebody else has written since this object read or wrote it
/// is not overwritten.
class jetstream_cursor_bucket {
public:
    explicit jetstream_cursor_bucket(jetstream_connection& on) : on_{&on} {
        jsOptions options;
        jsOptions_Init(&options);
        options.Wait = on.options().attempt_timeout.count();
        jsCtx* made = nullptr;
        if (auto const status = natsConnection_JetStream(&made, on.get(), &options); status != NATS_OK)
            on.refuse(
                store_trouble::unavailable, "cannot use JetStream: " + jetstream_connection::reason(status));
        context_.reset(made);
    }

    position load(std::string_view reader, std::string_view module) {
        if (!open(false))
            return 0;
        auto const key = key_of(reader, module);
        auto const entry = get(key, what("load", reader, module));
        revisions_.insert_or_assign(key, entry ? entry->revision : 0);
        return entry ? entry->value : 0;
    }

    void save(cursor const& each) {
        open(true);
        auto const key = key_of(each.reader, each.module);
        auto const doing = what("save", each.reader, each.module);
        auto known = revisions_.find(key);
        if (known == revisions_.end()) {
            auto const entry = get(key, doing);
            known = revisions_.insert_or_assign(key, entry ? entry->revision : 0).first;
        }
        known->second = put(key, each.position, known->second, doing);
    }

private:
    struct found_cursor {
        position value = 0;
        std::uint64_t revision = 0;
    };

    static std::string key_of(std::string_view reader, std::string_view module) {
        return jetstream_token(reader) + '.' + jetstream_token(module);
    }

    static std::string what(std::string_view verb, std::string_view reader, std::string_view module) {
        return std::string{verb} + " the cursor of reader " + shown(reader) + " in module " + shown(module);
    }

    /// Calls until there is an answer that is not about the connection.
    template <class Call> natsStatus call(std::string const& doing, Call make) const {
        auto const deadline = std::chrono::steady_clock::now() + on_->options().timeout;
        for (;;) {
            auto const status = make();
            auto const passing = status == NATS_TIMEOUT || status == NATS_NO_RESPONDERS ||
                                 status == NATS_CONNECTION_DISCONNECTED;
            on_->check_permission(doing);
            if (!passing)
                return status;
            if (std::chrono::steady_clock::now() >= deadline)
                on_->refuse(
                    store_trouble::unavailable,
                    "cannot " + doing + ": " + jetstream_connection::reason(status));
            nats_Sleep(20);
        }
    }

    bool open(bool create) {
        if (bucket_)
            return true;
        auto const name = jetstream_cursors(on_->options().prefix);
        kvStore* made = nullptr;
        auto status =
            call("open the bucket " + name, [&] { return js_KeyValue(&made, context_.get(), name.c_str()); });
        if (status == NATS_NOT_FOUND && create) {
            kvConfig config;
            kvConfig_Init(&config);
            config.Bucket = name.c_str();
            config.Description = "converge layout 1: cursors";
            config.Replicas = on_->options().replicas;
            status = call("create the bucket " + name, [&] {
                auto const done = js_CreateKeyValue(&made, context_.get(), &config);
                return done == NATS_OK ? done : js_KeyValue(&made, context_.get(), name.c_str());
            });
        } else if (status == NATS_NOT_FOUND) {
            return false;
        }
        if (status != NATS_OK)
            on_->refuse(
                store_trouble::unavailable,
                "cannot open the bucket " + name + ": " + jetstream_connection::reason(status));
        bucket_.reset(made);
        return true;
    }

    std::optional<found_cursor> get(std::string const& key, std::string const& doing) const {
        kvEntry* found = nullptr;
        auto const status = call(doing, [&] { return kvStore_Get(&found, bucket_.get(), key.c_str()); });
        std::unique_ptr<kvEntry, jetstream_key_value_deleter> const entry{found};
        if (status == NATS_NOT_FOUND)
            return std::nullopt;
        if (status != NATS_OK)
            on_->refuse(
                store_trouble::unavailable, "cannot " + doing + ": " + jetstream_connection::reason(status));
        auto const size = kvEntry_ValueLen(found);
        std::string_view const text{
            static_cast<char const*>(kvEntry_Value(found)), size > 0 ? static_cast<std::size_t>(size) : 0};
        return found_cursor{jetstream_number(text), kvEntry_Revision(found)};
    }

    std::uint64_t
    put(std::string const& key, position value, std::uint64_t expected, std::string const& doing) const {
        auto const text = std::to_string(value);
        std::uint64_t revision = 0;
        auto const status = call(doing, [&] {
            return kvStore_UpdateString(&revision, bucket_.get(), key.c_str(), text.c_str(), expected);
        });
        if (status == NATS_OK)
            return revision;
        auto const reason = jetstream_connection::reason(status);
        auto const entry = get(key, doing);
        if (entry && entry->value == value)
            return entry
                ->revision; // written by a call whose answer was lost, or by another to the same place
        if ((entry ? entry->revision : 0) == expected)
            on_->refuse(store_trouble::unavailable, "cannot " + doing + ": " + reason);
        on_->refuse(
            store_trouble::in_use, "cannot " + doing + ": another runner has moved it to " +
                                       std::to_string(entry ? entry->value : 0));
    }

    jetstream_connection* on_;
    std::unique_ptr<jsCtx, jetstream_key_value_deleter> context_;
    std::unique_ptr<kvStore, jetstream_key_value_deleter> bucket_;
    text_map<std::uint64_t> revisions_; // by key, as this object saw them last; 0: there is none
};

} // namespace converge::detail
