// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/event.hpp>
#include <converge/store/record.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <source_location>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace converge {

/// What an append expects of its stream: anything, that it is empty, or that it has exactly n events.
class expected_version {
public:
    /// The stream may have any version: no check.
    static constexpr expected_version any() noexcept { return expected_version{unchecked}; }
    /// The stream must have no event yet.
    static constexpr expected_version none() noexcept { return expected_version{0}; }
    /// The stream must hold exactly `version` events.
    static constexpr expected_version exactly(stream_version version) noexcept {
        return expected_version{version};
    }

    /// Whether a stream that holds `actual` events is as expected.
    constexpr bool admits(stream_version actual) const noexcept {
        return value_ == unchecked || value_ == actual;
    }

    /// How many events the stream must hold; nothing when any number will do. For stores that check
    /// elsewhere.
    constexpr std::optional<stream_version> required() const noexcept {
        return value_ == unchecked ? std::nullopt : std::optional{value_};
    }

    constexpr bool operator==(expected_version const&) const = default;

private:
    static constexpr stream_version unchecked = ~stream_version{0};
    explicit constexpr expected_version(stream_version value) noexcept : value_{value} {}
    stream_version value_;
};

/// One conditional append to one stream of one module. The views must outlive the call.
struct append_request {
    std::string_view module;           ///< 1 to 255 bytes of UTF-8 without NUL
    std::string_view stream;           ///< 1 to 1,024 bytes of UTF-8 without NUL
    expected_version expected;         ///< checked after the ids: a repeat is a no-op whatever the version
    std::span<new_event const> events; ///< at least one; they take consecutive versions
};

/// What an append did.
struct appended {
    position first{};         ///< position of the first event of the request
    position last{};          ///< position of the last event of the request
    stream_version version{}; ///< version of the stream's event that is last in the request
    bool repeated = false;    ///< true: the ids were there already, nothing was written
};

/// An append was refused because its stream holds another number of events than expected. Nothing was
/// written.
struct wrong_version {
    std::size_t request{};   ///< which request of the batch (0 for a single append)
    stream_version actual{}; ///< how many events the stream holds
};

/// `position 7, version 3`, or `positions 7 to 9, version 3`. With it and the next one an `append_result` can
/// be checked as it is by test frameworks, which print what they check.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, appended const& done) {
    if (done.first == done.last)
        out << "position " << done.last;
    else
        out << "positions " << done.first << " to " << done.last;
    return out << ", version " << done.version << (done.repeated ? ", repeated" : "");
}

/// `request 0: the stream holds 4 events, another number was expected`.
template <class Traits>
std::basic_ostream<char, Traits>&
operator<<(std::basic_ostream<char, Traits>& out, wrong_version const& refused) {
    return out << "request " << refused.request << ": the stream holds " << refused.actual
               << " events, another number was expected";
}

/// Thrown by `append_result::value()` when the append was refused.
class wrong_version_error : public std::runtime_error {
public:
    explicit wrong_version_error(wrong_version const& refused)
        : std::runtime_error{
              "request " + std::to_string(refused.request) + ": the stream holds " +
              std::to_string(refused.actual) + " events, another number was expected"},
          refused_{refused} {}
    wrong_version refused() const noexcept { return refused_; }

private:
    wrong_version refused_;
};

/// Found by Boost.System when `value()` is asked of a refused append.
[[noreturn]] inline void
throw_exception_from_error(wrong_version const& refused, boost::source_location const& /*where*/) {
    throw wrong_version_error{refused};
}

/// A wrong version is a value, not an exception: `has_value()`, `value()`, `error()`.
using append_result = boost::system::result<appended, wrong_version>;

/// The last position of `module` that `reader` has handled.
struct cursor {
    std::string_view reader; ///< 1 to 255 bytes of UTF-8 without NUL
    std::string_view module;
    converge::position position{};
};

/// Several appends and cursors that are written together or not at all, and only if every fence holds.
struct batch {
    std::span<append_request const> appends;
    std::span<cursor const> cursors;
    std::span<fence const> fences{}; ///< only for a `fenced_log`; others refuse them
};

/// One entry for each request, in order; or the first request whose version was wrong (then nothing was
/// written).
using batch_result = boost::system::result<std::vector<appended>, wrong_version>;

} // namespace converge
