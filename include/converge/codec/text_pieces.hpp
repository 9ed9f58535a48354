// SPDX-License-Identifier: MIT
#pragma once

#include <converge/codec/plain_text.hpp>

#include <boost/uuid/uuid.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace converge::detail {

/// Appends many short pieces to a string. They are collected, and go there together: a call of `append` costs
/// more than they do. Nothing is there for sure before `out` is called.
class text_pieces {
public:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): the pieces
    explicit text_pieces(std::string& out) noexcept : out_{&out} {}
    text_pieces(text_pieces const&) = delete;
    text_pieces& operator=(text_pieces const&) = delete;

    /// The string, with all that was added; more may be appended to it.
    std::string& out() {
        out_->append(pieces_.data(), used_);
        used_ = 0;
        return *out_;
    }

    /// A literal: the compiler knows how much it copies.
    template <std::size_t Size> text_pieces& add(char const (&literal)[Size]) { // NOLINT(*-avoid-c-arrays)
        static_assert(Size - 1 <= capacity);
        std::memcpy(room_for(Size - 1).first, literal, Size - 1);
        used_ += Size - 1;
        return *this;
    }

    text_pieces& add(std::string_view text) {
        if (text.size() <= pieces_.size() - used_)
            used_ += text.copy(pieces_.data() + used_, text.size());
        else
            out().append(text);
        return *this;
    }

    /// In quotes. The text must be plain (`is_plain`).
    text_pieces& add_quoted(std::string_view plain) { return add("\"").add(plain).add("\""); }

    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    text_pieces& add_number(Number number) {
        constexpr std::size_t longest = 24;
        auto const [at, last] = room_for(longest);
        used_ = static_cast<std::size_t>(std::to_chars(at, last, number).ptr - pieces_.data());
        return *this;
    }

    text_pieces& add_quoted(boost::uuids::uuid const& id) {
        constexpr std::size_t digits = 36;
        add("\"");
        boost::uuids::to_chars(id, room_for(digits).first);
        used_ += digits;
        return add("\"");
    }

private:
    static constexpr std::size_t capacity = 1024;

    struct room {
        char* first;
        char* last;
    };

    /// For no more than all pieces together.
    room room_for(std::size_t size) {
        if (size > pieces_.size() - used_)
            (void)out();
        return {pieces_.data() + used_, pieces_.data() + pieces_.size()};
    }

    std::string* out_;
    std::size_t used_ = 0;
    std::array<char, capacity> pieces_; // only what is used is written
};

} // namespace converge::detail
