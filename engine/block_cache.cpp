#include "engine/block_cache.h"

#include <utility>

namespace nmstore {

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

std::shared_ptr<const void> BlockCache::find(std::uint64_t block, Part part) {
    Shard& shard = shard_of(block);
    const std::lock_guard lock(shard.mutex);
    Parts& parts = shard.parts[part];
    const auto at = parts.places.find(block);
    if (at == parts.places.end()) {
        misses_.fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    hits_.fetch_add(1, std::memory_order_relaxed);
    parts.kept.splice(parts.kept.begin(), parts.kept, at->second);
    return at->second->part;
}

void BlockCache::keep(std::uint64_t block, Part part, std::shared_ptr<const void> opened, std::size_t bytes) {
    bytes += sizeof(Kept) + 8 * sizeof(void*);  // what list and map need for it, about
    // What would push out much of the rest is not kept.
    if (bytes > shard_bytes_ / 2) return;
    Shard& shard = shard_of(block);
    const std::lock_guard lock(shard.mutex);
    Parts& parts = shard.parts[part];
    if (parts.places.contains(block)) return;
    parts.kept.push_front({block, std::move(opened), bytes});
    parts.places.emplace(block, parts.kept.begin());
    parts.bytes += bytes;
    Parts& directories = shard.parts[kDirectories];
    while (shard.bytes() > shard_bytes_) {
        const bool many = directories.bytes > shard_bytes_ / kDirectoryShare;
        forget_oldest(many ? directories : shard.parts[kFilters]);
    }
}

void BlockCache::forget_oldest(Parts& parts) {
    NM_CHECK(!parts.kept.empty());
    parts.bytes -= parts.kept.back().bytes;
    parts.places.erase(parts.kept.back().block);
    parts.kept.pop_back();
}

void BlockCache::tell(StoreStats& stats) const {
    stats.block_cache_hits = hits_.load(std::memory_order_relaxed);
    stats.block_cache_misses = misses_.load(std::memory_order_relaxed);
    stats.damaged_filters = damaged_filters_.load(std::memory_order_relaxed);
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        stats.block_cache_bytes += shard.bytes();
    }
}

}  // namespace nmstore
