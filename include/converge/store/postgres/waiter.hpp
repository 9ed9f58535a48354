// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/postgres/reader.hpp>
#include <converge/store/postgres/session.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fcntl.h>
#include <memory>
#include <poll.h>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <unistd.h>

namespace converge::detail {

/// Ends a wait in `poll` when a stop is requested.
class stop_pipe {
public:
    explicit stop_pipe(std::stop_token const& stop) {
        if (stop.stop_possible() && ::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0)
            throw store_error{store_trouble::unavailable, "cannot make a pipe: no file descriptor is left"};
    }
    stop_pipe(stop_pipe const&) = delete;
    stop_pipe& operator=(stop_pipe const&) = delete;
    ~stop_pipe() {
        for (auto const end : ends_)
            if (end >= 0)
                ::close(end);
    }
    /// -1, which `poll` passes over, where no stop can come.
    int read_end() const noexcept { return ends_[0]; }
    void signal() const noexcept {
        if (::write(ends_[1], "", 1) < 0)
            return; // it is full of signals
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// Waits for what other connections append.
class postgres_waiter {
public:
    explicit postgres_waiter(postgres_session const& session)
        : heads_{
              "heads", "read the heads of modules",
              session.in_schema(
                  "SELECT EXISTS (SELECT FROM unnest($1::text[], $2::bigint[]) g(name, seen) "
                  "JOIN {schema}.module m ON m.name = g.name WHERE m.head > g.seen)")},
          listen_{"listen", "listen for events", "LISTEN " + quoted_identifier(session.channel())} {}

    bool wait(
        postgres_session& session, std::span<cursor const> seen, std::chrono::milliseconds timeout,
        std::stop_token const& stop) {
        using clock = std::chrono::steady_clock;
        stop_pipe const stopped{stop};
        std::stop_callback const on_stop{stop, [&] { stopped.signal(); }};
        auto const end = clock::now() + timeout;
        while (!stop.stop_requested()) {
            // First listen, then look: what comes in between is in one of the two.
            auto const found = session.attempt([&](postgres_connection& connection) {
                listen(session, connection);
                return has_news(connection, seen);
            });
            auto const now = clock::now();
            if (found || now >= end)
                return found;
            auto const look_again = std::min(end, now + session.options().poll_interval);
            session.attempt([&](postgres_connection& connection) {
                if (generation_ == session.generation())
                    sleep(connection, seen, stopped, look_again);
            });
        }
        return false;
    }

private:
    void listen(postgres_session const& session, postgres_connection& connection) {
        if (generation_ == session.generation())
            return;
        connection.send(listen_, {});
        connection.sync();
        connection.receive();
        connection.receive_sync(); // it takes effect at the commit
        generation_ = session.generation();
    }

    bool has_news(postgres_connection& connection, std::span<cursor const> seen) const {
        postgres_array names{postgres_type::text};
        postgres_array positions{postgres_type::bigint};
        for (auto const& each : seen) {
            names.add(each.module);
            positions.add(postgres_bigint(each.position));
        }
        postgres_parameters all;
        all.add(std::move(names));
        all.add(std::move(positions));
        connection.send(heads_, all);
        connection.sync();
        bool news = false;
        connection.receive([&](postgres_row const& row) { news = row.boolean(0); });
        connection.receive_sync();
        return news;
    }

    /// Until something is said about one of the modules, a stop, or the time.
    static void sleep(
        postgres_connection& connection, std::span<cursor const> seen, stop_pipe const& stopped,
        std::chrono::steady_clock::time_point end) {
        while (!is_notified(connection, seen)) {
            auto const left =
                std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            if (left.count() <= 0)
                return;
            std::array<pollfd, 2> watched{
                {{PQsocket(connection.get()), POLLIN, 0}, {stopped.read_end(), POLLIN, 0}}};
            auto const ready = ::poll(watched.data(), watched.size(), static_cast<int>(left.count()));
            if ((ready < 0 && errno == EINTR) || (watched[1].revents != 0))
                return;
            if (PQconsumeInput(connection.get()) != 1)
                connection.fail("listen for events", nullptr);
        }
    }

    static bool is_notified(postgres_connection const& connection, std::span<cursor const> seen) {
        struct free_notification {
            void operator()(PGnotify* each) const noexcept { PQfreemem(each); }
        };
        bool notified = false;
        for (;;) {
            std::unique_ptr<PGnotify, free_notification> const each{PQnotifies(connection.get())};
            if (!each)
                return notified;
            notified |= std::ranges::find(seen, std::string_view{each->extra}, &cursor::module) != seen.end();
        }
    }

    postgres_statement heads_;
    postgres_statement listen_;
    std::size_t generation_ = 0; // of the connection that listens
};

} // namespace converge::detail
