// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/json.hpp>
#include <converge/run/fingerprint.hpp>
#include <converge/run/process_changed.hpp>
#include <converge/run/standing_instances.hpp>
#include <converge/run/step_record.hpp>
#include <converge/store/concepts.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

// Which declaration of a process works on a store: the last record of a stream of its own in the log of the
// home module. It is a fingerprint, or the note that a migration from one to another has begun.
namespace converge::detail {

template <class Process> std::string version_stream() {
    return "converge/process/" + std::string{name_of<Process>};
}

/// The last record of that stream.
struct version_note {
    std::string declaration; ///< that made the instances, or that they are being migrated to
    std::string from;        ///< while a migration is under way: the one before
    converge::position position{};
    stream_version version{};
    timestamp recorded_at{};

    bool is_migrating() const noexcept { return !from.empty(); }
};

/// What the record says while a migration is under way.
struct migration_marker {
    BOOST_HANA_DEFINE_STRUCT(
        migration_marker, (std::string, from), ///< fingerprint of the old declaration
        (std::string, to));                    ///< of the new one
};

inline bool is_fingerprint(std::string_view text) noexcept {
    return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Throws `store_error` (`corrupt`).
template <class Process, event_log Store> std::optional<version_note> read_version_note(Store& store) {
    constexpr std::string_view home = home_of<Process>::module_name;
    auto const last = store.last_of_stream(home, version_stream<Process>(), home);
    if (!last)
        return std::nullopt;
    version_note note{{}, {}, last->position, last->version, last->recorded_at};
    auto const refuse = [&](std::string_view what) {
        throw store_error{
            store_trouble::corrupt, "version " + std::to_string(last->version) + " of stream '" +
                                        last->stream + "' in module '" + std::string{home} + "' is not " +
                                        std::string{what}};
    };
    if (last->name == migration_event_name) {
        auto marker = json_codec{}.decode<migration_marker>(last->payload);
        if (!marker || !is_fingerprint(marker->from) || !is_fingerprint(marker->to))
            refuse("the beginning of a migration");
        note.declaration = std::move(marker->to);
        note.from = std::move(marker->from);
    } else {
        auto text = json_codec{}.decode<std::string>(last->payload);
        if (!text || !is_fingerprint(*text))
            refuse("the fingerprint of a process");
        note.declaration = std::move(*text);
    }
    return note;
}

/// The list of where instances stand, a line for each way to stand. Complexity: reads the whole log.
template <class Process, event_log Store> std::string text_of_standing(Store& store) {
    std::string text;
    for (auto const& [states, number] : where_instances_stand<Process>(store))
        text += "\n  " + std::to_string(number) + " x " + states;
    return text.empty() ? " nowhere, there are none." : text;
}

/// This program's declaration of a process at work on a store.
template <class Process, event_log Store> class process_registration {
public:
    /// Notes it, or refuses when the instances were made by another one: throws `process_changed`.
    explicit process_registration(Store& store) : store_{&store} { registered_ = require(); }

    /// Throws `process_changed` when somebody has migrated the instances since then. Complexity: one look-up.
    void require_still() {
        bool changed = false;
        store_->read_stream(home, version_stream<Process>(), registered_, 1, home, [&](event_view const&) {
            changed = true;
        });
        if (changed)
            registered_ = require();
    }

private:
    static constexpr std::string_view home = home_of<Process>::module_name;

    stream_version require() {
        auto const mine = fingerprint_text(fingerprint_of<Process>);
        if (auto const note = read_version_note<Process>(*store_)) {
            if (note->is_migrating())
                throw process_changed{
                    "process manager '" + std::string{name_of<Process>} +
                    "' is in the middle of a migration from " + note->from + " to " + note->declaration +
                    ", which was interrupted: it has to be run again. This program's declaration is " + mine};
            if (note->declaration != mine)
                throw process_changed{
                    "process manager '" + std::string{name_of<Process>} +
                    "' has changed: this program's declaration is " + mine + ", the instances were made by " +
                    note->declaration + ". They stand at:" + text_of_standing<Process>(*store_)};
            return note->version;
        }
        new_event const made{
            name_based_id(std::string_view{"process"}, name_of<Process>, mine),
            std::string{process_event_name}, true, "\"" + mine + "\""};
        // Two programs that start at once write the same id, or one of them sees the other's the next time.
        auto const written =
            store_->append({home, version_stream<Process>(), expected_version::any(), {&made, 1}});
        return written ? written->version : 0;
    }

    Store* store_;
    stream_version registered_ = 0;
};

/// The same for a moment: for a worker that has just become visible to a migration.
template <class Process, event_log Store> void register_process(Store& store) {
    (void)process_registration<Process, Store>{store};
}

} // namespace converge::detail
