// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/identity.hpp>
#include <converge/run/publish.hpp>

#include <boost/mp11/algorithm.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::testing {

/// One event that a simulation appends.
struct simulated_event {
    std::string_view module;
    std::string stream;
    new_event event;
    bool may_be_duplicated = false; ///< the simulation may append it again as another event, with its own id
};

/// The events of a schedule, in sources. The events of one source are appended in their order; different
/// sources interleave in any order, before, while and after workers are at work.
class simulated_events {
public:
    /// Adds an event of a module to a source. Events that the process counts (`repeats`) are never duplicated
    /// as other events; others are now and then, unless `may_be_duplicated` is false.
    template <event_module Module, class Event>
        requires boost::mp11::mp_contains<typename Module::events, Event>::value
    void add(std::size_t source, std::string_view stream, Event const& event, bool may_be_duplicated = true) {
        place(source).push_back(
            {Module::module_name, std::string{stream}, encode_event(event, next_id()), may_be_duplicated});
    }
    /// Adds bytes under a name, for instance such as cannot be decoded.
    template <event_module Module>
    void add_bytes(std::size_t source, std::string_view stream, std::string name, std::string payload) {
        place(source).push_back(
            {Module::module_name,
             std::string{stream},
             {next_id(), std::move(name), false, std::move(payload)},
             false});
    }

    std::vector<std::vector<simulated_event>> const& sources() const noexcept { return sources_; }

private:
    std::vector<simulated_event>& place(std::size_t source) {
        if (sources_.size() <= source)
            sources_.resize(source + 1);
        return sources_[source];
    }
    event_id next_id() { return name_based_id(std::string_view{"simulated"}, ++number_); }

    std::vector<std::vector<simulated_event>> sources_;
    std::uint64_t number_ = 0;
};

} // namespace converge::testing
