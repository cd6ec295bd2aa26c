#include "engine/catalogue.h"

#include <algorithm>

#include "engine/key.h"
#include "nmstore/day_row.h"

namespace nmstore {
namespace {

constexpr std::uint64_t kRowIdChunk = 4096;

std::string name_of(std::uint32_t family, std::string_view key) {
    std::string name = key::family(family);
    name.append(key);
    return name;
}

}  // namespace

std::int64_t hour_of(std::int64_t time_ms) {
    return time_ms / kHourMs - (time_ms % kHourMs < 0 ? 1 : 0);
}

Catalogue::Catalogue(kv::Database& database) : database_(database), ids_(database, "row", kRowIdChunk) {}

Catalogue::Shard& Catalogue::shard_of(const std::string& name) const {
    return shards_[std::hash<std::string>{}(name) % kShards];
}

Result<RowPtr> Catalogue::load(std::uint32_t family, std::string_view key) const {
    NM_ASSIGN(const auto bytes, database_.get(kv::Space::catalogue, key::rows_of_family(family), key));
    if (!bytes) return RowPtr();
    NM_ASSIGN(const record::Row found, record::parse_row(*bytes));
    return std::make_shared<Row>(Row{found.id, family, std::string(key), true, found.min_hour, found.max_hour,
                                     std::string(found.display)});
}

// The database is read under the shard's lock, so that no two Rows of one name can come to be. Whoever writes
// a row holds it: what is not in memory is not being written.
Result<RowPtr> Catalogue::acquire(std::uint32_t family, std::string_view key) {
    std::string name = name_of(family, key);
    Shard& shard = shard_of(name);
    const std::lock_guard guard(shard.mutex);
    if (const auto it = shard.rows.find(name); it != shard.rows.end()) return it->second;
    NM_ASSIGN(RowPtr row, load(family, key));
    if (row == nullptr) {
        NM_ASSIGN(const RowId id, ids_.take());
        row = std::make_shared<Row>(Row{id, family, std::string(key)});
    }
    make_room(shard);
    shard.rows.emplace(std::move(name), row);
    return row;
}

Result<RowPtr> Catalogue::find(std::uint32_t family, std::string_view key) const {
    std::string name = name_of(family, key);
    Shard& shard = shard_of(name);
    const std::lock_guard guard(shard.mutex);
    if (const auto it = shard.rows.find(name); it != shard.rows.end()) return it->second;
    NM_ASSIGN(RowPtr row, load(family, key));
    if (row != nullptr) {
        make_room(shard);
        shard.rows.emplace(std::move(name), row);
    }
    return row;
}

// References are only copied under the shard's lock: one that is alone stays alone. Where a great batch holds
// most of the rows, the next sweep waits until there are twice as many.
void Catalogue::make_room(Shard& shard) {
    constexpr std::size_t kMost = kMaxCachedRows / kShards;
    if (shard.rows.size() < shard.sweep_at) return;
    for (auto it = shard.rows.begin(); it != shard.rows.end() && shard.rows.size() > kMost / 2;) {
        it = it->second.use_count() == 1 ? shard.rows.erase(it) : std::next(it);
    }
    shard.sweep_at = std::max(kMost, 2 * shard.rows.size());
}

void Catalogue::forget(std::uint32_t family) {
    for (Shard& shard : shards_) {
        const std::lock_guard guard(shard.mutex);
        std::erase_if(shard.rows, [&](const auto& entry) { return entry.second->family == family; });
    }
}

void Catalogue::write(kv::Batch& batch, const Row& row) {
    record::Row out;
    out.id = row.id;
    out.min_hour = row.min_hour;
    out.max_hour = row.max_hour;
    out.display = row.display;
    if (const auto day_row = parse_day_row(row.key)) {
        out.kind = day_row->kind;
        out.day = day_row->day;
    }
    batch.put(kv::Space::catalogue, key::rows_of_family(row.family), row.key, record::row(out));
    if (!row.live) {
        batch.put(kv::Space::catalogue, key::kRowsById, key::row(row.id),
                  record::row_name(row.family, row.key));
        batch.add(key::kOwnCounters, key::kRowCount, 1);
    }
}

void Catalogue::erase(kv::Batch& batch, const Row& row) {
    batch.remove(kv::Space::catalogue, key::rows_of_family(row.family), row.key);
    batch.remove(kv::Space::catalogue, key::kRowsById, key::row(row.id));
    batch.add(key::kOwnCounters, key::kRowCount, -1);
}

}  // namespace nmstore
