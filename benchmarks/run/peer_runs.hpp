// SPDX-License-Identifier: MIT
#pragma once

#include <benchmark/benchmark.h>
#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <peers.hpp>
#include <run/drain.hpp>
#include <run/places.hpp>
#include <run/throughput.hpp>
#include <run/workload.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

/// The events, one a line, for those who read no log of ours.
inline void write_lines(std::filesystem::path const& to, order_workload const& workload) {
    std::ofstream file{to};
    for (auto const& each : workload.events())
        file << R"({"module":")" << each.module << R"(","type":")" << each.event.name << R"(","data":)"
             << each.event.payload << "}\n";
    if (!file.flush())
        throw std::runtime_error{"the events cannot be written"};
}

/// A database of its own, for those who do not take a schema. It goes with the server.
inline std::string fresh_database() {
    auto const name = fresh_name("peer");
    std::unique_ptr<PGconn, decltype(&PQfinish)> const connection{
        PQconnectdb(postgres_place::server().uri().c_str()), &PQfinish};
    std::unique_ptr<PGresult, decltype(&PQclear)> const made{
        PQexec(connection.get(), ("CREATE DATABASE " + name).c_str()), &PQclear};
    if (PQresultStatus(made.get()) != PGRES_COMMAND_OK)
        throw std::runtime_error{PQerrorMessage(connection.get())};
    return postgres_place::server().uri("owner", name);
}

/// The same orders through a process manager for Node. `place` makes an empty file or database. One that is
/// slow has fewer orders; the time of an event is compared. `way` is the script's name for how it does it.
template <class Place>
void add_peer(
    std::string const& name, std::string const& script, std::size_t orders, Place place,
    std::string const& way = "run") {
    if (!peers::present())
        return;
    add_run(name, [=](benchmark::State& state) {
        order_workload const workload{orders};
        auto const input = sqlite_place::file();
        write_lines(input, workload);
        auto const outcome = peers::measure(
            {.script = "run/peers/" + script,
             .name = way,
             .together = static_cast<std::int64_t>(batch_size),
             .input = input.string()},
            static_cast<std::int64_t>(workload.events().size()), place());
        if (outcome.seconds <= 0)
            return state.SkipWithError((script + ".js failed").c_str());
        require_same(outcome.checksum, workload.checksum());
        report_time_of_an_event(state, outcome.seconds, workload.events().size());
    });
}
