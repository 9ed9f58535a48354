// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/run/encode_step.hpp>
#include <converge/run/instance.hpp>
#include <converge/run/take_event.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace converge {

/// Wire names of the records that the runner keeps in the log of a process's home module, all internal.
inline constexpr std::string_view step_event_name = "converge.step";
inline constexpr std::string_view parked_event_name = "converge.parked";
inline constexpr std::string_view unparked_event_name = "converge.unparked";
inline constexpr std::string_view process_event_name = "converge.process";
inline constexpr std::string_view migration_event_name = "converge.migration";

/// Names with this prefix are the runner's own.
inline constexpr std::string_view reserved_prefix = "converge.";

/// A command in a step record.
struct command_entry {
    event_id id{};
    std::string name;
    std::string payload; ///< JSON
};

namespace detail {

/// What the names of the streams of a process's steps begin with.
template <class Process>
inline constexpr auto step_stream_prefix = [] {
    constexpr std::string_view all = "converge/";
    constexpr std::string_view name = name_of<Process>;
    std::array<char, all.size() + name.size() + 1> prefix{};
    all.copy(prefix.data(), all.size());
    name.copy(prefix.data() + all.size(), name.size());
    prefix.back() = '/';
    return prefix;
}();

/// How many bytes that is.
template <class Process>
inline constexpr std::size_t step_stream_prefix_size = step_stream_prefix<Process>.size();

/// Makes `stream` the name of the stream of an instance's steps.
template <class Process> void name_step_stream(std::string_view key, std::string& stream) {
    stream.assign(step_stream_prefix<Process>.data(), step_stream_prefix_size<Process>);
    stream += key;
}

/// The stream of an instance's steps.
template <class Process> std::string step_stream(std::string_view key) {
    std::string stream;
    name_step_stream<Process>(key, stream);
    return stream;
}

/// Collects the first error while a record is taken apart.
class record_reader {
public:
    explicit record_reader(boost::json::value const& document) : object_{document.if_object()} {
        if (object_ == nullptr)
            failed_ = mistyped("an object", document);
    }

