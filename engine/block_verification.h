// The part of a verification that is about blocks: each by itself (engine/block_check.h), and against its
// row, the other blocks of the row and its entries.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/block_parts.h"
#include "engine/core.h"
#include "nmstore/store.h"

namespace nmstore {

// For a person: "block 7 of row number 3 (\"c:logs:l:2011:5:22\")"; `row` "" if it is not known.
std::string name_of_block(std::uint64_t number, RowId id, std::string_view row);

// Used once, by one thread. Holds the heads of one row and what one block takes.
class BlockVerification {
  public:
    struct RowSeen {
        std::string key;
        std::int64_t min_hour = 0;
        std::int64_t max_hour = 0;
    };
    // nullopt: there is no such row in a time family.
    using FindRow = std::function<Result<std::optional<RowSeen>>(RowId)>;
    using Problem = std::function<void(std::string)>;

    // All must outlive it.
    BlockVerification(const Core& core, SnapshotPtr snapshot, const Progress& progress, FindRow find_row,
                      Problem problem);

    // Looks into all blocks of rows that can be read; `known` and `unreadable` as walk_partitions() has them.
    // Whether nothing was unreadable. An Error only if reading fails otherwise, or cancelled.
    Result<bool> run(std::function<std::vector<std::string>()> known,
                     const std::function<void(const std::string& partition, const Error& error)>& unreadable);

    // Sums over the blocks of rows that are there, as their heads tell.
    std::uint64_t blocks() const { return blocks_; }
    std::uint64_t lines() const { return lines_; }
    std::uint64_t text_bytes() const { return text_bytes_; }
    std::uint64_t stored_bytes() const { return stored_bytes_; }
    std::uint64_t appended_lines() const { return appended_lines_; }
    std::uint64_t cells() const { return cells_; }
    std::uint64_t next_number() const { return next_number_; }      // greater than every block's
    std::uint64_t next_sequence() const { return next_sequence_; }  // greater than every line's in a block

  private:
    Result<void> note(std::string_view partition, std::string_view key, std::string_view value);
    Result<void> check_row();
    Result<void> check_parts(const BlockParts& parts, RowKind kind);
    void count(const BlockParts& parts, const RowSeen& row);
    Result<void> check_cell_ranges();
    Result<void> check_entries_within(const BlockInfo& block);
    void tell(std::uint64_t block, const std::string& what);

    const Core& core_;
    const SnapshotPtr snapshot_;
    const Progress& progress_;
    const FindRow find_row_;
    const Problem problem_;
    const std::int64_t now_ms_;
    const std::uint64_t total_;  // blocks, as the sum says

    // The row whose keys come.
    std::string partition_;
    RowId row_ = 0;
    std::string row_key_;
    BlockPartsByNumber parts_;

    std::uint64_t done_ = 0;
    std::uint64_t blocks_ = 0;
    std::uint64_t lines_ = 0;
    std::uint64_t text_bytes_ = 0;
    std::uint64_t stored_bytes_ = 0;
    std::uint64_t appended_lines_ = 0;
    std::uint64_t cells_ = 0;
    std::uint64_t next_number_ = 1;
    std::uint64_t next_sequence_ = 1;
};

}  // namespace nmstore
