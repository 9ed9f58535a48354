// SPDX-License-Identifier: MIT
#include <cstdio>
#include <dispatch/generator/contenders.hpp>
#include <dispatch/generator/declarations.hpp>
#include <dispatch/generator/machines.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

void write(std::filesystem::path const& path, std::string const& text) {
    std::ofstream file{path};
    if (!(file << "// SPDX-License-Identifier: MIT\n#pragma once\n" << text << std::flush))
        throw std::runtime_error{path.string() + ": cannot be written"};
}

} // namespace

// generator FOLDER: writes the workloads of the dispatch benchmark as C++, one header a contender.
int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: generator FOLDER\n", stderr);
        return 2;
    }
    try {
        std::filesystem::path const folder = arguments[1];
        std::filesystem::create_directories(folder);
        for (auto const& each : generator::all_workloads()) {
            write(folder / (each.name + ".hpp"), generator::declaration(each));
            write(folder / (each.name + "_process.hpp"), generator::process(each));
            write(folder / (each.name + "_switch.hpp"), generator::nested_switch(each));
            // Boost.MSM does not get to the end of a table of 1,000 rows.
            if (each.rows.size() <= 150)
                write(folder / (each.name + "_msm.hpp"), generator::boost_msm(each));
            write(folder / (each.name + "_statechart.hpp"), generator::boost_statechart(each));
        }
    } catch (std::exception const& error) {
        std::fprintf(stderr, "generator: %s\n", error.what());
        return 1;
    }
}
