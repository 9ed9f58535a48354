// SPDX-License-Identifier: MIT
#include "light.hpp"

int press(converge::sqlite_store& store) {
    return converge::publish<house>(store, "kitchen", pressed{"kitchen"}).has_value() ? 0 : 1;
}
