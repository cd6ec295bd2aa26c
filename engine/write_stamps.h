// When cells were written last, while there is a journal: so that of two hubs' writes of one cell the greater
// stamp stays (nmstore/journal.h). Kept for some time in a partition of Space::changes, by hashes of names,
// as rows that are gone have no number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/kv.h"
#include "nmstore/result.h"

namespace nmstore::write_stamps {

inline constexpr std::int64_t kKeepMs = std::int64_t{30} * 24 * 3600 * 1000;

// In the year 2248, the most that another hub may say: this hub's own stamps, which rise above it, have room.
inline constexpr std::uint64_t kMaxForeign = std::uint64_t{1} << 63;

struct Stamp {
    std::uint64_t stamp = 0;
    std::uint64_t hub = 0;  // the first 8 bytes of its id
    auto operator<=>(const Stamp&) const = default;
};

// What all keys of a row's cells begin with; it is also the key of the row's removal.
std::string row_key(std::string_view family, std::string_view row);
std::string cell_key(std::string_view row_key, std::string_view sortable_column);

// Of that key: tells a removal that is lost, as a cell is newer, from what is written into the row.
inline std::string removal_of(const std::string& row_key) {
    return row_key + '-';
}

void put(kv::Batch& batch, std::string_view key, const Stamp& stamp, std::int64_t now_ms);
void remove(kv::Batch& batch, std::string_view key);
Result<std::optional<Stamp>> get(const kv::Database& database, std::string_view key);
// Whether a cell of the row has a greater one.
Result<bool> any_greater(const kv::Database& database, std::string_view row_key, const Stamp& stamp);

Result<void> check(std::string_view value);                     // corruption: is none
bool has_expired(std::string_view value, std::int64_t now_ms);  // false of what is no stamp
std::uint64_t hub_number(std::string_view hub_id);

}  // namespace nmstore::write_stamps
