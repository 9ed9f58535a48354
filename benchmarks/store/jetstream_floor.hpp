// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/jetstream.hpp>

#include <boost/uuid/uuid_io.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <nats/nats.h>
#include <stdexcept>
#include <store/workload.hpp>
#include <string>
#include <string_view>

/// What a floor of JetStream writes.
enum class jetstream_floor_writes {
    events_and_ids, ///< what a store needs that knows an id for ever: the rows of the store
    events ///< the events alone, with the server's ids of messages, which forgets them after two minutes
};

/// The floor on NATS JetStream, written against the API of cnats: the same messages in streams with the same
/// settings, published asynchronously, all at once: an event's message does not wait for that of its id, no
/// message is conditional, no version is compared.
class jetstream_floor {
public:
    jetstream_floor(std::string const& url, std::string const& name, jetstream_floor_writes writes)
        : name_{name}, log_{name + "-log"}, writes_ids_{writes == jetstream_floor_writes::events_and_ids} {
        connect(url, true, lone_);
        connect(url, false, many_);
        create(log_, name_ + ".log.*", -1);
        create(name_ + "-ids", name_ + ".ids.*", 1);
    }

    void append(rows const& batch) {
        auto const& to = batch.size() == 1 ? lone_ : many_;
        for (std::size_t at = 0; at < batch.size(); ++at) {
            auto const& event = batch.events()[at];
            if (writes_ids_) {
                auto const place = converge::detail::encode_place({batch.streams()[at], {}, 0});
                publish(to, name_ + ".ids." + to_string(event.id), place, nullptr);
            }
            auto const id = to_string(event.id);
            publish(
                to, name_ + ".log." + batch.streams()[at],
                converge::detail::encode_jetstream_events(1, batch.streams()[at], {&event, 1}), id.c_str());
        }
        if (batch.size() > 1)
            check(natsConnection_Flush(to.connection.get()));
        check(js_PublishAsyncComplete(to.context.get(), nullptr));
    }

    template <class Visit> void read(Visit visit) {
        jsSubOptions options;
        jsSubOptions_Init(&options);
        options.Stream = log_.c_str();
        options.Config.AckPolicy = js_AckNone;
        options.Config.MemoryStorage = true;
        natsSubscription* made = nullptr;
        check(js_PullSubscribe(
            &made, lone_.context.get(), (name_ + ".log.*").c_str(), nullptr, nullptr, &options, nullptr));
        std::unique_ptr<natsSubscription, destroy> const subscription{made};
        converge::detail::jetstream_frame frame;
        for (std::size_t seen = 0; seen < readable_events;) {
            natsMsgList list{};
            check(natsSubscription_Fetch(
                &list, made, static_cast<int>(std::min(page_of_a_read, readable_events - seen)), 5000,
                nullptr));
            for (int at = 0; at < list.Count; ++at) {
                if (!converge::detail::decode_jetstream_frame(data_of(list.Msgs[at]), frame))
                    throw std::runtime_error{"the floor: read something else"};
                visit(frame.events.front().payload);
            }
            seen += static_cast<std::size_t>(list.Count);
            natsMsgList_Destroy(&list);
        }
        natsSubscription_Unsubscribe(made);
    }

    std::string last_of_stream(std::string const& stream) {
        jsDirectGetMsgOptions options;
        jsDirectGetMsgOptions_Init(&options);
        auto const subject = name_ + ".log." + stream;
        options.LastBySubject = subject.c_str();
        natsMsg* found = nullptr;
        check(js_DirectGetMsg(&found, lone_.context.get(), log_.c_str(), nullptr, &options));
        std::unique_ptr<natsMsg, destroy> const message{found};
        converge::detail::jetstream_frame frame;
        if (!converge::detail::decode_jetstream_frame(data_of(found), frame))
            throw std::runtime_error{"the floor: read something else"};
        return std::string{frame.events.front().payload};
    }

private:
    struct destroy {
        void operator()(natsConnection* each) const noexcept { natsConnection_Destroy(each); }
        void operator()(jsCtx* each) const noexcept { jsCtx_Destroy(each); }
        void operator()(natsMsg* each) const noexcept { natsMsg_Destroy(each); }
        void operator()(natsSubscription* each) const noexcept { natsSubscription_Destroy(each); }
    };

    struct session {
        std::unique_ptr<natsConnection, destroy> connection;
        std::unique_ptr<jsCtx, destroy> context;
    };

    /// As the store has them: on one a message leaves at once, on the other many leave together.
    static void connect(std::string const& url, bool at_once, session& made) {
        natsConnection* connection = nullptr;
        natsOptions* settings = nullptr;
        check(natsOptions_Create(&settings));
        natsOptions_SetURL(settings, url.c_str());
        natsOptions_SetSendAsap(settings, at_once);
        auto const connected = natsConnection_Connect(&connection, settings);
        natsOptions_Destroy(settings);
        check(connected);
        made.connection.reset(connection);
        jsCtx* context = nullptr;
        check(natsConnection_JetStream(&context, connection, nullptr));
        made.context.reset(context);
    }

    static void check(natsStatus status) {
        if (status != NATS_OK)
            throw std::runtime_error{std::string{"the floor: "} + natsStatus_GetText(status)};
    }
    static std::string_view data_of(natsMsg const* message) {
        return {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))};
    }
    void create(std::string const& stream, std::string const& subjects, std::int64_t per_subject) const {
        jsStreamConfig config;
        jsStreamConfig_Init(&config);
        std::array<char const*, 1> list{subjects.c_str()};
        config.Name = stream.c_str();
        config.Subjects = list.data();
        config.SubjectsLen = 1;
        config.Storage = js_FileStorage;
        config.Discard = js_DiscardNew;
        config.Duplicates = 120'000'000'000;
        config.MaxMsgsPerSubject = per_subject;
        config.AllowDirect = true;
        check(js_AddStream(nullptr, lone_.context.get(), &config, nullptr, nullptr));
    }
    static void
    publish(session const& to, std::string const& subject, std::string const& data, char const* id) {
        jsPubOptions options;
        jsPubOptions_Init(&options);
        options.MsgId = id;
        check(js_PublishAsync(
            to.context.get(), subject.c_str(), data.data(), static_cast<int>(data.size()),
            id == nullptr ? nullptr : &options));
    }

    std::string name_;
    std::string log_;
    bool writes_ids_;
    session lone_;
    session many_;
};
