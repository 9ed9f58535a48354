// SPDX-License-Identifier: MIT
// For compilers without libFuzzer: gives each file of the directories to the target once.
#include <filesystem>
#include <fstream>
#include <fuzz/expect.hpp>
#include <iterator>
#include <string>

int main(int count, char** arguments) {
    std::size_t inputs = 0;
    for (int at = 1; at < count; ++at)
        for (auto const& file : std::filesystem::directory_iterator{arguments[at]}) {
            std::ifstream opened{file.path(), std::ios::binary};
            std::string const input{std::istreambuf_iterator<char>{opened}, {}};
            std::fprintf(stderr, "%s\n", file.path().c_str());
            LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(input.data()), input.size());
            ++inputs;
        }
    expect(inputs != 0, "the corpus has inputs");
    std::printf("%zu inputs\n", inputs);
}
