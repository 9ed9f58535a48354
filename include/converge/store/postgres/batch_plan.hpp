// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/postgres/parameters.hpp>
#include <converge/store/validation.hpp>

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/uuid/uuid_hash.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// Where an event is: stored already, or, counted from the head of its module and the version of its stream,
/// among those that are to be written.
struct postgres_event_place {
    bool stored = false;
    std::int64_t position = 0;
    std::int64_t version = 0;
    std::size_t module = 0; // of the plan, when it is not stored
    std::size_t stream = 0;
};

/// An event's id and its module, by the number of the module in the plan.
using postgres_event_key = std::pair<std::size_t, event_id>;

struct postgres_event_key_hash {
    std::size_t operator()(postgres_event_key const& key) const noexcept {
        std::size_t seed = key.first;
        boost::hash_combine(seed, boost::uuids::hash_value(key.second));
        return seed;
    }
};

template <class Value>
using postgres_event_map = boost::unordered_flat_map<postgres_event_key, Value, postgres_event_key_hash>;

/// What a batch comes to: what is written where, and which of its requests are repeats. It is made of the
/// batch and of the ids that are known to be stored; the server says whether there are more.
class postgres_batch_plan {
public:
    static constexpr std::int64_t any_version = -1;
    static constexpr std::int64_t no_version = -2; ///< requests of the batch expect different ones

    struct module_part {
        std::string_view name;
        std::int32_t events = 0;
    };
    struct stream_part {
        std::size_t module = 0;
        std::string_view name;
        std::int64_t expected = any_version; ///< its version before the batch
        std::int32_t events = 0;
        std::int32_t last = 0;        ///< position of its last event, from the head of the module
        std::int32_t last_public = 0; ///< the same of its last public one; 0 when there is none
    };
    struct request_part {
        std::size_t number = 0; ///< in the batch
        std::size_t stream = 0;
        std::int64_t expected = any_version;
        std::int32_t before = 0; ///< events of the same stream in earlier requests
    };
    struct event_part {
        std::size_t stream = 0;
        std::int32_t position = 0; ///< from the head of the module
        std::int32_t version = 0;  ///< from the version of the stream
        new_event const* event = nullptr;
    };
    /// An id that is there already, though its request's first id is new.
    struct contradiction {
        append_request const* request = nullptr;
        new_event const* event = nullptr;
    };

    /// The modules of a batch, each once, by name.
    static std::vector<std::string_view> modules_of(std::span<append_request const> requests) {
        std::vector<std::string_view> names;
        names.reserve(requests.size());
        for (auto const& request : requests)
            if (names.empty() || names.back() != request.module)
                names.push_back(request.module);
        std::ranges::sort(names);
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }

    postgres_batch_plan(
        std::span<append_request const> requests, postgres_event_map<postgres_event_place> const& stored)
        : places_{stored} {
        for (auto const name : modules_of(requests))
            modules_.push_back({name, 0});
        results_.reserve(requests.size());
        for (auto const& request : requests)
            add(request);
        sort_streams();
    }

    std::vector<module_part> const& modules() const noexcept { return modules_; }
    /// First those that are there.
    std::vector<stream_part> const& streams() const noexcept { return streams_; }
    std::vector<request_part> const& requests() const noexcept { return requests_; }
    std::vector<event_part> const& events() const noexcept { return events_; }
    std::optional<contradiction> const& contradicts() const noexcept { return contradicts_; }

    /// The first request that does not find the version it expects, and that which it finds, from the
    /// versions of the streams before the batch.
    std::optional<wrong_version> refused(std::span<std::int64_t const> versions) const {
        for (auto const& each : requests_) {
            auto const found = (versions.empty() ? 0 : versions[each.stream]) + each.before;
            if (each.expected != any_version && each.expected != found)
                return wrong_version{each.number, static_cast<stream_version>(found)};
        }
        return std::nullopt;
    }

    /// What each request of the batch came to, from the heads and versions before it.
    std::vector<appended>
    results(std::span<std::int64_t const> heads, std::span<std::int64_t const> versions) const {
        std::vector<appended> done;
        done.reserve(results_.size());
        for (auto const& each : results_)
            done.push_back(
                {static_cast<position>(each.first.position + base(each.first, heads)),
                 static_cast<position>(each.last.position + base(each.last, heads)),
                 static_cast<stream_version>(
                     each.last.version +
                     (each.last.stored || versions.empty() ? 0 : versions[each.last.stream])),
                 each.repeated});
        return done;
    }

private:
    struct result_part {
        postgres_event_place first;
        postgres_event_place last;
        bool repeated = false;
    };
    using stream_key = std::pair<std::size_t, std::string_view>;

