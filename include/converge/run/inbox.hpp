// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/codec.hpp>
#include <converge/dispatch/wire_name_index.hpp>
#include <converge/run/legible.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/step_record.hpp>
#include <converge/run/thrown.hpp>
#include <converge/store/validation.hpp>
#include <converge/verify/process_structure.hpp>

#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace converge::detail {

/// Whether the process uses an event: a machine, a fold, a deadline, or `apply`.
template <class Process, class Event>
inline constexpr bool uses_event = [] {
    if constexpr (is_used<Process>(identity_of<Event>, machines_of<Process>{}))
        return true;
    else if constexpr (has_free_data<Process>)
        return requires(data_of<Process>& data, Event const& event) { Process::apply(data, event); };
    else
        return false;
}();

template <class Process> struct uses {
    template <class Event> using test = std::bool_constant<uses_event<Process, Event>>;
};

/// The events of a module that a process uses.
template <class Process, class Module>
using inbox_events = boost::mp11::mp_filter<uses<Process>::template test, typename Module::events>;

/// An event that was read and decoded, for one instance.
template <class Process, class Module> struct arrival {
    converge::position position{};
    timestamp recorded_at{};
    std::string key;
    std::string_view name;
    boost::mp11::mp_apply<
        std::variant, boost::mp11::mp_push_front<inbox_events<Process, Module>, std::monostate>>
        event;
};

template <class Key> std::string key_text(Key const& key) {
    if constexpr (std::convertible_to<Key const&, std::string_view>) {
        return std::string{std::string_view{key}};
    } else {
        static_assert(std::integral<Key>, "correlate gives the key of an instance: text or an integer");
        return std::to_string(key);
    }
}

/// What one batch of a module's events holds for a process.
template <class Process, class Module> struct inbox {
    std::vector<arrival<Process, Module>> arrivals;
    std::vector<parked_item> refused;

    void clear() {
        arrivals.clear();
        refused.clear();
    }

    /// Decodes an event; what cannot be decoded is refused with the reason. Passed over are events that the
    /// process does not use, and those of which `awaits(key)` is false; where there is no key, the stream
    /// stands for it.
    template <class Codec, std::predicate<std::string_view> Awaits>
    void take(event_view const& event, Codec const& codec, Awaits const& awaits) {
        if (event.name.starts_with(reserved_prefix))
            return;
        constexpr auto const& names = wire_names_of<Module>;
        auto const place = names.find(event.name);
        if (place == names.size())
            return refuse(event, "unknown event name", awaits);
        boost::mp11::mp_with_index<boost::mp11::mp_size<typename Module::events>::value>(
            place, [&](auto number) {
                using type = boost::mp11::mp_at<typename Module::events, decltype(number)>;
                if constexpr (uses_event<Process, type>)
                    decode<type>(event, codec, awaits);
            });
    }

private:
    // The stream of the instance's steps is named after the key: what no stream can be named would stop the
    // whole batch.
    static constexpr std::size_t longest_key = maximum_stream_name - step_stream_prefix_size<Process>;

    template <class Awaits> void refuse(event_view const& event, std::string reason, Awaits const& awaits) {
        if (!awaits(event.stream))
            return;
        refused.push_back(
            {"event", std::string{Module::module_name}, event.position, 0, legible(event.name),
             std::move(reason)});
    }

    template <class Event, class Codec, class Awaits>
    void decode(event_view const& event, Codec const& codec, Awaits const& awaits) {
        static_assert(has_known_members<Event>);
        if constexpr (described<Event> || std::is_empty_v<Event>) {
            auto decoded = codec.template decode<Event>(event.payload);
            if (!decoded)
                return refuse(event, std::string{wire_name_of<Event>} + "." + decoded.error().what(), awaits);
            try {
                auto key = key_text(Process::correlate(std::as_const(*decoded)));
                if (key.empty())
                    return refuse(event, "the event's key is empty", awaits);
                require_name("key", key, longest_key);
                if (!awaits(std::string_view{key}))
                    return;
                arrivals.push_back(
                    {event.position, event.recorded_at, std::move(key), wire_name_of<Event>,
                     std::move(*decoded)});
            } catch (store_error const& invalid) {
                refuse(event, invalid.what(), awaits);
            } catch (...) {
                refuse(event, "correlate threw: " + text_of_what_was_thrown(), awaits);
            }
        }
    }
};

} // namespace converge::detail
