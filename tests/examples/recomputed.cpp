// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <examples/traffic_fines/handlers.hpp>
#include <examples/traffic_fines/import.hpp>
#include <examples/traffic_fines/log/generator.hpp>
#include <examples/traffic_fines/log/open.hpp>
#include <examples/traffic_fines/summary.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

// The end states and what stands, computed a second time, from the rows of the log by SQL: no machines, no
// folds, no order.
namespace {

using namespace traffic_fines;

struct database {
    struct close {
        void operator()(sqlite3* open) const noexcept { sqlite3_close(open); }
    };
    std::unique_ptr<sqlite3, close> handle;

    database() {
        sqlite3* opened = nullptr;
        REQUIRE(sqlite3_open(":memory:", &opened) == SQLITE_OK);
        handle.reset(opened);
        run("CREATE TABLE log(fine TEXT, activity TEXT, amount INT, expense INT, payment INT, dismissal "
            "TEXT)");
    }
    void run(std::string const& sql) const {
        REQUIRE_MESSAGE(
            sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
            sqlite3_errmsg(handle.get()));
    }
    void add(log_row const& row) const {
        auto const number = [](std::int64_t each) { return "," + std::to_string(each); };
        run("INSERT INTO log VALUES('" + row.case_id + "','" + std::string{text_of(row.what)} + "'" +
            number(row.amount) + number(row.expense) + number(row.payment) + ",'" + row.dismissal + "')");
    }
    /// The rows of a query, the first column as the key of the others.
    std::map<std::string, std::vector<std::string>> query(char const* sql) const {
        std::map<std::string, std::vector<std::string>> rows;
        auto const take = [](void* into, int columns, char** values, char**) {
            auto& row = (*static_cast<std::map<std::string, std::vector<std::string>>*>(into))[values[0]];
            for (int column = 1; column < columns; ++column)
                row.emplace_back(values[column]);
            return 0;
        };
        REQUIRE_MESSAGE(
            sqlite3_exec(handle.get(), sql, take, &rows, nullptr) == SQLITE_OK, sqlite3_errmsg(handle.get()));
        return rows;
    }
};

constexpr char const* recomputation = R"(
    WITH sums AS (SELECT fine,
        max(CASE WHEN activity IN ('Create Fine', 'Add penalty') THEN amount END) AS amount,
        ifnull(max(CASE WHEN activity = 'Send Fine' THEN expense END), 0) AS expense,
        ifnull(sum(CASE WHEN activity = 'Payment' THEN payment END), 0) AS paid,
        count(*) FILTER (WHERE activity = 'Payment') AS payments,
        count(*) FILTER (WHERE activity = 'Add penalty') > 0 AS penalty,
        count(*) FILTER (WHERE activity = 'Send for Credit Collection') > 0 AS collection,
        count(*) FILTER (WHERE activity LIKE '%Appeal%') > 0 AS appealed,
        count(*) FILTER (WHERE dismissal <> '' AND activity IN
            ('Create Fine', 'Send Appeal to Prefecture', 'Appeal to Judge')) > 0 AS dismissed
        FROM log GROUP BY fine),
    judged AS (SELECT *, amount + expense AS due, paid >= amount + expense AS in_full FROM sums)
    SELECT fine,
        CASE WHEN dismissed THEN 'dismissed'
             WHEN in_full AND penalty THEN 'paid late'
             WHEN in_full THEN 'paid in full'
             WHEN collection THEN 'sent to collection'
             WHEN appealed THEN 'appealed'
             WHEN payments > 0 THEN 'paid in part'
             WHEN penalty THEN 'unpaid, penalty added'
             ELSE 'unpaid' END,
        penalty AND NOT dismissed,
        collection AND NOT dismissed AND NOT in_full,
        CASE WHEN dismissed THEN paid ELSE max(paid - due, 0) END
    FROM judged)";

/// What stands in the ledger for each fine: penalty, collection, cents.
std::map<std::string, std::array<std::int64_t, 3>> ledger_of(converge::memory_store const& store) {
    std::map<std::string, std::array<std::int64_t, 3>> all;
    store.read("ledger", 0, ~std::size_t{0}, "ledger", [&](converge::event_view const& event) {
        auto& fine = all[std::string{event.stream}];
        auto const cents = [&] {
            return converge::json_codec{}.decode<ledger::money_refunded>(event.payload).value().cents;
        };
        if (event.name.starts_with("penalty"))
            fine[0] += event.name == "penalty_added" ? 1 : -1;
        else if (event.name.starts_with("collection"))
            fine[1] += event.name == "collection_ordered" ? 1 : -1;
        else
            fine[2] += event.name == "money_refunded" ? cents() : -cents();
    });
    return all;
}

template <class Read> void compare(Read read, std::size_t cases) {
    database rows;
    rows.run("BEGIN");
    converge::memory_store store;
    importer into{store, 1000};
    read([&](log_row const& row, std::size_t) {
        rows.add(row);
        into.add(row);
    });
    into.flush();
    rows.run("COMMIT");
    converge::make_runner<fine_process>(store, ledger_handlers()).catch_up();
    auto const recomputed = rows.query(recomputation);
    auto const instances = converge::read_instances<fine_process>(store);
    auto booked = ledger_of(store);
    REQUIRE(recomputed.size() == cases);
    REQUIRE(instances.size() == cases);
    std::size_t equal = 0;
    for (auto const& [fine, columns] : recomputed) {
        CAPTURE(fine);
        auto const& entries = booked[fine];
        std::vector<std::string> const ours{
            end_state(instances.at(fine)), std::to_string(entries[0]), std::to_string(entries[1]),
            std::to_string(entries[2])};
        CHECK(ours == columns);
        equal += ours == columns ? 1U : 0U;
    }
    CHECK(equal == cases);
}

} // namespace

TEST_CASE("SQL over the rows of a generated log comes to the same ends for every fine") {
    compare([](auto take) { log_generator{99}.generate(3000, take); }, 3000);
}

TEST_CASE("SQL over the rows of the real log comes to the same ends for all 10,000 fines") {
    auto const* const path = std::getenv("CONVERGE_REAL_LOG"); // NOLINT(concurrency-mt-unsafe)
    if (path == nullptr) {
        MESSAGE("skipped: CONVERGE_REAL_LOG names no log");
        return;
    }
    compare([&](auto take) { read_log(path, take, [](double) {}); }, 10'000);
}
