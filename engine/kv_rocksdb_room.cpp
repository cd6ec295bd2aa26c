// How much room parts of a database take on disk, and how what was removed there is given back.
#include <sys/statvfs.h>

#include <algorithm>
#include <optional>

#include "engine/kv_rocksdb.h"
#include "engine/watched_work.h"

namespace nmstore::kv {

namespace {

constexpr std::uint64_t kMostReserveBytes = std::uint64_t{64} << 20;  // of a small disk less:
constexpr std::uint64_t kReserveShare = 50;                           // one part in so many

struct StoredRange {
    explicit StoredRange(const PartitionRange& range)
        : begin(partition_prefix(range.first)), end(partition_end(range.last)) {}
    std::string begin;
    std::string end;
};

std::vector<StoredRange> stored_ranges(const std::vector<PartitionRange>& ranges) {
    return {ranges.begin(), ranges.end()};
}

// nullopt: it has a key that is none of ours, as the end of a range that was removed may be.
std::optional<PartitionRange> partitions_in(const rocksdb::SstFileMetaData& file) {
    std::string_view first;
    std::string_view last;
    std::string_view key;
    if (!split_stored_key(file.smallestkey, first, key) || !split_stored_key(file.largestkey, last, key))
        return std::nullopt;
    if (first.size() != last.size()) return std::nullopt;
    return PartitionRange{std::string(first), std::string(last)};
}

}  // namespace

DiskRoom room_of_file_system(const std::string& directory) {
    struct statvfs info {};
    if (statvfs(directory.c_str(), &info) != 0) return {};  // trying tells
    return {std::uint64_t{info.f_bavail} * info.f_frsize, std::uint64_t{info.f_blocks} * info.f_frsize};
}

std::uint64_t reserve_of(const DiskRoom& room) {
    return std::min(kMostReserveBytes, room.size_bytes / kReserveShare);
}

Result<std::uint64_t> space_bytes(const OpenDatabase& open, Space space) {
    std::uint64_t bytes = 0;
    if (open.handle(space) == nullptr) return bytes;  // an older format's, opened to be read
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

// Only files of the lowest level go: below them nothing can come to light again. Whoever reads with a
// snapshot may still need what they hold, if it is older than ours; iterators keep their files.
Result<DroppedFiles> drop_dead_files(const OpenDatabase& open, Space space, const SnapshotPtr& snapshot,
                                     const Database::IsDead& is_dead) {
    DroppedFiles out;
    const rocksdb::SequenceNumber now =
        static_cast<const RocksSnapshot&>(*snapshot).get()->GetSequenceNumber();
    std::uint64_t oldest = 0;
    if (!open.db->GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest))
        return Error{Code::io, "cannot tell the oldest snapshot"};
    out.held = oldest < now;
    if (out.held) return out;
    rocksdb::ColumnFamilyMetaData meta;
    open.db->GetColumnFamilyMetaData(open.handle(space), &meta);
    const auto lowest =
        std::find_if(meta.levels.rbegin(), meta.levels.rend(),
                     [](const rocksdb::LevelMetaData& level) { return !level.files.empty(); });
    if (lowest == meta.levels.rend() || lowest->level == 0) return out;
    for (const rocksdb::SstFileMetaData& file : lowest->files) {
        // With our snapshot at hand nothing that was written after it is without its number.
        if (file.being_compacted || file.largest_seqno > now) continue;
        const std::optional<PartitionRange> range = partitions_in(file);
        if (!range) continue;
        NM_ASSIGN(const bool dead, is_dead(*range, snapshot));
        if (!dead) continue;
        const rocksdb::Status status = open.db->DeleteFile(file.name);
        if (status.IsInvalidArgument()) continue;  // a compaction has moved or replaced it meanwhile
        if (!status.ok()) return to_error(status, "take away a file");
        ++out.files;
        out.bytes += file.size;
    }
    return out;
}

}  // namespace nmstore::kv
