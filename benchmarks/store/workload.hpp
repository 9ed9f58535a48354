// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/event.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

// What all contenders do. A contender has
//
// - append(rows): writes them, each as the first event of a new stream, in one transaction where there are
// any.
// - read(visit): visits all payloads from the first to the last, in pages of `page_of_a_read`.
// - last_of_stream(stream): the payload of its last event.

/// Rows that are written together: each is the first event of a stream of its own, as the steps of different
/// instances of a process are. The payload has the size of such a step.
class rows {
public:
    static constexpr std::size_t payload_size = 100;
    static constexpr char const* module = "payments";

    explicit rows(std::size_t count) : events_(count), streams_(count) {
        for (auto& each : events_) {
            each.name = "payment_received";
            each.payload.assign(payload_size, 'p');
        }
        renew();
        for (std::size_t at = 0; at < count; ++at)
            requests_.push_back(
                {module, streams_[at], converge::expected_version::none(), {&events_[at], 1}});
    }
    rows(rows const&) = delete;
    rows& operator=(rows const&) = delete;

    /// New ids, and new names of streams. They have the same size, so the requests still see them.
    void renew() {
        static std::atomic<std::uint64_t> next{1};
        constexpr char const* digits = "0123456789abcdef";
        for (std::size_t at = 0; at < events_.size(); ++at) {
            auto const number = next++ * 0x9E3779B97F4A7C15U; // real ids are spread
            streams_[at].resize(16);
            for (std::size_t byte = 0; byte < 8; ++byte) {
                auto const value = static_cast<std::uint8_t>(number >> (8 * byte));
                events_[at].id.data[byte] = events_[at].id.data[15 - byte] = value;
                streams_[at][2 * byte] = digits[value >> 4U];
                streams_[at][2 * byte + 1] = digits[value & 15U];
            }
        }
    }

    std::size_t size() const noexcept { return events_.size(); }
    std::vector<converge::new_event> const& events() const noexcept { return events_; }
    std::vector<std::string> const& streams() const noexcept { return streams_; }
    std::span<converge::append_request const> requests() const noexcept { return requests_; }

private:
    std::vector<converge::new_event> events_;
    std::vector<std::string> streams_;
    std::vector<converge::append_request> requests_;
};

inline constexpr std::size_t page_of_a_read = 1000;
inline constexpr std::size_t readable_events = 20'000;

/// One row, or a batch of them, an iteration.
template <class Contender> void append(benchmark::State& state, Contender& to, std::size_t count) {
    rows batch{count};
    for (auto _ : state) {
        batch.renew();
        to.append(batch);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

/// As many rows, but all of one stream, which is new in each iteration.
template <class Contender>
void append_to_one_stream(benchmark::State& state, Contender& to, std::size_t count) {
    rows batch{count};
    for (auto _ : state) {
        batch.renew();
        to.append_to_one_stream(batch);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count));
}

/// Writes what is read, if it is not there yet. Gives a name of one stream in a hundred.
template <class Contender> std::vector<std::string> fill(Contender& to) {
    std::vector<std::string> streams;
    rows batch{page_of_a_read};
    for (std::size_t written = 0; written < readable_events; written += batch.size()) {
        batch.renew();
        to.append(batch);
        for (std::size_t at = 0; at < batch.size(); at += 100)
            streams.push_back(batch.streams()[at]);
    }
    return streams;
}

/// All of `readable_events`, an iteration. A contender that reads another number is not measured but refused.
template <class Contender> void read(benchmark::State& state, Contender& from) {
    for (auto _ : state) {
        std::size_t bytes = 0;
        from.read([&](auto const& payload) { bytes += payload.size(); });
        if (bytes != readable_events * rows::payload_size)
            throw std::runtime_error{"read " + std::to_string(bytes) + " bytes"};
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(readable_events));
}

template <class Contender>
void last_of_stream(benchmark::State& state, Contender& from, std::vector<std::string> const& streams) {
    std::size_t next = 0;
    for (auto _ : state)
        if (from.last_of_stream(streams[next++ % streams.size()]).size() != rows::payload_size)
            throw std::runtime_error{"the last event is another one"};
    state.SetItemsProcessed(state.iterations());
}
