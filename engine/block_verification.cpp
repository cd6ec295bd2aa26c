#include "engine/block_verification.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/block_check.h"
#include "engine/catalogue.h"
#include "engine/key.h"
#include "engine/own_counter.h"
#include "engine/partition_walk.h"
#include "engine/record.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

// What to do.
constexpr std::string_view kReindex = "; \"nm-tool reindex\" makes it anew";
constexpr std::string_view kRestore = "; restore a backup";

}  // namespace

std::string name_of_block(std::uint64_t number, RowId id, std::string_view row) {
    std::string name = "block " + std::to_string(number) + " of row number " + std::to_string(id);
    if (!row.empty()) name += " (\"" + printable(row) + "\")";
    return name;
}

BlockVerification::BlockVerification(const Core& core, SnapshotPtr snapshot, const Progress& progress,
                                     FindRow find_row, Problem problem)
    : core_(core),
      snapshot_(std::move(snapshot)),
      progress_(progress),
      find_row_(std::move(find_row)),
      problem_(std::move(problem)),
      now_ms_(core.clock.now_ms()),
      total_(own_counter(core, key::kBlockCount)) {}

void BlockVerification::tell(std::uint64_t block, const std::string& what) {
    problem_(name_of_block(block, row_, row_key_) + what);
}

Result<bool> BlockVerification::run(
    std::function<std::vector<std::string>()> known,
    const std::function<void(const std::string& partition, const Error& error)>& unreadable) {
    PartitionWalk walk;
    walk.each = [this](auto partition, auto key, auto value) { return note(partition, key, value); };
    walk.known = std::move(known);
    walk.unreadable = [&](const std::string& partition, const Error& error) {
        // Half of a row's parts would be told as blocks without sections.
        if (partition == partition_) parts_.clear();
        unreadable(partition, error);
    };
    NM_ASSIGN(const bool whole, walk_partitions(*core_.database, kv::Space::blocks, snapshot_, walk));
    NM_TRY(check_row());
    return whole;
}

// All keys of a row come together; with the first of the next one it is complete.
Result<void> BlockVerification::note(std::string_view partition, std::string_view key,
                                     std::string_view value) {
    if (partition != partition_) {
        NM_TRY(check_row());
        partition_ = partition;
    }
    const auto row = key::parse_row(partition);
    Result<void> added = row.ok() ? add_block_part(parts_, *row, key, value) : Result<void>(row.error());
    if (row.ok()) row_ = *row;
    if (added.ok()) return {};
    if (added.error().code != Code::corruption) return added;
    problem_(added.error().message + " (" + printable(key) + ")" + std::string(kRestore));
    return {};
}

Result<void> BlockVerification::check_row() {
    if (parts_.empty()) return {};
    NM_ASSIGN(const auto row, find_row_(row_));
    row_key_ = row ? row->key : std::string();
    for (const auto& [number, parts] : parts_) {
        next_number_ = std::max(next_number_, number + 1);
        if (!row) {
            tell(number, " belongs to no row of a time family: nobody sees it" + std::string(kRestore));
        } else if (parts.has_head) {
            count(parts, *row);
        }
        if (!parts.has_head) {
            tell(number, " has sections, but no head: nobody sees its lines" + std::string(kRestore));
            continue;
        }
        const Result<void> checked = check_parts(parts, kind_of_row(row_key_));
        if (!checked.ok() && checked.error().code != Code::corruption) return checked;
        if (!checked.ok()) tell(number, ": " + checked.error().message + std::string(kRestore));
        if (progress_ && !progress_({"verify", ++done_, std::max(done_, total_), "blocks"}))
            return Error{Code::cancelled, "the verification was stopped"};
    }
    if (row) NM_TRY(check_cell_ranges());
    parts_.clear();
    return {};
}

void BlockVerification::count(const BlockParts& parts, const RowSeen& row) {
    const BlockInfo& block = parts.info;
    ++blocks_;
    lines_ += block.lines;
    text_bytes_ += block.text_bytes;
    stored_bytes_ += block.stored_bytes;
    (block.cells != 0 ? cells_ : appended_lines_) += block.cells != 0 ? block.cells : block.lines;
    const std::int64_t first_ms = block.cells != 0 ? block.first_cell_ms : block.first.time_ms;
    const std::int64_t last_ms = block.cells != 0 ? block.last_cell_ms : block.last.time_ms;
    if (hour_of(first_ms) < row.min_hour || hour_of(last_ms) > row.max_hour)
        tell(block.number, " is outside of the time that its row is said to span: searches may pass it over" +
                               std::string(kRestore));
}

Result<void> BlockVerification::check_parts(const BlockParts& parts, RowKind kind) {
    if (!parts.has_whole && parts.stored_bytes == 0) {
        tell(parts.info.number, ": its sections are missing" + std::string(kRestore));
        return {};
    }
    NM_ASSIGN(const BlockFindings found, check_block(parts.info, parts.as_stored(), kind, [&] {
                  return open_block_parts(core_, parts, snapshot_);
              }));
    for (const BlockFault& fault : found.faults)
        tell(parts.info.number,
             ": " + fault.what + std::string(fault.derived && found.readable ? kReindex : kRestore));
    next_sequence_ = std::max(next_sequence_, found.next_sequence);
    return {};
}

// Blocks of cells do not overlap, and no live cell of the entries stands in the range of one.
Result<void> BlockVerification::check_cell_ranges() {
    std::vector<const BlockInfo*> blocks;
    for (const auto& [number, parts] : parts_) {
        if (parts.has_head && parts.info.cells != 0) blocks.push_back(&parts.info);
    }
    std::sort(blocks.begin(), blocks.end(), [](const BlockInfo* a, const BlockInfo* b) {
        return std::pair(a->first_cell_ms, a->number) < std::pair(b->first_cell_ms, b->number);
    });
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (i != 0 && blocks[i]->first_cell_ms <= blocks[i - 1]->last_cell_ms)
            tell(blocks[i]->number, " overlaps block " + std::to_string(blocks[i - 1]->number) +
                                        ", and both are of cells" + std::string(kRestore));
        NM_TRY(check_entries_within(*blocks[i]));
    }
    return {};
}

Result<void> BlockVerification::check_entries_within(const BlockInfo& block) {
    const auto cursor = core_.database->cursor(kv::Space::entries, partition_, snapshot_);
    for (cursor->seek(key::entry(block.first_cell_ms, 0)); cursor->valid(); cursor->next()) {
        const auto at = key::parse_entry(cursor->key());
        const auto entry = record::parse_entry(cursor->value());
        if (!at.ok() || !entry.ok()) continue;  // told where entries are looked at
        if (at->time_ms > block.last_cell_ms) break;
        if (at->sequence != 0 || record::has_expired(entry->expires_at_ms, now_ms_)) continue;
        tell(block.number, " has the posted cell at " + std::to_string(at->time_ms) +
                               " in its range, which is no part of it" + std::string(kRestore));
        break;
    }
    const Result<void> read = cursor->status();
    if (!read.ok() && read.error().code != Code::corruption) return read;
    return {};  // a row that cannot be read is told where entries are looked at
}

}  // namespace nmstore
