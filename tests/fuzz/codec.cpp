// SPDX-License-Identifier: MIT
#include <converge/codec/json.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <fuzz/expect.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace {

enum class colour : std::uint8_t { red, green };

struct point {
    BOOST_HANA_DEFINE_STRUCT(point, (int, x), (int, y));
    bool operator==(point const&) const = default;
};
struct everything {
    BOOST_HANA_DEFINE_STRUCT(
        everything, (std::string, text), (std::int64_t, large), (std::uint64_t, larger), (std::int8_t, small),
        (bool, flag), (double, real), (colour, tint), (std::optional<int>, maybe),
        (std::vector<point>, points), (std::set<int>, numbers), (std::map<std::string, int>, named),
        (std::array<int, 2>, pair), (std::tuple<int, std::string>, mixed), (std::chrono::milliseconds, span));
};
struct sparse {
    BOOST_HANA_DEFINE_STRUCT(
        sparse, (std::optional<std::string>, text), (std::optional<double>, real),
        (std::optional<std::vector<std::optional<std::int16_t>>>, numbers), (std::optional<point>, place));
};

/// What is taken is what was meant: encoded and decoded again, it is the same.
template <class Type> void take(std::string_view bytes) {
    auto const decoded = converge::json_codec{}.decode<Type>(bytes);
    if (!decoded) {
        expect(!std::string_view{decoded.error().what()}.empty(), "an error says something");
        return;
    }
    std::string again;
    converge::json_codec{}.encode(*decoded, again);
    auto const second = converge::json_codec{}.decode<Type>(again);
    expect(second.has_value(), "what was encoded can be decoded");
    expect(converge::equal_fields(*decoded, *second), "decoded, encoded and decoded again is the same");
    std::string third;
    converge::json_codec{}.encode(*second, third);
    expect(again == third, "equal values have one text");
}

/// Any text is encoded to what is decoded to it, or refused because it is not UTF-8.
void encode_text(std::string_view bytes) {
    sparse value;
    value.text = std::string{bytes};
    std::string out;
    try {
        converge::json_codec{}.encode(value, out);
    } catch (converge::encode_error const&) {
        return;
    }
    auto const decoded = converge::json_codec{}.decode<sparse>(out);
    expect(decoded.has_value() && decoded->text == value.text, "text survives");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const bytes = text_of(data, size);
    take<everything>(bytes);
    take<sparse>(bytes);
    encode_text(bytes);
    return 0;
}
