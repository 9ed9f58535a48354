// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/names.hpp>
#include <converge/store/jetstream/options.hpp>
#include <converge/store/jetstream/record_names.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace converge {

/// The subjects that a user of a NATS server must be allowed, and no others.
struct jetstream_permissions {
    std::vector<std::string> publish;
    std::vector<std::string> subscribe;
};

/// What one user needs.
struct jetstream_user {
    std::vector<std::string_view> writes; ///< its own modules: it may read and write all of them
    std::vector<std::string_view> reads;  ///< foreign modules: it may read what is public in them
    /// Whose cursors it may keep: `reader_names` of each process manager that it runs.
    std::vector<std::string_view> readers;
    /// What the names of the records that it may write begin with, up to and including their last '/'; empty
    /// for names without one. It may read all records. `record_folders` of each process manager that it
    /// works for.
    std::vector<std::string_view> records{};
};

/// The permissions with which the server itself enforces visibility: such a user cannot get at an internal
/// event of a foreign module by any request. Give each user an inbox prefix of its own, or one can listen to
/// the answers to another.
inline jetstream_permissions permissions_of(jetstream_user const& user, jetstream_options const& options) {
    detail::require_valid(options);
    jetstream_permissions allowed;
    auto const may = [&](auto const&... parts) { allowed.publish.push_back((std::string{} + ... + parts)); };
    auto const api = std::string{"$JS.API."};
    for (auto const name : user.writes) {
        detail::jetstream_module const module{options.prefix, name};
        for (auto const* stream : {&module.log, &module.ids}) {
            may(api, "STREAM.CREATE.", *stream);
            may(api, "STREAM.INFO.", *stream);
            may(api, "STREAM.MSG.GET.", *stream);
        }
        may(api, "DIRECT.GET.", module.log, ".>");
        may(api, "DIRECT.GET.", module.ids, ".>");
        may(api, "CONSUMER.CREATE.", module.log, ".>");
        for (auto const* request : {"MSG.NEXT.", "INFO.", "DELETE."})
            may(api, "CONSUMER.", request, module.log, ".*");
        may(module.subjects, "*.*");
        may(module.id_subjects, "*");
    }
    for (auto const name : user.reads) {
        detail::jetstream_module const module{options.prefix, name};
        auto const public_subjects = module.side(detail::jetstream_side::public_);
        may(api, "DIRECT.GET.", module.log, ".", public_subjects);
        may(api, "CONSUMER.CREATE.", module.log, ".*.", public_subjects);
        may(api, "CONSUMER.MSG.NEXT.", module.log, ".*");
        may(api, "CONSUMER.INFO.", module.log, ".*");
    }
    auto const bucket = detail::jetstream_cursors(options.prefix);
    for (auto const reader : user.readers)
        may("$KV.", bucket, ".", detail::jetstream_token(reader), ".*");
    if (!user.readers.empty()) {
        may(api, "STREAM.CREATE.KV_", bucket);
        may(api, "STREAM.INFO.KV_", bucket);
        may(api, "STREAM.MSG.GET.KV_", bucket);
        may(api, "DIRECT.GET.KV_", bucket, ".>");
    }
    auto const records = detail::jetstream_record_stream(options.prefix);
    for (auto const folder : user.records)
        may(options.prefix, ".record.", detail::jetstream_token(folder), ".*");
    if (!user.records.empty()) {
        for (auto const* request : {"STREAM.CREATE.", "STREAM.INFO.", "STREAM.MSG.GET."})
            may(api, request, records);
        may(api, "DIRECT.GET.", records, ".>");
    }
    allowed.subscribe.push_back(options.inbox_prefix + ".>");
    return allowed;
}

/// The same as the `permissions` block of a server's configuration.
inline std::string to_configuration(jetstream_permissions const& allowed) {
    auto const list = [](std::vector<std::string> const& subjects) {
        std::string out;
        for (auto const& each : subjects)
            out += (out.empty() ? "\"" : ", \"") + each + "\"";
        return out;
    };
    return "permissions { publish: [" + list(allowed.publish) + "], subscribe: [" + list(allowed.subscribe) +
           "] }";
}

} // namespace converge
