// What the kv_rocksdb_*.cpp files share. Nobody else includes this: it brings RocksDB with it.
//
// One RocksDB column family for each Space. A key there is one byte with the length of the partition, the
// partition, and the key, so that a partition is one range and no partition's range holds another's keys.
#pragma once

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>
#include <rocksdb/merge_operator.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/write_buffer_manager.h>
#include <functional>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/background_pause.h"
#include "engine/group_commit.h"
#include "engine/kv.h"
#include "engine/kv_damage_seen.h"
#include "engine/kv_directory_size.h"
#include "engine/kv_rocksdb_health.h"
#include "engine/kv_rocksdb_log_files.h"

namespace nmstore::kv {

// ---- Status -------------------------------------------------------------------------------------
// Turns RocksDB's status into our error: "cannot <what>: <why>". The status must not be ok.
Error to_error(const rocksdb::Status& status, std::string_view what);

// ---- Keys ---------------------------------------------------------------------------------------
inline rocksdb::Slice to_slice(std::string_view text) {
    return {text.data(), text.size()};
}
inline std::string_view to_view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

std::string space_name(Space space);
std::string partition_prefix(std::string_view partition);
std::string stored_key(std::string_view partition, std::string_view key);
// The first possible key behind all keys of the partition.
std::string partition_end(std::string_view partition);
// False if no key of ours looks like this.
bool split_stored_key(std::string_view stored, std::string_view& partition, std::string_view& key);

// ---- Options and plug-ins -----------------------------------------------------------------------
// What outlives a single call: the counters and caches that the options refer to.
struct Shared {
    std::shared_ptr<LogFileSystem> file_system;
    std::shared_ptr<rocksdb::Env> environment;  // on the file system
    std::shared_ptr<rocksdb::Cache> block_cache;
    std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
    std::shared_ptr<DamageSeen> damage;
    std::shared_ptr<Health> health;
    std::shared_ptr<std::atomic<std::uint64_t>> expired_dropped;
    std::shared_ptr<std::atomic<std::uint64_t>> compacted_bytes;  // read by compactions since open
};

Shared make_shared_parts(const Options& options);
rocksdb::DBOptions database_options(const Options& options, const Shared& shared);
rocksdb::ColumnFamilyOptions space_options(Space space, const Options& options, const Shared& shared);

// Nothing is written if there is no directory.
std::shared_ptr<rocksdb::Logger> make_diary(const std::string& directory);
std::shared_ptr<rocksdb::MergeOperator> make_counter_merge();
std::int64_t decode_counter(std::string_view value);  // too short: the missing bytes are 0
std::string encode_counter(std::int64_t value);
std::shared_ptr<rocksdb::CompactionFilterFactory> make_expiry_filter(
    Space space, Expired expired, std::shared_ptr<std::atomic<std::uint64_t>> dropped);

// ---- The open database --------------------------------------------------------------------------
// A store of an older format that is only read may lack spaces: they have no handle, and nothing is in them.
//
// Shared by the Database, its snapshots and its cursors, so that whoever lets go last closes it.
struct OpenDatabase {
    ~OpenDatabase();

    rocksdb::ColumnFamilyHandle* handle(Space space) const {
        return handles[static_cast<std::size_t>(space)];
    }

    std::string directory;
    Shared shared;
    std::unique_ptr<rocksdb::DB> db;
    // Shared by those who have files compacted, held alone by who takes files away: RocksDB cannot do both at
    // once.
    mutable std::shared_mutex compacting;
    // Of what RocksDB flushes and compacts by itself; whoever holds `compacting` alone may ask for it. Null:
    // opened to be read only.
    std::unique_ptr<BackgroundPause> pause;
    // Shared by writers; held alone by who writes anew what is there, for a moment.
    mutable std::shared_mutex writing;
    std::array<rocksdb::ColumnFamilyHandle*, kSpaces> handles{};
};
using OpenDatabasePtr = std::shared_ptr<const OpenDatabase>;

class RocksSnapshot final : public Snapshot {
  public:
    explicit RocksSnapshot(OpenDatabasePtr open)
        : open_(std::move(open)), snapshot_(open_->db->GetSnapshot()) {}
    ~RocksSnapshot() override { open_->db->ReleaseSnapshot(snapshot_); }
    RocksSnapshot(const RocksSnapshot&) = delete;
    RocksSnapshot& operator=(const RocksSnapshot&) = delete;

    const rocksdb::Snapshot* get() const { return snapshot_; }

