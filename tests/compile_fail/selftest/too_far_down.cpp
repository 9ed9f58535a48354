// SPDX-License-Identifier: MIT
// expect: a text
// A warning comes first.
#ifndef REPAIRED
#warning that
#warning goes
#warning before
static_assert(false, "a text");
#endif
int main() {}
