// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/record.hpp>
#include <converge/store/validation.hpp>
#include <converge/testing/store_conformance_concurrency.hpp>
#include <converge/testing/store_conformance_fixture.hpp>
#include <converge/testing/store_conformance_values.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// R1: a record is written and removed only by who knows its revision. R2: a prefix finds what it should, in
// order. R3: what is allowed comes back as it was given, what is not is refused.
namespace converge::testing::detail {

/// Whether a record is there with this revision and value.
template <class Store>
void check_record(Store& store, std::string_view name, record_revision revision, std::string_view value) {
    auto const found = store.find_record(name);
    REQUIRE(found.has_value());
    CHECK(found->name == name);
    CHECK(found->revision == revision);
    CHECK_MESSAGE(found->value == value, "value of ", value.size(), " bytes");
}

template <class Open> void revisions_of_records(Open open) {
    auto store = open();
    auto second = open();
    auto const greatest = std::numeric_limits<record_revision>::max();
    CHECK(!store.find_record("lease").has_value());
    CHECK(!store.remove_record("lease", 0));
    CHECK(!store.remove_record("lease", 1));
    for (auto const expected : {record_revision{1}, greatest / 2, greatest / 2 + 1, greatest})
        CHECK(!store.write_record("lease", expected, "early").has_value()); // there is none to replace
    CHECK(!second.find_record("lease").has_value());

    auto const made = store.write_record("lease", 0, "first").value();
    CHECK(made > 0);
    check_record(store, "lease", made, "first");
    check_record(second, "lease", made, "first");
    auto const other = second.write_record("other", 0, "of another").value();
    CHECK(other > made);
    auto const unchanged = [&](record_revision revision, std::string_view value) {
        for (auto const expected :
             {record_revision{0}, revision - 1, revision + 1, other, greatest / 2, greatest}) {
            CAPTURE(expected);
            CHECK(!second.write_record("lease", expected, "wrong").has_value());
            CHECK(!second.remove_record("lease", expected));
        }
        check_record(store, "lease", revision, value);
        check_record(second, "lease", revision, value);
    };
    unchanged(made, "first");

    auto const replaced = second.write_record("lease", made, "second").value();
    CHECK(replaced > other);
    CHECK(!store.write_record("lease", made, "late").has_value());
    CHECK(!store.remove_record("lease", made));
    unchanged(replaced, "second");
    auto const same = store.write_record("lease", replaced, "second").value(); // a new one all the same
    CHECK(same > replaced);
    check_record(second, "lease", same, "second");

    CHECK(store.remove_record("lease", same));
    CHECK(!second.find_record("lease").has_value());
    CHECK(!second.remove_record("lease", same));
    CHECK(!second.remove_record("lease", 0));
    for (auto const expected : {made, replaced, same})
        CHECK(!second.write_record("lease", expected, "late").has_value());
    CHECK(!store.find_record("lease").has_value());
    auto const made_again = second.write_record("lease", 0, "third").value();
    CHECK(made_again > same);
    for (auto const expected : {made, replaced, same}) {
        CHECK(!store.write_record("lease", expected, "late").has_value());
        CHECK(!store.remove_record("lease", expected));
    }
    check_record(store, "lease", made_again, "third");
    check_record(store, "other", other, "of another"); // nothing of it was for the other

    // The last record that is removed takes no revision with it.
    CHECK(store.remove_record("other", other));
    CHECK(store.remove_record("lease", made_again));
    auto third = open();
    CHECK(third.write_record("new", 0, "").value() > made_again);
}

template <class Open> void prefixes_of_records(Open open) {
    auto store = open();
    CHECK(store.find_records("").empty());
    CHECK(store.find_records("lease").empty());
    std::vector<std::string> names{
        "lease/10",
        "lease/1",
        "lease/9",
        "lease",
        "lease.1",
        "lease%",
        "lease_1",
        "lease*1",
        "lease\x7F",
        "lease\\1",
        "Lease/1",
        "leas",
        "leasf",
        "lf",
        "m",
        "lease\xC3\xA9/1",
        "lease\xC3\xA9",
        "lease\xF4\x8F\xBF\xBF",
        "\xF4\x8F\xBF\xBF",
        "\xF4\x8F\xBF\xBFz"};
    std::map<std::string, record_revision> revisions;
    for (auto const& name : names)
        revisions[name] = store.write_record(name, 0, "of " + name).value();
    std::sort(names.begin(), names.end());
    auto second = open();
    for (std::string const prefix :
         {"", "l", "lease", "lease/", "lease/1", "lease/10", "lease/100", "lease.", "lease%", "lease_",
          "lease*", "lease\\", "lease\x7F", "L", "x", "lease\xC3\xA9", "lease\xF4\x8F\xBF\xBF",
          "\xF4\x8F\xBF\xBF"}) {
        CAPTURE(prefix);
        std::vector<std::string> expected;
        for (auto const& name : names)
            if (name.starts_with(prefix))
                expected.push_back(name);
        auto const found = second.find_records(prefix);
        std::vector<std::string> found_names;
        for (auto const& each : found) {
            CHECK(each.revision == revisions[each.name]);
            CHECK(each.value == "of " + each.name);
            found_names.push_back(each.name);
        }
        CHECK(found_names == expected);
    }
    CHECK(store.remove_record("lease/1", revisions["lease/1"]));
    REQUIRE(second.find_records("lease/1").size() == 1);
    CHECK(second.find_records("lease/1").front().name == "lease/10");
    CHECK(second.find_records("").size() == names.size() - 1);
}

template <class Open> void awkward_names_of_records(Open open) {
    auto store = open();
    auto names = awkward_names();
    names.emplace_back(maximum_record_name, 'r');
    names.push_back(std::string(maximum_record_name - 1, 'r') + "s");
    names.emplace_back(maximum_record_name - 1, 'r');
    std::vector<record_revision> revisions;
    for (auto const& name : names) {
        CAPTURE(name);
        auto const made = store.write_record(name, 0, "of " + name);
        REQUIRE(made.has_value());
        revisions.push_back(*made);
    }
    for (std::size_t each = 0; each < names.size(); ++each) {
        CAPTURE(names[each]);
        check_record(store, names[each], revisions[each], "of " + names[each]);
        auto const found = store.find_records(names[each]);
        REQUIRE(!found.empty());
        CHECK(found.front().name == names[each]);
    }
    auto const all = store.find_records("");
    auto ordered = names;
    std::sort(ordered.begin(), ordered.end());
    REQUIRE(all.size() == ordered.size());
    for (std::size_t each = 0; each < all.size(); ++each)
        CHECK(all[each].name == ordered[each]);
    for (std::size_t each = 0; each < names.size(); ++each)
        CHECK(store.remove_record(names[each], revisions[each]));
    CHECK(store.find_records("").empty());
}

template <class Open> void values_of_records(Open open) {
    auto store = open();
    std::string every_byte;
    for (auto byte = 0; byte < 256; ++byte)
        every_byte += static_cast<char>(byte);
    std::string largest;
    while (largest.size() < maximum_record_value)
        largest += static_cast<char>(largest.size() * 2654435761U >> 13U);
    std::array<std::string, 7> const given{"", std::string(1, '\0'), "x", every_byte, largest, "", "after"};
    record_revision revision = 0;
    for (auto const& value : given) {
        revision = store.write_record("lease", revision, value).value();
        check_record(store, "lease", revision, value);
        CHECK_MESSAGE(store.find_records("l").front().value == value, "value of ", value.size(), " bytes");
    }
    std::string const longest_name(maximum_record_name, 'r');
    auto const both = store.write_record(longest_name, 0, largest).value();
    check_record(store, longest_name, both, largest);
}

template <class Open> void wrong_records(Open open) {
    auto store = open();
    auto const revision = store.write_record("lease", 0, "as it was").value();
    auto const refused = [&](auto call) { CHECK(trouble_of_call(call) == store_trouble::invalid_argument); };
    for (auto const& name : wrong_names(maximum_record_name)) {
        CAPTURE(name);
        refused([&] { (void)store.write_record(name, 0, "value"); });
        refused([&] { (void)store.write_record(name, revision, "value"); });
        refused([&] { (void)store.remove_record(name, revision); });
        refused([&] { (void)store.find_record(name); });
        if (!name.empty())
            refused([&] { (void)store.find_records(name); });
    }
    std::string const too_large(maximum_record_value + 1, 'x');
    refused([&] { (void)store.write_record("lease", revision, too_large); });
    refused([&] { (void)store.write_record("new", 0, too_large); });
    check_record(store, "lease", revision, "as it was");
    CHECK(store.find_records("").size() == 1);
}

/// Writers who count up one record, each with the revision that it has found: every revision is replaced by
/// one of them.
template <class Open> void one_winner_of_a_revision(Open open, concurrency_options const& options) {
    auto first = open();
    auto const start = first.write_record("count", 0, "0").value();
    std::mutex guard;
    std::map<record_revision, record_revision> next; // which revision replaced which
    in_threads(options.writers, [&](std::size_t) {
        auto store = open();
        record_revision seen = 0;
        for (std::size_t done = 0; done < options.record_writes;) {
            auto const found = store.find_record("count");
            if (!found || found->revision < seen) {
                FAIL_CHECK("a record went back from revision ", seen);
                return;
            }
            seen = found->revision;
            auto const written =
                store.write_record("count", seen, std::to_string(std::stoull(found->value) + 1));
            std::scoped_lock const lock{guard};
            if (!written) {
                continue;
            }
            CHECK(*written > seen);
            CHECK_MESSAGE(next.emplace(seen, *written).second, "two have replaced revision ", seen);
            seen = *written;
            ++done;
        }
    });
    auto const total = options.writers * options.record_writes;
    CHECK(next.size() == total);
    auto last = start;
    std::size_t steps = 0;
    for (auto each = next.find(last); each != next.end(); each = next.find(last), ++steps)
        last = each->second;
    CHECK(steps == total);
    check_record(first, "count", last, std::to_string(total));
}

/// Writers who make a record, do something, and remove it again: as a mutex, it has one holder at a time, and
/// no revision comes twice.
template <class Open> void one_maker_of_a_record(Open open, concurrency_options const& options) {
    auto first = open();
    std::atomic<int> holders{0};
    std::mutex guard;
    std::vector<record_revision> made; // in the order in which the holders came
    auto const rounds = std::max<std::size_t>(1, options.record_writes / 5);
    in_threads(options.writers, [&](std::size_t writer) {
        auto store = open();
        for (std::size_t done = 0; done < rounds;) {
            auto const mine = store.write_record("lease", 0, std::to_string(writer));
            if (!mine)
                continue;
            CHECK(holders.fetch_add(1) == 0);
            {
                std::scoped_lock const lock{guard};
                made.push_back(*mine);
            }
            check_record(store, "lease", *mine, std::to_string(writer));
            CHECK(holders.fetch_sub(1) == 1);
            CHECK(store.remove_record("lease", *mine));
            ++done;
        }
    });
    CHECK(made.size() == options.writers * rounds);
    CHECK(std::is_sorted(made.begin(), made.end()));
    CHECK(std::adjacent_find(made.begin(), made.end()) == made.end());
    CHECK(!first.find_record("lease").has_value());
}

} // namespace converge::testing::detail
