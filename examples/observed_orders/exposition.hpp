// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// The text format of Prometheus, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
namespace observed_orders {

/// The labels of a sample, in the order in which they are written.
using labels = std::vector<std::pair<std::string, std::string>>;

/// A label's value as it stands between the quotes.
inline std::string escaped_label(std::string_view value) {
    std::string text;
    for (char const each : value)
        if (each == '\\' || each == '"')
            text += {'\\', each};
        else if (each == '\n')
            text += "\\n";
        else
            text += each;
    return text;
}

/// A help text as it stands behind the name.
inline std::string escaped_help(std::string_view text) {
    std::string made;
    for (char const each : text)
        if (each == '\\')
            made += "\\\\";
        else if (each == '\n')
            made += "\\n";
        else
            made += each;
    return made;
}

inline std::string number_text(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value < 0 ? "-Inf" : "+Inf";
    std::array<char, 32> digits{};
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    return {digits.data(), end.ptr};
}

inline void
add_sample(std::string& out, std::string_view name, labels const& marks, std::string const& value) {
    out += name;
    for (std::size_t at = 0; at < marks.size(); ++at)
        out += (at == 0 ? "{" : ",") + marks[at].first + "=\"" + escaped_label(marks[at].second) + "\"";
    out += (marks.empty() ? " " : "} ") + value + "\n";
}

inline void add_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
    out += "# HELP " + std::string{name} + " " + escaped_help(help) + "\n";
    out += "# TYPE " + std::string{name} + " " + std::string{type} + "\n";
}

/// Numbers of one name that only grow, one for each set of labels.
class counter {
public:
    counter(std::string name, std::string help) : name_{std::move(name)}, help_{std::move(help)} {}

    void add(labels const& marks, std::uint64_t number = 1) { values_[marks] += number; }
    void write(std::string& out) const {
        add_head(out, name_, help_, "counter");
        for (auto const& [marks, value] : values_)
            add_sample(out, name_, marks, std::to_string(value));
    }

private:
    std::string name_;
    std::string help_;
    std::map<labels, std::uint64_t> values_;
};

/// Numbers of one name that go up and down.
class gauge {
public:
    gauge(std::string name, std::string help) : name_{std::move(name)}, help_{std::move(help)} {}

    void set(labels const& marks, double value) { values_[marks] = value; }
    void write(std::string& out) const {
        add_head(out, name_, help_, "gauge");
        for (auto const& [marks, value] : values_)
            add_sample(out, name_, marks, number_text(value));
    }

private:
    std::string name_;
    std::string help_;
    std::map<labels, double> values_;
};

/// How often a measured number of seconds was at most so much.
class histogram {
public:
    static constexpr std::array bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                       0.1,   0.25,   0.5,   1.0,  2.5,   10.0};

    histogram(std::string name, std::string help) : name_{std::move(name)}, help_{std::move(help)} {}

    void observe(labels const& marks, double value) {
        auto& mine = values_[marks];
        for (std::size_t at = 0; at < bounds.size(); ++at)
            mine.at_most[at] += value <= bounds[at] ? 1U : 0U;
        ++mine.count;
        mine.sum += value;
    }
    void write(std::string& out) const {
        add_head(out, name_, help_, "histogram");
        for (auto const& [marks, value] : values_) {
            auto bucket = marks;
            bucket.emplace_back("le", "");
            for (std::size_t at = 0; at < bounds.size(); ++at) {
                bucket.back().second = number_text(bounds[at]);
                add_sample(out, name_ + "_bucket", bucket, std::to_string(value.at_most[at]));
            }
            bucket.back().second = "+Inf";
            add_sample(out, name_ + "_bucket", bucket, std::to_string(value.count));
            add_sample(out, name_ + "_sum", marks, number_text(value.sum));
            add_sample(out, name_ + "_count", marks, std::to_string(value.count));
        }
    }

private:
    struct series {
        std::array<std::uint64_t, bounds.size()> at_most{};
        std::uint64_t count = 0;
        double sum = 0;
    };
    std::string name_;
    std::string help_;
    std::map<labels, series> values_;
};

/// Writes a file so that who reads it finds the old text or the new one, never a part: node_exporter's
/// textfile collector reads whenever it likes. Throws `std::runtime_error` with the file and the reason; then
/// the old text is still there.
inline void replace_file(std::filesystem::path const& path, std::string_view text) {
    auto fresh = path;
    fresh += ".new";
    std::ofstream file{fresh, std::ios::binary};
    file << text;
    file.close();
    if (!file)
        throw std::runtime_error{"cannot write " + fresh.string()};
    std::error_code failed;
    std::filesystem::rename(fresh, path, failed);
    if (failed)
        throw std::runtime_error{"cannot replace " + path.string() + ": " + failed.message()};
}

} // namespace observed_orders
