// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <crash/order.hpp>
#include <cstdint>
#include <exception>
#include <stop_token>
#include <string>
#include <thread>

namespace crash {

/// Places orders, pays and cancels them, as other systems would, in a thread and with a store of its own.
/// There are five kinds of orders, by number modulo five: never paid; paid some time after the order, perhaps
/// too late; paid before the order is there; cancelled; paid, cancelled, and paid once more.
class publisher {
public:
    template <class Where>
    publisher(Where, std::string address)
        : thread_{[this, address = std::move(address)](std::stop_token const& stop) {
              try {
                  auto store = Where::home(address);
                  while (!stop.stop_requested())
                      if (done_ < wanted_)
                          place(store, ++done_);
                      else
                          std::this_thread::sleep_for(std::chrono::milliseconds{1});
              } catch (std::exception const& error) {
                  trouble_ = error.what();
                  failed_ = true;
              }
          }} {}

    /// Goes on to so many orders more.
    void place_more(std::uint64_t orders) { wanted_ += orders; }

    /// Waits until all that were wanted are placed. Empty, or what went wrong.
    std::string const& finish() {
        while (!failed_ && done_ < wanted_)
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        thread_.request_stop();
        if (thread_.joinable())
            thread_.join();
        return trouble_;
    }

    std::uint64_t placed() const { return done_; }

private:
    static constexpr std::uint64_t late = 50; // orders until the payment comes

    template <class Store> static void place(Store& store, std::uint64_t number) {
        auto const key = std::to_string(number);
        auto const say = [&]<class Module>(Module, std::string const& order, auto const& event) {
            // The id makes it safe to try again when nobody knows whether it was written.
            auto const id = converge::random_event_id();
            for (int attempt = 1;; ++attempt)
                try {
                    converge::publish<Module>(store, order, event, id).value();
                    return;
                } catch (converge::store_error const& error) {
                    if (attempt == 5 || (error.trouble() != converge::store_trouble::unavailable &&
                                         error.trouble() != converge::store_trouble::busy))
                        throw;
                }
        };
        auto const pay = [&](std::string const& order, std::int64_t cents) {
            say(payments{}, order, payment_received{order, cents});
        };
        auto const kind = number % 5;
        if (kind == 2 || kind == 4)
            pay(key, 1'000);
        say(orders{}, key, order_placed{key});
        if (kind == 3 || kind == 4)
            say(orders{}, key, order_cancelled{key});
        if (kind == 4)
            pay(key, 234);
        if (kind == 1 && number > late)
            pay(std::to_string(number - late), 500);
    }

    std::atomic<std::uint64_t> wanted_{0};
    std::atomic<std::uint64_t> done_{0};
    std::atomic<bool> failed_{false};
    std::string trouble_;
    std::jthread thread_; // starts last
};

} // namespace crash
