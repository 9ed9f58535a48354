// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres/reader.hpp>
#include <converge/store/postgres/session.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace converge::detail {

/// A page that the server reads before it is asked for, on a connection of its own: so it is ready when a
/// commit on the other connection is. Whatever goes wrong with it, the page is read as if there were none.
class postgres_prefetch {
public:
    explicit postgres_prefetch(postgres_session const& like)
        : session_{like.description(), without_patience(like.options())} {}

    /// Asks for a page, and does not wait for it. The one that was asked for before is dropped.
    void begin(postgres_reader const& reader, postgres_page const& wanted) noexcept {
        // What is not taken from the server would keep a snapshot open there.
        constexpr std::size_t longest = std::size_t{1} << 20U;
        if (pending_ == wanted)
            return;
        drop();
        if (size_ > longest || clock::now() < not_before_)
            return;
        try {
            module_ = wanted.module;
            session_.attempt([&](postgres_connection& connection) { reader.send_page(connection, wanted); });
            pending_ = wanted;
            pending_->module = module_;
        } catch (std::exception const&) { // ignored: perhaps there is no connection left; it is only a hint
            constexpr std::chrono::seconds rest{10};
            not_before_ = clock::now() + rest;
        }
    }

    /// Visits the events of the page, if it was asked for; not all of them where the connection is lost.
    template <class Visitor>
    void take(postgres_reader const& reader, postgres_page const& page, Visitor visit) {
        size_ = 0;
        if (pending_ != page)
            return;
        pending_.reset();
        bool is_visiting = false;
        try {
            session_.attempt([&](postgres_connection& connection) {
                postgres_leftovers const none{connection};
                (void)reader.receive_page(connection, page.module, [&](event_view const& event) {
                    is_visiting = true;
                    visit(event);
                    is_visiting = false;
                });
            });
        } catch (store_error const&) {
            if (is_visiting)
                throw;
            // ignored: who reads the rest gets it too, if it was not the connection
        }
    }

    /// Counts the bytes of an event of the page that is read now: the next will be about as large.
    void count(event_view const& event) noexcept { size_ += event.payload.size(); }

    /// Nobody will ask for the page.
    void drop() noexcept {
        if (std::exchange(pending_, std::nullopt))
            session_.attempt_once([](postgres_connection& connection) { connection.drop_leftovers(); });
    }

private:
    using clock = std::chrono::steady_clock;

    static postgres_options without_patience(postgres_options options) {
        options.reconnect_within = {};
        return options;
    }

    postgres_session session_;
    std::optional<postgres_page> pending_;
    std::string module_; // of the pending page
    std::size_t size_ = 0;
    clock::time_point not_before_ = clock::time_point::min();
};

} // namespace converge::detail
