// SPDX-License-Identifier: MIT
#include <converge/codec/text_pieces.hpp>

#include <boost/uuid/uuid_io.hpp>
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>

using converge::detail::text_pieces;

TEST_CASE("pieces of every size come together in their order") {
    std::mt19937_64 random{3};
    for (int round = 0; round < 300; ++round) {
        CAPTURE(round);
        std::string expected{"before "};
        std::string collected{expected};
        text_pieces pieces{collected};
        for (auto count = random() % 60; count > 0; --count)
            switch (random() % 6) {
            case 0:
                pieces.add("a literal");
                expected += "a literal";
                break;
            case 1: {
                auto const number = static_cast<std::int64_t>(random());
                pieces.add_number(number);
                expected += std::to_string(number);
                break;
            }
            case 2: {
                boost::uuids::uuid id{};
                for (auto& byte : id)
                    byte = static_cast<std::uint8_t>(random());
                pieces.add_quoted(id);
                expected += '"' + to_string(id) + '"';
                break;
            }
            case 3:
                pieces.out() += "appended by others";
                expected += "appended by others";
                break;
            default: {
                // Around what fits: a few bytes, or about as many as all pieces together.
                std::string const text(random() % 8 == 0 ? 1'000 + random() % 50 : random() % 80, 'x');
                pieces.add_quoted(text);
                expected += '"' + text + '"';
            }
            }
        CHECK(pieces.out() == expected);
        CHECK(&pieces.out() == &collected);
    }
}

TEST_CASE("the longest numbers fit wherever they begin") {
    for (std::size_t before = 990; before <= 1'030; ++before) {
        std::string collected;
        text_pieces pieces{collected};
        std::string const text(before, 'x');
        pieces.add(text);
        pieces.add_number(std::numeric_limits<std::int64_t>::min());
        pieces.add_number(std::numeric_limits<std::uint64_t>::max());
        CHECK(pieces.out() == text + "-922337203685477580818446744073709551615");
    }
}
