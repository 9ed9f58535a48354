// SPDX-License-Identifier: MIT
// The orders of order_fulfilment, watched: metrics for Prometheus in a file, which node_exporter's textfile
// collector reads, and a log of a line of JSON for each thing that happens.

#include <converge/store/sqlite.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <examples/observed_orders/json_lines.hpp>
#include <examples/observed_orders/metrics.hpp>
#include <examples/order_fulfilment/process.hpp>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

namespace {

using namespace order_fulfilment;

struct settings {
    std::string store = "observed_orders.db";
    std::string metrics = "observed_orders.prom";
    std::string log; ///< a file; "" for the standard output
    std::uint64_t orders = 20;
    std::uint32_t seconds_between_metrics = 5;
};

/// A shop in which not everything goes well: each third parcel needs a second attempt, each seventh never
/// gets away.
class warehouse_clerk {
public:
    void operator()(ship_order const& command, auto& context) const {
        auto const number = std::stoull(command.order);
        if (number % 7 == 0)
            throw std::runtime_error{"no parcel service goes to \"" + command.order + "\""};
        if (number % 3 == 0 && context.attempt() == 1)
            throw std::runtime_error{"the printer is out of labels"};
    }
    void operator()(auto const& /*command*/, auto& /*context*/) const {}
};

/// Orders as three systems tell of them. Their ids make a second run of this program write nothing twice.
void place_orders(converge::sqlite_store& store, std::uint64_t orders) {
    for (std::uint64_t number = 1; number <= orders; ++number) {
        auto const key = std::to_string(number);
        std::uint64_t events = 0;
        auto const say = [&]<class Module>(Module, auto const& event) {
            auto const id = converge::name_based_id(std::string_view{"observed order"}, number, ++events);
            converge::publish<Module>(store, key, event, id).value();
        };
        say(orders::module{}, orders::order_placed{key});
        if (number % 5 != 0)
            say(payments::module{}, payments::payment_received{key, 4200});
        say(warehouse::module{}, warehouse::item_picked{key, 1});
        if (number % 4 == 0)
            say(orders::module{}, orders::order_cancelled{key});
    }
}

/// Writes the metrics every few seconds, and in the end.
class metrics_file {
public:
    metrics_file(observed_orders::metrics const& from, settings const& chosen)
        : from_{&from}, path_{chosen.metrics}, thread_{[this, chosen](std::stop_token const& stop) {
              std::mutex mutex;
              std::unique_lock lock{mutex};
              std::condition_variable_any woken;
              do
                  try {
                      observed_orders::replace_file(path_, from_->text());
                  } catch (std::exception const& failed) {
                      std::fprintf(stderr, "%s\n", failed.what()); // the work goes on, and so do the attempts
                  }
              while (!woken.wait_for(lock, stop, std::chrono::seconds{chosen.seconds_between_metrics}, [] {
                  return false;
              }) && !stop.stop_requested());
          }} {}
    ~metrics_file() {
        thread_.request_stop();
        thread_.join();
    }
    metrics_file(metrics_file const&) = delete;
    metrics_file& operator=(metrics_file const&) = delete;

private:
    observed_orders::metrics const* from_;
    std::filesystem::path path_;
    std::jthread thread_; // starts last
};

int work(settings const& chosen) {
    converge::runner_options options{.command_attempts = 3};
    std::ofstream file;
    if (!chosen.log.empty()) {
        file.open(chosen.log, std::ios::app);
        if (!file)
            throw std::runtime_error{"cannot write " + chosen.log};
    }
    converge::sqlite_store store{chosen.store};
    place_orders(store, chosen.orders);
    observed_orders::metrics counted{options.now};
    observed_orders::json_lines log{chosen.log.empty() ? std::cout : file, options.now};
    {
        metrics_file const exported{counted, chosen};
        auto runner = converge::make_runner<order_process>(
            store, warehouse_clerk{}, options, converge::json_codec{},
            converge::observers{std::ref(counted), std::ref(log)});
        runner.catch_up();
    }
    observed_orders::replace_file(chosen.metrics, counted.text());
    return 0;
}

} // namespace

int main(int count, char** words) {
    settings chosen;
    CLI::App program{"Runs orders and tells what happens: metrics for Prometheus, a log in JSON lines"};
    program.add_option("--store", chosen.store, "SQLite database")->capture_default_str();
    program.add_option("--metrics", chosen.metrics, "file for node_exporter's textfile collector")
        ->capture_default_str();
    program.add_option("--log", chosen.log, "file for the log; the standard output if it is not given");
    program.add_option("--orders", chosen.orders, "how many orders there are")->capture_default_str();
    program.add_option("--metrics-every", chosen.seconds_between_metrics, "seconds")->capture_default_str();
    CLI11_PARSE(program, count, words);
    try {
        return work(chosen);
    } catch (std::exception const& failed) {
        std::fprintf(stderr, "observed_orders: %s\n", failed.what());
        return 1;
    }
}
