// The row catalogue: which rows there are, and the number of each. A row is known by (family, key) to its
// users and by its id to everything on disk; an id is never given to another row.
//
// A Row in memory is shared by all who write to that row at the moment, and there is only one for each: so a
// batch that was begun before its row was removed finds, under the row's lock, that it has to write the row's
// record again.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/kv.h"
#include "engine/number_reserve.h"
#include "engine/record.h"
#include "nmstore/line.h"
#include "nmstore/result.h"

namespace nmstore {

inline constexpr std::int64_t kHourMs = 3'600'000;

struct Row {
    const RowId id;
    const std::uint32_t family;
    const std::string key;

    // The rest as it is on disk; guarded by the row's lock.
    bool live = false;  // has a record in the catalogue
    std::int64_t min_hour = 0;
    std::int64_t max_hour = 0;
    std::string display{};  // the log's name as its lines gave it; "" if the key has it all

    // A sealer at work on this row (engine/sealer.h) builds, outside of all locks, from a snapshot of what
    // stands at this time and before; kNotSealing: none is. Who then puts a posted cell at or before it, or
    // removes anything, says so in `disturbed`, and what the sealer has built is thrown away. Appended lines
    // never disturb: their keys are new. Not on disk; guarded by the row's lock as well.
    static constexpr std::int64_t kNotSealing = INT64_MIN;
    std::int64_t sealing_to_ms = kNotSealing;
    bool disturbed = false;
    // No block of cells has a cell behind this; kUnknown: not looked for yet. Guarded likewise, not on disk.
    static constexpr std::int64_t kUnknown = INT64_MAX;
    std::int64_t cells_sealed_to_ms = kUnknown;
    std::int64_t first_entry_ms = INT64_MAX;  // the earliest entry that was put since the sealer began
};
using RowPtr = std::shared_ptr<Row>;

std::int64_t hour_of(std::int64_t time_ms);

class Catalogue {
  public:
    // How many rows are kept in memory when nobody uses them.
    static constexpr std::size_t kMaxCachedRows = 65536;

    explicit Catalogue(kv::Database& database);

    // The row, with a new id if it is not there; nothing is written before a batch completes it.
    Result<RowPtr> acquire(std::uint32_t family, std::string_view key);
    // nullptr if the row is not there and nobody is about to write it.
    Result<RowPtr> find(std::uint32_t family, std::string_view key) const;

    // Completes a batch under the row's lock: its record with what the caller has set, and all that a new row
    // needs. Set `row.live` when the batch has been applied.
    static void write(kv::Batch& batch, const Row& row);
    // Everything of the catalogue that says the row is there. Set `row.live` to false when it has been
    // applied.
    static void erase(kv::Batch& batch, const Row& row);

    // Forgets all rows of a family that has been dropped.
    void forget(std::uint32_t family);

  private:
    static constexpr std::size_t kShards = 16;
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, RowPtr> rows;  // by family and key
        std::size_t sweep_at = kMaxCachedRows / kShards;
    };

    Shard& shard_of(const std::string& name) const;
    Result<RowPtr> load(std::uint32_t family, std::string_view key) const;
    static void make_room(Shard& shard);

    kv::Database& database_;
    NumberReserve ids_;
    mutable std::array<Shard, kShards> shards_;
};

}  // namespace nmstore
