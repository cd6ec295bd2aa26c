// Builds and parses every key that the engine writes; docs/formats.md has the numbers. Everybody else passes
// typed values. Plain byte order of a key is the order of what it stands for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "nmstore/line.h"
#include "nmstore/result.h"

namespace nmstore::key {

// Partitions of Space::meta.
inline constexpr std::string_view kFormat = "format";      // kVersion -> format version
inline constexpr std::string_view kFamilies = "families";  // family id -> record::Family
inline constexpr std::string_view kDoomed = "doomed";      // dropped, not yet purged: as kFamilies
inline constexpr std::string_view kReserved = "reserved";  // name of a number -> first one not yet reserved
inline constexpr std::string_view kOrigins = "origins";    // source -> last sequence committed
inline constexpr std::string_view kVersion = "version";
inline constexpr std::string_view kReindex = "reindex";  // kReindexEnd -> see engine/reindexing.h
inline constexpr std::string_view kReindexEnd = "end";
inline constexpr std::string_view kChanges = "changes";  // kForgotten -> number of the first change that is kept
inline constexpr std::string_view kForgotten = "first";
inline constexpr std::string_view kJournalFirst = "journal";   // likewise of the journal; there while one is kept
inline constexpr std::string_view kJournalStamp = "stamp";     // in kChanges: the greatest of all records so far
inline constexpr std::string_view kJournalHub = "hub";         // in kChanges: the store's name at its last opening
inline constexpr std::string_view kPositions = "positions";    // a link, or a hub -> see engine/journal_positions.h

// The partition of Space::catalogue that maps row ids to row keys.
inline constexpr std::string_view kRowsById = "i";
// Partitions of Space::counters: the users' own, and the engine's.
inline constexpr std::string_view kUserCounters = "c";
inline constexpr std::string_view kOwnCounters = "s";
inline constexpr std::string_view kRowCount = "rows";  // key in kOwnCounters
// Keys in kOwnCounters: sums over all blocks.
inline constexpr std::string_view kBlockCount = "blocks";
inline constexpr std::string_view kBlockLines = "block lines";
inline constexpr std::string_view kBlockText = "block text";
inline constexpr std::string_view kBlockBytes = "block bytes";

std::string family(std::uint32_t id);
Result<std::uint32_t> parse_family(std::string_view key);

std::string rows_of_family(std::uint32_t family);  // a partition of Space::catalogue
// nullopt: not such a partition (kRowsById).
std::optional<std::uint32_t> parse_rows_of_family(std::string_view partition);

// A row's partition in Space::cells and Space::entries, and its key in kRowsById.
std::string row(RowId id);
Result<RowId> parse_row(std::string_view key);

// Entries of a time family: time, then sequence; the posted cell of a time (sequence 0) comes first.
struct Entry {
    std::int64_t time_ms = 0;
    std::uint64_t sequence = 0;
};
std::string entry(std::int64_t time_ms, std::uint64_t sequence);
std::string entries_end(std::int64_t time_ms);  // greater than every entry of this time, not of later ones
Result<Entry> parse_entry(std::string_view key);

// A block of a row: its head, and its sections by number. All heads of a row stand before all sections.
std::string block_head(std::uint64_t number);
std::string block_section(std::uint64_t number, std::size_t section);
std::string_view block_heads_end();
inline constexpr std::uint32_t kWholeBlock = UINT32_MAX;  // as a section: all of them in one value
struct BlockPart {
    std::uint64_t number = 0;
    std::optional<std::uint32_t> section;  // none: the head
};
Result<BlockPart> parse_block_part(std::string_view key);

// A segment of the word index: its partition in Space::words, and what stands in it.
std::string segment(std::uint64_t number);
Result<std::uint64_t> parse_segment(std::string_view partition);
std::string_view segment_head();
std::string segment_page(std::size_t page);
std::string segment_ranges(std::uint32_t width);
struct SegmentPart {
    enum Kind : std::uint8_t { head, page, ranges } kind = head;
    std::uint32_t number = 0;  // of the page; width of the ranges
};
Result<SegmentPart> parse_segment_part(std::string_view key);

// The partition of Space::changes, and a change in it.
inline constexpr std::string_view kChangeRecords = "c";
inline constexpr std::string_view kJournalRecords = "j";
inline constexpr std::string_view kWriteStamps = "w";  // see engine/write_stamps.h
std::string change(std::uint64_t number);
Result<std::uint64_t> parse_change(std::string_view key);

// Notes (Store::put_notes): the partition of Space::meta of an area. Keys are the notes' names.
std::string notes(std::string_view area);

// A counter: row, column, and bounds of a row's counters.
struct Counter {
    std::string row;
    std::string column;
};
std::string counter(std::string_view row, std::string_view column);
std::string counters_begin(std::string_view row);
std::string counters_end(std::string_view row);
// Where rows that begin with `text` start.
std::string counter_rows_from(std::string_view text);
Result<Counter> parse_counter(std::string_view key);

// Secondary index: one partition for each column, in it value and row.
inline constexpr std::size_t kMaxIndexedBytes = 1024;       // longer values are indexed by hash and length
inline constexpr std::size_t kMaxIndexedColumnBytes = 200;  // sortable; a partition's name is short
std::string index_of_column(std::uint32_t family, std::string_view sortable_column);
struct IndexPartition {
    std::uint32_t family = 0;
    std::string_view sortable_column;
};
Result<IndexPartition> parse_index_partition(std::string_view partition);
std::string index_value(std::string_view value);  // what the keys of this value begin with
// The length of the value's part of an index key.
Result<std::size_t> index_value_bytes(std::string_view key);
// Whether an index key tells its value only by hash, so that the cell must be looked at.
bool is_hashed_index_value(std::string_view key);

}  // namespace nmstore::key
