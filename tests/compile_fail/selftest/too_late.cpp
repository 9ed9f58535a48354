// SPDX-License-Identifier: MIT
// expect: in_the_end
// The candidates are named in notes, after the error.
struct in_the_end {};
void open(in_the_end);
void open(in_the_end, in_the_end);
int main() {
#ifndef REPAIRED
    open(1);
#endif
}
