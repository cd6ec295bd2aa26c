// What hubs may send whose credentials lack the role admin: what they have written themselves, no more of it
// at a time than others can wait for, and nothing that would do harm to what others have written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "nmstore/journal.h"
#include "nmstore/result.h"

namespace nmstore::server {

// Of a post, unpacked: half of what a request brings by default, so that the record goes on to other hubs as
// well.
inline constexpr std::size_t kMostUntrustedBytes = std::size_t{64} << 20;
inline constexpr std::uint64_t kMostUntrustedText = std::uint64_t{256} << 20;  // of lines, also in blocks
// Of a post: what it costs to write it, in cells. One of a hub that is honest has a tenth of that, or is sent
// in smaller parts after too_large. So many cells in one record take seconds, and some 500 MB meanwhile.
inline constexpr std::uint64_t kMostUntrustedCost = 200'000;
inline constexpr std::uint64_t kLinesForOne = 64;           // of blocks
inline constexpr std::uint64_t kCostOfRemoval = 20;         // of a row
inline constexpr std::uint64_t kCostOfCellRemoval = 1'000;  // of a time, which may stand in blocks
inline constexpr std::uint64_t kCostOfSource = 1'000;       // of lines: its name is kept
inline constexpr std::uint64_t kCostOfFamily = 2'000;  // one that is made or dropped, or one of its columns
inline constexpr std::uint64_t kCostOfIndex = 20'000;  // of a column, made or dropped
// It would win against whatever is written here for so long.
inline constexpr std::int64_t kMostAheadMs = 10'000;

Error lack_replication_admin(const std::string& what);  // conflict

// conflict: needs the role admin, or is ahead of now_ms. too_large: of all together. invalid_argument: cannot
// be read, here or by whoever reads it later.
Result<void> check_untrusted_records(const std::vector<JournalRecordView>& records, std::int64_t now_ms);

}  // namespace nmstore::server
