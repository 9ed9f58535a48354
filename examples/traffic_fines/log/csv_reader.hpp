// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <examples/traffic_fines/log/byte_source.hpp>
#include <examples/traffic_fines/log/row_builder.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace traffic_fines {

/// Splits RFC 4180 text, given in pieces, into records. Debian has no C++ library that streams and keeps line
/// numbers, so this is ours.
class csv_splitter {
public:
    /// `file` is named in errors.
    explicit csv_splitter(std::string file) : file_{std::move(file)} {}

    /// Calls `take(fields, line)` for each record that ends in this piece; `line` is where the record begins.
    template <class Take> void feed(std::string_view piece, Take&& take) {
        for (auto const each : piece)
            step(each, take);
    }

    /// The text is over: the last record may lack its line end.
    template <class Take> void finish(Take&& take) {
        if (state_ == state::quoted)
            throw log_error{file_, line_, "the quote that begins here is never closed"};
        if (!fields_.empty() || !field_.empty())
            end_record(take);
    }

private:
    static constexpr std::size_t longest = std::size_t{1}
                                           << 20U; // a file that has no lines must not fill the memory

    enum class state { plain, quoted, quote_in_quoted };

    template <class Take> void step(char each, Take&& take) {
        if (++size_ > longest)
            throw log_error{
                file_, line_,
                "the row that begins here is longer than " + std::to_string(longest) + " bytes"};
        if (state_ == state::quoted) {
            if (each == '"')
                state_ = state::quote_in_quoted;
            else
                field_ += each;
            if (each == '\n')
                ++lines_;
            return;
        }
        if (each == '"' && state_ == state::quote_in_quoted) {
            field_ += '"';
            state_ = state::quoted;
        } else if (each == '"' && field_.empty()) {
            state_ = state::quoted;
        } else if (each == ',') {
            fields_.push_back(std::exchange(field_, {}));
            state_ = state::plain;
        } else if (each == '\n') {
            if (!field_.empty() && field_.back() == '\r')
                field_.pop_back();
            end_record(take);
        } else {
            if (state_ == state::quote_in_quoted && each != '\r')
                throw log_error{file_, line_, "something follows a closing quote"};
            field_ += each;
        }
    }

    template <class Take> void end_record(Take&& take) {
        state_ = state::plain;
        auto const begin = line_;
        line_ = ++lines_;
        size_ = 0;
        if (fields_.empty() && field_.empty())
            return; // an empty line
        fields_.push_back(std::exchange(field_, {}));
        take(std::as_const(fields_), begin);
        fields_.clear();
    }

    std::string file_;
    state state_ = state::plain;
    std::vector<std::string> fields_;
    std::string field_;
    std::size_t line_ = 1;
    std::size_t lines_ = 1;
    std::size_t size_ = 0; // of the record so far
};

/// Reads rows from CSV text with a header, given in pieces. Columns may stand in any order; those it does not
/// know are passed over.
class csv_reader {
public:
    explicit csv_reader(std::string const& file)
        : file_{file}, splitter_{file}, builder_{file, payment_unit::digits} {}

    template <class OnRow> void feed(std::string_view piece, OnRow&& on_row) {
        splitter_.feed(piece, [&](auto const& fields, std::size_t line) { take(fields, line, on_row); });
    }

    template <class OnRow> void finish(OnRow&& on_row) {
        splitter_.finish([&](auto const& fields, std::size_t line) { take(fields, line, on_row); });
        if (columns_ == 0)
            throw log_error{file_, 0, "the log is empty"};
    }

private:
    static constexpr std::array<std::string_view, 8> names{
        "case_id", "activity",      "timestamp",          "amount",
        "expense", "paymentamount", "totalpaymentamount", "dismissal"};

    template <class OnRow>
    void take(std::vector<std::string> const& fields, std::size_t line, OnRow&& on_row) {
        if (columns_ == 0)
            return read_header(fields, line);
        if (fields.size() != columns_)
            throw log_error{
                file_, line,
                "the row has " + std::to_string(fields.size()) + " fields, the header has " +
                    std::to_string(columns_)};
        auto const field = [&](std::size_t name) { return fields[place_[name]]; };
        on_row(
            builder_.build(
                {field(0), field(1), field(2), field(3), field(4), field(5), field(6), field(7)}, line),
            line);
    }

    void read_header(std::vector<std::string> const& fields, std::size_t line) {
        std::string missing;
        for (std::size_t name = 0; name < names.size(); ++name) {
            std::size_t at = 0;
            auto const is_named = [&](std::string_view field) {
                if (field.starts_with("\xEF\xBB\xBF"))
                    field.remove_prefix(3); // byte order mark
                return field == names[name];
            };
            while (at < fields.size() && !is_named(fields[at]))
                ++at;
            if (at == fields.size())
                missing += (missing.empty() ? "'" : ", '") + std::string{names[name]} + "'";
            place_[name] = at;
        }
        if (!missing.empty())
            throw log_error{file_, line, "the header lacks: " + missing};
        columns_ = fields.size();
    }

    std::string file_;
    csv_splitter splitter_;
    row_builder builder_;
    std::array<std::size_t, names.size()> place_{};
    std::size_t columns_ = 0;
};

} // namespace traffic_fines
