// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/memory.hpp>
#include <converge/testing/store_conformance_fixture.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Whatever a batch is made of, it must come to the same on every store as in memory.

inline constexpr std::array<std::string_view, 2> drawn_modules{"orders", "bills"};

/// How batches are drawn: of up to so many requests, and one in so many ids was used before, or versions is
/// wrong.
struct drawn_kind {
    std::uint64_t requests = 6;
    std::uint64_t fault_in = 8;
};

/// A batch of requests on few streams, with ids of which some were used, and versions of which some are
/// wrong.
class drawn_batch {
public:
    drawn_batch(
        std::mt19937_64& random, std::uint64_t& next_id, converge::memory_store const& store,
        drawn_kind kind = {})
        : random_{&random}, kind_{kind} {
        for (auto count = 1 + number(kind.requests); count > 0; --count) {
            auto const module = drawn_modules[number(drawn_modules.size())];
            auto const& stream = streams_.emplace_back("stream " + std::to_string(number(1 + next_id / 20)));
            auto& events = events_.emplace_back();
            for (auto size = 1 + number(3); size > 0; --size) {
                events.push_back(converge::testing::detail::event_of(
                    number(kind.fault_in) == 0 ? number(next_id + 1) : ++next_id));
                events.back().internal = number(4) == 0;
            }
            auto& version = version_of(store, module, stream);
            requests_.push_back({module, stream, expected(version), events});
            version += events.size();
        }
    }

    std::vector<converge::append_request> const& requests() const noexcept { return requests_; }

private:
    std::uint64_t number(std::uint64_t below) const { return (*random_)() % below; }

    /// As it is when the requests before were taken.
    converge::stream_version&
    version_of(converge::memory_store const& store, std::string_view module, std::string const& stream) {
        auto const [found, is_new] = versions_.try_emplace({module, stream}, 0);
        if (is_new)
            if (auto const last = store.last_of_stream(module, stream, module))
                found->second = last->version;
        return found->second;
    }

    converge::expected_version expected(converge::stream_version version) const {
        using converge::expected_version;
        if (number(kind_.fault_in) == 0)
            return number(2) == 0 ? expected_version::none() : expected_version::exactly(version + number(3));
        if (number(3) == 0)
            return expected_version::exactly(version);
        return version == 0 ? expected_version::none() : expected_version::any();
    }

    std::mt19937_64* random_;
    drawn_kind kind_;
    std::vector<converge::append_request> requests_;
    std::deque<std::string> streams_;
    std::deque<std::vector<converge::new_event>> events_;
    std::map<std::pair<std::string_view, std::string>, converge::stream_version> versions_;
};

/// What a batch comes to, in words.
template <class Store>
std::string outcome(Store& store, std::vector<converge::append_request> const& requests) {
    std::string said;
    try {
        auto const done = store.commit({.appends = requests, .cursors = {}});
        if (!done)
            return "request " + std::to_string(done.error().request) + " finds version " +
                   std::to_string(done.error().actual);
        for (auto const& each : *done)
            said += std::to_string(each.first) + '-' + std::to_string(each.last) + " version " +
                    std::to_string(each.version) + (each.repeated ? " repeated; " : "; ");
    } catch (converge::store_error const& error) {
        said = error.what();
    }
    return said;
}

/// How many batches came to what.
struct drawn_outcomes {
    std::size_t written = 0;
    std::size_t refused = 0;
    std::size_t repeated = 0;

    void add(std::string const& said) {
        ++(said.starts_with("request")                   ? refused
           : said.find("repeated;") != std::string::npos ? repeated
                                                         : written);
    }
};

inline std::string text_of(std::vector<converge::recorded_event> const& events) {
    std::string text;
    for (auto const& each : events)
        text += std::to_string(each.position) + ' ' + each.stream + ' ' + std::to_string(each.version) + ' ' +
                to_string(each.id) + ' ' + each.payload + (each.internal ? " internal\n" : "\n");
    return text;
}

/// That two stores have the same events, for every viewer, and the same streams.
template <class Store> void check_same(Store& store, converge::memory_store& model) {
    using namespace converge::testing::detail;
    for (auto const module : drawn_modules) {
        CHECK(text_of(all_of(store, module)) == text_of(all_of(model, module)));
        CHECK(store.head(module) == model.head(module));
        for (auto const viewer : drawn_modules)
            CHECK(
                text_of(read(store, module, 0, no_limit, viewer).events) ==
                text_of(read(model, module, 0, no_limit, viewer).events));
        for (int number = 0; number < 50; ++number) {
            auto const stream = "stream " + std::to_string(number);
            for (auto const viewer : drawn_modules) {
                auto const last = store.last_of_stream(module, stream, viewer);
                auto const model_last = model.last_of_stream(module, stream, viewer);
                REQUIRE(last.has_value() == model_last.has_value());
                if (last)
                    CHECK(last->version == model_last->version);
            }
        }
    }
}
