// SPDX-License-Identifier: MIT
#include <algorithm>
#include <examples/traffic_fines/log/csv_reader.hpp>
#include <fuzz/expect.hpp>
#include <string>
#include <vector>

namespace {

struct reading {
    std::vector<traffic_fines::log_row> rows;
    std::string error;
    bool operator==(reading const&) const = default;
};

reading read_in_pieces(std::string_view text, std::size_t piece) {
    reading made;
    auto const keep = [&](traffic_fines::log_row const& row, std::size_t) { made.rows.push_back(row); };
    try {
        traffic_fines::csv_reader reader{"log"};
        while (!text.empty()) {
            reader.feed(text.substr(0, piece), keep);
            text.remove_prefix(std::min(piece, text.size()));
        }
        reader.finish(keep);
    } catch (traffic_fines::log_error const& error) {
        made.error = error.what();
    }
    return made;
}

} // namespace

// A log is read the same however its bytes arrive, and every error names the file.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = text_of(data, size);
    auto const whole = read_in_pieces(text, std::max<std::size_t>(size, 1));
    expect(whole == read_in_pieces(text, 1 + size % 13), "pieces make no difference");
    expect(whole.error.empty() || whole.error.starts_with("log:"), "an error names the file");
    return 0;
}
