// How RocksDB is set up: for a small machine (two cores, a bounded part of its memory) and for data that is
// mostly appended, read in ranges, and must survive a kill at any moment.
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>

#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kLeastMemoryBytes = 8 * kMiB;
constexpr std::size_t kLeastWriteBufferBytes = 1 * kMiB;
constexpr std::size_t kMostWriteBufferBytes = 64 * kMiB;
constexpr std::uint64_t kLeastLogBytes = 64 * kMiB;  // of write-ahead log before a flush is forced
constexpr std::uint64_t kMostLogBytes = 512 * kMiB;
constexpr std::uint64_t kTableFileBytes = 32 * kMiB;
constexpr std::uint64_t kSyncStepBytes = 1 * kMiB;  // table files go to disk step by step, not in bursts
constexpr int kBackgroundJobs = 2;
constexpr int kOpenFiles = 512;
constexpr double kBloomBitsPerKey = 10;

std::size_t write_budget(const Options& options) {
    return std::max(options.memory_bytes, kLeastMemoryBytes) / 2;
}

// A section of a block is read by itself, most of them some KiB.
std::size_t table_block_bytes(Space space) {
    switch (space) {
        case Space::entries:
            return 32 * 1024;
        case Space::blocks:
            return 16 * 1024;
        case Space::words:  // a page of the index is read by itself, about 1 KiB
            return 4 * 1024;
        default:
            return 8 * 1024;
    }
}

// The first of the wished-for kinds that this RocksDB was built with.
rocksdb::CompressionType best_compression(std::initializer_list<rocksdb::CompressionType> wishes) {
    const auto supported = rocksdb::GetSupportedCompressions();
    for (const auto wish : wishes) {
        if (std::find(supported.begin(), supported.end(), wish) != supported.end()) return wish;
    }
    return rocksdb::kNoCompression;
}

}  // namespace

Shared make_shared_parts(const Options& options) {
    Shared shared;
    shared.file_system = std::make_shared<LogFileSystem>(options.directory);
    shared.environment = rocksdb::NewCompositeEnv(shared.file_system);
    shared.block_cache =
        rocksdb::NewLRUCache(std::max(options.memory_bytes, kLeastMemoryBytes), /*num_shard_bits=*/4,
                             /*strict_capacity_limit=*/false, /*high_pri_pool_ratio=*/0.3);
    // Write buffers are charged to the cache: both together stay within memory_bytes.
    shared.write_buffers =
        std::make_shared<rocksdb::WriteBufferManager>(write_budget(options), shared.block_cache);
    shared.expired_dropped = std::make_shared<std::atomic<std::uint64_t>>(0);
    shared.compacted_bytes = std::make_shared<std::atomic<std::uint64_t>>(0);
    shared.damage = std::make_shared<DamageSeen>(options.directory);
    shared.health = std::make_shared<Health>(shared.compacted_bytes, shared.damage);
    return shared;
}

rocksdb::DBOptions database_options(const Options& options, const Shared& shared) {
    rocksdb::DBOptions result;
    result.env = shared.environment.get();
    result.create_if_missing = options.create_if_missing && !options.read_only;
    result.create_missing_column_families = !options.read_only;  // a store of an older format lacks some
    result.paranoid_checks = true;
    // A torn tail of the log is what a kill leaves behind: everything before it is kept.
    result.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    result.max_total_wal_size =
        std::clamp<std::uint64_t>(4 * write_budget(options), kLeastLogBytes, kMostLogBytes);
    result.max_background_jobs = kBackgroundJobs;
    result.max_open_files = kOpenFiles;
    result.write_buffer_manager = shared.write_buffers;
    result.bytes_per_sync = kSyncStepBytes;
    result.compaction_readahead_size = 2 * kMiB;
    result.enable_pipelined_write = true;
    // A reader leaves no trace, and may not be allowed to.
    result.info_log = make_diary(options.read_only ? "" : options.directory);
    result.stats_dump_period_sec = 0;
    result.stats_persist_period_sec = 0;
    result.listeners.push_back(shared.health);
    return result;
}

rocksdb::ColumnFamilyOptions space_options(Space space, const Options& options, const Shared& shared) {
    rocksdb::ColumnFamilyOptions result;
    result.write_buffer_size =
        std::clamp(write_budget(options) / 4, kLeastWriteBufferBytes, kMostWriteBufferBytes);
    result.max_write_buffer_number = 3;
    result.level_compaction_dynamic_level_bytes = true;
    result.target_file_size_base = kTableFileBytes;
    result.max_bytes_for_level_base = 4 * kTableFileBytes;
    result.compression =
        best_compression({rocksdb::kLZ4Compression, rocksdb::kSnappyCompression, rocksdb::kZSTD});
    result.bottommost_compression =
        best_compression({rocksdb::kZSTD, rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});

    rocksdb::BlockBasedTableOptions table;
    table.block_cache = shared.block_cache;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.block_size = table_block_bytes(space);
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    table.format_version = 5;
    table.checksum = rocksdb::kXXH3;
    result.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

    if (space == Space::blocks || space == Space::words) {
        result.compression = rocksdb::kNoCompression;
        result.bottommost_compression = rocksdb::kNoCompression;
    } else if (space == Space::counters) {
        result.merge_operator = make_counter_merge();
    } else if (options.expired && !options.read_only) {
        result.compaction_filter_factory = make_expiry_filter(space, options.expired, shared.expired_dropped);
    }
    return result;
}

}  // namespace nmstore::kv
