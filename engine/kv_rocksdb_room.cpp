// How much room parts of a database take on disk, and how what was removed there is given back.
#include <rocksdb/convenience.h>
#include <rocksdb/metadata.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <optional>
#include <shared_mutex>

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

}  // namespace

std::optional<PartitionRange> partitions_in(const rocksdb::SstFileMetaData& file) {
    std::string_view first;
    std::string_view last;
    std::string_view key;
    if (!split_stored_key(file.smallestkey, first, key) || !split_stored_key(file.largestkey, last, key))
        return std::nullopt;
    if (first.size() != last.size()) return std::nullopt;
    return PartitionRange{std::string(first), std::string(last)};
}

Result<bool> has_older_snapshot(const OpenDatabase& open, rocksdb::SequenceNumber now) {
    std::uint64_t oldest = 0;
    if (!open.db->GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest))
        return Error{Code::io, "cannot tell the oldest snapshot"};
    return oldest < now;
}

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
            const rocksdb::Status status = compact_range(open, options, open.handle(space), &begin, &end);
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

namespace {

bool overlap(const rocksdb::SstFileMetaData& a, const rocksdb::SstFileMetaData& b) {
    return a.smallestkey <= b.largestkey && b.smallestkey <= a.largestkey;
}

// Files of the lowest level, of whose range nothing is left by the snapshot, and nothing stands above them:
// so that nothing comes to light again when they go.
Result<std::vector<rocksdb::SstFileMetaData>> dead_files(const rocksdb::ColumnFamilyMetaData& meta,
                                                         const SnapshotPtr& snapshot,
                                                         rocksdb::SequenceNumber now,
                                                         const Database::IsDead& is_dead) {
    std::vector<rocksdb::SstFileMetaData> dead;
    const auto lowest =
        std::find_if(meta.levels.rbegin(), meta.levels.rend(),
                     [](const rocksdb::LevelMetaData& level) { return !level.files.empty(); });
    if (lowest == meta.levels.rend() || lowest->level == 0) return dead;
    std::vector<rocksdb::SstFileMetaData> above;
    for (const rocksdb::LevelMetaData& level : meta.levels) {
        if (level.level > 0 && level.level < lowest->level)
            above.insert(above.end(), level.files.begin(), level.files.end());
    }
    for (const rocksdb::SstFileMetaData& file : lowest->files) {
        // With our snapshot at hand nothing that was written after it is without its number.
        if (file.being_compacted || file.largest_seqno > now) continue;
        if (std::any_of(above.begin(), above.end(), [&](const auto& other) { return overlap(file, other); }))
            continue;
        const std::optional<PartitionRange> range = partitions_in(file);
        if (!range) continue;
        NM_ASSIGN(const bool is_dead_now, is_dead(*range, snapshot));
        if (is_dead_now) dead.push_back(file);
    }
    return dead;
}

}  // namespace

rocksdb::Status compact_range(const OpenDatabase& open, const rocksdb::CompactRangeOptions& options,
                              rocksdb::ColumnFamilyHandle* space, const rocksdb::Slice* begin,
                              const rocksdb::Slice* end) {
    const std::shared_lock lock(open.compacting);
    return open.db->CompactRange(options, space, begin, end);
}

// Whoever reads with a snapshot may still need what the files hold, if it is older than ours; iterators keep
// them.
Result<DroppedFiles> drop_dead_files(const OpenDatabase& open, Space space, const SnapshotPtr& snapshot,
                                     const Database::IsDead& is_dead) {
    DroppedFiles out;
    const rocksdb::SequenceNumber now =
        static_cast<const RocksSnapshot&>(*snapshot).get()->GetSequenceNumber();
    NM_ASSIGN(out.held, has_older_snapshot(open, now));
    if (out.held) return out;
    const std::unique_lock alone(open.compacting, std::try_to_lock);
    out.held = !alone.owns_lock();
    if (out.held) return out;
    const PausedWork paused(*open.pause);
    out.held = !paused.paused();
    if (out.held) return out;
    rocksdb::ColumnFamilyMetaData meta;
    open.db->GetColumnFamilyMetaData(open.handle(space), &meta);
    NM_ASSIGN(const std::vector<rocksdb::SstFileMetaData> dead, dead_files(meta, snapshot, now, is_dead));
    if (dead.empty()) return out;
    std::vector<rocksdb::Slice> ends;
    ends.reserve(2 * dead.size());
    std::vector<rocksdb::RangePtr> ranges;
    for (const rocksdb::SstFileMetaData& file : dead) {
        ends.emplace_back(file.smallestkey);
        ends.emplace_back(file.largestkey);
        ranges.emplace_back(&ends[ends.size() - 2], &ends[ends.size() - 1]);
        ++out.files;
        out.bytes += file.size;
    }
    const rocksdb::Status status =
        rocksdb::DeleteFilesInRanges(open.db.get(), open.handle(space), ranges.data(), ranges.size());
    if (!status.ok()) return to_error(status, "take files away");
    return out;
}

}  // namespace nmstore::kv
