// Opened parts of sealed blocks, kept in memory for the next query: the filters, by which most blocks are
// passed over, and the directories, which tell most of the rest. What was decoded of columns is not kept.
//
// A block never changes and its number is never given again, so what is kept is never out of date; of blocks
// that are gone it is forgotten with age. What was used longest ago goes first, directories before filters as
// long as they have more than their least share.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "engine/block/shared_parts.h"
#include "nmstore/store.h"

namespace nmstore {

// Of StoreOptions::memory_bytes; the rest is the database's.
inline constexpr std::size_t kBlockCacheShare = 4;  // one part of so many
inline constexpr std::size_t kDirectoryShare = 4;   // and of that, so much is the directories' at least

// Any thread may call it. It must outlive what parts_of() gives.
class BlockCache {
  public:
    explicit BlockCache(std::size_t capacity_bytes) : shard_bytes_(capacity_bytes / kShards) {}

    std::unique_ptr<block::SharedParts> parts_of(std::uint64_t block);
    void tell(StoreStats& stats) const;

  private:
    friend class PartsOfBlock;
    static constexpr std::size_t kShards = 8;

    enum Part : std::size_t { kFilters, kDirectories, kParts };
    struct Kept {
        std::uint64_t block = 0;
        std::shared_ptr<const void> part;
        std::size_t bytes = 0;
    };
    // Those used last stand first.
    struct Parts {
        std::list<Kept> kept;
        std::unordered_map<std::uint64_t, std::list<Kept>::iterator> places;
        std::size_t bytes = 0;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::array<Parts, kParts> parts;
        std::size_t bytes() const { return parts[kFilters].bytes + parts[kDirectories].bytes; }
    };

    Shard& shard_of(std::uint64_t block) { return shards_[block % kShards]; }
    std::shared_ptr<const void> find(std::uint64_t block, Part part);
    void keep(std::uint64_t block, Part part, std::shared_ptr<const void> opened, std::size_t bytes);
    static void forget_oldest(Parts& parts);

    const std::size_t shard_bytes_;
    std::array<Shard, kShards> shards_;
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
    std::atomic<std::uint64_t> damaged_filters_{0};
};

}  // namespace nmstore
