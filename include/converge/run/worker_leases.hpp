// SPDX-License-Identifier: MIT
#pragma once

#include <converge/run/fair_share.hpp>
#include <converge/run/lease_record.hpp>
#include <converge/run/lease_watch.hpp>
#include <converge/store/concepts.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// The partitions that one worker has, in the records of a store: it gives signs of life, takes what nobody
/// has up to its fair share, and names what it has too many of. Used by one thread.
///
/// Everything is a compare-and-set, so that of two workers who take one partition one has it. When a call
/// throws, what was done before is in `changes`, and the call may be repeated.
template <record_store Store> class worker_leases {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// What has happened to the partitions, for the worker to act on, in this order.
    struct pending_changes {
        std::vector<std::uint32_t> lost;    ///< others may have them already
        std::vector<std::uint32_t> surplus; ///< to be released when they are at rest
        std::vector<std::uint32_t> taken;
    };

    /// `check_joined` is called when the record of presence is written, and may throw.
    worker_leases(
        Store& store, std::string_view process, std::string name, std::uint32_t partitions,
        std::chrono::milliseconds lasts, std::function<time_point()> now, std::function<void()> check_joined)
        : store_{&store}, process_{process}, prefix_of_workers_{presence_prefix(process)},
          prefix_of_leases_{lease_prefix(process)}, presence_name_{prefix_of_workers_ + name},
          me_{std::move(name), 0}, lasts_{lasts}, now_{std::move(now)},
          check_joined_{std::move(check_joined)}, watch_{partitions}, held_(partitions) {
        for (std::uint32_t each = 0; each < partitions; ++each)
            held_[each].record = lease_name(process, each);
    }

    std::string const& name() const noexcept { return me_.name; }
    bool has_joined() const noexcept { return me_.joined != 0; }
    bool holds(std::uint32_t partition) const noexcept { return held_[partition].revision != 0; }

    pending_changes& changes() noexcept { return changes_; }

    /// The fences of all partitions that it has. The views live as long as this object.
    std::vector<fence> fences() const {
        std::vector<fence> all;
        for (auto const& each : held_)
            if (each.revision != 0)
                all.push_back({each.record, each.revision});
        return all;
    }

    /// When there is something to do for `look`.
    time_point next_look() const noexcept { return next_look_; }

    /// Until then nobody takes its partitions, by its own clock: when it last knew that they are its own, it
    /// had given a sign of life just before. It is a quarter less than the others wait, for clocks do not go
    /// at one speed.
    time_point trusted_until() const noexcept {
        return has_joined() ? confirmed_ + lasts_ * 3 / 4 : time_point::min();
    }

    /// Gives a sign of life if it is time, looks at the records of all, and takes what it should have and may
    /// take. Throws `store_error`: `in_use` when another worker of this name has joined since.
    template <std::predicate<std::uint32_t> MayTake> void look(MayTake const& may_take) {
        bool const had_passed = now_() >= trusted_until();
        give_sign();
        // What is read is as old as the beginning of the reading, and was written before its end.
        auto const now = now_();
        auto const signs = store_->find_records(prefix_of_workers_);
        watch_.see_workers(signs, prefix_of_workers_, now_());
        auto const leases = store_->find_records(prefix_of_leases_);
        watch_.see_leases(leases, prefix_of_leases_, now_());
        confirm(had_passed);
        next_look_ = now + lasts_ / 3;
        for (auto const& [name, revision] : watch_.absent(now))
            if (name != me_.name)
                (void)store_->remove_record(prefix_of_workers_ + name, revision);
        auto const workers = watch_.present(now);
        auto const place = std::ranges::find(workers, me_);
        if (place == workers.end())
            return; // it was removed since the sign was given, and joins again with the next one
        balance(
            static_cast<std::uint32_t>(workers.size()), static_cast<std::uint32_t>(place - workers.begin()),
            now, may_take);
    }

    /// Gives a partition back. Whether it was still this worker's.
    bool release(std::uint32_t partition) {
        auto const written =
            store_->write_record(held_[partition].record, held_[partition].revision, nobody());
        held_[partition] = {held_[partition].record, 0, false};
        return written.has_value();
    }

    /// Gives everything back, and is no longer present.
    void leave() {
        for (std::uint32_t each = 0; each < held_.size(); ++each)
            if (holds(each))
                (void)release(each);
        if (has_joined())
            (void)store_->remove_record(presence_name_, revision_);
        me_.joined = 0;
        changes_ = {};
        hurry();
    }

    /// The next `look` gives a sign of life, and is due now.
    void hurry() noexcept {
        next_look_ = time_point::min();
        sign_is_due_ = true;
    }

private:
    struct held_lease {
        std::string record;
        record_revision revision = 0; // 0: not held
        bool surplus = false;
    };

    std::string sign() const { return encode_record(presence{me_.joined, lasts_.count()}); }
    std::string mine() const { return encode_record(lease{me_.name, me_.joined, lasts_.count()}); }
    static std::string nobody() { return encode_record(lease{{}, 0, 0}); }

    void lose(std::uint32_t partition) {
        held_[partition] = {held_[partition].record, 0, false};
        std::erase(changes_.surplus, partition);
        std::erase(changes_.taken, partition);
        changes_.lost.push_back(partition);
    }

    void lose_all() {
        for (std::uint32_t each = 0; each < held_.size(); ++each)
            if (holds(each))
                lose(each);
    }

    void give_sign() {
        if (replaced_)
            refuse_to_go_on();
        auto const now = now_();
        if (!has_joined())
            return join(now);
        if (!sign_is_due_ && now - renewed_ < lasts_ / 3)
            return;
        auto written = store_->write_record(presence_name_, revision_, sign());
        if (!written) {
            auto const found = store_->find_record(presence_name_);
            if (!found)
                return join(now); // it was taken for dead
            if (decode_record<presence>(*found).joined != me_.joined) {
                replaced_ = true;
                lose_all();
                refuse_to_go_on();
            }
            // An earlier sign whose answer was lost.
            written = store_->write_record(presence_name_, found->revision, sign());
            if (!written)
                return; // so was this one's chance; the next look tries again
        }
        revision_ = *written;
        renewed_ = now;
        sign_is_due_ = false;
    }

    /// Joins, or joins again.
    void join(time_point now) {
        auto const found = store_->find_record(presence_name_);
        me_.joined = 0;
        auto const written = store_->write_record(presence_name_, found ? found->revision : 0, sign());
        if (!written)
            throw store_error{
                store_trouble::in_use, "another worker " + shown(me_.name) + " of process manager " +
                                           shown(process_) + " joins at the same time"};
        try {
            check_joined_();
        } catch (...) { // there is nothing for it to do here
            lose_all();
            (void)store_->remove_record(presence_name_, *written);
            throw;
        }
        me_.joined = revision_ = *written;
        renewed_ = now;
        sign_is_due_ = false;
    }

    /// Finds out which partitions it still has. After its time had passed it is not enough to see that nobody
    /// has taken one: somebody may be about to. So it takes it anew, and one of the two is first. The same
    /// when it has joined again, and the lease names who it was before.
    void confirm(bool had_passed) {
        for (std::uint32_t each = 0; each < held_.size(); ++each) {
            if (!holds(each))
                continue;
            if (held_[each].revision != watch_.revision_of(each)) {
                lose(each);
            } else if (had_passed || watch_.holder_of(each) != me_) {
                if (auto const kept = store_->write_record(held_[each].record, held_[each].revision, mine()))
                    held_[each].revision = *kept;
                else
                    lose(each);
            }
        }
        confirmed_ = renewed_;
    }

    [[noreturn]] void refuse_to_go_on() const {
        throw store_error{
            store_trouble::in_use, "another worker " + shown(me_.name) + " of process manager " +
                                       shown(process_) + " has joined since; give each a name of its own"};
    }

    template <class MayTake>
    void balance(std::uint32_t workers, std::uint32_t rank, time_point now, MayTake const& may_take) {
        auto const partitions = static_cast<std::uint32_t>(held_.size());
        auto const share = fair_share(partitions, workers, rank);
        auto has = static_cast<std::uint32_t>(std::ranges::count_if(
            held_, [](auto const& each) { return each.revision != 0 && !each.surplus; }));
        for (auto each = partitions; has > share && each-- > 0;)
            if (holds(each) && !held_[each].surplus) {
                held_[each].surplus = true;
                changes_.surplus.push_back(each);
                --has;
            }
        // Each begins elsewhere, so that they do not all run after the same ones.
        auto const first = static_cast<std::uint32_t>(std::uint64_t{partitions} * rank / workers);
        for (std::uint32_t number = 0; number < partitions; ++number) {
            auto const each = (first + number) % partitions;
            if (holds(each))
                continue;
            // A lease that names it, and that it does not know of: the answer of the store was lost.
            bool const unknown = watch_.holder_of(each) == me_;
            if (has < share && (unknown || watch_.is_free(each, now)) && may_take(each))
                has += take(each) ? 1U : 0U;
            else if (unknown)
                (void)store_->write_record(held_[each].record, watch_.revision_of(each), nobody());
        }
        if (has < share)
            next_look_ = std::min(next_look_, now + lasts_ / 16);
    }

    bool take(std::uint32_t partition) {
        auto const written =
            store_->write_record(held_[partition].record, watch_.revision_of(partition), mine());
        if (!written)
            return false;
        held_[partition] = {held_[partition].record, *written, false};
        changes_.taken.push_back(partition);
        return true;
    }

    Store* store_;
    std::string process_;
    std::string prefix_of_workers_;
    std::string prefix_of_leases_;
    std::string presence_name_;
    worker_identity me_;
    std::chrono::milliseconds lasts_;
    std::function<time_point()> now_;
    std::function<void()> check_joined_;
    lease_watch watch_;
    std::vector<held_lease> held_; // by partition
    pending_changes changes_;
    record_revision revision_ = 0; // of the presence
    time_point renewed_;           // when the last sign of life was begun to be given
    time_point confirmed_;         // the same, of the last one after which it knew what it has
    time_point next_look_ = time_point::min();
    bool sign_is_due_ = false; // before its time
    bool replaced_ = false;
};

} // namespace converge::detail
