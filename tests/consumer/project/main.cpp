// SPDX-License-Identifier: MIT
#include "light.hpp"

#include <filesystem>

int main() {
    std::filesystem::remove("lamps.db");
    converge::sqlite_store store{"lamps.db"};
    int switched = 0;
    press(store);
    auto runner = converge::make_runner<lamp_process>(store, [&](switch_on const&) { ++switched; });
    runner.catch_up();
    return switched == 1 ? 0 : 1;
}
