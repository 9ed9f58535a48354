// SPDX-License-Identifier: MIT
#include <examples/traffic_fines/log/xes_reader.hpp>
#include <fuzz/expect.hpp>
#include <string>

// Any bytes are a log or an error that names the file.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::size_t rows = 0;
    try {
        traffic_fines::read_xes(
            "log", std::string{text_of(data, size)},
            [&](traffic_fines::log_row const& row, std::size_t number) {
                expect(number == ++rows, "rows are numbered");
                expect(!row.case_id.empty(), "a row has a case");
            });
    } catch (traffic_fines::log_error const& error) {
        expect(std::string_view{error.what()}.starts_with("log:"), "an error names the file");
    }
    return 0;
}
