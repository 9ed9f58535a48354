// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/commit_atomically.hpp>
#include <converge/store/concepts.hpp>
#include <converge/store/pipelined_log.hpp>

#include <store/workload.hpp>
#include <string>
#include <utility>

/// A store of converge as a contender, used as a runner uses it.
template <class Store> class store_contender {
public:
    template <class... Arguments>
    explicit store_contender(Arguments&&... arguments) : store_{std::forward<Arguments>(arguments)...} {}

    void append(rows const& batch) {
        auto const requests = batch.requests();
        if constexpr (converge::atomic_batch_log<Store>) {
            if (requests.size() == 1)
                (void)store_.append(requests.front()).value();
            else
                (void)store_.commit({.appends = requests, .cursors = {}}).value();
        } else {
            static_assert(converge::pipelined_log<Store>);
            for (auto const& each : store_.append_each(requests))
                (void)each.value();
        }
    }

    /// All rows as events of one stream, the first one's.
    void append_to_one_stream(rows const& batch) {
        (void)store_
            .append(
                {rows::module, batch.streams().front(), converge::expected_version::none(), batch.events()})
            .value();
    }

    template <class Visit> void read(Visit visit) {
        converge::position at = 0;
        for (bool more = true; more;) {
            more = false;
            at = store_.read(
                rows::module, at, page_of_a_read, rows::module, [&](converge::event_view const& event) {
                    more = true;
                    visit(event.payload);
                });
        }
    }

    std::string last_of_stream(std::string const& stream) {
        return std::move(store_.last_of_stream(rows::module, stream, rows::module).value().payload);
    }

private:
    Store store_;
};