    static std::int64_t base(postgres_event_place const& at, std::span<std::int64_t const> heads) {
        return at.stored || heads.empty() ? 0 : heads[at.module];
    }

    std::size_t module_number(std::string_view name) const {
        auto const found = std::ranges::lower_bound(modules_, name, {}, &module_part::name);
        return static_cast<std::size_t>(found - modules_.begin());
    }

    void add(append_request const& request) {
        auto const module = module_number(request.module);
        auto const first = places_.find({module, request.events.front().id});
        if (first != places_.end()) {
            auto const last = places_.find({module, request.events.back().id});
            results_.push_back({first->second, last == places_.end() ? first->second : last->second, true});
            return;
        }
        auto const stream = stream_number(module, request.stream);
        auto const required = request.expected.required();
        auto const expected = required ? postgres_bigint(*required) : any_version;
        expect(expected, streams_[stream]);
        requests_.push_back({results_.size(), stream, expected, streams_[stream].events});
        for (auto const& event : request.events)
            add(request, event, module, stream);
        auto const count = static_cast<std::int64_t>(request.events.size());
        auto const& last = events_.back();
        postgres_event_place const end{false, last.position, last.version, module, stream};
        results_.push_back(
            {{false, end.position - count + 1, end.version - count + 1, module, stream}, end, false});
    }

    /// Notes which version a stream must have before the batch, so that it has the expected one now.
    static void expect(std::int64_t version, stream_part& of) {
        if (version == any_version)
            return;
        auto const before = version < of.events ? no_version : version - of.events;
        of.expected = of.expected == any_version || of.expected == before ? before : no_version;
    }

    void add(append_request const& request, new_event const& event, std::size_t module, std::size_t stream) {
        auto const position = ++modules_[module].events;
        auto& of_stream = streams_[stream];
        auto const version = ++of_stream.events;
        of_stream.last = position;
        if (!event.internal)
            of_stream.last_public = position;
        events_.push_back({stream, position, version, &event});
        auto const added = places_.emplace(
            postgres_event_key{module, event.id},
            postgres_event_place{false, position, version, module, stream});
        if (!added.second && !contradicts_)
            contradicts_ = contradiction{&request, &event};
    }

    /// First those that are there, for which the server has a short way, see `postgres_append`.
    void sort_streams() {
        auto const is_new = [](stream_part const& each) { return each.expected <= 0; };
        if (std::ranges::is_sorted(streams_, {}, is_new))
            return;
        std::vector<std::size_t> numbers(streams_.size()); // by the number that each had
        std::vector<stream_part> sorted;
        sorted.reserve(streams_.size());
        for (auto const wanted : {false, true})
            for (std::size_t each = 0; each < streams_.size(); ++each)
                if (is_new(streams_[each]) == wanted) {
                    numbers[each] = sorted.size();
                    sorted.push_back(streams_[each]);
                }
        streams_ = std::move(sorted);
        for (auto& each : requests_)
            each.stream = numbers[each.stream];
        for (auto& each : events_)
            each.stream = numbers[each.stream];
        for (auto& each : results_)
            for (auto* place : {&each.first, &each.last})
                if (!place->stored)
                    place->stream = numbers[place->stream];
    }

    std::size_t stream_number(std::size_t module, std::string_view name) {
        auto const added = stream_numbers_.emplace(stream_key{module, name}, streams_.size());
        if (added.second)
            streams_.push_back({.module = module, .name = name});
        return added.first->second;
    }

    std::vector<module_part> modules_; // by name
    std::vector<stream_part> streams_;
    std::vector<request_part> requests_; // without the repeats
    std::vector<event_part> events_;
    std::vector<result_part> results_;
    std::optional<contradiction> contradicts_;
    postgres_event_map<postgres_event_place> places_;
    boost::unordered_flat_map<stream_key, std::size_t, boost::hash<stream_key>> stream_numbers_;
};

} // namespace converge::detail
