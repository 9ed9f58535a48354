// SPDX-License-Identifier: MIT
#pragma once

#include <examples/traffic_fines/log/byte_source.hpp>
#include <examples/traffic_fines/log/csv_reader.hpp>
#include <examples/traffic_fines/log/xes_reader.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace traffic_fines {

/// Reads a log, CSV or XES (told by its first character), plain or gzip. Calls `on_row(row, number)` for each
/// event in the order of the file and `on_progress(fraction)` now and then. Stops at the first thing that is
/// wrong with a `log_error`; the rows before it were delivered.
template <class OnRow, class OnProgress>
void read_log(std::filesystem::path const& path, OnRow&& on_row, OnProgress&& on_progress) {
    byte_source source{path};
    auto piece = source.read();
    if (piece.empty())
        throw log_error{source.name(), 0, "the log is empty"};
    if (piece.front() == '<' || piece.starts_with("\xEF\xBB\xBF<")) {
        std::string text;
        for (; !piece.empty(); piece = source.read())
            text += piece;
        return read_xes(source.name(), text, on_row);
    }
    csv_reader reader{source.name()};
    for (; !piece.empty(); piece = source.read()) {
        reader.feed(piece, on_row);
        on_progress(source.progress());
    }
    reader.finish(on_row);
}

} // namespace traffic_fines
