// SPDX-License-Identifier: MIT
// expect: a text
#ifndef REPAIRED
static_assert(false, "a text");
#endif
int main() {}
