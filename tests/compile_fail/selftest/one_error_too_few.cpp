// SPDX-License-Identifier: MIT
// errors: 2
// expect: a text
#ifndef REPAIRED
static_assert(false, "a text");
#endif
int main() {}
