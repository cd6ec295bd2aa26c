// Builds and parses every value that the engine writes; docs/formats.md has the numbers.
// parse_… fails with corruption on bytes that cannot have been written by it. Views point into the bytes
// given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv.h"
#include "nmstore/column_family.h"
#include "nmstore/day_row.h"
#include "nmstore/line.h"
#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore::record {

// Of the whole store; a store of a greater version is not opened.
inline constexpr std::uint32_t kFormatVersion = 6;
// Had no blocks, no word index, no changes, no journal: opened as they are, and opening one to write makes it the present one.
inline constexpr std::uint32_t kFormatVersionWithoutBlocks = 1;
inline constexpr std::uint32_t kFormatVersionWithoutIndex = 3;
inline constexpr std::uint32_t kFormatVersionWithoutChanges = 4;
inline constexpr std::uint32_t kFormatVersionWithoutJournal = 5;

std::string number(std::uint64_t number);  // high-water marks, sequences of origins
Result<std::uint64_t> parse_number(std::string_view bytes);
std::string version(std::uint32_t version);
Result<std::uint32_t> parse_version(std::string_view bytes);
Result<std::int64_t> parse_counter(std::string_view bytes);

// A family's id is in its key, so it is not in the record. Names of columns are kept as text.
std::string family(const FamilyInfo& info);
Result<FamilyInfo> parse_family(std::uint32_t id, std::string_view bytes);

// A row in the catalogue, under its family and key.
struct Row {
    RowId id = 0;
    RowKind kind = RowKind::other;
    std::int32_t day = 0;
    std::int64_t min_hour = 0;  // hours since the epoch that hold all entries; cell families: 0
    std::int64_t max_hour = 0;
    std::string_view display;  // the log's name as its lines gave it; "" if the key has it all
};
std::string row(const Row& row);
Result<Row> parse_row(std::string_view bytes);

// A row in the catalogue, under its id.
struct RowName {
    std::uint32_t family = 0;
    std::string_view key;
};
std::string row_name(std::uint32_t family, std::string_view key);
Result<RowName> parse_row_name(std::string_view bytes);

// What stands in Space::cells and Space::entries: a posted cell, or an appended line.
struct Entry {
    bool is_line = false;
    std::int64_t expires_at_ms = 0;  // 0: never
    std::string_view value;          // of a cell: as posted; of a line: its text
    std::string_view fields;         // of a line: "" or a JSON object
};
// Replace what is in `out`, keeping its memory.
void cell(std::string& out, std::int64_t expires_at_ms, std::string_view value);
void line(std::string& out, std::string_view text, std::string_view fields);
Result<Entry> parse_entry(std::string_view bytes);

std::string index_entry(RowId row, std::int64_t expires_at_ms);
struct IndexEntry {
    RowId row = 0;
    std::int64_t expires_at_ms = 0;
};
Result<IndexEntry> parse_index_entry(std::string_view bytes);

// The head of a block; its row and number are in its key.
std::string block_head(const BlockInfo& info);
Result<BlockInfo> parse_block_head(RowId row, std::uint64_t number, std::string_view bytes);

inline bool has_expired(std::int64_t expires_at_ms, std::int64_t now_ms) {
    return expires_at_ms != 0 && expires_at_ms <= now_ms;
}
// For the compaction: whether a stored value's time has come. False for what it cannot read.
bool has_expired(kv::Space space, std::string_view bytes, std::int64_t now_ms);

}  // namespace nmstore::record
