// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace converge {

/// Rows of text in aligned columns, the first row as the heading. Complexity: linear in the size of the text.
inline std::string text_table(std::vector<std::vector<std::string>> const& rows) {
    std::vector<std::size_t> widths;
    for (auto const& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t at = 0; at < row.size(); ++at)
            widths[at] = std::max(widths[at], row[at].size());
    }
    std::string text;
    auto const rule = [&] {
        for (std::size_t at = 0; at < widths.size(); ++at)
            text += (at == 0 ? "|-" : "-|-") + std::string(widths[at], '-');
        text += "-|\n";
    };
    for (std::size_t number = 0; number < rows.size(); ++number) {
        for (std::size_t at = 0; at < widths.size(); ++at) {
            auto const cell = at < rows[number].size() ? rows[number][at] : std::string{};
            text += (at == 0 ? "| " : " | ") + cell + std::string(widths[at] - cell.size(), ' ');
        }
        text += " |\n";
        if (number == 0)
            rule();
    }
    return text;
}

} // namespace converge
