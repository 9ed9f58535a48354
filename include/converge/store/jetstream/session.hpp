// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream/api.hpp>
#include <converge/store/jetstream/modules.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace converge::detail {

/// A message of a log, as a consumer delivered it, or as the leader of the stream has it.
struct jetstream_delivery {
    jetstream_message message;
    std::uint64_t sequence = 0; ///< in the stream
    timestamp recorded_at{};
    jetstream_stored stored{}; ///< where there is no message

    std::string_view data() const noexcept {
        return message ? message.data() : std::string_view{stored.data};
    }
    std::string_view subject() const noexcept {
        return message ? message.subject() : std::string_view{stored.subject};
    }
};

/// Reads the messages of one subject filter (all, if it is empty) in order, from some sequence on, through a
/// consumer on the server that lives as long as it is used. The server filters.
class jetstream_session {
public:
    /// What a fetch came to.
    enum class fetched {
        some, ///< there are deliveries, perhaps more to come
        none  ///< at this moment there was nothing
    };

    /// Throws `store_error`. `exists()` is false when the stream is not there.
    jetstream_session(
        jetstream_connection& on, std::string stream, std::string filter, std::uint64_t from,
        std::string what)
        : on_{&on}, stream_{std::move(stream)}, filter_{std::move(filter)}, what_{std::move(what)},
          next_{from} {
        std::tie(inbox_, deliveries_) = on.new_inbox();
        create();
    }
    jetstream_session(jetstream_session const&) = delete;
    jetstream_session& operator=(jetstream_session const&) = delete;

    bool exists() const noexcept { return exists_; }

    /// Whether the server still has the consumer, as far as is known here.
    bool is_fresh() const noexcept { return clock::now() - used_ < lifetime / 2; }

    /// Deliveries that were not taken yet.
    std::deque<jetstream_delivery>& ready() noexcept { return ready_; }

    /// Asks for up to `count` messages, and takes what is there.
    fetched fetch(std::size_t count) {
        auto const deadline = clock::now() + on_->options().timeout;
        for (;;) {
            switch (fetch_once({{"batch", count}, {"no_wait", true}}, count)) {
            case outcome::complete:
                return ready_.empty() ? fetched::none : fetched::some;
            case outcome::broken:
                break;
            }
            if (!ready_.empty())
                return fetched::some;
            if (clock::now() >= deadline)
                on_->refuse(
                    store_trouble::unavailable, "cannot " + what_ + ": no answer within " +
                                                    std::to_string(on_->options().timeout.count()) + " ms");
            create(); // the consumer has gone, with its server or for lack of use
        }
    }

    /// The sequence through which there is nothing for this filter. Call it when a fetch gave nothing.
    /// Nothing when messages have come meanwhile (they are ready), or it is not known.
    std::optional<std::uint64_t> passed_over() {
        // Only a request that waits makes the server look past messages that do not match.
        if (fetch_once({{"batch", 1}, {"expires", 1'000'000}}, 1) == outcome::broken || !ready_.empty())
            return std::nullopt;
        auto const answer =
            read_answer(on_->ask({"$JS.API.CONSUMER.INFO." + stream_ + "." + consumer_, {}, {}}, what_));
        auto const* const delivered = answer.content.if_contains("delivered");
        if (answer.error != 0 || delivered == nullptr || !delivered->is_object())
            return std::nullopt;
        return json_number(delivered->get_object(), "stream_seq");
    }

    /// Lets the server forget the consumer now.
    void remove() const {
        on_->publish({"$JS.API.CONSUMER.DELETE." + stream_ + "." + consumer_, {}, {}}, inbox_ + "removed");
    }

private:
    using clock = std::chrono::steady_clock;
    enum class outcome { complete, broken };

    static constexpr std::chrono::seconds lifetime{60};

