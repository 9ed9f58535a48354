// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nats/nats.h>
#include <string>
#include <string_view>

namespace converge::detail {

struct nats_deleter {
    void operator()(natsMsg* message) const noexcept { natsMsg_Destroy(message); }
    void operator()(natsOptions* options) const noexcept { natsOptions_Destroy(options); }
    void operator()(natsConnection* connection) const noexcept { natsConnection_Destroy(connection); }
};

template <class Object> using nats_pointer = std::unique_ptr<Object, nats_deleter>;

/// Ends a subscription. cnats before 3.6 frees it though its reading thread may just be handing it a message
/// (github.com/nats-io/nats.c, issue 637). So it is unsubscribed, after which that thread does not find it
/// any more, and freed after a round trip: the answer to it is read when all that came before has been handed
/// over.
struct nats_subscription_end {
    natsConnection* over = nullptr;

    void operator()(natsSubscription* subscription) const noexcept {
        constexpr std::int64_t patience = 1'000; // ms
        natsSubscription_Unsubscribe(subscription);
        if (natsConnection_Status(over) == NATS_CONN_STATUS_CONNECTED)
            natsConnection_FlushTimeout(over, patience);
        natsSubscription_Destroy(subscription);
    }
};
using nats_subscription = std::unique_ptr<natsSubscription, nats_subscription_end>;

/// A message that was received. Views into it live as long as it does.
class jetstream_message {
public:
    jetstream_message() = default;
    explicit jetstream_message(natsMsg* message) : message_{message} {}

    explicit operator bool() const noexcept { return message_ != nullptr; }

    std::string_view data() const noexcept {
        auto const size = natsMsg_GetDataLength(message_.get());
        return size == 0 ? std::string_view{}
                         : std::string_view{natsMsg_GetData(message_.get()), static_cast<std::size_t>(size)};
    }
    std::string_view subject() const noexcept { return view(natsMsg_GetSubject(message_.get())); }
    std::string_view reply() const noexcept { return view(natsMsg_GetReply(message_.get())); }

    /// Empty when there is none.
    std::string_view header(char const* name) const noexcept {
        char const* value = nullptr;
        return natsMsgHeader_Get(message_.get(), name, &value) == NATS_OK ? view(value) : std::string_view{};
    }

    /// The status that a server answers with instead of content: "404", "503", ...; empty when it is content.
    std::string_view status() const noexcept {
        return data().empty() ? header("Status") : std::string_view{};
    }

private:
    static std::string_view view(char const* text) noexcept { return text == nullptr ? "" : text; }

    nats_pointer<natsMsg> message_;
};

/// 0 when it is no number.
inline std::uint64_t jetstream_number(std::string_view text) noexcept {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

inline timestamp jetstream_time(std::uint64_t nanoseconds) noexcept {
    return timestamp{std::chrono::microseconds{nanoseconds / 1000}};
}

/// Reads "2026-11-25T01:51:41.382788079Z"; the epoch when it is something else.
inline timestamp jetstream_time(std::string_view text) noexcept {
    if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[10] != 'T')
        return {};
    auto const part = [&](std::size_t at, std::size_t size) {
        return static_cast<int>(jetstream_number(text.substr(at, size)));
    };
    using namespace std::chrono;
    auto const date = sys_days{
        year{part(0, 4)} / month{static_cast<unsigned>(part(5, 2))} / day{static_cast<unsigned>(part(8, 2))}};
    auto fraction = text.size() > 20 ? std::string{text.substr(20, text.size() - 21)} : std::string{};
    fraction.resize(6, '0');
    return timestamp{date} + hours{part(11, 2)} + minutes{part(14, 2)} + seconds{part(17, 2)} +
           microseconds{jetstream_number(fraction)};
}

} // namespace converge::detail
