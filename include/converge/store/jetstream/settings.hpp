// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/jetstream/message.hpp>
#include <converge/store/jetstream/options.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// How cnats is told to connect, and what it tells.
namespace converge::detail {

inline std::string nats_reason(natsStatus status) {
    natsStatus last = NATS_OK;
    auto const* const detail = nats_GetLastError(&last);
    std::string text = natsStatus_GetText(status);
    if (last == status && detail != nullptr && *detail != '\0')
        text += std::string{" ("} + detail + ")";
    return text;
}

/// What cnats tells about a connection, from threads of its own, perhaps even after the connection's end.
struct jetstream_news {
    std::atomic<std::uint64_t> losses{0};
    std::atomic<bool> denied{false};
    std::mutex guard;
    std::string denial;
};

/// Servers as messages show them: without users and passwords.
inline std::string without_credentials(std::string servers) {
    for (std::size_t begin = 0; (begin = servers.find("://", begin)) != std::string::npos;) {
        begin += 3;
        auto const end = std::min(servers.find(',', begin), servers.size());
        if (auto const at = servers.rfind('@', end); at != std::string::npos && at > begin)
            servers.erase(begin, at + 1 - begin);
    }
    return servers;
}

/// When a message that is published leaves.
enum class jetstream_sending {
    at_once,     ///< for one that is waited for
    when_flushed ///< for many: cnats puts them together
};

/// Throws `store_error` (`invalid_argument`) for servers that are no URLs.
inline nats_pointer<natsOptions> jetstream_settings(
    std::string const& servers, jetstream_options const& options,
    jetstream_sending sending = jetstream_sending::at_once) {
    natsOptions* made = nullptr;
    auto status = natsOptions_Create(&made);
    nats_pointer<natsOptions> settings{made};
    std::vector<std::string> urls;
    for (std::size_t at = 0; at <= servers.size();) {
        auto const end = std::min(servers.find(',', at), servers.size());
        urls.push_back(servers.substr(at, end - at));
        at = end + 1;
    }
    std::vector<char const*> list;
    for (auto const& each : urls)
        list.push_back(each.c_str());
    auto const set = [&](auto option, auto... values) {
        if (status == NATS_OK)
            status = option(made, values...);
    };
    set(natsOptions_SetServers, list.data(), static_cast<int>(list.size()));
    set(natsOptions_SetName, "converge");
    set(natsOptions_SetCustomInboxPrefix, options.inbox_prefix.c_str());
    set(natsOptions_SetTimeout, options.timeout.count());
    set(natsOptions_SetMaxReconnect, -1);
    set(natsOptions_SetReconnectWait, 50);
    set(natsOptions_SetReconnectJitter, 50, 50);
    set(natsOptions_SetSendAsap, sending == jetstream_sending::at_once);
    if (status != NATS_OK)
        throw store_error{
            store_trouble::invalid_argument,
            without_credentials(servers) + ": cannot connect: " + nats_reason(status)};
    if (options.configure)
        options.configure(made);
    return settings;
}

/// Lets cnats tell the listener, which goes with the last thing told: that the connection is closed.
inline void listen_to_news(natsOptions* settings, std::shared_ptr<jetstream_news>* listener) {
    natsOptions_SetErrorHandler(
        settings,
        [](natsConnection* from, natsSubscription*, natsStatus status, void* closure) {
            if (status != NATS_NOT_PERMITTED)
                return;
            auto& news = **static_cast<std::shared_ptr<jetstream_news>*>(closure);
            char const* text = nullptr;
            natsConnection_GetLastError(from, &text);
            {
                std::scoped_lock const lock{news.guard};
                news.denial = text == nullptr ? "not permitted" : text;
            }
            news.denied = true;
        },
        listener);
    natsOptions_SetDisconnectedCB(
        settings,
        [](natsConnection*, void* closure) {
            ++(*static_cast<std::shared_ptr<jetstream_news>*>(closure))->losses;
        },
        listener);
    natsOptions_SetClosedCB(
        settings,
        [](natsConnection*, void* closure) {
            std::unique_ptr<std::shared_ptr<jetstream_news>> const last{
                static_cast<std::shared_ptr<jetstream_news>*>(closure)};
        },
        listener);
}

} // namespace converge::detail
