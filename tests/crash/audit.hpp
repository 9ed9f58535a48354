// SPDX-License-Identifier: MIT
#pragma once

#include <crash/order.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace crash {

/// What a look at the logs and the ledger finds when everything is done.
struct audit_result {
    std::uint64_t orders = 0;
    std::uint64_t events = 0; ///< of the process
    std::uint64_t steps = 0;
    std::uint64_t effects = 0;   ///< commands that the steps ask for
    std::uint64_t deadlines = 0; ///< that were begun
    std::uint64_t fired = 0;     ///< of these; the others were cancelled by a payment or a cancellation
    std::vector<std::string> wrong;

    std::string text() const {
        std::string all;
        for (std::size_t at = 0; at < wrong.size() && at < 10; ++at)
            all += "\n  " + wrong[at];
        if (wrong.size() > 10)
            all += "\n  and " + std::to_string(wrong.size() - 10) + " more";
        return all;
    }
};

/// Compares the logs of a store and a ledger with each other, and with what the events of each order ask for.
template <class Store, class Ledger> class audit {
public:
    static audit_result of(Store& store, Ledger& ledger) {
        audit made{store, ledger};
        made.read_events();
        made.read_steps();
        made.compare_bookings("bookings", made.read_bookings(store, crash::bookings::module_name));
        made.compare_bookings("ledger", made.read_bookings(ledger, crash::ledger::module_name));
        made.compare_deadlines();
        made.compare_orders();
        made.result_.orders = made.orders_.size();
        return made.result_;
    }

private:
    struct order_story {
        bool placed = false;
        bool cancelled = false;
        std::int64_t paid = 0;
        std::vector<converge::event_id> timed_out;
        std::set<converge::event_id> deadlines;
        std::map<std::string, std::int64_t> times; // by command, in the ledger
        std::map<std::string, std::int64_t> cents;
    };
    using command = std::tuple<std::string, std::string>; // order, what
    using booking_counts = std::map<converge::event_id, std::uint64_t>;

    audit(Store& store, Ledger& ledger) : store_{&store}, ledger_{&ledger} {}

    void complain(std::string const& what) { result_.wrong.push_back(what); }

    template <class Visit> void each_event(auto& store, std::string_view module, Visit visit) {
        store.read(module, 0, ~std::size_t{0}, module, visit);
    }
    template <class Event> static Event decoded(converge::event_view const& event) {
        return converge::json_codec{}.template decode<Event>(event.payload).value();
    }

    void read_events() {
        auto const one = [&](converge::event_view const& event) {
            auto& order = orders_[std::string{event.stream}];
            if (event.name == converge::wire_name_of<order_placed>)
                order.placed = true;
            else if (event.name == converge::wire_name_of<order_cancelled>)
                order.cancelled = true;
            else if (event.name == converge::wire_name_of<payment_received>)
                order.paid += decoded<payment_received>(event).cents;
            else
                order.timed_out.push_back(event.id);
            ++result_.events;
        };
        auto const of_the_process = [&](converge::event_view const& event) {
            if (!event.name.starts_with(converge::reserved_prefix))
                one(event);
        };
        each_event(*store_, orders::module_name, of_the_process);
        each_event(*store_, payments::module_name, of_the_process);
    }

    void read_steps() {
        constexpr auto home = converge::home_of<order_process>::module_name;
        each_event(*store_, home, [&](converge::event_view const& event) {
            if (event.name == converge::parked_event_name)
                complain("parked: " + std::string{event.payload});
            if (event.name != converge::step_event_name)
                return;
            ++result_.steps;
            auto const key = std::string{event.stream.substr(event.stream.rfind('/') + 1)};
            for (auto const& each : converge::detail::decode_commands(event.payload).value().commands)
                if (!asked_.emplace(each.id, command{key, each.name}).second)
                    complain("order " + key + ": two steps ask for the same " + each.name);
            auto const state = converge::detail::decode_step<order_process>(event.payload).value();
            for (auto const& each : state.deadlines)
                orders_[key].deadlines.insert(each.id);
        });
        result_.effects = asked_.size();
    }

    booking_counts read_bookings(auto& store, std::string_view module) {
        booking_counts found;
        for (auto& [key, order] : orders_)
            order.times.clear(), order.cents.clear();
        each_event(store, module, [&](converge::event_view const& event) {
            auto const entry = decoded<booked>(event);
            auto const asked = asked_.find(entry.command);
            if (asked == asked_.end() || asked->second != command{entry.order, entry.what})
                complain(
                    std::string{module} + ": order " + entry.order + " has a " + entry.what +
                    " that no step asks for");
            ++found[entry.command];
            ++orders_[entry.order].times[entry.what];
            orders_[entry.order].cents[entry.what] += entry.cents;
        });
        return found;
    }

    void compare_bookings(std::string const& where, booking_counts const& found) {
        for (auto const& [id, what] : asked_) {
            auto const times = found.contains(id) ? found.at(id) : 0;
            if (times != 1)
                complain(
                    where + ": order " + std::get<0>(what) + " has " + std::get<1>(what) + " " +
                    std::to_string(times) + " times, not once");
        }
    }

    void compare_deadlines() {
        for (auto const& [key, order] : orders_) {
            result_.deadlines += order.deadlines.size();
            result_.fired += order.timed_out.size();
            // An order waits for its payment once, so that it has one deadline at most.
            if (order.deadlines.size() > 1)
                complain("order " + key + " began to wait more than once");
            if (order.timed_out.size() > 1)
                complain("order " + key + " timed out " + std::to_string(order.timed_out.size()) + " times");
            for (auto const& id : order.timed_out)
                if (!order.deadlines.contains(id))
                    complain("order " + key + " timed out without a deadline");
            if (order.placed && !order.cancelled && order.paid == 0 && order.timed_out.empty())
                complain("order " + key + " was never paid, and did not time out");
        }
        for (auto const& [key, state] : converge::read_instances<order_process>(*store_))
            if (!state.deadlines.empty())
                complain("order " + key + " still has a deadline");
    }

    // The ledger was read last.
    void compare_orders() {
        for (auto& [key, order] : orders_) {
            auto const expect = [&, name = key](std::string const& what, std::int64_t is, std::int64_t due) {
                if (is != due)
                    complain(
                        "order " + name + ": " + what + " " + std::to_string(is) + ", and " +
                        std::to_string(due) + " are due");
            };
            auto const paid = order.paid != 0;
            expect(
                "shipped less recalled", order.times["ship"] - order.times["recall"],
                paid && !order.cancelled);
            expect(
                "reminded less withdrawn", order.times["remind"] - order.times["withdraw_reminder"],
                !paid && !order.timed_out.empty());
            expect(
                "cents refunded", order.cents["refund"] - order.cents["reclaim"],
                order.cancelled ? order.paid : 0);
        }
    }

    Store* store_;
    Ledger* ledger_;
    std::map<std::string, order_story> orders_;
    std::map<converge::event_id, command> asked_;
    audit_result result_;
};

} // namespace crash
