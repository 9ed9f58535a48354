// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json_encode.hpp>
#include <converge/declare/machine_table.hpp>
#include <converge/declare/name.hpp>
#include <converge/declare/process_parts.hpp>
#include <converge/run/fingerprint.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace converge::detail {

/// Text as JSON has it.
inline std::string json_text(std::string_view text) {
    std::string out;
    encode_text(text, out);
    return out;
}

/// What is the same in all step records of a process, as JSON: its names, which are escaped once.
template <class Process> class step_texts {
public:
    step_texts() : step_texts{machines_of<Process>{}, modules_of<Process>{}} {}

    /// `,"process":"fingerprint","states":{`
    std::string const& declaration() const noexcept { return declaration_; }
    /// `"machine":"state"`, with a comma before all but the first machine's.
    std::string const& state(std::size_t machine, state_index state) const noexcept {
        return states_[machine][state];
    }
    /// `"module":`
    std::string const& module(std::size_t number) const noexcept { return modules_[number]; }

private:
    template <class... Machines, class... Modules>
    step_texts(boost::mp11::mp_list<Machines...>, boost::mp11::mp_list<Modules...>)
        : declaration_{",\"process\":" + json_text(fingerprint_text(fingerprint_of<Process>)) + ",\"states\":{"},
          modules_{json_text(Modules::module_name) + ":" ...} {
        (add_machine<Machines>(), ...);
    }

    template <class Machine> void add_machine() {
        auto const& table = table_of<Machine>;
        auto const before = (states_.empty() ? "" : ",") + json_text(name_of<Machine>) + ":";
        auto& texts = states_.emplace_back();
        for (std::size_t at = 0; at < table.state_count; ++at)
            texts.push_back(before + json_text(table.states[at]->name));
    }

    std::string declaration_;
    std::vector<std::vector<std::string>> states_; // by machine
    std::array<std::string, module_count_of<Process>> modules_;
};

} // namespace converge::detail
