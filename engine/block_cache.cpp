#include "engine/block_cache.h"

#include <utility>

namespace nmstore {
namespace {

constexpr std::size_t kUsualBytes = std::size_t{8} << 10;  // of a part

}  // namespace

class PartsOfBlock final : public block::SharedParts {
  public:
    PartsOfBlock(BlockCache& cache, std::uint64_t block) : cache_(cache), block_(block) {}

    std::shared_ptr<const block::OpenedFilter> filter() override {
        return std::static_pointer_cast<const block::OpenedFilter>(cache_.find(block_, BlockCache::kFilters));
    }
    std::shared_ptr<const block::OpenedDirectory> directory() override {
        return std::static_pointer_cast<const block::OpenedDirectory>(
            cache_.find(block_, BlockCache::kDirectories));
    }
    void keep(std::shared_ptr<const block::OpenedFilter> filter) override {
        if (filter->damage) cache_.damaged_filters_.fetch_add(1, std::memory_order_relaxed);
        const std::size_t bytes = filter->memory_bytes();
        cache_.keep(block_, BlockCache::kFilters, std::move(filter), bytes);
    }
    void keep(std::shared_ptr<const block::OpenedDirectory> directory) override {
        const std::size_t bytes = directory->memory_bytes();
        cache_.keep(block_, BlockCache::kDirectories, std::move(directory), bytes);
    }

  private:
    BlockCache& cache_;
    const std::uint64_t block_;
};

std::unique_ptr<block::SharedParts> BlockCache::parts_of(std::uint64_t block) {
    return std::make_unique<PartsOfBlock>(*this, block);
}

// Parts are some KiB at least; where they are smaller, counts are a little less certain.
BlockCache::BlockCache(std::size_t capacity_bytes) : shard_bytes_(capacity_bytes / kShards) {
    for (Shard& shard : shards_) {
        for (Parts& parts : shard.parts) parts.uses.resize(shard_bytes_ / kUsualBytes);
    }
}

std::shared_ptr<const void> BlockCache::find(std::uint64_t block, Part part) {
    Shard& shard = shard_of(block);
    const std::lock_guard lock(shard.mutex);
    Parts& parts = shard.parts[part];
    parts.uses.note(block);
    const auto at = parts.places.find(block);
    if (at == parts.places.end()) {
        misses_.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    hits_.fetch_add(1, std::memory_order_relaxed);
    return parts.kept[at->second].part;
}

void BlockCache::keep(std::uint64_t block, Part part, std::shared_ptr<const void> opened, std::size_t bytes) {
    bytes += sizeof(Kept) + 8 * sizeof(void*);  // what vector and map need for it, about
    // What would push out much of the rest is not kept.
    if (bytes > shard_bytes_ / 2) return;
    Shard& shard = shard_of(block);
    const std::lock_guard lock(shard.mutex);
    Parts& parts = shard.parts[part];
    if (parts.places.contains(block) || !make_room(shard, block, part, bytes)) return;
    parts.places.emplace(block, parts.kept.size());
    parts.kept.push_back({block, std::move(opened), bytes});
    parts.bytes += bytes;
}

// false: what is there is wanted more.
bool BlockCache::make_room(Shard& shard, std::uint64_t block, Part part, std::size_t bytes) {
    Parts& filters = shard.parts[kFilters];
    Parts& directories = shard.parts[kDirectories];
    const std::size_t share = shard_bytes_ / kDirectoryShare;
    while (shard.bytes() + bytes > shard_bytes_) {
        const std::size_t of_directories = directories.bytes + (part == kDirectories ? bytes : 0);
        const Part from = of_directories > share && !directories.kept.empty() ? kDirectories : kFilters;
        Parts& parts = from == kDirectories ? directories : filters;
        const std::size_t place = least_used(shard, from);
        // Where all are asked for in turn, those that come later in it have been asked for once more or less.
        if (from == part && parts.uses.of(block) < parts.uses.of(parts.kept[place].block) + 2) return false;
        forget(parts, place);
    }
    return true;
}

std::size_t BlockCache::least_used(Shard& shard, Part part) {
    const Parts& parts = shard.parts[part];
    NM_CHECK(!parts.kept.empty());
    std::size_t least = 0;
    for (std::size_t i = 0; i < kTried; ++i) {
        // Any order does that comes by all of them.
        shard.turn = shard.turn * 6364136223846793005ULL + 1442695040888963407ULL;
        const std::size_t place = static_cast<std::size_t>(shard.turn >> 33) % parts.kept.size();
        if (i == 0 || parts.uses.of(parts.kept[place].block) < parts.uses.of(parts.kept[least].block))
            least = place;
    }
    return least;
}

void BlockCache::forget(Parts& parts, std::size_t place) {
    Kept& gone = parts.kept[place];
    parts.bytes -= gone.bytes;
    parts.places.erase(gone.block);
    if (&gone != &parts.kept.back()) {
        gone = std::move(parts.kept.back());
        parts.places[gone.block] = place;
    }
    parts.kept.pop_back();
    evictions_.fetch_add(1, std::memory_order_relaxed);
}

void BlockCache::tell(StoreStats& stats) const {
    stats.block_cache_limit = shard_bytes_ * kShards;
    stats.block_cache_hits = hits_.load(std::memory_order_relaxed);
    stats.block_cache_misses = misses_.load(std::memory_order_relaxed);
    stats.damaged_filters = damaged_filters_.load(std::memory_order_relaxed);
    stats.block_cache_evictions = evictions_.load(std::memory_order_relaxed);
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        stats.block_cache_bytes += shard.bytes();
        stats.block_cache_filters += shard.parts[kFilters].kept.size();
        stats.block_cache_directories += shard.parts[kDirectories].kept.size();
    }
}

}  // namespace nmstore
