// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/memory.hpp>
#include <converge/store/postgres.hpp>
#include <converge/store/sqlite.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <postgres_server.hpp>
#include <run/floors.hpp>
#include <run/workload.hpp>
#include <string>
#include <temporary_directory.hpp>
#include <utility>

// Where the contenders work: each place makes stores, empty or with events, a second one on the same events,
// and floors.

inline std::string fresh_name(std::string const& what) {
    static int number = 0;
    return what + std::to_string(++number);
}

struct memory_place {
    static constexpr auto name = "memory";
    static constexpr bool waits = false;
    using store_type = converge::memory_store;
    using floor_type = memory_step_floor;

    store_type store() const { return {}; }
    static store_type same(store_type const& as) { return as; } // copies share their events
    store_type filled(order_workload const& events) const {
        auto made = store();
        publish_all(made, events.events());
        return made;
    }
    floor_type floor(order_workload const& /*events*/) const { return {}; }
};

/// Files on a disk: the waits for it are what counts.
class sqlite_place {
public:
    static constexpr auto name = "sqlite";
    static constexpr bool waits = true;
    using floor_type = sqlite_step_floor;

    /// A store that knows its file.
    struct store_type : converge::sqlite_store {
        explicit store_type(std::filesystem::path path) : sqlite_store{path}, file{std::move(path)} {}
        std::filesystem::path file;
    };

    store_type store() const { return store_type{file()}; }
    static store_type same(store_type const& as) { return store_type{as.file}; }
    /// Closed and opened again: what publishing left to be done with the file is done.
    store_type filled(order_workload const& events) const { return store_type{filled_file(events)}; }
    floor_type floor(order_workload const& events) const {
        return {filled_file(events), converge::sqlite_synchronous::full};
    }
    /// A name that nobody has used.
    static std::filesystem::path file() {
        static temporary_directory const made{std::filesystem::current_path()};
        return made / fresh_name("run");
    }

private:
    static std::filesystem::path filled_file(order_workload const& events) {
        auto path = file();
        store_type made{path};
        publish_all(made, events.events());
        return path;
    }
};

/// Schemas on a server that waits for its disk.
class postgres_place {
public:
    static constexpr auto name = "postgres";
    static constexpr bool waits = true;
    using floor_type = postgres_step_floor;

    struct store_type : converge::postgres_store {
        explicit store_type(std::string chosen)
            : postgres_store{uri(), {.schema = chosen}}, schema{std::move(chosen)} {}
        std::string schema;
    };

    store_type store() const { return store_type{fresh_name("run_")}; }
    static store_type same(store_type const& as) { return store_type{as.schema}; }
    store_type filled(order_workload const& events) const {
        auto made = store();
        publish_all(made, events.events());
        return made;
    }
    floor_type floor(order_workload const& events) const { return {uri(), filled(events).schema}; }
    static postgres_server const& server() {
        static postgres_server const started{"fsync = on\nshared_buffers = 256MB\nmax_wal_size = 4GB"};
        return started;
    }
    static std::string uri() { return server().uri(); }
};
