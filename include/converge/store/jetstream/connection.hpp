// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/store/error.hpp>
#include <converge/store/jetstream/message.hpp>
#include <converge/store/jetstream/names.hpp>
#include <converge/store/jetstream/options.hpp>
#include <converge/store/jetstream/settings.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// A message that is to be answered.
struct jetstream_request {
    std::string subject;
    std::string data;
    std::vector<std::pair<char const*, std::string>> headers;
};

/// A connection that asks many requests at once, and asks again what remains without an answer: each request
/// must be one that may be repeated. It reconnects by itself. Used by one thread at a time.
class jetstream_connection {
public:
    jetstream_connection(std::string const& servers, jetstream_options options)
        : servers_with_credentials_{servers}, servers_{without_credentials(servers)},
          options_{std::move(options)} {
        require_valid(options_);
        connection_ = connect(jetstream_sending::at_once);
        if (!connection_)
            refuse(store_trouble::unavailable, "cannot connect: " + reason(status_));
        std::tie(inbox_, answers_) = new_inbox();
    }
    jetstream_connection(jetstream_connection const&) = delete;
    jetstream_connection& operator=(jetstream_connection const&) = delete;
    ~jetstream_connection() = default;

    /// Without users and passwords.
    std::string const& servers() const noexcept { return servers_; }
    jetstream_options const& options() const noexcept { return options_; }
    natsConnection* get() const noexcept { return connection_.get(); }
    std::size_t maximum_message() const noexcept {
        auto const size = natsConnection_GetMaxPayload(connection_.get());
        return size > 0 ? static_cast<std::size_t>(size) : 0;
    }

    /// How many requests have been sent again, because there was no answer.
    std::uint64_t repeats() const noexcept { return repeats_; }

    /// How often the connection has been lost.
    std::uint64_t losses() const noexcept { return news_->losses.load(std::memory_order_relaxed); }

    [[noreturn]] void refuse(store_trouble trouble, std::string const& what) const {
        throw store_error{trouble, servers_ + ": " + what};
    }

    /// The answers, in the order of the requests. `what` is for messages: "append to stream 's'". Throws
    /// `store_error`: `unavailable` when there is no answer within the timeout of the options, or the user
    /// may not ask.
    std::vector<jetstream_message> ask(std::span<jetstream_request const> requests, std::string const& what) {
        exchange under_way{*this, requests, what};
        return under_way.finish();
    }

    jetstream_message ask(jetstream_request const& request, std::string const& what) {
        return std::move(ask(std::span{&request, 1}, what).front());
    }

    /// A subscription to subjects of its own, and what they begin with.
    std::pair<std::string, nats_subscription> new_inbox() const {
        auto subject = options_.inbox_prefix + '.' + to_string(random_event_id()) + '.';
        natsSubscription* made = nullptr;
        auto status = natsConnection_SubscribeSync(&made, connection_.get(), (subject + '*').c_str());
        nats_subscription subscription{made, {connection_.get()}};
        if (status == NATS_OK)
            status = natsSubscription_SetPendingLimits(made, -1, -1);
        if (status != NATS_OK)
            refuse(store_trouble::unavailable, "cannot subscribe to answers: " + reason(status));
        return {std::move(subject), std::move(subscription)};
    }

    void publish(jetstream_request const& request, std::string const& reply) const {
        publish(request, reply, connection_.get());
    }

    void publish(jetstream_request const& request, std::string const& reply, natsConnection* over) const {
        auto status = NATS_OK;
        auto const size = static_cast<int>(request.data.size());
        if (request.headers.empty()) {
            status = natsConnection_PublishRequest(
                over, request.subject.c_str(), reply.c_str(), request.data.data(), size);
        } else {
            natsMsg* made = nullptr;
            status = natsMsg_Create(&made, request.subject.c_str(), reply.c_str(), request.data.data(), size);
            nats_pointer<natsMsg> const message{made};
            for (auto const& [name, value] : request.headers)
                if (status == NATS_OK)
                    status = natsMsgHeader_Set(made, name, value.c_str());
            if (status == NATS_OK)
                status = natsConnection_PublishMsg(over, made);
        }
        // While it reconnects, what does not fit into the buffer is sent again later.
        if (status != NATS_OK && status != NATS_INSUFFICIENT_BUFFER)
            refuse(store_trouble::unavailable, "cannot send: " + reason(status));
    }

    /// Throws when the server has refused something to this user since the last call.
    void check_permission(std::string const& what) {
        if (!news_->denied.exchange(false))
            return;
        std::scoped_lock const lock{news_->guard};
        refuse(store_trouble::unavailable, "cannot " + what + ": " + news_->denial);
    }

    static std::string reason(natsStatus status) { return nats_reason(status); }

private:
    using clock = std::chrono::steady_clock;

    /// Requests that are asked together.
    class exchange {
    public:
        exchange(
            jetstream_connection& on, std::span<jetstream_request const> requests, std::string const& what)
            : on_{on}, requests_{requests}, what_{what}, first_{on.next_}, answers_(requests.size()) {
            on.next_ += requests.size();
        }

        std::vector<jetstream_message> finish() {
            answered_at_ = progress_ = clock::now();
            losses_ = on_.losses();
            while (answered_ < requests_.size()) {
                send();
                receive();
                if (clock::now() - answered_at_ >= on_.options_.timeout)
                    on_.refuse(
                        store_trouble::unavailable, "cannot " + what_ + ": no answer within " +
                                                        std::to_string(on_.options_.timeout.count()) + " ms" +
                                                        (trouble_.empty() ? "" : " (" + trouble_ + ")"));
                if (losses_ != on_.losses() || clock::now() - progress_ >= on_.options_.attempt_timeout)
                    send_unanswered();
                else if (!again_.empty() && clock::now() - refused_ >= std::chrono::milliseconds{patience})
                    send_refused();
            }
            return std::move(answers_);
        }

