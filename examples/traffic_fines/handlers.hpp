// SPDX-License-Identifier: MIT
#pragma once

#include <examples/traffic_fines/process.hpp>

namespace traffic_fines {

/// What the commands do: an entry in the ledger each, which happens once however often a command is tried.
inline auto ledger_handlers() {
    return converge::handlers{
        [](add_penalty const& command, auto& context) {
            context.template append_once<ledger::module>(
                command.fine, ledger::penalty_added{command.fine, command.amount});
        },
        [](waive_penalty const& command, auto& context) {
            context.template append_once<ledger::module>(command.fine, ledger::penalty_waived{command.fine});
        },
        [](send_to_collection const& command, auto& context) {
            context.template append_once<ledger::module>(
                command.fine, ledger::collection_ordered{command.fine});
        },
        [](recall_from_collection const& command, auto& context) {
            context.template append_once<ledger::module>(
                command.fine, ledger::collection_recalled{command.fine});
        },
        [](refund const& command, auto& context) {
            context.template append_once<ledger::module>(
                command.fine, ledger::money_refunded{command.fine, command.cents});
        },
        [](reclaim_refund const& command, auto& context) {
            context.template append_once<ledger::module>(
                command.fine, ledger::money_reclaimed{command.fine, command.cents});
        }};
}

} // namespace traffic_fines
