// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/postgres/reader.hpp>
#include <converge/store/postgres/schema_append_one.hpp>
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
#include <utility>
#include <vector>

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

/// Tells writers that somebody waits for events of some modules, so that they notify: `postgres_waiting_key`,
/// held by the session. A writer at work may keep one from getting it, so it may take several tries.
class postgres_waiting_sign {
public:
    explicit postgres_waiting_sign(postgres_session const& session)
        : lock_{"wait", "say that one waits", session.in_schema(std::string{"SELECT n, pg_try_advisory_lock_shared("} + postgres_waiting_key + ") FROM unnest($1::text[]) WITH ORDINALITY g(name, n)")},
          unlock_{
              "wait_no_longer", "say that one waits no longer",
              session.in_schema(
                  std::string{"SELECT pg_advisory_unlock_shared("} + postgres_waiting_key +
                  ") FROM unnest($1::text[]) name")} {}

    /// For a connection that has none of the locks.
    void begin(std::span<cursor const> seen) {
        missing_.clear();
        held_.clear();
        for (auto const& each : seen)
            missing_.push_back(each.module);
        std::ranges::sort(missing_);
        missing_.erase(std::unique(missing_.begin(), missing_.end()), missing_.end());
    }
    bool is_complete() const noexcept { return missing_.empty(); }

    /// Asks for what is missing, before a statement that looks for events.
    void send(postgres_connection& connection) const {
        if (!is_complete())
            connection.send(lock_, names(missing_));
    }
    void receive(postgres_connection& connection) {
        if (is_complete())
            return;
        std::vector<std::string_view> refused;
        connection.receive([&](postgres_row const& row) {
            auto const name = missing_[static_cast<std::size_t>(row.integer(0) - 1)];
            (row.boolean(1) ? held_ : refused).push_back(name);
        });
        missing_ = std::move(refused);
    }

    /// Takes the sign away, and does not wait for it.
    void end(postgres_connection& connection) {
        if (held_.empty())
            return;
        connection.send(unlock_, names(held_));
        connection.sync();
        held_.clear();
    }

private:
    static postgres_parameters names(std::vector<std::string_view> const& modules) {
        postgres_array names{postgres_type::text};
        for (auto const each : modules)
            names.add(each);
        postgres_parameters all;
        all.add(std::move(names));
        return all;
    }

    postgres_statement lock_;
    postgres_statement unlock_;
    std::vector<std::string_view> missing_; // of the cursors that are waited on
    std::vector<std::string_view> held_;
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
          listen_{"listen", "listen for events", "LISTEN " + quoted_identifier(session.channel())},
          sign_{session} {}

    bool wait(
        postgres_session& session, std::span<cursor const> seen, std::chrono::milliseconds timeout,
        std::stop_token const& stop) {
        sign_.begin(seen);
        sign_end const ends{*this, session}; // also when it throws, or writers would notify for ever
        return wait_with_sign(session, seen, timeout, stop);
    }

private:
    struct sign_end {
        postgres_waiter& waiter;
        postgres_session& session;

        sign_end(postgres_waiter& of, postgres_session& on) : waiter{of}, session{on} {}
        sign_end(sign_end const&) = delete;
        sign_end& operator=(sign_end const&) = delete;
        ~sign_end() {
            session.attempt_once([&](postgres_connection& connection) {
                if (waiter.generation_ == session.generation())
                    waiter.sign_.end(connection);
            });
        }
    };

    bool wait_with_sign(
        postgres_session& session, std::span<cursor const> seen, std::chrono::milliseconds timeout,
        std::stop_token const& stop) {
        using clock = std::chrono::steady_clock;
        constexpr std::chrono::milliseconds soon{2};
        stop_pipe const stopped{stop};
        std::stop_callback const on_stop{stop, [&] { stopped.signal(); }};
        auto const end = clock::now() + timeout;
        auto pause = soon;
        while (!stop.stop_requested()) {
            // First listen, then look: what comes in between is in one of the two.
            auto const found = session.attempt([&](postgres_connection& connection) {
                listen(session, connection, seen);
                return has_news(connection, seen);
            });
            auto const now = clock::now();
            if (found || now >= end)
                return found;
            auto const interval = session.options().poll_interval;
            // A writer that keeps the sign from being given may not know that it has to notify.
            pause = sign_.is_complete() ? interval : std::min(pause * 2, interval);
            auto const look_again = std::min(end, now + pause);
            session.attempt([&](postgres_connection& connection) {
                if (generation_ == session.generation())
                    sleep(connection, seen, stopped, look_again);
            });
        }
        return false;
    }

    void
    listen(postgres_session const& session, postgres_connection& connection, std::span<cursor const> seen) {
        if (generation_ == session.generation())
            return;
        connection.send(listen_, {});
        connection.sync();
        connection.receive();
        connection.receive_sync(); // it takes effect at the commit
        generation_ = session.generation();
        sign_.begin(seen);
    }

    bool has_news(postgres_connection& connection, std::span<cursor const> seen) {
        postgres_array names{postgres_type::text};
        postgres_array positions{postgres_type::bigint};
        for (auto const& each : seen) {
            names.add(each.module);
            positions.add(postgres_bigint(each.position));
        }
        postgres_parameters all;
        all.add(std::move(names));
        all.add(std::move(positions));
        sign_.send(connection);
        connection.send(heads_, all);
        connection.sync();
        sign_.receive(connection);
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
    postgres_waiting_sign sign_;
    std::size_t generation_ = 0; // of the connection that listens
};

} // namespace converge::detail
