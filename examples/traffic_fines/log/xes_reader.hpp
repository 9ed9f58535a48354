// SPDX-License-Identifier: MIT
#pragma once

#include <pugixml.hpp>

#include <cstddef>
#include <examples/traffic_fines/log/row_builder.hpp>
#include <string>
#include <string_view>

namespace traffic_fines {

namespace detail {

/// The value of an attribute of an XES element: `<string key="concept:name" value="Payment"/>`, whatever its
/// type.
inline std::string xes_value(pugi::xml_node const& element, char const* key) {
    for (auto const& child : element.children())
        if (std::string_view{child.attribute("key").value()} == key)
            return child.attribute("value").value();
    return {};
}

} // namespace detail

/// Reads rows from an XES document (IEEE 1849). Errors name the trace and the event by their numbers, in
/// place of a line.
template <class OnRow> void read_xes(std::string const& file, std::string const& text, OnRow&& on_row) {
    pugi::xml_document document;
    auto const parsed = document.load_buffer(text.data(), text.size());
    if (!parsed)
        throw log_error{
            file, 0, "is no XML at byte " + std::to_string(parsed.offset) + ": " + parsed.description()};
    auto const log = document.document_element();
    if (std::string_view{log.name()} != "log")
        throw log_error{
            file, 0, "the root element is '" + std::string{log.name()} + "', not 'log' as in XES"};
    row_builder builder{file, payment_unit::euros};
    std::size_t number = 0;
    std::size_t trace_number = 0;
    for (auto const& trace : log.children("trace")) {
        ++trace_number;
        auto const case_id = detail::xes_value(trace, "concept:name");
        if (case_id.empty())
            throw log_error{file, 0, "trace " + std::to_string(trace_number) + " has no concept:name"};
        std::size_t event_number = 0;
        for (auto const& event : trace.children("event")) {
            auto const where = file + ": trace '" + case_id + "': event " + std::to_string(++event_number);
            auto const value = [&](char const* key) { return detail::xes_value(event, key); };
            if (value("concept:name").empty())
                throw log_error{where, 0, "has no concept:name"};
            try {
                on_row(
                    builder.build(
                        {case_id, value("concept:name"), value("time:timestamp"), value("amount"),
                         value("expense"), value("paymentAmount"), value("totalPaymentAmount"),
                         value("dismissal")},
                        0),
                    ++number);
            } catch (log_error const& error) {
                throw log_error{where, 0, std::string{error.what()}.substr(file.size() + 2)};
            }
        }
    }
    if (trace_number == 0)
        throw log_error{file, 0, "the log is empty"};
}

} // namespace traffic_fines
