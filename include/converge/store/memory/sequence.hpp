// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

namespace converge::detail {

/// Values that stay where they are when others are added, in blocks each of which is twice as large as the
/// one before. One thread adds and takes away; others may at the same time look at what was there when they
/// learned the number of values.
template <class Value> class memory_sequence {
public:
    memory_sequence() = default;
    memory_sequence(memory_sequence const&) = delete;
    memory_sequence& operator=(memory_sequence const&) = delete;
    ~memory_sequence() {
        while (size_ > 0)
            pop_back();
        for (std::size_t each = 0; each < blocks_.size(); ++each)
            if (blocks_[each] != nullptr)
                std::allocator<Value>{}.deallocate(blocks_[each], first_block << each);
    }

    std::size_t size() const noexcept { return size_; }
    Value const& operator[](std::size_t at) const noexcept { return *place_of(at); }
    Value& back() noexcept { return *place_of(size_ - 1); }

    template <class... Arguments> Value& emplace_back(Arguments&&... arguments) {
        auto& block = blocks_[number_of_block(size_)];
        if (block == nullptr)
            block = std::allocator<Value>{}.allocate(first_block << number_of_block(size_));
        auto& added = *std::construct_at(place_of(size_), std::forward<Arguments>(arguments)...);
        ++size_;
        return added;
    }
    void pop_back() noexcept { std::destroy_at(place_of(--size_)); }

private:
    static constexpr std::size_t first_block = 256;

    static std::size_t number_of_block(std::size_t at) noexcept {
        return static_cast<std::size_t>(std::bit_width(at / first_block + 1)) - 1;
    }
    Value* place_of(std::size_t at) const noexcept {
        auto const block = number_of_block(at);
        return blocks_[block] + (at + first_block - (first_block << block));
    }

    std::array<Value*, 48> blocks_{};
    std::size_t size_ = 0;
};

} // namespace converge::detail
