// Parts of sealed blocks, kept in memory for the next query: opened filters, by which most blocks are passed
// over, opened directories, which tell most of the rest, and in what room these leave the other sections,
// decompressed: whoever looks for something asks again and again of the same hours.
//
// A block never changes and its number is never given again, so what is kept is never out of date; of blocks
// that are gone it is forgotten once others are wanted more.
//
// Most queries go through all blocks of their range, one after the other, and the next one does so again.
// Where these are more than there is room for, whoever keeps what was used last has thrown away each part
// just before it is asked for. So a part takes another's place only if it has been asked for more often of
// late: of a scan that is too long a part stays, and is found each time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/block/shared_parts.h"
#include "engine/use_counts.h"
#include "nmstore/store.h"

namespace nmstore {

// Of StoreOptions::memory_bytes, for what is kept of blocks; the rest is the database's.
inline constexpr std::size_t kBlockCacheShare = 2;  // one part of so many
// And of that, so much is the directories' at least; the filters, by which directories need not be asked for,
// may have all the rest. Sections make room for both.
inline constexpr std::size_t kDirectoryShare = 4;

// Any thread may call it. It must outlive what parts_of() gives.
class BlockCache {
  public:
    explicit BlockCache(std::size_t capacity_bytes);

    std::unique_ptr<block::SharedParts> parts_of(std::uint64_t block);
    void tell(StoreStats& stats) const;

  private:
    friend class PartsOfBlock;
    static constexpr std::size_t kShards = 8;
    static constexpr std::size_t kTried = 8;  // of so many parts that one goes which was asked for least

    enum Part : std::size_t { kFilters, kDirectories, kSections, kParts };
    // Of a filter or a directory the number of its block, of a section what section_id() makes of both.
    using Id = std::uint64_t;
    struct Kept {
        Id id = 0;
        std::shared_ptr<const void> part;
        std::size_t bytes = 0;
    };
    struct Parts {
        std::vector<Kept> kept;                      // in no order
        std::unordered_map<Id, std::size_t> places;  // in it
        UseCounts uses;
        std::size_t bytes = 0;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::array<Parts, kParts> parts;
        std::uint64_t turn = 0;  // which parts are tried next
        std::size_t bytes() const {
            return parts[kFilters].bytes + parts[kDirectories].bytes + parts[kSections].bytes;
        }
    };

    Shard& shard_of(std::uint64_t block) { return shards_[block % kShards]; }
    std::shared_ptr<const void> find(Shard& shard, Id id, Part part);
    void keep(Shard& shard, Id id, Part part, std::shared_ptr<const void> opened, std::size_t bytes);
    bool make_room(Shard& shard, Id id, Part part, std::size_t bytes);
    static Part gives_way(const Shard& shard, Part part, std::size_t bytes, std::size_t directory_share);
    static std::size_t least_used(Shard& shard, Part part);
    void forget(Parts& parts, std::size_t place);

    const std::size_t shard_bytes_;
    std::array<Shard, kShards> shards_;
    std::array<std::atomic<std::uint64_t>, kParts> hits_{};
    std::array<std::atomic<std::uint64_t>, kParts> misses_{};
    std::atomic<std::uint64_t> damaged_filters_{0};
    std::atomic<std::uint64_t> evictions_{0};
};

}  // namespace nmstore
