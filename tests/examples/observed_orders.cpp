// SPDX-License-Identifier: MIT
#include <boost/json/parse.hpp>
#include <boost/mp11/algorithm.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <examples/observed_orders/exposition.hpp>
#include <examples/observed_orders/json_lines.hpp>
#include <examples/observed_orders/metrics.hpp>
#include <examples/program.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <temporary_directory.hpp>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using observed_orders::metrics;

std::string const orders_program = CONVERGE_BINARY_DIR "/examples/observed_orders";

/// What a reader of the text format has understood.
struct exposition {
    std::map<std::string, std::string> types;
    std::map<std::string, double>
        samples; ///< by name and labels, as `name{label=value;label=value}`, unescaped
};

/// Reads the text format, version 0.0.4, and refuses what is not of it.
exposition understood(std::string const& text) {
    exposition made;
    std::string const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    std::regex const comment{"# (HELP|TYPE) (" + name + ") (.+)"};
    std::regex const sample{"(" + name + R"re()(\{(.*)\})? (\S+))re"};
    std::regex const label{R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$))re"};
    CHECK(text.ends_with('\n'));
    std::istringstream lines{text};
    std::string last;
    for (std::string line; std::getline(lines, line);) {
        std::smatch parts;
        if (std::regex_match(line, parts, comment)) {
            if (parts[1] == "TYPE") {
                CHECK_MESSAGE(made.types.emplace(parts[2], parts[3]).second, "typed twice: ", line);
                last = parts[2];
            }
            continue;
        }
        REQUIRE_MESSAGE(std::regex_match(line, parts, sample), "no sample: ", line);
        CHECK_MESSAGE(parts[1].str().starts_with(last), "not with its type: ", line);
        std::string const marks = parts[3];
        auto key = parts[1].str() + "{";
        std::size_t read = 0;
        for (std::sregex_iterator each{marks.begin(), marks.end(), label}, end; each != end; ++each) {
            REQUIRE(static_cast<std::size_t>(each->position()) == read);
            read += static_cast<std::size_t>(each->length());
            std::string value;
            auto const escaped = (*each)[2].str();
            for (std::size_t at = 0; at < escaped.size(); ++at)
                value += escaped[at] != '\\' ? escaped[at] : escaped[++at] == 'n' ? '\n' : escaped[at];
            key += (key.back() == '{' ? "" : ";") + (*each)[1].str() + "=" + value;
        }
        REQUIRE_MESSAGE(read == marks.size(), "no labels: ", marks);
        auto const number = parts[4] == "+Inf" ? HUGE_VAL : std::stod(parts[4]);
        CHECK_MESSAGE(made.samples.emplace(key + "}", number).second, "twice: ", line);
    }
    return made;
}

/// The lines of a log, each a document of its own.
std::vector<boost::json::object> lines_of(std::string const& text) {
    std::vector<boost::json::object> made;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        made.push_back(boost::json::parse(line).as_object());
    return made;
}

converge::timestamp at(std::chrono::microseconds since) {
    return converge::timestamp{std::chrono::sys_days{std::chrono::year{2024} / 2 / 29}} + since;
}

} // namespace

