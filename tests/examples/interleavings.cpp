// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <examples/traffic_fines/handlers.hpp>
#include <examples/traffic_fines/import.hpp>
#include <examples/traffic_fines/log/generator.hpp>
#include <examples/traffic_fines/log/open.hpp>
#include <examples/traffic_fines/summary.hpp>
#include <random>
#include <temporary_directory.hpp>
#include <variant>
#include <vector>

// The order inside a module's log is kept; how the modules' logs interleave, and what is delivered again, is
// drawn.
namespace {

using namespace traffic_fines;

using fines_event = std::variant<
    police::fine_created, police::fine_sent, police::notification_inserted, police::payment_timed_out,
    police::collection_fell_due, payments::payment_received, appeals::appeal_date_inserted,
    appeals::appeal_sent, appeals::result_received, appeals::result_notified, appeals::appealed_to_judge>;

/// The logs of the three modules, in memory.
using module_logs = std::array<std::vector<fines_event>, 3>;

void add_row(module_logs& logs, log_row const& row) {
    for_event_of(row, [&]<class Module>(std::type_identity<Module>, auto const& event) {
        logs[boost::mp11::mp_find<converge::modules_of<fine_process>, Module>::value].emplace_back(event);
    });
}

module_logs generated_logs(std::size_t cases) {
    module_logs logs;
    log_generator{5}.generate(cases, [&](log_row const& row, std::size_t) { add_row(logs, row); });
    return logs;
}

/// Fines in memory, and what stands of their commands.
class fines_in_memory {
public:
    void take(std::size_t module, converge::position at, fines_event const& taken) {
        std::visit(
            [&](auto const& event) {
                auto& state = states_[event.fine];
                if (at <= state.handled[module])
                    return; // as the runner does
                auto next = state;
                commands_.clear();
                converge::take_event<fine_process>(
                    event.fine, state, next, event, {module, at, {}}, commands_);
                ++next.version;
                state = std::move(next);
                for (auto const& each : commands_)
                    count(each);
            },
            taken);
    }

    summary result() const {
        summary made;
        made.instances = states_.size();
        for (auto const& [key, state] : states_)
            ++made.states[end_state(state)];
        made.standing = standing_;
        return converged_part(made);
    }

private:
    void count(converge::recorded_command const& command) {
        if (command.name == "add_penalty")
            ++standing_["penalties"];
        else if (command.name == "waive_penalty")
            --standing_["penalties"];
        else if (command.name == "send_to_collection")
            ++standing_["collections"];
        else if (command.name == "recall_from_collection")
            --standing_["collections"];
        else
            standing_["cents refunded"] +=
                (command.name == "refund" ? 1 : -1) *
                converge::json_codec{}.decode<refund>(command.payload).value().cents;
    }

    std::map<std::string, converge::instance_state<fine_process>> states_;
    std::map<std::string, std::int64_t> standing_;
    std::vector<converge::recorded_command> commands_;
};

/// Delivers the logs in a drawn interleaving. Now and then a reader falls back and delivers again.
summary deliver(module_logs const& logs, std::mt19937& random) {
    fines_in_memory fines;
    std::array<std::size_t, 3> at{};
    std::array<std::size_t, 3> speed{};
    for (auto& each : speed)
        each = 1 + random() % 100;
    for (;;) {
        std::size_t all = 0;
        for (std::size_t module = 0; module < 3; ++module)
            all += at[module] < logs[module].size() ? speed[module] : 0;
        if (all == 0)
            return fines.result();
        auto drawn = random() % all;
        std::size_t module = 0;
        for (;; ++module) {
            auto const mine = at[module] < logs[module].size() ? speed[module] : 0;
            if (drawn < mine)
                break;
            drawn -= mine;
        }
        for (auto run = 1 + random() % 20; run > 0 && at[module] < logs[module].size(); --run, ++at[module])
            fines.take(module, at[module] + 1, logs[module][at[module]]);
        if (random() % 10 == 0)
            at[module] -= std::min<std::size_t>(at[module], random() % 40);
    }
}

} // namespace

TEST_CASE("a thousand random interleavings of the modules' logs, with redeliveries, have one summary") {
    auto const logs = generated_logs(400);
    std::mt19937 random{std::random_device{}()};
    auto const first = deliver(logs, random);
    CHECK(first.instances == 400);
    CHECK(first.states.size() >= 6);
    CHECK(first.standing.size() == 3);
    for (int round = 1; round < 1000; ++round)
        REQUIRE(deliver(logs, random) == first);
}

TEST_CASE("the real log in random interleavings has one summary") {
    auto const* const path = std::getenv("CONVERGE_REAL_LOG"); // NOLINT(concurrency-mt-unsafe)
    if (path == nullptr) {
        MESSAGE("skipped: CONVERGE_REAL_LOG names no log");
        return;
    }
    module_logs logs;
    read_log(path, [&](log_row const& row, std::size_t) { add_row(logs, row); }, [](double) {});
    std::mt19937 random{std::random_device{}()};
    auto const first = deliver(logs, random);
    CHECK(first.instances == 10'000);
    for (int round = 1; round < 100; ++round)
        REQUIRE(deliver(logs, random) == first);
}

TEST_CASE("the runner, fed in random pieces and set back at times, comes to the same summary") {
    std::vector<log_row> rows;
    log_generator{5}.generate(120, [&](log_row const& row, std::size_t) { rows.push_back(row); });
    converge::memory_store reference;
    {
        importer into{reference, 100};
        for (auto const& row : rows)
            into.add(row);
        into.flush();
        converge::make_runner<fine_process>(reference, ledger_handlers()).catch_up();
    }
    auto const expected = converged_part(summarize(reference));
    std::mt19937 random{std::random_device{}()};
    for (int round = 0; round < 40; ++round) {
        converge::memory_store store;
        std::array<std::vector<log_row>, 3> logs;
        for (auto const& row : rows)
            for_event_of(row, [&]<class Module>(std::type_identity<Module>, auto const&) {
                logs[boost::mp11::mp_find<converge::modules_of<fine_process>, Module>::value].push_back(row);
            });
        std::array<std::size_t, 3> at{};
        while (at[0] + at[1] + at[2] < rows.size()) {
            auto const module = random() % 3;
            importer into{store, 16};
            for (auto run = random() % 60; run > 0 && at[module] < logs[module].size(); --run)
                into.add(logs[module][at[module]++]);
            into.flush();
            converge::make_runner<fine_process>(store, ledger_handlers(), {.batch_size = 1 + random() % 50})
                .catch_up();
            if (random() % 4 == 0) {
                std::vector<converge::cursor> const back{
                    {"fine", "police", 0}, {"fine", "payments", 0}, {"fine.commands", "fines", 0}};
                store.save_cursors(back);
            }
        }
        converge::make_runner<fine_process>(store, ledger_handlers()).catch_up();
        REQUIRE(converged_part(summarize(store)) == expected);
    }
}
