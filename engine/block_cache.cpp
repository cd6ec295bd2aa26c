#include "engine/block_cache.h"

#include <utility>

namespace nmstore {
namespace {

constexpr std::size_t kUsualBytes = std::size_t{8} << 10;  // of a part

// A block has fewer sections than 2^21; a store that makes a thousand blocks a second comes to number 2^43 in
// centuries.
constexpr unsigned kSectionBits = 21;

std::uint64_t section_id(std::uint64_t block, std::size_t section) {
    NM_CHECK(block >> (64 - kSectionBits) == 0 && section >> kSectionBits == 0);
    return block << kSectionBits | section;
}

}  // namespace

class PartsOfBlock final : public block::SharedParts {
  public:
    PartsOfBlock(BlockCache& cache, std::uint64_t block)
        : cache_(cache), shard_(cache.shard_of(block)), block_(block) {}

    std::shared_ptr<const block::OpenedFilter> filter() override {
        return std::static_pointer_cast<const block::OpenedFilter>(
            cache_.find(shard_, block_, BlockCache::kFilters));
    }
    std::shared_ptr<const block::OpenedDirectory> directory() override {
        return std::static_pointer_cast<const block::OpenedDirectory>(
            cache_.find(shard_, block_, BlockCache::kDirectories));
    }
    std::shared_ptr<const std::string> section(std::size_t place) override {
        return std::static_pointer_cast<const std::string>(
            cache_.find(shard_, section_id(block_, place), BlockCache::kSections));
    }
    void keep(std::shared_ptr<const block::OpenedFilter> filter) override {
        if (filter->damage) cache_.damaged_filters_.fetch_add(1, std::memory_order_relaxed);
        const std::size_t bytes = filter->memory_bytes();
        cache_.keep(shard_, block_, BlockCache::kFilters, std::move(filter), bytes);
    }
    void keep(std::shared_ptr<const block::OpenedDirectory> directory) override {
        const std::size_t bytes = directory->memory_bytes();
        cache_.keep(shard_, block_, BlockCache::kDirectories, std::move(directory), bytes);
    }
    void keep(std::size_t place, std::shared_ptr<const std::string> section) override {
        const std::size_t bytes = sizeof(std::string) + section->capacity();
        cache_.keep(shard_, section_id(block_, place), BlockCache::kSections, std::move(section), bytes);
    }

  private:
    BlockCache& cache_;
    BlockCache::Shard& shard_;
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

std::shared_ptr<const void> BlockCache::find(Shard& shard, Id id, Part part) {
    const std::lock_guard lock(shard.mutex);
    Parts& parts = shard.parts[part];
    parts.uses.note(id);
    const auto at = parts.places.find(id);
    if (at == parts.places.end()) {
        misses_[part].fetch_add(1, std::memory_order_relaxed);
        return nullptr;
    }
    hits_[part].fetch_add(1, std::memory_order_relaxed);
    return parts.kept[at->second].part;
}

void BlockCache::keep(Shard& shard, Id id, Part part, std::shared_ptr<const void> opened, std::size_t bytes) {
    bytes += sizeof(Kept) + 8 * sizeof(void*);  // what vector and map need for it, about
    // What would push out much of the rest is not kept.
    if (bytes > shard_bytes_ / 2) return;
    const std::lock_guard lock(shard.mutex);
    Parts& parts = shard.parts[part];
    if (parts.places.contains(id) || !make_room(shard, id, part, bytes)) return;
    parts.places.emplace(id, parts.kept.size());
    parts.kept.push_back({id, std::move(opened), bytes});
    parts.bytes += bytes;
}

// Of which one goes so that `bytes` of `part` find room in a full shard.
BlockCache::Part BlockCache::gives_way(const Shard& shard, Part part, std::size_t bytes,
                                       std::size_t directory_share) {
    if (part == kSections || !shard.parts[kSections].kept.empty()) return kSections;
    const Parts& directories = shard.parts[kDirectories];
    const std::size_t of_directories = directories.bytes + (part == kDirectories ? bytes : 0);
    return of_directories > directory_share && !directories.kept.empty() ? kDirectories : kFilters;
}

// false: what is there is wanted more.
bool BlockCache::make_room(Shard& shard, Id id, Part part, std::size_t bytes) {
    while (shard.bytes() + bytes > shard_bytes_) {
        const Part from = gives_way(shard, part, bytes, shard_bytes_ / kDirectoryShare);
        Parts& parts = shard.parts[from];
        if (parts.kept.empty()) return false;
        const std::size_t place = least_used(shard, from);
        // Where all are asked for in turn, those that come later in it have been asked for once more or less.
        if (from == part && parts.uses.of(id) < parts.uses.of(parts.kept[place].id) + 2) return false;
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
        if (i == 0 || parts.uses.of(parts.kept[place].id) < parts.uses.of(parts.kept[least].id))
            least = place;
    }
    return least;
}

void BlockCache::forget(Parts& parts, std::size_t place) {
    Kept& gone = parts.kept[place];
    parts.bytes -= gone.bytes;
    parts.places.erase(gone.id);
    if (&gone != &parts.kept.back()) {
        gone = std::move(parts.kept.back());
        parts.places[gone.id] = place;
    }
    parts.kept.pop_back();
    evictions_.fetch_add(1, std::memory_order_relaxed);
}

void BlockCache::tell(StoreStats& stats) const {
    stats.block_cache_limit = shard_bytes_ * kShards;
    const auto sum = [](const std::array<std::atomic<std::uint64_t>, kParts>& counts) {
        return counts[kFilters].load(std::memory_order_relaxed) +
               counts[kDirectories].load(std::memory_order_relaxed);
    };
    stats.block_cache_hits = sum(hits_);
    stats.block_cache_misses = sum(misses_);
    stats.block_cache_section_hits = hits_[kSections].load(std::memory_order_relaxed);
    stats.block_cache_section_misses = misses_[kSections].load(std::memory_order_relaxed);
    stats.damaged_filters = damaged_filters_.load(std::memory_order_relaxed);
    stats.block_cache_evictions = evictions_.load(std::memory_order_relaxed);
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        stats.block_cache_bytes += shard.bytes();
        stats.block_cache_filters += shard.parts[kFilters].kept.size();
        stats.block_cache_directories += shard.parts[kDirectories].kept.size();
        stats.block_cache_sections += shard.parts[kSections].kept.size();
    }
}

}  // namespace nmstore