  private:
    OpenDatabasePtr open_;
    const rocksdb::Snapshot* snapshot_;
};

// What to read with: the snapshot, if there is one.
rocksdb::ReadOptions read_options(const SnapshotPtr& snapshot);

// The same as to_error() for what was read of the database: damage is counted.
Error read_error(const OpenDatabase& open, const rocksdb::Status& status,
                 std::string_view what = "read from the store");

// As Database::open.
Result<OpenDatabasePtr> open_database(const Options& options);

std::unique_ptr<Batch> make_batch(OpenDatabasePtr open);
// The status of the first write that could not be taken into the batch comes first.
Result<rocksdb::WriteBatch*> batch_to_write(Batch& batch);
std::unique_ptr<Cursor> make_cursor(OpenDatabasePtr open, Space space, std::string_view partition,
                                    const SnapshotPtr& snapshot, bool scan);

// ---- Maintenance --------------------------------------------------------------------------------
Result<void> flush_spaces(const OpenDatabase& open);
// The only way to ask for a compaction. Null: without an end.
rocksdb::Status compact_range(const OpenDatabase& open, const rocksdb::CompactRangeOptions& options,
                              rocksdb::ColumnFamilyHandle* space, const rocksdb::Slice* begin = nullptr,
                              const rocksdb::Slice* end = nullptr);
// Walks as those of Database do.
Result<void> scan_space(const OpenDatabase& open, Space space, const SnapshotPtr& snapshot,
                        const std::function<bool(std::string_view partition, std::string_view key,
                                                 std::string_view value)>& each);
Result<std::optional<std::string>> next_partition(const OpenDatabase& open, Space space,
                                                  const std::optional<std::string>& after);
Result<void> settle_spaces(const OpenDatabase& open, const Tidying& tidying, std::atomic<bool>& stop);
// As Database::compact.
Result<void> compact_spaces(const OpenDatabase& open, const Progress& progress);
// What can be compacted without damaged files is; corruption if there are some.
Result<void> compact_space(const OpenDatabase& open, const rocksdb::CompactRangeOptions& options,
                           rocksdb::ColumnFamilyHandle* space);
// As Database::mend_files. sync: what has been written is on disk.
Result<MendedFiles> mend_files(const OpenDatabase& open, const LivePartitions& live,
                               const std::function<Result<void>()>& sync, const Progress& progress);

// While it lives RocksDB neither flushes nor compacts by itself, so that its files stay as they are listed.
// Nobody has it compact meanwhile, who holds OpenDatabase::compacting. A compaction may run for minutes: who
// waits for its end for longer than a second holds up too many others, and comes again.
class PausedWork {
  public:
    explicit PausedWork(BackgroundPause& pause)
        : pause_(pause), paused_(pause.begin(std::chrono::milliseconds(1000))) {}
    ~PausedWork() {
        if (paused_) pause_.end();
    }
    PausedWork(const PausedWork&) = delete;
    PausedWork& operator=(const PausedWork&) = delete;
    bool paused() const { return paused_; }

  private:
    BackgroundPause& pause_;
    const bool paused_;
};

// Whether somebody reads with a snapshot of before `now`, which is one that is held.
Result<bool> has_older_snapshot(const OpenDatabase& open, rocksdb::SequenceNumber now);
// nullopt: it has a key that is none of ours, as the end of a range that was removed may be.
std::optional<PartitionRange> partitions_in(const rocksdb::SstFileMetaData& file);
DiskRoom room_of_file_system(const std::string& directory);
std::uint64_t reserve_of(const DiskRoom& room);  // what is never filled of a disk
Result<std::uint64_t> space_bytes(const OpenDatabase& open, Space space);
Result<std::vector<std::uint64_t>> partition_bytes(const OpenDatabase& open, Space space,
                                                   const std::vector<PartitionRange>& ranges);
Result<void> compact_partitions(const OpenDatabase& open, Space space,
                                const std::vector<PartitionRange>& ranges, const Progress& progress);
Result<DroppedFiles> drop_dead_files(const OpenDatabase& open, Space space, const SnapshotPtr& snapshot,
                                     const Database::IsDead& is_dead);
// Without files for which `skip` says so; null: none is left out.
using SkipFile =
    std::function<bool(const std::string& name, const std::string& session, std::uint64_t bytes)>;
Result<void> verify_table_files(const OpenDatabase& open, const Progress& progress,
                                const std::function<void(const Error&)>& damaged, const SkipFile& skip = {});
Result<BackupInfo> create_backup(const OpenDatabase& open, const std::string& directory, std::int64_t now_ms,
                                 const Progress& progress);

}  // namespace nmstore::kv
