// How much room parts of a database take on disk, and how what was removed there is given back.
#include <algorithm>

#include "engine/kv_rocksdb.h"
#include "engine/watched_work.h"

namespace nmstore::kv {

namespace {

struct StoredRange {
    explicit StoredRange(const PartitionRange& range)
        : begin(partition_prefix(range.first)), end(partition_end(range.last)) {}
    std::string begin;
    std::string end;
};

std::vector<StoredRange> stored_ranges(const std::vector<PartitionRange>& ranges) {
    return {ranges.begin(), ranges.end()};
}

}  // namespace

Result<std::uint64_t> space_bytes(const OpenDatabase& open, Space space) {
    std::uint64_t bytes = 0;
    if (!open.db->GetIntProperty(open.handle(space), rocksdb::DB::Properties::kLiveSstFilesSize, &bytes)) {
        return Error{Code::io, "cannot tell the size of space " + space_name(space)};
    }
    return bytes;
}

Result<std::vector<std::uint64_t>> partition_bytes(const OpenDatabase& open, Space space,
                                                   const std::vector<PartitionRange>& ranges) {
    const std::vector<StoredRange> stored = stored_ranges(ranges);
    std::vector<rocksdb::Range> asked;
    asked.reserve(stored.size());
    for (const StoredRange& range : stored) asked.emplace_back(range.begin, range.end);
    std::vector<std::uint64_t> sizes(ranges.size());
    if (ranges.empty()) return sizes;
    rocksdb::SizeApproximationOptions options;
    options.include_files = true;
    options.include_memtables = false;
    const rocksdb::Status status = open.db->GetApproximateSizes(options, open.handle(space), asked.data(),
                                                                static_cast<int>(asked.size()), sizes.data());
    if (!status.ok()) return to_error(status, "tell sizes");
    return sizes;
}

Result<void> compact_partitions(const OpenDatabase& open, Space space,
                                const std::vector<PartitionRange>& ranges, const Progress& progress) {
    NM_ASSIGN(const std::vector<std::uint64_t> sizes, partition_bytes(open, space, ranges));
    std::uint64_t total = 0;
    for (const std::uint64_t size : sizes) total += size;
    std::atomic<bool> cancelled{false};
    std::atomic<std::uint64_t> done{0};
    const auto work = [&]() -> Result<void> {
        rocksdb::CompactRangeOptions options;
        options.exclusive_manual_compaction = false;
        // The removal itself goes down to the lowest level and takes along what it meets there.
        options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kSkip;
        options.canceled = &cancelled;
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            const StoredRange range(ranges[i]);
            const rocksdb::Slice begin(range.begin);
            const rocksdb::Slice end(range.end);
            const rocksdb::Status status = open.db->CompactRange(options, open.handle(space), &begin, &end);
            if (!status.ok()) return to_error(status, "give back room");
            done += sizes[i];
        }
        return {};
    };
    const auto report = [&]() -> ProgressReport {
        return {.stage = "give back room", .done = done, .total = total, .unit = "bytes"};
    };
    return run_watched(work, report, progress, [&] { cancelled = true; });
}

}  // namespace nmstore::kv
