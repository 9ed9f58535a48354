// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/append.hpp>
#include <converge/store/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace converge::detail {

/// Tells a conflict with a faster writer from a stream that contradicts itself. After the former the next
/// attempt sees what has come first. A stream that has been refused at one and the same version all the time
/// has nothing that came first: its version contradicts its events.
class conflict_watch {
public:
    /// Throws `store_error` (`corrupt`) when it is the latter.
    void note(std::string_view module, std::string_view stream, stream_version actual) {
        constexpr std::size_t patience = 1'000; // a replica may lag behind
        if (stream != stream_ || actual != version_) {
            stream_ = stream;
            version_ = actual;
            times_ = 0;
        }
        if (++times_ == patience)
            throw store_error{
                store_trouble::corrupt, "stream '" + stream_ + "' in module '" + std::string{module} +
                                            "' is said to hold " + std::to_string(actual) +
                                            " events, which is not the version of its last one"};
    }

private:
    std::string stream_;
    stream_version version_{};
    std::size_t times_ = 0;
};

} // namespace converge::detail
