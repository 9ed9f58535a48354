// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/concepts.hpp>
#include <converge/store/record.hpp>
#include <converge/store/validation.hpp>
#include <converge/testing/store_conformance_concurrency.hpp>
#include <converge/testing/store_conformance_fixture.hpp>
#include <converge/testing/store_conformance_values.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// F1: a batch is written only if its fences hold. F2: also when leases change hands while batches are
// written.
namespace converge::testing::detail {

/// One event for stream "one" of module "orders", a cursor, and the fences.
template <class Store>
batch_result commit_fenced(
    Store& store, std::uint64_t number, std::span<fence const> fences,
    expected_version expected = expected_version::any()) {
    auto const event = event_of(number);
    std::array<append_request, 1> const requests{{{"orders", "one", expected, {&event, 1}}}};
    std::array<cursor, 1> const cursors{{{"process", "orders", number}}};
    return store.commit({.appends = requests, .cursors = cursors, .fences = fences});
}

template <class Open> void fences_that_hold(Open open) {
    auto store = open();
    auto const one = store.write_record("one", 0, "").value();
    auto const two = store.write_record("two", 0, "").value();
    std::array<fence, 3> const fences{{{"two", two}, {"one", one}, {"two", two}}};
    auto second = open();
    CHECK(commit_fenced(second, 1, fences).value().front().version == 1);
    CHECK(commit_fenced(second, 2, std::span{fences}.first(1)).value().front().version == 2);
    CHECK(commit_fenced(second, 2, fences).value().front().repeated);
    CHECK(second.load_cursor("process", "orders") == 2);
    CHECK(ids_of(all_of(store, "orders")) == std::vector{id_of(1), id_of(2)});
    std::array<cursor, 1> const cursors{{{"process", "orders", 7}}};
    second.save_cursors(cursors, fences);
    CHECK(store.load_cursor("process", "orders") == 7);
    second.save_cursors({}, fences);
    CHECK(second.commit({.appends = {}, .cursors = {}, .fences = fences}).value().empty());
    CHECK(store.find_record("one").value().revision == one); // a fence is no write
    auto const renewed = store.write_record("one", one, "longer").value();
    std::array<fence, 1> const after{{{"one", renewed}}};
    CHECK(commit_fenced(second, 3, after).value().front().version == 3);
}

template <class Open> void fences_that_do_not_hold(Open open) {
    auto store = open();
    auto const old = store.write_record("lease 'x'", 0, "").value();
    auto const now = store.write_record("lease 'x'", old, "").value();
    auto const other = store.write_record("other", 0, "").value();
    auto const gone = store.write_record("gone", 0, "").value();
    CHECK(store.remove_record("gone", gone));
    auto const remade_before = store.write_record("remade", 0, "").value();
    CHECK(store.remove_record("remade", remade_before));
    CHECK(store.write_record("remade", 0, "").has_value());
    CHECK(commit_fenced(store, 1, {}).has_value());
    auto const lost = [&](std::string_view named, std::span<fence const> fences) {
        CAPTURE(named);
        auto const is_lost = [&](auto call) {
            try {
                call();
                FAIL_CHECK("nothing was thrown");
            } catch (store_error const& error) {
                CHECK(error.trouble() == store_trouble::lease_lost);
                CHECK_MESSAGE(
                    std::string_view{error.what()}.find("'" + std::string{named} + "'") !=
                        std::string_view::npos,
                    error.what());
            }
            CHECK(store.load_cursor("process", "orders") == 1);
            CHECK(store.load_cursor("new", "orders") == 0);
            CHECK(all_of(store, "orders").size() == 1);
            CHECK(store.head("bills") == 0);
        };
        auto second = open();
        is_lost([&] { (void)commit_fenced(second, 2, fences); });
        is_lost([&] { (void)store.commit({.appends = {}, .cursors = {}, .fences = fences}); });
        std::array<cursor, 2> const cursors{{{"process", "orders", 7}, {"new", "orders", 8}}};
        is_lost([&] { second.save_cursors(cursors, fences); });
        is_lost([&] { second.save_cursors({}, fences); });
        auto const events = events_of(10, 3);
        std::array<append_request, 2> const requests{
            {{"orders", "two", expected_version::none(), events},
             {"bills", "one", expected_version::none(), events}}};
        is_lost([&] { (void)second.commit({.appends = requests, .cursors = cursors, .fences = fences}); });
    };
    auto const lost_alone = [&](fence const& wrong) {
        std::array<fence, 1> const alone{{wrong}};
        lost(wrong.record, alone);
        std::array<fence, 3> const last{{{"other", other}, {"lease 'x'", now}, wrong}};
        lost(wrong.record, last);
        std::array<fence, 2> const first{{wrong, {"other", other}}};
        lost(wrong.record, first);
    };
    lost_alone({"lease 'x'", old});
    lost_alone({"lease 'x'", now + 1000});
    lost_alone({"lease 'x'", ~record_revision{0}});
    lost_alone({"lease 'x'", other}); // a revision, but of another record
    lost_alone({"gone", gone});
    lost_alone({"remade", remade_before});
    lost_alone({"never", now});
    lost_alone({"Other", other}); // only the same name is the same
    // Nothing of the refused ones is in the way.
    std::array<fence, 2> const fences{{{"lease 'x'", now}, {"other", other}}};
    CHECK(commit_fenced(store, 2, fences).value().front().version == 2);
}

template <class Open> void fences_before_versions_and_ids(Open open) {
    auto store = open();
    auto const old = store.write_record("lease", 0, "").value();
    std::array<fence, 1> const before{{{"lease", old}}};
    CHECK(commit_fenced(store, 1, before, expected_version::none()).has_value());
    // The fence holds: versions and ids as ever.
    auto const refused = commit_fenced(store, 2, before, expected_version::none());
    REQUIRE(!refused.has_value());
    CHECK(refused.error().request == 0);
    CHECK(refused.error().actual == 1);
    CHECK(commit_fenced(store, 1, before, expected_version::none()).value().front().repeated);
    std::vector<new_event> const contradicting{event_of(3), event_of(1)};
    std::array<append_request, 1> const wrong{{{"orders", "one", expected_version::any(), contradicting}}};
    auto const trouble_with = [&](std::span<fence const> fences) {
        return trouble_of_call(
            [&] { (void)store.commit({.appends = wrong, .cursors = {}, .fences = fences}); });
    };
    CHECK(trouble_with(before) == store_trouble::invalid_argument);
    // It does not hold: nothing else is said.
    CHECK(store.write_record("lease", old, "").has_value());
    auto const trouble_of = [&](std::uint64_t number, expected_version expected) {
        return trouble_of_call([&] { (void)commit_fenced(store, number, before, expected); });
    };
    CHECK(trouble_of(2, expected_version::none()) == store_trouble::lease_lost);
    CHECK(trouble_of(1, expected_version::none()) == store_trouble::lease_lost);
    CHECK(trouble_of(2, expected_version::exactly(1)) == store_trouble::lease_lost);
    CHECK(trouble_with(before) == store_trouble::lease_lost);
    CHECK(all_of(store, "orders").size() == 1);
}

template <class Open> void wrong_fences(Open open) {
    auto store = open();
    auto const revision = store.write_record("lease", 0, "").value();
    auto const refused = [&](fence const& wrong) {
        std::array<fence, 2> const fences{{{"lease", revision}, wrong}};
        CHECK(trouble_of_call([&] {
                  (void)commit_fenced(store, 1, fences);
              }) == store_trouble::invalid_argument);
        std::array<cursor, 1> const cursors{{{"process", "orders", 7}}};
        CHECK(
            trouble_of_call([&] { store.save_cursors(cursors, fences); }) == store_trouble::invalid_argument);
        CHECK(store.load_cursor("process", "orders") == 0);
        CHECK(store.head("orders") == 0);
    };
    for (auto const& name : wrong_names(maximum_record_name))
        refused({name, revision});
    refused({"lease", 0});
    refused({"none", 0});
}

/// Workers who take a lease from each other without asking, and append under it with no version that would
/// protect them. Once a worker has the lease, and has looked where the log ends, nothing of an earlier holder
/// comes behind that place.
template <class Open> void leases_that_change_hands(Open open, concurrency_options const& options) {
    constexpr std::size_t appends_of_a_holder = 3;
    auto first = open();
    auto const start = first.write_record("lease", 0, "nobody").value();
    std::mutex guard;
    std::vector<std::pair<position, record_revision>> taken; // where the log ended when the lease was taken
    std::size_t lost = 0;
    in_threads(options.writers, [&](std::size_t worker) {
        auto store = open();
        auto number = std::size_t{0};
        for (std::size_t done = 0; done < options.record_writes;) {
            auto const found = store.find_record("lease").value();
            auto const mine = store.write_record("lease", found.revision, std::to_string(worker));
            if (!mine)
                continue;
            ++done;
            auto const end = store.head("orders");
            {
                std::scoped_lock const lock{guard};
                taken.emplace_back(end, *mine);
            }
            std::array<fence, 1> const fences{{{"lease", *mine}}};
            for (std::size_t each = 0; each < appends_of_a_holder; ++each) {
                std::this_thread::sleep_for(std::chrono::microseconds{200}); // others get their turn
                auto event = event_of_writer(worker, number++);
                event.payload = std::to_string(*mine);
                std::array<append_request, 1> const requests{
                    {{"orders", "one", expected_version::any(), {&event, 1}}}};
                auto const trouble = trouble_of_call([&] {
                    (void)store.commit({.appends = requests, .cursors = {}, .fences = fences}).value();
                });
                std::scoped_lock const lock{guard};
                if (!trouble)
                    continue;
                CHECK(*trouble == store_trouble::lease_lost);
                CHECK(store.find_record("lease").value().revision > *mine);
                ++lost;
                break;
            }
        }
    });
    CHECK(taken.size() == options.writers * options.record_writes);
    auto const events = all_of(first, "orders");
    CHECK(!events.empty());
    CHECK_MESSAGE(lost > 0, "no lease was taken while its holder was at work: nothing is tested");
    std::sort(taken.begin(), taken.end());
    auto next = taken.begin();
    auto least = start;
    for (auto const& event : events) {
        for (; next != taken.end() && next->first < event.position; ++next)
            least = std::max(least, next->second);
        auto const holder = record_revision{std::stoull(event.payload)};
        CHECK_MESSAGE(
            holder >= least, "position ", event.position, " is of lease ", holder, ", when ", least,
            " had been taken");
        least = std::max(least, holder);
    }
}

/// What a store without fences does with one.
template <class Open> void refused_fences(Open open) {
    auto store = open();
    std::array<fence, 1> const fences{{{"lease", 1}}};
    CHECK(trouble_of_call([&] { (void)commit_fenced(store, 1, fences); }) == store_trouble::invalid_argument);
    CHECK(store.head("orders") == 0);
    CHECK(store.load_cursor("process", "orders") == 0);
}

} // namespace converge::testing::detail
