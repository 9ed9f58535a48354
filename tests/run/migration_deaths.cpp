// SPDX-License-Identifier: MIT
#include <converge/store/memory.hpp>
#include <converge/testing/fake_clock.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <run/died.hpp>
#include <run/fixtures/shop_stores.hpp>
#include <utility>

// A migration that dies at any of its writes, and is run again.
namespace shop {
namespace {

using converge::fingerprint_of;
using converge::fingerprint_text;

/// A log with cursors, and no more, that does what a test asks for before and after it writes.
template <class Inner> class mortal_log {
public:
    explicit mortal_log(Inner& inner) : inner_{&inner} {}
    std::function<void()> before_write = [] {};
    std::function<void()> after_write = [] {};

    converge::append_result append(converge::append_request const& request) {
        return writing([&] { return inner_->append(request); });
    }
    void save_cursors(std::span<converge::cursor const> cursors) {
        writing([&] {
            inner_->save_cursors(cursors);
            return 0;
        });
    }
    template <class Visitor>
    converge::position read(
        std::string_view module, converge::position after, std::size_t limit, std::string_view viewer,
        Visitor&& visit) {
        return inner_->read(module, after, limit, viewer, visit);
    }
    template <class Visitor>
    void read_stream(
        std::string_view module, std::string_view stream, converge::stream_version after, std::size_t limit,
        std::string_view viewer, Visitor&& visit) {
        inner_->read_stream(module, stream, after, limit, viewer, visit);
    }
    auto last_of_stream(std::string_view module, std::string_view stream, std::string_view viewer) {
        return inner_->last_of_stream(module, stream, viewer);
    }
    converge::position head(std::string_view module) { return inner_->head(module); }
    converge::position load_cursor(std::string_view reader, std::string_view module) {
        return inner_->load_cursor(reader, module);
    }

protected:
    template <class Write> auto writing(Write const& write) {
        before_write();
        auto result = write();
        after_write();
        return result;
    }
    Inner* inner_;
};
/// The same with batches.
template <class Inner> class mortal_store : public mortal_log<Inner> {
public:
    using mortal_log<Inner>::mortal_log;
    converge::batch_result commit(converge::batch const& together) {
        return this->writing([&] { return this->inner_->commit(together); });
    }
};
static_assert(!converge::atomic_batch_log<mortal_log<converge::memory_store>>);
static_assert(converge::atomic_batch_log<mortal_store<converge::memory_store>>);

converge::migration_options const small_batches{.batch_size = 3};

template <class Store> void migrate_all(Store& store) {
    converge::migrate<from_one_to_two, from_two_to_three>(store, small_batches);
}

/// Whether runners of all versions are refused, as they must be between the first write and the last.
template <class Store> void check_refusals(Store& store, bool begun, bool ended) {
    auto const refused = [&]<class Process>(std::type_identity<Process>) {
        return !said<converge::process_changed>([&] {
                    (void)converge::make_runner<Process>(store, bookkeeper{});
                }).empty();
    };
    CHECK(refused(std::type_identity<one::order>{}) == begun);
    CHECK(refused(std::type_identity<three::order>{}) == !ended);
}

/// Dies before or after each write in turn and migrates again, until a migration survives. How many deaths.
template <class Made> std::size_t die_everywhere(bool after_the_write) {
    Made undisturbed;
    migrate_all(undisturbed.store);
    auto const expected = records(undisturbed.store, "orders");
    for (std::size_t survived = 0;; ++survived) {
        Made made;
        auto& store = made.store;
        std::size_t writes = 0;
        (after_the_write ? store.after_write : store.before_write) = [&] {
            if (writes++ == survived)
                throw died{};
        };
        bool died_now = false;
        try {
            migrate_all(store);
        } catch (died const&) {
            died_now = true;
        }
        store.before_write = store.after_write = [] {};
        CAPTURE(survived);
        if (died_now)
            check_refusals(
                store, after_the_write || survived > 0, records(store, "orders").back() == expected.back());
        migrate_all(store);
        CHECK(records(store, "orders") == expected);
        check_refusals(store, true, true);
        if (!died_now)
            return survived;
    }
}

/// A store of the first version with its hooks.
template <template <class> class Mortal> struct in_memory {
    std::unique_ptr<converge::memory_store> inner =
        std::make_unique<converge::memory_store>(converge::testing::fake_clock{});
    Mortal<converge::memory_store> store{*inner};
    in_memory() { run_first_version(*inner); }
};
struct in_a_file {
    older_database file;
    std::unique_ptr<converge::sqlite_store> inner = std::make_unique<converge::sqlite_store>(file.path());
    mortal_store<converge::sqlite_store> store{*inner};
};

} // namespace

TEST_CASE("a migration that died at any of its writes is gone on with, and ends the same") {
    CHECK(die_everywhere<in_memory<mortal_store>>(false) > 6);
    CHECK(die_everywhere<in_memory<mortal_store>>(true) > 6);
    CHECK(die_everywhere<in_memory<mortal_log>>(false) > 12);
    CHECK(die_everywhere<in_memory<mortal_log>>(true) > 12);
}

TEST_CASE("the migration of an older database that died at any of its writes ends the same") {
    CHECK(die_everywhere<in_a_file>(false) > 10);
    CHECK(die_everywhere<in_a_file>(true) > 10);
}

TEST_CASE("a migration that was interrupted is told of to whoever comes") {
    converge::memory_store inner;
    run_first_version(inner);
    mortal_store<converge::memory_store> store{inner};
    std::size_t writes = 0;
    store.after_write = [&] {
        if (++writes == 2)
            throw died{};
    };
    CHECK_THROWS_AS(migrate_all(store), died);
    auto const one = fingerprint_text(fingerprint_of<one::order>);
    auto const two = fingerprint_text(fingerprint_of<two::order>);
    auto const three = fingerprint_text(fingerprint_of<three::order>);
    CHECK(
        said<converge::process_changed>([&] {
            (void)converge::make_runner<two::order>(inner, bookkeeper{});
        }) == "process manager 'order' is in the middle of a migration from " + one + " to " + two +
                  ", which was interrupted: it has to be run again. This program's declaration is " + two);
    CHECK(
        said<converge::process_changed>([&] { converge::migrate<from_two_to_three>(inner); }) ==
        "process manager 'order' cannot be migrated from " + two + " to " + three +
            ": it is in the middle of another migration, from " + one + " to " + two +
            ". They stand at:"
            "\n  1 x cancellation: cancelled, payment: paid, placement: placed, reminder: none"
            "\n  1 x cancellation: open, payment: paid, placement: placed, reminder: none"
            "\n  1 x delivery: under_way, dispute: none, payment: awaiting, standing: placed"
            "\n  2 x delivery: under_way, dispute: none, payment: settled, standing: placed");
    CHECK_NOTHROW(converge::migrate<from_one_to_two>(inner));
    CHECK_NOTHROW((void)converge::make_runner<two::order>(inner, bookkeeper{}));
}

TEST_CASE("a runner of the old declaration keeps a migration away, or ends after it") {
    converge::memory_store locked;
    run_first_version(locked);
    {
        auto const runner = converge::make_runner<one::order>(locked, bookkeeper{});
        auto const before = records(locked, "orders");
        CHECK_THROWS_AS(converge::migrate<from_one_to_two>(locked), converge::store_error);
        CHECK(records(locked, "orders") == before);
    }
    CHECK_NOTHROW(converge::migrate<from_one_to_two>(locked));

    converge::memory_store inner;
    mortal_log<converge::memory_store> bare{inner}; // has no lock
    run_first_version(bare);
    auto runner = converge::make_runner<one::order>(bare, bookkeeper{});
    runner.catch_up();
    converge::migrate<from_one_to_two>(bare);
    auto const before = records(bare, "orders");
    pay(bare, "1", 5);
    place(bare, "a new one");
    auto const refused = said<converge::process_changed>([&] { runner.catch_up(); });
    CHECK(refused.starts_with(
        "process manager 'order' has changed: this program's declaration is " +
        fingerprint_text(fingerprint_of<one::order>) + ", the instances were made by " +
        fingerprint_text(fingerprint_of<two::order>) + ". They stand at:\n  1 x delivery: under_way"));
    CHECK(records(bare, "orders").size() == before.size() + 1); // the new order's event, and no step
    CHECK(!said<converge::process_changed>([&] { runner.replay_parked(); }).empty());
    converge::make_runner<two::order>(bare, bookkeeper{}).catch_up();
    CHECK(standing<two::order>(bare).contains("a new one"));
}

TEST_CASE("an instance that an old runner has begun while the others were migrated is brought over later") {
    converge::memory_store inner;
    run_first_version(inner);
    mortal_log<converge::memory_store> store{inner};
    auto runner = converge::make_runner<one::order>(store, bookkeeper{});
    runner.catch_up();
    place(inner, "a new one");
    bool migrated = false;
    store.before_write = [&] { // in the middle of a turn: the event is read, and its step not written
        if (!std::exchange(migrated, true))
            converge::migrate<from_one_to_two>(store);
    };
    CHECK_THROWS_AS(runner.catch_up(), converge::process_changed);
    pay(inner, "a new one", 5);
    auto const refused = said<converge::process_changed>(
        [&] { converge::make_runner<two::order>(store, bookkeeper{}).catch_up(); });
    CHECK(refused.find("'converge/order/a new one' in module 'orders' was written by ") != std::string::npos);
    CHECK(converge::migrate<from_one_to_two>(store).instances == 0); // one look-up, which does not find it
    CHECK(converge::migrate<from_one_to_two>(store, {.again = true}).instances == 1);
    CHECK(converge::migrate<from_one_to_two>(store, {.again = true}).instances == 0);
    converge::make_runner<two::order>(store, bookkeeper{}).catch_up();
    CHECK(balance(store).at("a new one: thank") == 1);
    CHECK(balance(store).at("a new one: greet") == 1);
}

TEST_CASE("a step of another declaration is not read as one's own") {
    converge::memory_store store;
    run_first_version(store);
    converge::migrate<from_one_to_two>(store);
    auto const expected = "process manager 'order' has changed: this program's declaration is " +
                          fingerprint_text(fingerprint_of<one::order>) +
                          ", step 2 of stream 'converge/order/1' in module 'orders' was written by " +
                          fingerprint_text(fingerprint_of<two::order>);
    CHECK(said<converge::process_changed>([&] {
              (void)converge::read_instance<one::order>(store, "1");
          }) == expected);
    CHECK(said<converge::process_changed>([&] {
              (void)converge::read_instances<one::order>(store);
          }) == expected);
    CHECK(converge::read_instance<two::order>(store, "1").has_value());
}

} // namespace shop