    void create() {
        consumer_ = to_string(random_event_id());
        boost::json::object config{
            {"name", consumer_},
            {"ack_policy", "none"},
            {"mem_storage", true},
            {"num_replicas", 1},
            {"inactive_threshold", std::chrono::nanoseconds{lifetime}.count()},
            {"deliver_policy", "by_start_sequence"},
            {"opt_start_seq", next_}};
        auto subject = "$JS.API.CONSUMER.CREATE." + stream_ + "." + consumer_;
        if (!filter_.empty()) {
            config["filter_subject"] = filter_;
            subject += "." + filter_; // there, so that permissions can be given for it
        }
        auto const answer = read_answer(on_->ask(
            {std::move(subject),
             boost::json::serialize(boost::json::object{{"stream_name", stream_}, {"config", config}}),
             {}},
            what_));
        exists_ = answer.error != jetstream_no_stream;
        if (exists_ && answer.error != 0)
            refuse_answer(*on_, what_, answer);
        delivered_ = 0;
        used_ = clock::now();
    }

    outcome fetch_once(boost::json::object const& request, std::size_t count) {
        ++fetches_;
        auto const reply = inbox_ + std::to_string(fetches_);
        on_->publish(
            {"$JS.API.CONSUMER.MSG.NEXT." + stream_ + "." + consumer_, boost::json::serialize(request), {}},
            reply);
        used_ = clock::now();
        auto const losses = on_->losses();
        for (std::size_t received = 0; received < count;) {
            natsMsg* next = nullptr;
            auto const status = natsSubscription_NextMsg(&next, deliveries_.get(), patience);
            if (status == NATS_TIMEOUT) {
                on_->check_permission(what_);
                if (losses != on_->losses() || clock::now() - used_ >= on_->options().attempt_timeout)
                    return outcome::broken;
                continue;
            }
            if (status == NATS_NO_RESPONDERS)
                return outcome::broken;
            if (status != NATS_OK)
                on_->refuse(
                    store_trouble::unavailable,
                    "cannot " + what_ + ": the connection is gone: " + jetstream_connection::reason(status));
            jetstream_message message{next};
            used_ = clock::now();
            if (message.reply().empty()) {
                if (message.subject() != reply)
                    continue; // the end of an older request
                auto const code = message.status();
                return code == "404" || code == "408" ? outcome::complete : outcome::broken;
            }
            if (!take(std::move(message)))
                return outcome::broken;
            ++received;
        }
        return outcome::complete;
    }

    /// Reads what the server says about a delivery: $JS.ACK.[domain.account.]stream.consumer.times.sequence.
    /// number.time.pending[.more]. False when one has been lost before it.
    bool take(jetstream_message message) {
        std::array<std::string_view, 13> parts{};
        std::size_t count = 0;
        auto rest = message.reply();
        for (; count < parts.size() && !rest.empty(); ++count) {
            auto const dot = rest.find('.');
            parts[count] = rest.substr(0, dot);
            rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
        }
        auto const first = count == 9 ? std::size_t{2} : std::size_t{4};
        if (count < 9 || parts[first + 1] != consumer_)
            return true; // of a consumer that was given up
        auto const sequence = jetstream_number(parts[first + 3]);
        auto const number = jetstream_number(parts[first + 4]);
        auto const time = jetstream_time(jetstream_number(parts[first + 5]));
        if (number != delivered_ + 1 || sequence < next_)
            return false;
        delivered_ = number;
        if (filter_.empty())
            fill_gap(sequence);
        next_ = sequence + 1;
        ready_.push_back({std::move(message), sequence, time});
        return true;
    }

    void fill_gap(std::uint64_t until) {
        while (next_ < until) {
            auto missing =
                read_leader_get(*on_, what_, on_->ask(leader_get_request(stream_, ">", next_), what_));
            if (!missing || missing->sequence >= until)
                return;
            next_ = missing->sequence + 1;
            ready_.push_back({{}, missing->sequence, missing->recorded_at, std::move(*missing)});
        }
    }

    static constexpr std::int64_t patience = 20; // ms

    jetstream_connection* on_;
    std::string stream_;
    std::string filter_;
    std::string what_;
    std::uint64_t next_; // sequence: what was delivered is below
    std::string consumer_;
    bool exists_ = false;
    std::string inbox_;
    nats_subscription deliveries_;
    std::deque<jetstream_delivery> ready_;
    std::uint64_t delivered_ = 0; // by this consumer
    std::uint64_t fetches_ = 0;
    clock::time_point used_;
};

} // namespace converge::detail