    template <class Type> void read(std::string_view name, Type& into) {
        if (!failed_)
            failed_ = decode_member(*object_, name, into);
    }
    void fail(decode_error error) {
        if (!failed_)
            failed_ = std::move(error);
    }
    /// A member that is an object or an array and may be absent.
    boost::json::value const* find(std::string_view name) const {
        return object_ == nullptr ? nullptr : object_->if_contains(name);
    }
    std::optional<decode_error> const& failed() const noexcept { return failed_; }

private:
    boost::json::object const* object_;
    std::optional<decode_error> failed_;
};

template <class... Machines>
void decode_states(record_reader& from, std::span<state_index> states, boost::mp11::mp_list<Machines...>) {
    std::map<std::string, std::string> names;
    from.read("states", names);
    std::size_t number = 0;
    auto one = [&](std::string_view machine, auto const& table) {
        auto const found = names.find(std::string{machine});
        std::size_t at = 0;
        while (found != names.end() && at < table.state_count && table.states[at]->name != found->second)
            ++at;
        if (found == names.end())
            from.fail({"states." + std::string{machine}, "missing"});
        else if (at == table.state_count)
            from.fail({"states." + std::string{machine}, "the machine has no state '" + found->second + "'"});
        else
            states[number] = static_cast<state_index>(at);
        ++number;
    };
    (one(name_of<Machines>, table_of<Machines>), ...);
}

template <class... Modules>
void decode_handled(record_reader& from, std::span<position> handled, boost::mp11::mp_list<Modules...>) {
    std::map<std::string, position> positions;
    from.read("handled", positions);
    std::size_t number = 0;
    ((handled[number++] = positions.contains(std::string{Modules::module_name})
                              ? positions[std::string{Modules::module_name}]
                              : 0),
     ...);
}

template <class... Folds> void decode_data(record_reader& from, folds<Folds...>& data) {
    auto const* found = from.find("data");
    if (found == nullptr)
        return from.fail({"data", "missing"});
    record_reader fields{*found};
    [[maybe_unused]] auto one = [&]<class Fold>(std::type_identity<Fold>) {
        fields.read(
            state_name<Fold>,
            std::get<boost::mp11::mp_find<boost::mp11::mp_list<Folds...>, Fold>::value>(data.states));
    };
    (one(std::type_identity<Folds>{}), ...);
    if (fields.failed())
        from.fail(fields.failed()->in("data"));
}

template <class Data> void decode_data(record_reader& from, Data& data) { from.read("data", data); }

/// The JSON of a command or of a deadline's event, as it stands in the record.
inline void read_payload(record_reader& entry, std::string& into) {
    if (auto const* payload = entry.find("payload"))
        into = boost::json::serialize(*payload);
    else
        entry.fail({"payload", "missing"});
}

inline void decode_deadlines(record_reader& from, std::vector<pending_deadline>& deadlines) {
    auto const* found = from.find("deadlines");
    if (found == nullptr)
        return;
    if (!found->is_array())
        return from.fail(mistyped("an array", *found).in("deadlines"));
    for (auto const& each : found->get_array()) {
        pending_deadline read;
        record_reader entry{each};
        entry.read("effect", read.effect);
        entry.read("id", read.id);
        entry.read("due", read.due);
        read_payload(entry, read.payload);
        if (entry.failed())
            return from.fail(entry.failed()->in("deadlines"));
        deadlines.push_back(std::move(read));
    }
}

/// The instance's state as its last step record has it; the version is the caller's to set.
template <class Process> decode_result<instance_state<Process>> decode_step(std::string_view payload) {
    return with_document<instance_state<Process>>(
        payload, [](boost::json::value const& document) -> decode_result<instance_state<Process>> {
            instance_state<Process> state;
            record_reader record{document};
            std::string fingerprint;
            record.read("process", fingerprint);
            decode_states(record, state.states, machines_of<Process>{});
            decode_handled(record, state.handled, modules_of<Process>{});
            decode_data(record, state.data);
            decode_deadlines(record, state.deadlines);
            if (record.failed())
                return *record.failed();
            return state;
        });
}

/// The deadlines of a step record alone, whatever declaration of the process wrote it.
inline decode_result<std::vector<pending_deadline>> decode_step_deadlines(std::string_view payload) {
    using deadlines = std::vector<pending_deadline>;
    return with_document<deadlines>(
        payload, [](boost::json::value const& document) -> decode_result<deadlines> {
            deadlines found;
            record_reader record{document};
            decode_deadlines(record, found);
            if (record.failed())
                return *record.failed();
            return found;
        });
}

/// What a step record asks for, and the event that it was recorded for.
struct requested_commands {
    std::string module;
    converge::position position{};
    std::vector<command_entry> commands;
};

/// The commands of a step record.
inline decode_result<requested_commands> decode_commands(std::string_view payload) {
    // Inside a JSON string the quotes would be escaped, so this text is the member or nothing.
    if (payload.find(R"("commands":[)") == std::string_view::npos)
        return requested_commands{};
    return with_document<requested_commands>(
        payload, [](boost::json::value const& document) -> decode_result<requested_commands> {
            requested_commands requested;
            record_reader record{document};
            auto const* list = record.find("commands");
            if (list == nullptr || !list->is_array())
                return requested;
            record.read("module", requested.module);
            record.read("position", requested.position);
            if (record.failed())
                return *record.failed();
            for (auto const& each : list->get_array()) {
                command_entry read;
                record_reader entry{each};
                entry.read("id", read.id);
                entry.read("name", read.name);
                read_payload(entry, read.payload);
                if (entry.failed())
                    return entry.failed()->in("commands");
                requested.commands.push_back(std::move(read));
            }
            return requested;
        });
}

} // namespace detail

} // namespace converge
