// Records of the journal on their way to another hub: one zstd frame with a checksum, in it for each record
// its number and size as varints (LEB128), and its bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/journal.h"
#include "nmstore/result.h"

namespace nmstore::server {

inline constexpr std::string_view kJournalContentType = "application/x-nm-journal";
inline constexpr std::size_t kMaxUnpackedBytes = std::size_t{256} << 20;

std::string pack_records(const std::vector<JournalRecord>& records);

// too_large: more than that many bytes. invalid_argument: cut off, damaged, or nothing of this kind.
Result<std::string> unpack_records(std::string_view packed, std::size_t max_bytes = kMaxUnpackedBytes);
// The records of what unpack_records() gave, as views into it. invalid_argument, also where the numbers do
// not rise.
Result<std::vector<JournalRecordView>> split_records(std::string_view unpacked);

}  // namespace nmstore::server
