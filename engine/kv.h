// The boundary below the engine: an ordered key-value store with spaces, partitions and atomic batches.
// kv_rocksdb.cpp is the one that we use; only it knows RocksDB. Order holds within one (space, partition)
// only, so that a store with partition and clustering keys could stand behind this boundary one day.
//
// Threads: a Database is safe from any thread; batches and cursors belong to one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/store.h"

namespace nmstore::kv {

// Each is a RocksDB column family with options of its own.
enum class Space : std::uint8_t {
    meta,       // format version, families, high-water marks, origins of line batches
    catalogue,  // row key -> row, by family; row id -> row key
    cells,      // cells of cell families
    entries,    // cells and lines of time families
    index,      // secondary indexes
    counters,   // 64-bit little-endian, merged by addition
    blocks,     // sealed blocks of lines of time families; compressed by themselves
    words,      // segments of the word index
    changes,    // what commits have changed, in their order
};
inline constexpr std::size_t kSpaces = 9;

// A partition's name may be empty, and at most this long; longer is an impossible state. Keys and values
// have no limit of their own.
inline constexpr std::size_t kMaxPartitionBytes = 254;

// Collects writes in order; kept apart from the database until commit().
class Batch {
  public:
    virtual ~Batch() = default;
    virtual void put(Space space, std::string_view partition, std::string_view key,
                     std::string_view value) = 0;
    virtual void remove(Space space, std::string_view partition, std::string_view key) = 0;
    // All keys of the partition, and those in [begin, end) of it.
    virtual void remove_partition(Space space, std::string_view partition) = 0;
    virtual void remove_range(Space space, std::string_view partition, std::string_view begin,
                              std::string_view end) = 0;
    // Adds to the 64-bit number at the key (absent: 0). Space::counters only.
    virtual void add(std::string_view partition, std::string_view key, std::int64_t delta) = 0;
    virtual std::size_t bytes() const = 0;
    virtual std::size_t count() const = 0;
    // Gives every put() into the space so far, in their order, also those that a later write undoes. Walks
    // through the whole batch, whatever is wanted of it; `each` must not write into it.
    virtual Result<void> each_put(Space space,
                                  const std::function<void(std::string_view partition, std::string_view key,
                                                           std::string_view value)>& each) const = 0;
    // Where it writes or removes something, each partition once; of Space::entries and Space::blocks only.
    virtual const std::vector<std::string>& partitions(Space space) const = 0;
};

// Walks one partition. Starts invalid: seek first. Views are valid until the next move.
class Cursor {
  public:
    virtual ~Cursor() = default;
    virtual void seek_first() = 0;
    virtual void seek_last() = 0;
    virtual void seek(std::string_view key) = 0;           // first key >= `key`
    virtual void seek_for_prev(std::string_view key) = 0;  // last key <= `key`
    virtual void next() = 0;
    virtual void prev() = 0;
    virtual bool valid() const = 0;  // false at either end, and after an error: then see status()
    virtual std::string_view key() const = 0;
    virtual std::string_view value() const = 0;
    virtual Result<void> status() const = 0;
};

// Says whether a stored value has expired and may be dropped while compacting. Must not throw.
using Expired = std::function<bool(Space space, std::string_view value)>;

struct Options {
    std::string directory;
    bool create_if_missing = true;
    bool read_only = false;
    SyncMode sync = SyncMode::always;
    std::uint32_t sync_interval_ms = 100;
    std::size_t memory_bytes = std::size_t{128} << 20;
    Expired expired;
    std::string ballast_path;  // of the file that is given up when the disk is full; "": none
    std::optional<std::uint64_t> ballast_bytes;  // see StoreOptions
    std::function<DiskRoom()> disk_room;         // empty: the file system is asked
};

// Partitions of one space whose names are of one length: all from first to last, both inclusive.
struct PartitionRange {
    std::string first;
    std::string last;
};

// What Database::settle() is worth: it does nothing to what is greater.
struct Tidying {
    std::uint64_t log_bytes = 0;         // the write-ahead log goes only if it has more than this
    std::uint64_t entry_bytes = 0;       // that Space::entries has on disk
    std::uint64_t block_bytes = 0;       // that Space::blocks has there
    std::uint64_t live_block_bytes = 0;  // and it must have an eighth more than this, which is wanted
};

struct DatabaseStats {
    std::uint64_t disk_bytes = 0;
    std::uint64_t log_bytes = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t commits = 0;
    std::uint64_t syncs = 0;
    std::uint64_t expired_dropped = 0;
    std::uint64_t disk_free_bytes = 0;
    std::uint64_t ballast_bytes = 0;
    std::uint64_t ballast_given_up = 0;
    std::uint64_t files_dropped = 0;
    std::uint64_t damage_seen = 0;           // as in StoreStats
    std::vector<std::string> damaged_files;  // likewise
    bool writable = true;
    std::string why_not_writable;
};

// What drop_files() has done.
struct DroppedFiles {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    // Nothing was done: there is an older snapshot, a compaction is being asked for, or one takes longer than
    // a second.
    bool held = false;
};

// What mend_files() has done.
struct MendedFiles {
    std::uint64_t gone = 0;
    std::vector<std::string> left;  // each with why, in brackets
};
// A partition that anybody may still ask for.
struct LivePartition {
    std::string name;
    // All keys that it has, rising, where that is known. Else its end cannot be told where what is damaged
    // follows it.
    std::optional<std::vector<std::string>> keys;
};
// Those of a space from range.first to range.last, in order: those that are not named have nothing that is
// wanted. nullopt: that is not known of this space.
using LivePartitions = std::function<Result<std::optional<std::vector<LivePartition>>>(
    Space space, const PartitionRange& range)>;

class Database {
  public:
    static Result<std::unique_ptr<Database>> open(const Options& options);
    virtual ~Database() = default;  // syncs and closes
    virtual Result<void> close() = 0;