    private:
        void send() {
            auto const end = std::min(requests_.size(), answered_ + on_.options_.publish_window);
            if (end - std::min(sent_, end) >= several)
                if (auto* const together = on_.connection_for_many()) {
                    for (; sent_ < end; ++sent_)
                        send(sent_, together);
                    // What does not leave is sent again like all that is not answered.
                    natsConnection_FlushTimeout(together, patience);
                }
            for (; sent_ < end; ++sent_)
                send(sent_, on_.connection_.get());
        }

        void send(std::size_t number, natsConnection* over) const {
            on_.publish(requests_[number], on_.inbox_ + std::to_string(first_ + number), over);
        }

        /// Takes a message, if one comes within a moment.
        void receive() {
            natsMsg* received = nullptr;
            auto const status = natsSubscription_NextMsg(&received, on_.answers_.get(), patience);
            if (status == NATS_TIMEOUT)
                return on_.check_permission(what_);
            if (status == NATS_NO_RESPONDERS) { // to which request, cnats does not tell
                trouble_ = "no server takes it";
                return note_refusal(refused_unknown);
            }
            if (status != NATS_OK)
                on_.refuse(
                    store_trouble::unavailable,
                    "cannot " + what_ + ": the connection is gone: " + reason(status));
            jetstream_message message{received};
            auto const number = jetstream_number(message.subject().substr(on_.inbox_.size()));
            if (number < first_ || number - first_ >= requests_.size())
                return; // a late answer to something older
            auto& answer = answers_[static_cast<std::size_t>(number - first_)];
            if (answer)
                return; // asked twice, answered twice
            progress_ = clock::now();
            if (try_again(message))
                return note_refusal(static_cast<std::size_t>(number - first_));
            answer = std::move(message);
            answered_at_ = progress_;
            ++answered_;
        }

        /// No server is responsible now: there is an election, or one is starting.
        bool try_again(jetstream_message const& message) {
            auto const data = message.data();
            if (!data.starts_with('{'))
                return false;
            auto const code = data.substr(0, 300).find("\"err_code\":");
            if (code == std::string_view::npos)
                return false;
            auto const number = data.substr(code + 11, 5);
            // Not available, not the leader, too few servers: all of them may pass.
            if (number != "10008" && number != "10009" && number != "10005")
                return false;
            constexpr std::string_view key = "\"description\":\"";
            auto const begin = data.find(key) + key.size();
            trouble_ = data.substr(begin, data.find('"', begin) - begin);
            return true;
        }

        void note_refusal(std::size_t number) {
            if (again_.empty())
                refused_ = clock::now();
            again_.push_back(number);
        }

        void send_unanswered() {
            progress_ = clock::now();
            losses_ = on_.losses();
            again_.clear();
            for (std::size_t number = 0; number < sent_; ++number)
                if (!answers_[number])
                    send_again(number);
        }

        void send_again(std::size_t number) const {
            ++on_.repeats_;
            send(number, on_.connection_.get());
        }

        void send_refused() {
            if (std::find(again_.begin(), again_.end(), refused_unknown) != again_.end())
                return send_unanswered();
            for (auto const number : std::exchange(again_, {}))
                if (!answers_[number])
                    send_again(number);
        }

        static constexpr std::int64_t patience = 20; // ms
        static constexpr std::size_t several = 8;
        static constexpr auto refused_unknown = ~std::size_t{0};

        jetstream_connection& on_;
        std::span<jetstream_request const> requests_;
        std::string const& what_;
        std::uint64_t first_;
        std::vector<jetstream_message> answers_;
        std::vector<std::size_t> again_;
        std::string trouble_;
        clock::time_point progress_;    // anything was heard, or all was sent again
        clock::time_point answered_at_; // an answer came
        clock::time_point refused_;
        std::uint64_t losses_ = 0;
        std::size_t sent_ = 0;
        std::size_t answered_ = 0;
    };

    /// Null when there is none; then `status_` tells why.
    nats_pointer<natsConnection> connect(jetstream_sending sending) {
        auto const settings = jetstream_settings(servers_with_credentials_, options_, sending);
        auto listener = std::make_unique<std::shared_ptr<jetstream_news>>(news_);
        listen_to_news(settings.get(), listener.get());
        natsConnection* made = nullptr;
        status_ = natsConnection_Connect(&made, settings.get());
        if (status_ != NATS_OK)
            return nullptr;
        [[maybe_unused]] auto* const kept = listener.release(); // it goes with the last callback
        return nats_pointer<natsConnection>{made};
    }

    /// One on which messages are put together, which spares most of the calls to the system. It only sends;
    /// the answers come to the other one. Made when it is first needed; null where there is none, then the
    /// other one sends as well.
    natsConnection* connection_for_many() {
        if (!std::exchange(asked_for_many_, true))
            for_many_ = connect(jetstream_sending::when_flushed);
        return for_many_.get();
    }

    std::string servers_with_credentials_;
    std::string servers_;
    jetstream_options options_;
    std::shared_ptr<jetstream_news> news_ = std::make_shared<jetstream_news>();
    natsStatus status_ = NATS_OK;
    nats_pointer<natsConnection> connection_;
    nats_pointer<natsConnection> for_many_;
    bool asked_for_many_ = false;
    std::string inbox_;
    nats_subscription answers_;
    std::uint64_t next_ = 0;
    std::uint64_t repeats_ = 0;
};

} // namespace converge::detail
