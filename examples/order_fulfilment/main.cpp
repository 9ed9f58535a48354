// SPDX-License-Identifier: MIT
#include <converge/describe/mermaid.hpp>
#include <converge/describe/permutations.hpp>
#include <converge/store/memory.hpp>

#include <examples/order_fulfilment/process.hpp>
#include <iostream>

int main() {
    using namespace order_fulfilment;

    std::cout << "Three events from three systems, in every order:\n\n"
              << converge::permutation_table<order_process>(
                     payments::payment_received{"42", 4200}, payments::payment_timed_out{"42"},
                     orders::order_cancelled{"42"})
              << "\nThe process as a Mermaid diagram:\n\n"
              << converge::mermaid<order_process>() << '\n';

    converge::memory_store store;
    auto const print = [](char const* what, std::string const& order) {
        std::cout << "  " << what << ' ' << order << '\n';
    };
    auto runner = converge::make_runner<order_process>(
        store,
        converge::handlers{
            [&](pick_item const& command) { print("pick item for", command.order); },
            [&](put_item_back const& command) { print("put back item of", command.order); },
            [&](ship_order const& command) { print("ship", command.order); },
            [&](recall_order const& command) { print("recall", command.order); },
            [&](refund_payment const& command) {
                print(("refund " + std::to_string(command.cents) + " cents of").c_str(), command.order);
            },
            [&](reclaim_refund const& command) { print("reclaim refund of", command.order); }});

    std::cout << "Order 42 is paid; coffee is spilled over the first item; it is cancelled at last:\n";
    auto const say = [&](auto module, auto const& event) {
        (void)converge::publish<decltype(module)>(store, event.order, event);
        runner.catch_up();
    };
    say(orders::module{}, orders::order_placed{"42"});
    say(payments::module{}, payments::payment_received{"42", 4200});
    say(warehouse::module{},
        warehouse::coffee_spilled{"42", 1}); // overtakes the message that the item was picked
    say(warehouse::module{}, warehouse::item_picked{"42", 1});
    say(warehouse::module{}, warehouse::item_picked{"42", 2});
    say(orders::module{}, orders::order_cancelled{"42"});
}
