// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/fingerprint.hpp>
#include <converge/run/migrated_instance.hpp>
#include <converge/run/migration_verdict.hpp>
#include <converge/run/observer.hpp>
#include <converge/run/outbox.hpp>
#include <converge/run/parking.hpp>
#include <converge/run/process_version.hpp>
#include <converge/run/read_step.hpp>
#include <converge/run/sharing.hpp>
#include <converge/run/time_text.hpp>

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge {

/// How a store is migrated.
struct migration_options {
    /// Records of the log that are read at a time; the instances whose first step is among them are written
    /// in one transaction, where the store has transactions.
    std::size_t batch_size = 512;
    /// Looks through all instances although the store is at the newest declaration: for those of the one
    /// before that an old runner has begun during the migration, on a store that could not lock it out.
    bool again = false;
    /// Where workers share the process manager, those that give no sign of life for so long are taken for
    /// dead. It should be longer than the lease of any. If none is present, nobody waits.
    std::chrono::milliseconds patience = std::chrono::seconds{30};
};

/// What a migration has done.
struct migration_counts {
    std::size_t instances = 0; ///< steps written: of each instance one for each evolution
    std::size_t commands = 0;  ///< that these steps ask for
    std::size_t parked = 0;    ///< deadlines that the new declaration does not know
};

namespace detail {

/// The instances of a process on their way through evolutions that follow each other.
///
/// The version stream says where: the fingerprint of the declaration that made the instances; or a marker
/// that the migration to the next one has begun. From then on each instance gets one step, with an id made of
/// the marker's position, so that what has been done is done once, whenever it is tried again.
template <class Store, class Observer, class... Evolutions> class migration {
public:
    migration(Store& store, migration_options const& options, Observer observer)
        : store_{&store}, options_{options}, observer_{std::move(observer)} {}

    migration_counts run() {
        auto const note = read_version_note<newest>(*store_);
        if (!note)
            return counts_; // no runner has ever worked here
        auto begin = find_beginning(*note);
        bool const again = begin == hops && options_.again;
        if (again)
            --begin;
        if (begin < hops) {
            require_no_workers();
            check(begin, again || note->is_migrating());
        }
        boost::mp11::mp_for_each<boost::mp11::mp_iota_c<hops>>([&](auto number) {
            if (number >= begin)
                do_hop<decltype(number)::value>();
        });
        return counts_;
    }

private:
    using versions = versions_of<Evolutions...>;
    using newest = boost::mp11::mp_back<versions>;
    static constexpr std::size_t hops = sizeof...(Evolutions);
    static constexpr std::string_view process = name_of<newest>;
    static constexpr std::string_view home = home_of<newest>::module_name;
    template <std::size_t Number>
    using hop = boost::mp11::mp_at_c<boost::mp11::mp_list<Evolutions...>, Number>;
    template <std::size_t Number> using version = boost::mp11::mp_at_c<versions, Number>;

    template <class... Versions>
    static std::array<std::string, hops + 1> all_fingerprints(boost::mp11::mp_list<Versions...>) {
        return {fingerprint_text(fingerprint_of<Versions>)...};
    }

    /// The evolution to be done next; `hops`: none.
    std::size_t find_beginning(version_note const& note) const {
        for (std::size_t at = hops + 1; at-- > 0;)
            if (note.is_migrating()
                    ? at > 0 && fingerprints_[at - 1] == note.from && fingerprints_[at] == note.declaration
                    : fingerprints_[at] == note.declaration)
                return note.is_migrating() ? at - 1 : at;
        std::string given = fingerprints_.front();
        for (std::size_t at = 1; at <= hops; ++at)
            given += " to " + fingerprints_[at];
        throw process_changed{
            "process manager '" + std::string{process} + "' cannot be migrated from " + given +
            (note.is_migrating()
                 ? ": it is in the middle of another migration, from " + note.from + " to " + note.declaration
                 : ": the instances were made by " + note.declaration) +
            ". They stand at:" + text_of_standing<newest>(*store_)};
    }

    // --- workers, which hold no lock

    /// Throws `store_error` (`in_use`) when there are some.
    void require_no_workers() {
        if constexpr (record_store<Store>)
            if (auto const names = workers_alive<newest>(*store_, options_.patience); !names.empty())
                throw store_error{
                    store_trouble::in_use, "process manager '" + std::string{process} +
                                               "' cannot be migrated while workers are present: " + names};
    }
    /// Once the marker is there, whoever joins sees it and goes; so those who are present have come before.
    /// What one that was taken for dead still sends has no lease.
    void keep_workers_away() {
        require_no_workers();
        if constexpr (record_store<Store>)
            for (auto const& each : store_->find_records(lease_prefix(process)))
                if (each.name.find('/', lease_prefix(process).size()) == std::string::npos)
                    (void)store_->remove_record(each.name, each.revision);
    }

    // --- before anything is written

    /// Takes each instance through all that is to be done, in memory. Throws `process_changed` with a list of
    /// where they stand if one cannot be.
    void check(std::size_t begin, bool migrating) {
        bool possible = true;
        for_each_batch_of_instances<newest>(
            *store_, options_.batch_size, [&](std::vector<std::string> const& keys) {
                for (auto const& key : keys)
                    if (auto const last = last_step(key); last && possible)
                        possible = find_obstacle(key, *last, begin, migrating).empty();
            });
        if (possible)
            return;
        std::string message =
            "process manager '" + std::string{process} + "' cannot be migrated from " + fingerprints_[begin] +
            " to " + fingerprints_.back() +
            (migrating ? "; the migration stays where it was interrupted" : "; nothing was written") +
            ". The instances stand at:";
        auto const standing =
            where_instances_stand<newest>(*store_, [&](std::string const& key, recorded_event const& last) {
                auto const obstacle = find_obstacle(key, last, begin, migrating);
                return obstacle.empty() ? std::string{} : ": " + obstacle;
            });
        for (auto const& [text, number] : standing)
            message += "\n  " + std::to_string(number) + " x " + text;
        throw process_changed{message};
    }

    std::string
    find_obstacle(std::string_view key, recorded_event const& last, std::size_t begin, bool migrating) const {
        auto const written_by = fingerprint_of_step(last.payload);
        auto at = begin;
        if (migrating && written_by == fingerprints_[begin + 1])
            ++at;
        if (written_by != fingerprints_[at])
            return "made by another declaration, " + legible(written_by);
        return boost::mp11::mp_with_index<hops + 1>(at, [&](auto number) {
            constexpr auto from = decltype(number)::value;
            return find_obstacle_from<from>(key, read_step<version<from>>(last));
        });
    }
    template <std::size_t At>
    static std::string find_obstacle_from(std::string_view key, instance_state<version<At>> const& state) {
        if constexpr (At == hops) {
            return {};
        } else {
            auto next = migrate_instance<hop<At>>(key, state, {});
            return next.obstacle.empty() ? find_obstacle_from<At + 1>(key, next.state) : next.obstacle;
        }
    }

    // --- one evolution

    template <std::size_t Number> void do_hop() {
        auto const marker = begin_hop(Number);
        keep_workers_away();
        std::size_t instances = counts_.instances;
        for_each_batch_of_instances<newest>(
            *store_, options_.batch_size, [&](std::vector<std::string> const& keys) {
                constexpr std::size_t patience = 1'000;
                for (std::size_t attempt = 0; !migrate_batch<Number>(keys, marker); ++attempt)
                    if (attempt == patience)
                        throw_in_use();
            });
        instances = counts_.instances - instances;
        end_hop(marker);
        if constexpr (observes<Observer, process_migrated>)
            observer_(process_migrated{process, marker.from, marker.declaration, instances});
    }

    /// Appends the marker, if it is not there.
    version_note begin_hop(std::size_t number) {
        auto const& from = fingerprints_[number];
        auto const& to = fingerprints_[number + 1];
        auto note = read_version_note<newest>(*store_);
        if (note && !note->is_migrating()) {
            new_event marker{
                name_based_id(migration_event_name, process, from, to, note->position),
                std::string{migration_event_name},
                true,
                {}};
            json_codec{}.encode(migration_marker{from, to}, marker.payload);
            append_to_versions(note->version, marker);
            note = read_version_note<newest>(*store_);
        }
        if (!note || note->from != from || note->declaration != to)
            throw_in_use();
        return *note;
    }
    void end_hop(version_note const& marker) {
        append_to_versions(
            marker.version, {name_based_id(process_event_name, process, marker.declaration, marker.position),
                             std::string{process_event_name}, true, "\"" + marker.declaration + "\""});
    }
    void append_to_versions(stream_version after, new_event const& event) {
        if (!store_->append({home, version_stream<newest>(), expected_version::exactly(after), {&event, 1}}))
            throw_in_use();
    }
    [[noreturn]] static void throw_in_use() {
        throw store_error{
            store_trouble::in_use, "another program changes the instances of process manager '" +
                                       std::string{process} + "' while they are migrated"};
    }

    /// Writes the steps of a batch of instances, those that are not written yet. False: another program was
    /// faster, begin again.
    template <std::size_t Number>
    bool migrate_batch(std::vector<std::string> const& keys, version_note const& marker) {
        steps_.clear();
        written_.clear();
        lost_.clear();
        parked_.clear();
        for (auto const& key : keys)
            if (auto const last = last_step(key);
                last && fingerprint_of_step(last->payload) != marker.declaration)
                add_step<Number>(key, *last, marker);
        if (steps_.size() == 0)
            return true;
        if (parked_.size() != 0) // where this is no transaction, they come first
            (void)parked_.write(*store_, {});
        auto const done = steps_.write(*store_, {});
        if (!done)
            return false;
        tell(*done, marker);
        return true;
    }

    template <std::size_t Number>
    void add_step(std::string const& key, recorded_event const& last, version_note const& marker) {
        using old_process = version<Number>;
        using new_process = version<Number + 1>;
        auto made = migrate_instance<hop<Number>>(key, read_step<old_process>(last), marker.recorded_at);
        if (!made.obstacle.empty())
            throw process_changed{
                "instance '" + key + "' of process manager '" + std::string{process} +
                "' cannot be migrated: " + made.obstacle + ". It stands at " + text_of_states(last.payload)};
        for (auto& each : made.state.deadlines)
            if (each.id.is_nil())
                each.id = name_based_id(
                    std::string_view{"deadline"}, process, key, home, marker.position,
                    std::uint64_t{each.effect});
        std::vector<event_id> ids;
        for (std::size_t at = 0; at < made.commands.size(); ++at)
            ids.push_back(name_based_id(
                std::string_view{"command"}, process, key, home, marker.position, std::uint64_t{at}));
        for (auto const& each : made.lost)
            park(last, each, marker);
        written_.push_back({key, steps_.size(), last.version + 1, ids.size()});
        steps_.add(
            home, last.stream, expected_version::exactly(last.version),
            {name_based_id(migration_event_name, process, key, marker.position), std::string{step_event_name},
             true,
             encode_step<new_process>(
                 made.state, {migration_event_name, home, marker.position, made.commands, ids})});
    }

    void park(recorded_event const& step, lost_deadline const& lost, version_note const& marker) {
        parked_item item{
            "deadline",
            std::string{home},
            step.position,
            lost.place,
            lost.event,
            "declaration " + marker.declaration + " has no deadline of this event, it was due at " +
                text_of_time(std::chrono::floor<std::chrono::seconds>(lost.due)) + " UTC"};
        auto& out = atomic_batch_log<Store> ? steps_ : parked_;
        lost_.push_back(item);
        out.add(
            home, parking_stream<newest>(), expected_version::any(),
            parking_record<newest>(parked_event_name, std::move(item)));
    }

    void tell(std::vector<appended> const& done, [[maybe_unused]] version_note const& marker) {
        for (auto const& each : lost_) {
            if constexpr (observes<Observer, item_parked>)
                observer_(
                    item_parked{process, each.kind, each.module, each.position, each.name, each.reason});
            ++counts_.parked;
        }
        for (auto const& each : written_) {
            if (done[each.request].repeated)
                continue;
            ++counts_.instances;
            counts_.commands += each.commands;
            if constexpr (observes<Observer, instance_migrated>)
                observer_(instance_migrated{
                    process, each.key, marker.from, marker.declaration, each.step, each.commands});
        }
    }

    std::optional<recorded_event> last_step(std::string_view key) const {
        return store_->last_of_stream(home, step_stream<newest>(key), home);
    }

    struct step_written {
        std::string key;
        std::size_t request = 0; // in the outbox
        stream_version step{};
        std::size_t commands = 0;
    };

    Store* store_;
    migration_options options_;
    [[no_unique_address]] Observer observer_;
    std::array<std::string, hops + 1> fingerprints_ = all_fingerprints(versions{});
    migration_counts counts_;
    outbox steps_;
    outbox parked_; // where the store has no batches
    std::vector<step_written> written_;
    std::vector<parked_item> lost_;
};

} // namespace detail

} // namespace converge
