// SPDX-License-Identifier: MIT
#pragma once

#include <converge/declare/machine_rows.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace converge {

namespace detail {

template <class Row>
using row_sends = std::bool_constant<boost::mp11::mp_size<typename row_parts<Row>::commands>::value != 0>;

/// The numbers of a machine's rows in `sending_rows_of`, from 1; 0 for a row that sends nothing.
template <class Machine> consteval auto number_sending_rows() {
    constexpr auto const& rows = rows_of<Machine>;
    std::array<std::uint16_t, rows.size()> numbers{};
    std::uint16_t found = 0;
    for (std::size_t at = 0; at < rows.size(); ++at)
        if (rows.data()[at].additions->send_count != 0)
            numbers.data()[at] = ++found;
    return numbers;
}

template <class Machine> inline constexpr auto sending_row_numbers = number_sending_rows<Machine>();

} // namespace detail

/// The rows of a machine that send commands. `mp_list`, in the order of their declaration.
template <class Machine>
using sending_rows_of = boost::mp11::mp_copy_if<detail::rows_with_additions<Machine>, detail::row_sends>;

/// The commands that a row sends. `mp_list`.
template <class Row> using commands_of_row = typename detail::row_parts<Row>::commands;

} // namespace converge