TEST_CASE("metrics are written as Prometheus reads them, whatever the names are") {
    metrics counted{[] { return at(30ms); }};
    auto const awkward = std::string{"a \"b\"\\c\nd{e=\"f\",} \xC3\xA9"};
    counted(converge::item_parked{"p", "event", "m", 1, awkward, "why"});
    counted(converge::batch_handled{"p", "m", 7, 12, 3, 2, 1});
    counted(converge::batch_handled{"p", "m", 9, 12, 2, 1, 0});
    for (auto const took : {400us, 2'500us, 30'000us, 90'000'000us})
        counted(converge::step_recorded{"p", "k", "m", 1, "e", at(30ms) - took, 1, 0, 0});
    auto const read = understood(counted.text());
    CHECK(read.samples.at("converge_parked_total{process=p;kind=event;name=" + awkward + "}") == 1);
    CHECK(read.samples.at("converge_events_total{process=p;module=m}") == 5);
    CHECK(read.samples.at("converge_conflicts_total{process=p;module=m}") == 1);
    CHECK(read.samples.at("converge_lag_positions{process=p;module=m}") == 3);
    CHECK(read.types.at("converge_events_total") == "counter");
    CHECK(read.types.at("converge_lag_positions") == "gauge");
    CHECK(read.types.at("converge_step_latency_seconds") == "histogram");
    auto const at_most = [&](std::string const& bound) {
        return read.samples.at("converge_step_latency_seconds_bucket{process=p;le=" + bound + "}");
    };
    CHECK(at_most("0.001") == 1);
    CHECK(at_most("0.0025") == 2); // the bound belongs to it
    CHECK(at_most("0.025") == 2);
    CHECK(at_most("0.05") == 3);
    CHECK(at_most("10") == 3);
    CHECK(at_most("+Inf") == 4);
    CHECK(read.samples.at("converge_step_latency_seconds_count{process=p}") == 4);
    CHECK(read.samples.at("converge_step_latency_seconds_sum{process=p}") == doctest::Approx(90.0329));
}

TEST_CASE("a log has a line of JSON for each thing, whatever is said in it") {
    std::ostringstream out;
    observed_orders::json_lines log{out, [] { return at(13h + 5min + 9s + 42us); }};
    auto const awkward = std::string{"a \"b\"\\c\n\t\x01 \xC3\xA9"};
    log(converge::item_parked{"p", "command", "m", 12, "ship", awkward});
    log(converge::command_failed{"p", awkward, "ship", {}, 2, "no", 1'500ms});
    log(converge::deadline_fired{"p", "k", "late", at(0us), at(2ms)});
    CHECK(std::ranges::count(out.str(), '\n') == 3);
    auto const lines = lines_of(out.str());
    CHECK(lines[0].at("time").as_string() == "2024-02-29T13:05:09.000042Z");
    CHECK(lines[0].at("level").as_string() == "error");
    CHECK(std::string{lines[0].at("reason").as_string()} == awkward);
    CHECK(lines[0].at("position").as_int64() == 12);
    CHECK(std::string{lines[1].at("key").as_string()} == awkward);
    CHECK(lines[1].at("retry_after_seconds").as_double() == 1.5);
    CHECK(lines[2].at("due").as_string() == "2024-02-29T00:00:00.000000Z");
    CHECK(lines[2].at("delay_seconds").as_double() == 0.002);
}

TEST_CASE("workers and their partitions are counted and told") {
    metrics counted{[] { return at(0us); }};
    std::ostringstream out;
    observed_orders::json_lines log{out, [] { return at(0us); }};
    auto const tell = [&](auto const& happened) { counted(happened), log(happened); };
    using enum converge::partition_change;
    tell(converge::worker_joined{"p", "one"});
    tell(converge::partition_changed{"p", "one", 3, taken});
    tell(converge::partition_changed{"p", "one", 3, taken});
    tell(converge::partition_changed{"p", "one", 4, taken});
    tell(converge::partition_changed{"p", "one", 3, lost});
    auto const read = understood(counted.text());
    CHECK(read.samples.at("converge_worker_member{process=p;worker=one}") == 1);
    CHECK(read.samples.at("converge_partitions_held{process=p;worker=one}") == 1);
    CHECK(read.samples.at("converge_partitions_lost_total{process=p;worker=one}") == 1);
    tell(converge::partition_changed{"p", "one", 4, given});
    tell(converge::worker_left{"p", "one"});
    auto const after = understood(counted.text());
    CHECK(after.samples.at("converge_worker_member{process=p;worker=one}") == 0);
    CHECK(after.samples.at("converge_partitions_held{process=p;worker=one}") == 0);
    auto const lines = lines_of(out.str());
    REQUIRE(lines.size() == 7);
    CHECK(lines[0].at("what").as_string() == "worker joined");
    CHECK(lines[4].at("level").as_string() == "warning");
    CHECK(lines[4].at("partition").as_int64() == 3);
    CHECK(lines[5].at("what").as_string() == "partition given");
    CHECK(lines[6].at("worker").as_string() == "one");
}

TEST_CASE("instances that are migrated are counted, and each is a line") {
    std::ostringstream out;
    metrics counted{[] { return converge::timestamp{}; }};
    observed_orders::json_lines log{out, [] { return converge::timestamp{}; }};
    auto const tell = [&](auto const& happened) {
        counted(happened);
        log(happened);
    };
    tell(converge::instance_migrated{"p", "7", "old", "new", 3, 2});
    tell(converge::process_migrated{"p", "old", "new", 1});
    auto const read = understood(counted.text());
    CHECK(read.samples.at("converge_instances_migrated_total{process=p;to=new}") == 1);
    CHECK(read.samples.at("converge_migrations_total{process=p;to=new}") == 1);
    auto const lines = lines_of(out.str());
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].at("what").as_string() == "instance migrated");
    CHECK(lines[0].at("commands").as_int64() == 2);
    CHECK(lines[1].at("instances").as_int64() == 1);
}