    virtual std::unique_ptr<Batch> new_batch() const = 0;
    // Applies the batch atomically; it is visible to all when this returns, and durable once
    // wait_durable(ticket) has returned. The split lets a caller let go of its row locks before it waits.
    virtual Result<std::uint64_t> apply(Batch& batch) = 0;
    // The same for a batch that removes more than it puts. It is also taken while the store is read-only
    // because the disk is full: the ballast is given up for it.
    virtual Result<std::uint64_t> apply_removal(Batch& batch) = 0;
    // Returns when everything up to the ticket is on disk (SyncMode::always), else at once. One fsync serves
    // all who wait.
    virtual Result<void> wait_durable(std::uint64_t ticket) = 0;

    virtual SnapshotPtr snapshot() const = 0;
    // A number of the moment of a snapshot, or (null) of now, that rises with every write: what has been
    // applied by then has had one that is not greater, what is applied later has a greater one.
    virtual std::uint64_t moment(const SnapshotPtr& snapshot = nullptr) const = 0;
    virtual Result<std::optional<std::string>> get(Space space, std::string_view partition,
                                                   std::string_view key,
                                                   const SnapshotPtr& snapshot = nullptr) const = 0;
    // Whether each key is there; same order as `keys`. Cheaper than get() for many keys, most of them absent.
    virtual Result<std::vector<bool>> contains(
        Space space, const std::vector<std::pair<std::string, std::string>>& partition_keys) const = 0;
    // The cursor holds the snapshot. scan: the caller will read much of the partition once (do not fill the
    // cache).
    virtual std::unique_ptr<Cursor> cursor(Space space, std::string_view partition,
                                           const SnapshotPtr& snapshot = nullptr,
                                           bool scan = false) const = 0;
    // The first partition of a space that has a key and comes behind `after` in the order of length and
    // bytes; nullopt: there is none. nullopt as `after`: from the beginning.
    virtual Result<std::optional<std::string>> next_partition(
        Space space, const std::optional<std::string>& after) const = 0;
    // Calls back for every key of a space, partition by partition, in no order that callers may rely on.
    // false stops.
    virtual Result<void> scan_space(Space space, const SnapshotPtr& snapshot,
                                    const std::function<bool(std::string_view partition, std::string_view key,
                                                             std::string_view value)>& each) const = 0;

    virtual DatabaseStats stats() const = 0;
    virtual bool writable() const = 0;  // cheap
    // So little is free that what can be done without is to go, before writes end. Cheap: as it was lately.
    virtual bool room_is_short() const = 0;
    // Bytes that the files of a space hold, and those that partitions have of them, about; what is in memory
    // only does not count, and what has been removed does until it is compacted. In the order given.
    virtual Result<std::uint64_t> space_size(Space space) const = 0;
    virtual Result<std::vector<std::uint64_t>> sizes(Space space,
                                                     const std::vector<PartitionRange>& ranges) const = 0;
    // corruption: there are damaged files; what can be compacted without them has been.
    virtual Result<void> compact(const Progress& progress) = 0;
    // Takes damaged files away (those of stats()) of which everything that `live` names can be read: that is
    // written anew before. Writers wait for it some milliseconds at a time; readers with old snapshots are
    // waited for, but not long.
    virtual Result<MendedFiles> mend_files(const LivePartitions& live, const Progress& progress) = 0;
    // Gives back the room of what has been removed in these partitions, unless a snapshot holds it. Also
    // while the disk is full.
    virtual Result<void> compact_partitions(Space space, const std::vector<PartitionRange>& ranges,
                                            const Progress& progress) = 0;
    // Takes away, without reading them, files of a space that hold nothing but what has been removed.
    // `is_dead` says, by the snapshot, whether nothing is left of any partition from first to last, both
    // inclusive; what is put there afterwards is spared. Everything that the snapshot has is on disk when a
    // file goes.
    using IsDead = std::function<Result<bool>(const PartitionRange& range, const SnapshotPtr& snapshot)>;
    virtual Result<DroppedFiles> drop_files(Space space, const SnapshotPtr& snapshot,
                                            const IsDead& is_dead) = 0;
    // For a quiet moment: what memory holds goes into table files, and with it the write-ahead log; and what
    // was removed from entries and blocks goes from the disk. Ends soon, the rest undone, when `stop` is set.
    virtual Result<void> settle(const Tidying& tidying, std::atomic<bool>& stop) = 0;
    // Reads every file of the database. A damaged one is told to `damaged`, and the next is read; without
    // `damaged` the first is an Error (corruption).
    virtual Result<void> verify_checksums(const Progress& progress,
                                          const std::function<void(const Error&)>& damaged = {}) const = 0;
    virtual Result<BackupInfo> backup(const std::string& directory, std::int64_t now_ms,
                                      const Progress& progress) = 0;
};

// What is wrong with each damaged table file, by name; for a database that cannot be opened.
Result<std::vector<std::string>> damaged_table_files(const std::string& directory, const Progress& progress);

Result<std::vector<BackupInfo>> list_backups(const std::string& backup_directory);
Result<BackupInfo> restore_backup(const std::string& backup_directory, std::uint32_t id,
                                  const std::string& database_directory, const Progress& progress);

}  // namespace nmstore::kv
