// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <examples/traffic_fines/events.hpp>
#include <optional>
#include <string>
#include <string_view>

/// The events of the traffic fines as JSON, as a careful hand would write and read them: members in their
/// order, no spaces, text that needs no escape. It refuses everything else.
namespace hand_written {

namespace fines = traffic_fines;

inline bool is_plain(std::string_view text) {
    for (auto const each : text)
        if (each < 0x20 || each == '"' || each == '\\' || each == 0x7f)
            return false;
    return true;
}

inline bool write_text(std::string& out, std::string_view text) {
    out += '"';
    out += text;
    out += '"';
    return is_plain(text);
}
inline void write_integer(std::string& out, std::int64_t number) {
    std::array<char, 24> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// Reads from the beginning of a text, and takes off what it has read.
class reader {
public:
    explicit reader(std::string_view text) : rest_{text} {}

    reader& literal(std::string_view wanted) {
        good_ = good_ && rest_.starts_with(wanted);
        if (good_)
            rest_.remove_prefix(wanted.size());
        return *this;
    }
    reader& text(std::string& into) {
        literal("\"");
        auto const end = rest_.find('"');
        good_ = good_ && end != std::string_view::npos && is_plain(rest_.substr(0, end));
        if (good_) {
            into = rest_.substr(0, end);
            rest_.remove_prefix(end + 1);
        }
        return *this;
    }
    reader& integer(std::int64_t& into) {
        auto const [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), into);
        good_ = good_ && error == std::errc{};
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        return *this;
    }
    bool done() const { return good_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool good_ = true;
};

// The fine, and at most two members more.

template <class Event> bool encode(Event const& event, std::string& out) {
    out += R"({"fine":)";
    bool good = write_text(out, event.fine);
    if constexpr (requires { event.amount; }) {
        out += R"(,"amount":)";
        write_integer(out, event.amount);
    }
    if constexpr (requires { event.expense; }) {
        out += R"(,"expense":)";
        write_integer(out, event.expense);
    }
    if constexpr (requires { event.cents; }) {
        out += R"(,"cents":)";
        write_integer(out, event.cents);
    }
    if constexpr (requires { event.dismissal; }) {
        out += R"(,"dismissal":)";
        good = write_text(out, event.dismissal) && good;
    }
    out += '}';
    return good;
}

template <class Event> std::optional<Event> decode(std::string_view text) {
    Event made;
    reader from{text};
    from.literal(R"({"fine":)").text(made.fine);
    if constexpr (requires { made.amount; })
        from.literal(R"(,"amount":)").integer(made.amount);
    if constexpr (requires { made.expense; })
        from.literal(R"(,"expense":)").integer(made.expense);
    if constexpr (requires { made.cents; })
        from.literal(R"(,"cents":)").integer(made.cents);
    if constexpr (requires { made.dismissal; })
        from.literal(R"(,"dismissal":)").text(made.dismissal);
    from.literal("}");
    return from.done() ? std::optional{std::move(made)} : std::nullopt;
}

} // namespace hand_written