// Whoever adds a happening is told here that the example does not show it.
template <class Happening>
using is_counted = std::bool_constant<converge::detail::observes<metrics, Happening>>;
static_assert(boost::mp11::mp_all_of<converge::happenings, is_counted>::value);

TEST_CASE("times before 1970 and of small years are written as RFC 3339 has them") {
    CHECK(observed_orders::rfc3339(converge::timestamp{-1us}) == "1969-12-31T23:59:59.999999Z");
    CHECK(
        observed_orders::rfc3339(std::chrono::sys_days{std::chrono::year{33} / 4 / 3}) ==
        "0033-04-03T00:00:00.000000Z");
}

TEST_CASE("a file of metrics is replaced as a whole, or stays") {
    temporary_directory const directory;
    observed_orders::replace_file(directory / "metrics", "old\n");
    observed_orders::replace_file(directory / "metrics", "new\n");
    CHECK(content_of(directory / "metrics") == "new\n");
    CHECK_FALSE(std::filesystem::exists(directory / "metrics.new"));
    std::filesystem::create_directories(directory / "taken" / "by somebody");
    CHECK_THROWS_AS(observed_orders::replace_file(directory / "taken", "x"), std::runtime_error);
    CHECK_THROWS_AS(observed_orders::replace_file(directory / "none/metrics", "x"), std::runtime_error);
}

TEST_CASE("the program tells of steps, retries and parked commands, in metrics and in the log alike") {
    temporary_directory const directory;
    auto const line = orders_program + " --orders 21 --store " + (directory / "orders.db").string() +
                      " --metrics " + (directory / "orders.prom").string() + " --log " +
                      (directory / "orders.log").string();
    auto const told = run_program(line);
    REQUIRE_MESSAGE(told.code == 0, told.text);
    auto const read = understood(content_of(directory / "orders.prom"));
    std::map<std::string, double> counts;
    std::regex const time{R"re(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)re"};
    for (auto const& each : lines_of(content_of(directory / "orders.log"))) {
        CHECK(std::regex_match(std::string{each.at("time").as_string()}, time));
        ++counts[std::string{each.at("what").as_string()}];
    }
    auto const sum = [&](std::string const& name) {
        double all = 0;
        for (auto const& [key, value] : read.samples)
            all += key.starts_with(name + "{") ? value : 0;
        return all;
    };
    CHECK(counts["step recorded"] == sum("converge_steps_total"));
    CHECK(counts["command handled"] == sum("converge_commands_total"));
    CHECK(counts["command failed"] == sum("converge_command_retries_total"));
    CHECK(counts["parked"] == sum("converge_parked_total"));
    CHECK(sum("converge_steps_total") == 64);
    CHECK(sum("converge_parked_total") == 3); // each seventh parcel
    CHECK(sum("converge_command_retries_total") > sum("converge_parked_total"));
    for (auto const* const module : {"orders", "payments", "warehouse"})
        CHECK(
            read.samples.at("converge_lag_positions{process=order;module=" + std::string{module} + "}") == 0);
    // Again: there is nothing new.
    REQUIRE(run_program(line).code == 0);
    auto const again = understood(content_of(directory / "orders.prom"));
    CHECK(again.samples.empty());
    CHECK(again.types == read.types);
}
