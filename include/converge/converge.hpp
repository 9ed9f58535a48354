// SPDX-License-Identifier: MIT
#pragma once

/// Declaration, verification, dispatch and running of process managers. No database header: include the store
/// you use beside it,
/// `<converge/store/sqlite.hpp>` or `<converge/store/memory.hpp>`. To declare and verify alone,
/// `<converge/verify/verified.hpp>` is cheaper.

#include <converge/declare/condition.hpp>
#include <converge/declare/data.hpp>
#include <converge/declare/effect.hpp>
#include <converge/declare/environment.hpp>
#include <converge/declare/event.hpp>
#include <converge/declare/evolution.hpp>
#include <converge/declare/machine.hpp>
#include <converge/declare/module.hpp>
#include <converge/declare/process.hpp>
#include <converge/dispatch/step.hpp>
#include <converge/run/idempotent_receiver.hpp>
#include <converge/run/instances.hpp>
#include <converge/run/migrate.hpp>
#include <converge/run/publish.hpp>
#include <converge/run/runner.hpp>
#include <converge/run/store_names.hpp>
#include <converge/run/worker.hpp>
#include <converge/verify/evolution.hpp>
#include <converge/verify/verified.hpp>
