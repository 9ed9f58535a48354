// SPDX-License-Identifier: MIT
// expect: a text
#ifndef REPAIRED
static_assert(false, "a text");
static_assert(false, "a second text");
#endif
int main() {}
