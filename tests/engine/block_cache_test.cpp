#include "engine/block_cache.h"

#include <string>
#include <vector>

#include "engine/block/directory.h"
#include "engine/block/word_filter.h"
#include "tests/catch.h"

using namespace nmstore;

namespace {

constexpr std::size_t kCapacity = std::size_t{4} << 20;
constexpr std::size_t kBytes = std::size_t{8} << 10;  // of each part here, about
constexpr std::uint64_t kFit = kCapacity / kBytes;    // so many of them have room, a little less

std::shared_ptr<const block::OpenedFilter> a_filter() {
    static const std::string bytes = [] {
        block::WordGatherer words;
        for (std::size_t i = 0; i < kBytes * 8 / 9; ++i) words.add_word("word" + std::to_string(i));
        return words.take();
    }();
    return *block::OpenedFilter::open(bytes);
}

std::shared_ptr<const block::OpenedDirectory> a_directory() {
    const std::string pattern(kBytes, 'a');
    block::NewDirectory made;
    made.lines = 1;
    made.templates.push_back({pattern, 1, false, false, 0});
    std::string bytes = block::write_directory(made);
    bytes.shrink_to_fit();
    return *block::OpenedDirectory::open(std::move(bytes));
}

// As a query does: what is not there is read, and left. Whether it was there.
bool ask_filter(BlockCache& cache, std::uint64_t block) {
    const auto parts = cache.parts_of(block);
    if (parts->filter() != nullptr) return true;
    parts->keep(a_filter());
    return false;
}
bool ask_directory(BlockCache& cache, std::uint64_t block) {
    const auto parts = cache.parts_of(block);
    if (parts->directory() != nullptr) return true;
    parts->keep(a_directory());
    return false;
}

bool ask_section(BlockCache& cache, std::uint64_t block) {
    const auto parts = cache.parts_of(block);
    if (parts->section(9) != nullptr) return true;
    parts->keep(9, std::make_shared<const std::string>(kBytes, 's'));
    return false;
}

template <class Ask>
std::uint64_t found_of(BlockCache& cache, std::uint64_t from, std::uint64_t to, const Ask& ask) {
    std::uint64_t found = 0;
    for (std::uint64_t block = from; block < to; ++block) found += ask(cache, block) ? 1 : 0;
    return found;
}

StoreStats told(const BlockCache& cache) {
    StoreStats stats;
    cache.tell(stats);
    return stats;
}

}  // namespace

TEST_CASE("what is left in the cache of blocks is found, each part by itself") {
    BlockCache cache(kCapacity);
    const auto filter = a_filter();
    cache.parts_of(7)->keep(filter);
    CHECK(cache.parts_of(7)->filter() == filter);
    CHECK(cache.parts_of(7)->directory() == nullptr);
    CHECK(cache.parts_of(8)->filter() == nullptr);
    cache.parts_of(7)->keep(a_filter());  // somebody else was later
    CHECK(cache.parts_of(7)->filter() == filter);
    const auto directory = a_directory();
    cache.parts_of(7)->keep(directory);
    CHECK(cache.parts_of(7)->directory() == directory);
    const StoreStats stats = told(cache);
    CHECK(stats.block_cache_filters == 1);
    CHECK(stats.block_cache_directories == 1);
    CHECK(stats.block_cache_hits == 3);
    CHECK(stats.block_cache_misses == 2);
    CHECK(stats.block_cache_evictions == 0);
    CHECK(stats.block_cache_bytes >= filter->memory_bytes() + directory->memory_bytes());
}

TEST_CASE("the cache of blocks keeps to its limit, and a part that is too great is not kept") {
    BlockCache cache(kCapacity);
    for (int round = 0; round < 4; ++round) {
        found_of(cache, 0, 4 * kFit, ask_filter);
        found_of(cache, 0, 4 * kFit, ask_directory);
        const StoreStats stats = told(cache);
        CHECK(stats.block_cache_bytes <= kCapacity);
        CHECK(stats.block_cache_bytes > kCapacity * 9 / 10);
        CHECK(stats.block_cache_limit == kCapacity);
        CHECK(stats.block_cache_filters + stats.block_cache_directories <= kFit);
    }
    BlockCache small(kBytes * 8);  // in eight parts
    CHECK_FALSE(ask_filter(small, 1));
    CHECK_FALSE(ask_filter(small, 1));
    CHECK(told(small).block_cache_bytes == 0);
}

TEST_CASE("of a scan that is longer than the cache a part is found each time") {
    BlockCache cache(kCapacity);
    for (int round = 0; round < 20; ++round) found_of(cache, 0, 2 * kFit, ask_filter);
    for (int round = 0; round < 5; ++round) CHECK(found_of(cache, 0, 2 * kFit, ask_filter) > kFit * 8 / 10);
}

