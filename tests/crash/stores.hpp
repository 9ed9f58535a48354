// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/sqlite.hpp>
#ifdef CONVERGE_HAS_POSTGRES
#include <converge/store/postgres.hpp>
#endif
#ifdef CONVERGE_HAS_JETSTREAM
#include <converge/store/jetstream.hpp>
#endif

#include <chrono>
#include <string>

// Where the process runs and where the ledger is, for the program that is killed and the test that kills it.
// An address is a file, a connection string, or servers.
namespace crash {

struct in_sqlite {
    static constexpr char const* name = "sqlite";
    static converge::sqlite_store home(std::string const& address) {
        return converge::sqlite_store{address + "/home.db"};
    }
    static converge::sqlite_store ledger(std::string const& address) {
        return converge::sqlite_store{address + "/ledger.db"};
    }
};

#ifdef CONVERGE_HAS_POSTGRES
struct in_postgres {
    static constexpr char const* name = "postgres";
    static converge::postgres_store home(std::string const& address) {
        return converge::postgres_store{address, {.schema = "home"}};
    }
    static converge::postgres_store ledger(std::string const& address) {
        return converge::postgres_store{address, {.schema = "ledger"}};
    }
};
#endif

#ifdef CONVERGE_HAS_JETSTREAM
struct in_jetstream {
    static constexpr char const* name = "jetstream";
    static converge::jetstream_store open(std::string const& address, std::string const& prefix) {
        using namespace std::chrono_literals;
        return converge::jetstream_store{
            address, {.prefix = prefix, .replicas = 3, .timeout = 60s, .attempt_timeout = 500ms}};
    }
    static converge::jetstream_store home(std::string const& address) { return open(address, "home"); }
    static converge::jetstream_store ledger(std::string const& address) { return open(address, "ledger"); }
};
#endif

} // namespace crash
