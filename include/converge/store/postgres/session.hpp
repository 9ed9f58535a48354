// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/postgres/connection.hpp>
#include <converge/store/postgres/options.hpp>
#include <converge/store/validation.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace converge::detail {

/// A connection that is made anew when it is lost, and the statements of a store on it.
class postgres_session {
public:
    postgres_session(std::string description, postgres_options options)
        : description_{std::move(description)}, options_{std::move(options)},
          schema_{'"' + options_.schema + '"'} {
        constexpr std::size_t longest = 50;
        constexpr auto allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
        auto const& name = options_.schema;
        if (name.empty() || name.size() > longest || name.find_first_not_of(allowed) != std::string::npos)
            refuse_name("schema name", name, "is not 1 to 50 of the characters a-z, 0-9 and _");
    }

    postgres_options const& options() const noexcept { return options_; }
    std::string const& description() const noexcept { return description_; }
    /// The schema's name as SQL takes it.
    std::string const& schema() const noexcept { return schema_; }

    /// Where the server says that events were appended; what it says is the module's name.
    std::string channel() const { return "converge " + options_.schema; }

    /// The SQL of a statement, with the schema where it says {schema}.
    std::string in_schema(std::string_view sql) const {
        constexpr std::string_view mark = "{schema}";
        std::string out;
        for (auto at = sql.find(mark); at != std::string_view::npos; at = sql.find(mark)) {
            out.append(sql.substr(0, at)).append(schema_);
            sql.remove_prefix(at + mark.size());
        }
        return out.append(sql);
    }

    /// Opens the first connection, without a second try, for the description may be wrong. `prepare` may use
    /// it before it is in pipeline mode; where the server goes away meanwhile, it is called again on a new
    /// one, until the time of the options is over. Throws `postgres_failure`.
    template <class Prepare> void connect(Prepare prepare) {
        auto made = std::make_unique<postgres_connection>(description_);
        repeat([&] {
            if (!made)
                made = std::make_unique<postgres_connection>(description_);
            auto tried = std::exchange(made, nullptr);
            prepare(*tried);
            take(std::move(tried));
        });
    }

    /// Calls `work`, which makes a connection of its own, until it ends or the time of the options is over:
    /// while the server goes away or comes back. Throws `postgres_failure`.
    template <class Work> void repeat(Work work) const {
        constexpr std::chrono::milliseconds wait{50};
        auto const give_up = std::chrono::steady_clock::now() + options_.reconnect_within;
        for (;;) {
            try {
                return work();
            } catch (postgres_failure const& failure) {
                if (!failure.is_transient() || std::chrono::steady_clock::now() + wait > give_up)
                    throw;
            }
            std::this_thread::sleep_for(wait);
        }
    }

    /// Gives `work` the connection. Where the server goes away, `work` is called again on a new one, until it
    /// ends or the time of the options is over: it must be safe to repeat. Throws `store_error`.
    template <class Work> auto attempt(Work work) -> decltype(work(std::declval<postgres_connection&>())) {
        constexpr std::chrono::milliseconds first_wait{5};
        constexpr std::chrono::milliseconds longest_wait{200};
        using clock = std::chrono::steady_clock;
        auto wait = first_wait;
        auto give_up = clock::time_point::max();
        for (;;) {
            try {
                if (!connection_)
                    take(std::make_unique<postgres_connection>(description_));
                return work(*connection_);
            } catch (postgres_failure const& failure) {
                if (failure.ends_connection() || (connection_ && connection_->is_lost()))
                    connection_.reset();
                if (give_up == clock::time_point::max())
                    give_up = clock::now() + options_.reconnect_within;
                if (!failure.is_transient() || clock::now() + wait > give_up)
                    throw store_error{failure.trouble(), failure.what()}; // nobody outside tries again
            } catch (...) {
                // What is queued in half must not be taken for a part of the next call.
                if (connection_ && connection_->is_sending())
                    connection_.reset();
                throw;
            }
            std::this_thread::sleep_for(wait);
            wait = std::min(wait * 2, longest_wait);
        }
    }

    /// Gives `work` the connection, if there is one. It is not called again: for what need not be done on
    /// another connection.
    template <class Work> void attempt_once(Work work) noexcept {
        try {
            if (connection_ && !connection_->is_lost())
                work(*connection_);
        } catch (store_error const&) {
            connection_.reset(); // ignored: with it goes what was to be undone
        }
    }

    /// Changes with each connection, for what has to be done once on each.
    std::size_t generation() const noexcept { return generation_; }

private:
    void take(std::unique_ptr<postgres_connection> made) {
        made->start_pipeline();
        connection_ = std::move(made);
        ++generation_;
    }

    std::string description_;
    postgres_options options_;
    std::string schema_;
    std::unique_ptr<postgres_connection> connection_;
    std::size_t generation_ = 0;
};

} // namespace converge::detail