TEST_CASE("one long scan pushes out nothing that is asked for again and again") {
    BlockCache cache(kCapacity);
    for (int round = 0; round < 5; ++round) found_of(cache, 0, kFit / 2, ask_directory);
    found_of(cache, kFit, 7 * kFit, ask_directory);
    CHECK(found_of(cache, 0, kFit / 2, ask_directory) > kFit / 2 * 9 / 10);
}

TEST_CASE("what is asked for now takes the place of what was asked for once") {
    BlockCache cache(kCapacity);
    for (int round = 0; round < 20; ++round) found_of(cache, 0, kFit, ask_filter);
    for (int round = 0; round < 60; ++round) found_of(cache, 10 * kFit, 10 * kFit + kFit / 2, ask_filter);
    CHECK(found_of(cache, 10 * kFit, 10 * kFit + kFit / 2, ask_filter) > kFit / 2 * 9 / 10);
    CHECK(told(cache).block_cache_evictions > kFit / 4);
}

TEST_CASE("filters take the place of directories, but for the share that is theirs") {
    BlockCache cache(kCapacity);
    for (int round = 0; round < 10; ++round) found_of(cache, 0, kFit, ask_directory);
    CHECK(told(cache).block_cache_directories > kFit * 8 / 10);
    found_of(cache, 0, 2 * kFit, ask_filter);
    StoreStats stats = told(cache);
    CHECK(stats.block_cache_directories < kFit * 3 / 10);
    CHECK(stats.block_cache_directories > kFit * 2 / 10);
    CHECK(stats.block_cache_filters > kFit * 6 / 10);
    for (int round = 0; round < 10; ++round) found_of(cache, 5 * kFit, 6 * kFit, ask_directory);
    stats = told(cache);
    CHECK(stats.block_cache_filters > kFit * 6 / 10);

    BlockCache full(kCapacity);  // of filters alone
    found_of(full, 0, 2 * kFit, ask_filter);
    CHECK(told(full).block_cache_filters > kFit * 8 / 10);
    found_of(full, 0, kFit, ask_directory);
    CHECK(told(full).block_cache_directories > kFit * 2 / 10);
}

TEST_CASE("sections are kept each by itself, and counted by themselves") {
    BlockCache cache(kCapacity);
    const auto bytes = std::make_shared<const std::string>("columns");
    cache.parts_of(7)->keep(6, bytes);
    CHECK(cache.parts_of(7)->section(6) == bytes);
    CHECK(cache.parts_of(7)->section(7) == nullptr);
    CHECK(cache.parts_of(8)->section(6) == nullptr);
    CHECK(cache.parts_of(7)->filter() == nullptr);
    const StoreStats stats = told(cache);
    CHECK(stats.block_cache_sections == 1);
    CHECK(stats.block_cache_section_hits == 1);
    CHECK(stats.block_cache_section_misses == 2);
    CHECK(stats.block_cache_hits == 0);
    CHECK(stats.block_cache_misses == 1);
}

TEST_CASE("sections have the room that filters and directories leave") {
    BlockCache cache(kCapacity);
    for (int round = 0; round < 10; ++round) found_of(cache, 0, 2 * kFit, ask_section);
    StoreStats stats = told(cache);
    CHECK(stats.block_cache_sections > kFit * 8 / 10);
    CHECK(stats.block_cache_bytes <= kCapacity);
    CHECK(found_of(cache, 0, 2 * kFit, ask_section) > kFit * 8 / 10);
    // However often they were asked for.
    found_of(cache, 0, kFit / 2, ask_filter);
    CHECK(found_of(cache, 0, kFit / 2, ask_filter) == kFit / 2);
    stats = told(cache);
    CHECK(stats.block_cache_sections > kFit * 3 / 10);
    CHECK(stats.block_cache_bytes <= kCapacity);
    found_of(cache, 0, kFit, ask_filter);
    found_of(cache, 0, kFit, ask_directory);
    for (int round = 0; round < 10; ++round) found_of(cache, 0, kFit, ask_section);
    CHECK(told(cache).block_cache_sections < kFit / 50);
}

TEST_CASE("counts of uses fade, and are told apart") {
    UseCounts counts;
    counts.resize(1000);
    for (int i = 0; i < 3; ++i) counts.note(5);
    CHECK(counts.of(5) == 3);
    CHECK(counts.of(6) == 0);
    for (int i = 0; i < 100; ++i) counts.note(7);
    CHECK(counts.of(7) == UseCounts::kMost);
    for (std::uint64_t other = 100; other < 2'000; ++other) counts.note(other);
    CHECK(counts.of(7) == UseCounts::kMost);
    for (std::uint64_t other = 100; other < 20'000; ++other) counts.note(other % 2'000);
    CHECK(counts.of(7) < UseCounts::kMost);
}
