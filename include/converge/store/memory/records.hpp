// SPDX-License-Identifier: MIT
#pragma once

#include <converge/store/error.hpp>
#include <converge/store/record.hpp>
#include <converge/store/validation.hpp>

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace converge::detail {

/// The records of a memory store. No locks.
class memory_records {
public:
    std::optional<record> find(std::string_view name) const {
        auto const found = records_.find(name);
        return found == records_.end() ? std::nullopt : std::optional{found->second};
    }

    std::vector<record> find_all(std::string_view prefix) const {
        std::vector<record> found;
        for (auto each = records_.lower_bound(prefix);
             each != records_.end() && each->first.starts_with(prefix); ++each)
            found.push_back(each->second);
        return found;
    }

    std::optional<record_revision>
    write(std::string_view name, record_revision expected, std::string_view value) {
        if (revision_of(name) != expected)
            return std::nullopt;
        record written{std::string{name}, last_ + 1, std::string{value}};
        if (expected == 0)
            records_.emplace(written.name, std::move(written));
        else
            records_.find(name)->second = std::move(written);
        return ++last_;
    }

    bool remove(std::string_view name, record_revision expected) {
        auto const found = records_.find(name);
        if (found == records_.end() || found->second.revision != expected)
            return false;
        records_.erase(found);
        return true;
    }

    void require(std::span<fence const> fences) const {
        for (auto const& each : fences)
            if (auto const actual = revision_of(each.record); actual != each.revision)
                throw store_error{store_trouble::lease_lost, "memory store: " + lost_lease(each, actual)};
    }

private:
    record_revision revision_of(std::string_view name) const {
        auto const found = records_.find(name);
        return found == records_.end() ? 0 : found->second.revision;
    }

    std::map<std::string, record, std::less<>> records_;
    record_revision last_ = 0;
};

} // namespace converge::detail
