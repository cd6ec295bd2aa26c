// The part of a verification that is about blocks: every section is there and sound, every line comes back in
// its place, and every word that a search could look for is in the filter.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/core.h"
#include "nmstore/sealed_block.h"
#include "nmstore/store.h"

namespace nmstore {

std::string name_of(const BlockInfo& block);  // for a person

class BlockVerification {
  public:
    // One key of Space::blocks, in any order. corruption: none of ours.
    Result<void> note(RowId row, std::string_view key, std::string_view value);
    // Looks into all blocks that were noted: each is given to `each`, and what is wrong to `problem`. An
    // Error only if the database cannot be read, or cancelled.
    Result<void> check(const Core& core, const SnapshotPtr& snapshot, const Progress& progress,
                       const std::function<void(const BlockInfo&)>& each,
                       const std::function<void(std::string)>& problem);

    // Sums over what was noted.
    std::uint64_t lines() const { return lines_; }
    std::uint64_t text_bytes() const { return text_bytes_; }
    std::uint64_t stored_bytes() const { return stored_bytes_; }
    std::uint64_t next_number() const { return next_number_; }  // greater than every block's
    std::uint64_t next_sequence() const {
        return next_sequence_;
    }  // greater than every line's, after check()

  private:
    struct Parts {
        bool has_head = false;
        bool whole = false;  // all sections are one value
        BlockInfo info;
        std::uint64_t stored_bytes = 0;  // of the sections
        std::uint32_t end = 0;           // greater than the number of each section
    };
    Result<void> check_block(const Core& core, const SnapshotPtr& snapshot, const BlockInfo& info);

    static Result<void> check_cells(const Core& core, const SnapshotPtr& snapshot, const BlockInfo& info);

    std::map<std::pair<RowId, std::uint64_t>, Parts> blocks_;
    std::uint64_t lines_ = 0;
    std::uint64_t text_bytes_ = 0;
    std::uint64_t stored_bytes_ = 0;
    std::uint64_t next_number_ = 1;
    std::uint64_t next_sequence_ = 1;
};

}  // namespace nmstore
