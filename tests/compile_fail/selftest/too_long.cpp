// SPDX-License-Identifier: MIT
// expect: open
// Each candidate is a note of three lines.
template <int> struct door {};
void open(door<1>);
void open(door<2>);
void open(door<3>);
void open(door<4>);
void open(door<5>);
void open(door<6>);
void open(door<7>);
void open(door<8>);
int main() {
#ifndef REPAIRED
    open(1);
#endif
}
