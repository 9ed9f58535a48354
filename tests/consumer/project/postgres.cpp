// SPDX-License-Identifier: MIT
#include <converge/store/postgres.hpp>

bool is_unavailable(char const* connection);

int main() { return is_unavailable("postgresql://nobody@127.0.0.1:1/nowhere") ? 0 : 1; }
