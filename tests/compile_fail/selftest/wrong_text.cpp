// SPDX-License-Identifier: MIT
// expect: another text
#ifndef REPAIRED
static_assert(false, "a text");
#endif
int main() {}
