// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/fields.hpp>
#include <converge/codec/json_encode.hpp>
#include <converge/codec/plain_text.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

// A short way for documents as `encode_json` writes them. It reads what is just so: each member once, in the
// order of declaration, without spaces, integers, flags, and text of ASCII without escapes. Of everything
// else it says that it does not know, and a parser, which knows also what is wrong, has a look.
namespace converge::detail {

template <class Member>
concept plain_integer = std::integral<Member> && !std::same_as<Member, bool> &&
                        requires { std::in_range<Member>(0); } && !json_custom<Member>;

template <class Member>
concept plain_member = !json_custom<Member> && (std::same_as<Member, std::string> ||
                                                std::same_as<Member, bool> || plain_integer<Member>);

template <class Struct> consteval bool has_plain_members() {
    if constexpr (!described<Struct> || std::is_empty_v<Struct> || json_custom<Struct>)
        return false;
    else
        return boost::hana::unpack(boost::hana::accessors<Struct>(), []<class... Accessors>(Accessors...) {
            return (
                plain_member<std::remove_cvref_t<decltype(boost::hana::second(std::declval<Accessors>())(
                    std::declval<Struct&>()))>> &&
                ...);
        });
}

template <class Struct>
concept plain_struct = has_plain_members<Struct>();

/// Reads from the beginning of a document; after the first surprise it reads nothing more.
class plain_reader {
public:
    explicit plain_reader(std::string_view text) noexcept
        : at_{text.data()}, end_{text.data() + text.size()} {}

    void literal(std::string_view wanted) noexcept {
        if (left() < wanted.size() || std::string_view{at_, wanted.size()} != wanted)
            give_up();
        else
            at_ += wanted.size();
    }

    void value(std::string& into) {
        literal("\"");
        auto const* const first = at_;
        auto const size = plain_prefix({first, left()});
        at_ += size;
        literal("\"");
        if (good_)
            into.assign(first, size);
    }
    void value(bool& into) noexcept {
        into = at_ != end_ && *at_ == 't';
        literal(into ? "true" : "false");
    }
    template <plain_integer Integer> void value(Integer& into) noexcept {
        auto const* const digits = at_ + (at_ != end_ && *at_ == '-' ? 1 : 0);
        auto const [stop, error] = std::from_chars(at_, end_, into);
        // JSON has no zeros in front, and what is meant by -0 is for the parser to say.
        if (error != std::errc{} || (*digits == '0' && stop - at_ > 1))
            give_up();
        else
            at_ = stop;
    }

    /// Whether everything was as expected, and nothing is left.
    bool done() const noexcept { return good_ && at_ == end_; }

private:
    std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    void give_up() noexcept {
        good_ = false;
        at_ = end_;
    }

    char const* at_;
    char const* end_;
    bool good_ = true;
};

/// Whether the document was as expected; `into` is only then of use. Complexity: linear.
template <plain_struct Struct> bool read_plain(std::string_view document, Struct& into) {
    plain_reader reader{document};
    char const* before = "{\"";
    for_each_field(into, [&](std::string_view name, auto& member) {
        reader.literal({before, 2});
        reader.literal(name);
        reader.literal("\":");
        reader.value(member);
        before = ",\"";
    });
    reader.literal("}");
    return reader.done();
}

} // namespace converge::detail
