// SPDX-License-Identifier: MIT
// errors: 2
// expect: a text
// expect: a second text
#ifndef REPAIRED
static_assert(false, "a text");
static_assert(false, "a second text");
#endif
int main() {}
