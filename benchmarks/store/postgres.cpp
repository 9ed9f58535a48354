// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <postgres_server.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Appends to a server of its own that waits for the disk. The contenders are two ways to make the order of
// positions that of commits, and two moments to notify readers:
//
// - counter_row: what the store does. The row of the module, which holds the head, is locked and updated.
// - advisory_lock: the module's number is locked; the head is the greatest position in the index, nothing is
// updated.
// - notify_inside: the counter row, and the notification in the transaction of the append instead of after
// it.
// - floor: the same rows in the same batches through one prepared INSERT into a table without an index, which
// promises
//   nothing.
namespace {

using converge::postgres_store;

postgres_server const& server() {
    static postgres_server const started{"fsync = on\nshared_buffers = 256MB\nmax_wal_size = 4GB"};
    return started;
}

void replace(std::string& text, std::string_view from, std::string const& to) {
    auto at = text.find(from);
    if (at == std::string::npos)
        throw std::logic_error{"append() has changed: there is no " + std::string{from}};
    for (; at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

std::string function_of(std::string const& contender) {
    std::string text = converge::detail::postgres_append;
    replace(text, "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
    if (contender == "advisory_lock") {
        replace(
            text,
            "UPDATE {schema}.module SET head = head + module_events[m] WHERE name = module_names[m]\n"
            "                RETURNING id, head - module_events[m], role INTO found_id, found_head, "
            "found_role;\n"
            "            EXIT WHEN FOUND;",
            "SELECT id, role INTO found_id, found_role FROM {schema}.module WHERE name = module_names[m];"
            "IF FOUND THEN "
            "PERFORM pg_advisory_xact_lock(found_id);"
            "SELECT coalesce(max(position), 0) INTO found_head FROM {schema}.event WHERE module = found_id;"
            "EXIT; END IF;");
        replace(text, "UPDATE {schema}.module SET head = heads[m] WHERE id = module_ids[m];", "NULL;");
    }
    if (contender == "notify_inside")
        replace(
            text, "    IF cardinality(cursor_readers) > 0 THEN",
            "    PERFORM pg_notify('converge', name) FROM unnest(module_names) name;"
            "    IF cardinality(cursor_readers) > 0 THEN");
    return text;
}

/// The options of a store on the schema of a contender, which is made when it is first asked for.
converge::postgres_options contender(std::string const& name) {
    static std::mutex guard;
    static std::map<std::string, bool> made;
    std::scoped_lock const lock{guard};
    converge::postgres_options options{.schema = name, .notify = name != "notify_inside"};
    if (!std::exchange(made[name], true)) {
        postgres_store const store{server().uri(), options};
        converge::detail::postgres_session const session{server().uri(), options};
        converge::detail::postgres_connection connection{server().uri()};
        if (name == "floor")
            connection.execute(
                "CREATE TABLE floor.row(module integer, position bigint, stream bigint, version bigint, "
                "internal boolean,"
                "recorded_at timestamptz, id uuid, name text, payload bytea)",
                "make a table");
        else
            connection.execute(session.in_schema(function_of(name)), "replace the function");
    }
    return options;
}

/// What a step of a process looks like, in size.
std::vector<converge::new_event> events(std::size_t count) {
    static std::atomic<std::uint64_t> next{1};
    std::vector<converge::new_event> made(count);
    for (auto& each : made) {
        auto const number = next++ * 0x9E3779B97F4A7C15U; // ids of real events are spread
        for (std::size_t byte = 0; byte < 8; ++byte)
            each.id.data[byte] = each.id.data[15 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
        each.name = "payment_received";
        each.payload.assign(100, 'p');
    }
    return made;
}

/// Each event is of a stream of its own, as the steps of different instances are.
void append_batch(
    postgres_store& store, std::string const& module, std::vector<converge::new_event> const& made) {
    std::vector<std::string> streams;
    streams.reserve(made.size());
    for (auto const& each : made)
        streams.push_back(to_string(each.id));
    std::vector<converge::append_request> requests;
    for (std::size_t each = 0; each < made.size(); ++each)
        requests.push_back({module, streams[each], converge::expected_version::none(), {&made[each], 1}});
    (void)store.commit({.appends = requests, .cursors = {}}).value();
}

void append(benchmark::State& state, std::string const& name, std::size_t batch, std::size_t modules) {
    postgres_store store{server().uri(), contender(name)};
    auto const module = "module " + std::to_string(static_cast<std::size_t>(state.thread_index()) % modules);
    for (auto _ : state)
        append_batch(store, module, events(batch));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}

void insert(benchmark::State& state, std::size_t batch) {
    converge::detail::postgres_session session{server().uri(), contender("floor")};
    converge::detail::postgres_statement const statement{
        "insert", "insert",
        "INSERT INTO floor.row SELECT 1, 1, 1, 1, false, now(), g.id, g.name, g.payload "
        "FROM unnest($1::uuid[], $2::text[], $3::bytea[]) g(id, name, payload)"};
    using converge::detail::postgres_array;
    using converge::detail::postgres_type;
    for (auto _ : state) {
        postgres_array ids{postgres_type::uuid};
        postgres_array names{postgres_type::text};
        postgres_array payloads{postgres_type::bytes};
        for (auto const& each : events(batch)) {
            ids.add(each.id);
            names.add(std::string_view{each.name});
            payloads.add(std::string_view{each.payload});
        }
        converge::detail::postgres_parameters all;
        all.add(std::move(ids));
        all.add(std::move(names));
        all.add(std::move(payloads));
        session.attempt([&](converge::detail::postgres_connection& connection) {
            connection.send(statement, all);
            connection.sync();
            connection.receive_sync();
        });
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}

void read(benchmark::State& state, std::size_t limit) {
    postgres_store store{server().uri(), contender("counter_row")};
    while (store.head("read") < 20'000)
        append_batch(store, "read", events(1000));
    converge::position at = 0;
    std::int64_t count = 0;
    for (auto _ : state) {
        at = store.read("read", at, limit, "read", [&](converge::event_view const&) { ++count; });
        if (at >= 20'000)
            at = 0;
    }
    state.SetItemsProcessed(count);
}

void register_all() {
    auto const add = [](std::string const& name, auto run, int threads) {
        benchmark::RegisterBenchmark(name.c_str(), run)->Threads(threads)->UseRealTime()->MinTime(0.5);
    };
    for (std::size_t const batch : {1U, 64U, 1024U}) {
        auto const workload = "postgres/append_" + std::to_string(batch) + '/';
        add(workload + "floor", [=](benchmark::State& state) { insert(state, batch); }, 1);
        for (std::string const name : {"counter_row", "advisory_lock"})
            add(workload + name, [=](benchmark::State& state) { append(state, name, batch, 1); }, 1);
    }
    for (std::string const name : {"counter_row", "advisory_lock", "notify_inside"})
        for (std::size_t const modules : {1U, 8U})
            for (std::size_t const batch : {1U, 64U})
                add(
                    "postgres/8_writers_" + std::to_string(modules) + "_modules_append_" +
                        std::to_string(batch) + '/' + name,
                    [=](benchmark::State& state) { append(state, name, batch, modules); }, 8);
    for (std::size_t const limit : {1U, 64U, 1024U})
        add(
            "postgres/read_" + std::to_string(limit) + "/store",
            [=](benchmark::State& state) { read(state, limit); }, 1);
}

} // namespace

int main(int count, char** arguments) {
    if (auto const missing = postgres_server::missing()) {
        std::fprintf(stderr, "%s\n", missing->c_str());
        return 1;
    }
    benchmark::Initialize(&count, arguments);
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
