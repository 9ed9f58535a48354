// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <examples/traffic_fines/log/row.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <zlib.h>

namespace traffic_fines {

/// Writes rows as the CSV that `csv_reader` reads, with the decimal points that format has; gzip where the
/// file's name ends in ".gz".
class csv_writer {
public:
    explicit csv_writer(std::filesystem::path const& path) : name_{path.string()} {
        errno = 0;
        file_.reset(gzopen(path.c_str(), path.extension() == ".gz" ? "wb" : "wbT"));
        if (!file_)
            throw log_error{name_, 0, std::string{"cannot be written: "} + std::strerror(errno)};
        put("case_id,activity,timestamp,amount,dismissal,expense,paymentamount,totalpaymentamount\n");
    }

    void write(log_row const& row) {
        std::chrono::year_month_day const date{row.day};
        auto const two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
        std::string line = row.case_id;
        line.append(",").append(text_of(row.what)).append(",");
        line += std::to_string(static_cast<int>(date.year())) + "-" +
                two(static_cast<unsigned>(date.month())) + "-" + two(static_cast<unsigned>(date.day())) +
                "T00:00:00,";
        bool const has_amount = row.what == activity::create_fine || row.what == activity::add_penalty;
        line += has_amount ? euros(row.amount) : "";
        line += "," + (row.dismissal.empty() ? std::string{"NIL"} : row.dismissal) + ",";
        line += row.what == activity::send_fine ? euros(row.expense) : "";
        line +=
            row.what == activity::payment ? "," + digits(row.payment) + "," + euros(row.total_payment) : ",,";
        put(line + "\n");
    }

    /// Writes what is buffered. Throws `log_error` when the disk is full.
    void close() {
        if (gzclose(file_.release()) != Z_OK)
            throw log_error{name_, 0, "cannot be written to its end"};
    }

private:
    static std::string euros(std::int64_t cents) {
        auto text = std::to_string(cents / 100) + "." + std::to_string(cents % 100 / 10);
        return cents % 10 == 0 ? text : text + std::to_string(cents % 10);
    }
    static std::string digits(std::int64_t cents) {
        return std::to_string(cents % 10 == 0 ? cents / 10 : cents) + ".0";
    }
    void put(std::string_view text) {
        if (gzwrite(file_.get(), text.data(), static_cast<unsigned>(text.size())) !=
            static_cast<int>(text.size()))
            throw log_error{name_, 0, "cannot be written: is the disk full?"};
    }

    struct close_file {
        void operator()(gzFile_s* file) const noexcept { gzclose(file); }
    };
    std::string name_;
    std::unique_ptr<gzFile_s, close_file> file_;
};

} // namespace traffic_fines
