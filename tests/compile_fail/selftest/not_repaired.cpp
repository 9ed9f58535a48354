// SPDX-License-Identifier: MIT
// expect: a text
static_assert(false, "a text");
int main() {}
