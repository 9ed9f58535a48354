// SPDX-License-Identifier: MIT
#ifndef REPAIRED
static_assert(false, "a text");
#endif
int main() {}
