#include <rocksdb/convenience.h>

#include <algorithm>
#include <chrono>

#include "engine/kv_ballast.h"
#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

// Beside what memory holds: to go on after a full disk, and to remove something without giving up the
// ballast.
constexpr std::uint64_t kRoomToRecoverBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kRoomToRemoveBytes = std::uint64_t{16} << 20;
constexpr std::int64_t kRoomCheckMs = 50;
constexpr std::uint64_t kShortReserves = 4;  // so many times what is never filled: room is short
constexpr std::size_t kLookupChunk = 256;    // keys of one MultiGet

class RocksDatabase final : public Database {
  public:
    RocksDatabase(OpenDatabasePtr open, const Options& options)
        : open_(std::move(open)),
          read_only_(options.read_only),
          size_(options.directory),
          disk_room_(options.disk_room),
          ballast_(options.ballast_path, options.ballast_bytes),
          commit_(options.read_only ? SyncMode::off : options.sync, options.sync_interval_ms,
                  [this] { return sync_log(); }) {
        if (read_only_) return;
        const DiskRoom room = disk_room();
        ballast_.fit_to(room.size_bytes);
        note_room(room);
        restore_ballast(room);
        health().start([this] { return recover(); });
    }

    ~RocksDatabase() override { (void)close(); }

    Result<void> close() override {
        if (closed_.exchange(true)) return {};
        commit_.stop();
        Result<void> synced = read_only_ ? Result<void>() : commit_.sync_now();
        health().stop();
        open_.reset();
        return synced;
    }

    std::unique_ptr<Batch> new_batch() const override { return make_batch(open_); }
    Result<std::uint64_t> apply(Batch& batch) override;
    Result<std::uint64_t> apply_removal(Batch& batch) override;
    Result<void> wait_durable(std::uint64_t ticket) override {
        NM_TRY(check_open());
        return commit_.wait(ticket);
    }

    SnapshotPtr snapshot() const override { return std::make_shared<RocksSnapshot>(open_); }
    std::uint64_t moment(const SnapshotPtr& snapshot) const override {
        return snapshot != nullptr ? static_cast<const RocksSnapshot&>(*snapshot).get()->GetSequenceNumber()
                                   : open_->db->GetLatestSequenceNumber();
    }
    Result<std::optional<std::string>> get(Space space, std::string_view partition, std::string_view key,
                                           const SnapshotPtr& snapshot) const override;
    Result<std::vector<bool>> contains(
        Space space, const std::vector<std::pair<std::string, std::string>>& partition_keys) const override;
    std::unique_ptr<Cursor> cursor(Space space, std::string_view partition, const SnapshotPtr& snapshot,
                                   bool scan) const override {
        return make_cursor(open_, space, partition, snapshot, scan);
    }
    Result<void> scan_space(Space space, const SnapshotPtr& snapshot,
                            const std::function<bool(std::string_view, std::string_view, std::string_view)>&
                                each) const override {
        NM_TRY(check_open());
        return kv::scan_space(*open_, space, snapshot, each);
    }
    Result<std::optional<std::string>> next_partition(
        Space space, const std::optional<std::string>& after) const override {
        NM_TRY(check_open());
        return kv::next_partition(*open_, space, after);
    }
    DatabaseStats stats() const override;
    bool writable() const override { return !closed_ && !read_only_ && health().writable(); }
    bool room_is_short() const override { return room_is_short_; }
    Result<void> compact(const Progress& progress) override {
        NM_TRY(check_writable());
        auto compacted = compact_spaces(*open_, progress);
        size_.forget();
        return compacted;
    }
    Result<MendedFiles> mend_files(const LivePartitions& live, const Progress& progress) override {
        NM_TRY(check_writable());
        auto mended = kv::mend_files(
            *open_, live, [this] { return commit_.sync_now(); }, progress);
        size_.forget();
        return mended;
    }
    Result<std::uint64_t> space_size(Space space) const override {
        NM_TRY(check_open());
        return space_bytes(*open_, space);
    }
    Result<std::vector<std::uint64_t>> sizes(Space space,
                                             const std::vector<PartitionRange>& ranges) const override {
        NM_TRY(check_open());
        return partition_bytes(*open_, space, ranges);
    }
    Result<void> compact_partitions(Space space, const std::vector<PartitionRange>& ranges,
                                    const Progress& progress) override {
        NM_TRY(prepare_removal());
        auto compacted = kv::compact_partitions(*open_, space, ranges, progress);
        size_.forget();
        return compacted;
    }
    Result<DroppedFiles> drop_files(Space space, const SnapshotPtr& snapshot, const IsDead& is_dead) override;
    Result<void> settle(const Tidying& tidying, std::atomic<bool>& stop) override {
        NM_TRY(check_writable());
        return settle_spaces(*open_, tidying, stop);
    }
    Result<void> verify_checksums(const Progress& progress,
                                  const std::function<void(const Error&)>& damaged) const override {
        NM_TRY(check_open());
        return verify_table_files(*open_, progress, damaged);
    }
    Result<BackupInfo> backup(const std::string& directory, std::int64_t now_ms,
                              const Progress& progress) override {
        NM_TRY(check_writable());
        const std::unique_lock lock(backup_mutex_, std::try_to_lock);
        if (!lock.owns_lock()) return Error{Code::busy, "cannot back up: another backup is running"};
        return create_backup(*open_, directory, now_ms, progress);
    }

  private:
    Health& health() const { return *open_->shared.health; }
    Result<void> check_open() const {
        if (closed_) return Error{Code::unavailable, "the store is closed"};
        return {};
    }
    Result<void> check_writable() const {
        NM_TRY(check_open());
        if (read_only_) return Error{Code::unavailable, "the store was opened read-only"};
        return health().check_writable();
    }
    DiskRoom disk_room() const { return disk_room_ ? disk_room_() : room_of_file_system(open_->directory); }
    std::uint64_t held_bytes() const { return open_->shared.write_buffers->memory_usage(); }
    Result<void> check_room();
    void note_room(const DiskRoom& room) {
        room_is_short_ = room.free_bytes < kShortReserves * reserve_of(room) + held_bytes();
    }
    void restore_ballast(const DiskRoom& room);
    Result<std::uint64_t> write(rocksdb::WriteBatch& writes);
    Error cannot_write(Error error);
    Result<void> prepare_removal();
    Result<void> sync_log();
    Result<void> mend();
    Result<void> recover();

    OpenDatabasePtr open_;
    const bool read_only_;
    mutable DirectorySize size_;
    const std::function<DiskRoom()> disk_room_;
    Ballast ballast_;
    std::atomic<std::uint64_t> files_dropped_{0};
    std::mutex mending_;
    std::uint64_t emptied_at_ = UINT64_MAX;  // ticket; recover()'s own
    std::atomic<bool> closed_{false};
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::int64_t> room_checked_ms_{0};
    std::atomic<bool> room_is_short_{false};
    std::mutex backup_mutex_;
    GroupCommit commit_;
};

Result<std::uint64_t> RocksDatabase::apply(Batch& batch) {
    NM_TRY(check_writable());
    NM_ASSIGN(rocksdb::WriteBatch * writes, batch_to_write(batch));
    if (writes->Count() == 0) return 0;  // nothing to wait for
    NM_TRY(check_room());
    return write(*writes);
}

Result<std::uint64_t> RocksDatabase::apply_removal(Batch& batch) {
    NM_ASSIGN(rocksdb::WriteBatch * writes, batch_to_write(batch));
    if (writes->Count() == 0) return 0;
    NM_TRY(prepare_removal());
    Result<std::uint64_t> written = write(*writes);
    // The log has no room for it, but holds it.
    if (written.ok() || !open_->shared.file_system->holds_writes() || !ballast_.give_up()) return written;
    NM_TRY(mend());
    return commit_.issue();
}

Result<std::uint64_t> RocksDatabase::write(rocksdb::WriteBatch& writes) {
    const rocksdb::Status status = [&] {
        const std::shared_lock writing(open_->writing);
        return open_->db->Write(rocksdb::WriteOptions(), &writes);
    }();
    if (!status.ok()) return cannot_write(to_error(status, "write to the store"));
    if (open_->shared.file_system->holds_writes()) {
        // Perhaps not this one; but nothing that is written now is sure to get to the disk.
        return cannot_write(Error{Code::unavailable, "cannot write the log: the disk is full or failing"});
    }
    commits_.fetch_add(1);
    return commit_.issue();
}

// No more writes until mend() has been successful.
Error RocksDatabase::cannot_write(Error error) {
    if (error.code == Code::io || error.code == Code::unavailable) {
        health().fail(error.message);
        error.code = Code::unavailable;
    }
    return error;
}

// Looked at now and then only: a bit of room is kept so that what memory holds can still be written when the
// disk is full.
Result<void> RocksDatabase::check_room() {
    const std::int64_t now =
        std::chrono::steady_clock::now().time_since_epoch() / std::chrono::milliseconds(1);
    std::int64_t last = room_checked_ms_.load();
    if (now - last < kRoomCheckMs || !room_checked_ms_.compare_exchange_strong(last, now)) return {};
    const DiskRoom room = disk_room();
    note_room(room);
    if (room.free_bytes >= reserve_of(room)) {
        restore_ballast(room);
        return {};
    }
    Error error{Code::unavailable,
                "the disk is full: only " + std::to_string(room.free_bytes) + " bytes are free"};
    health().fail_for_room(error.message);
    return error;
}

// Once the disk becomes full, while there is room enough for it. What cannot have one goes without.
void RocksDatabase::restore_ballast(const DiskRoom& room) {
    const std::uint64_t missing = ballast_.missing();
    const std::uint64_t needed = reserve_of(room) + held_bytes() + kRoomToRecoverBytes + missing;
    const bool plenty = room.free_bytes / Ballast::kDiskShare > missing + ballast_.bytes();
    if (missing == 0 || plenty || room.free_bytes < needed) return;
    (void)ballast_.make();
}

// Before what gives room is written.
Result<void> RocksDatabase::prepare_removal() {
    NM_TRY(check_open());
    if (read_only_) return check_writable();
    if (health().writable()) return {};
    if (disk_room().free_bytes < held_bytes() + kRoomToRemoveBytes) ballast_.give_up();
    return mend();
}

Result<DroppedFiles> RocksDatabase::drop_files(Space space, const SnapshotPtr& snapshot,
                                               const IsDead& is_dead) {
    NM_TRY(prepare_removal());
    NM_TRY(commit_.sync_now());
    NM_ASSIGN(const DroppedFiles dropped, drop_dead_files(*open_, space, snapshot, is_dead));
    files_dropped_ += dropped.files;
    if (dropped.files != 0) size_.forget();
    return dropped;
}

Result<void> RocksDatabase::sync_log() {
    // After a sync that has failed nothing counts as durable until mend() has written it anew.
    NM_TRY(health().check_works());
    const rocksdb::IOStatus status = open_->shared.file_system->sync_logs();
    if (status.ok()) return {};
    return cannot_write(to_error(status, "sync the log"));
}

// After a failure: what was applied gets to the disk.
Result<void> RocksDatabase::mend() {
    const std::lock_guard lock(mending_);
    if (health().works()) return {};
    const std::uint64_t breaks = health().breaks();
    const std::uint64_t issued = commit_.issued();
    const rocksdb::Status resumed = open_->db->Resume();
    if (!resumed.ok()) return to_error(resumed, "go on after an error");
    // Writes what the log holds back; and everything else to table files, because after a sync that has
    // failed another one may succeed without what the first should have written.
    const rocksdb::IOStatus synced = open_->shared.file_system->sync_logs();
    if (!synced.ok()) return to_error(synced, "sync the log");
    NM_TRY(flush_spaces(*open_));
    commit_.note_durable(issued);
    health().set_mended(breaks);
    return health().check_works();
}

// On the thread of Health, while the store cannot be written to or stands still in the background.
Result<void> RocksDatabase::recover() {
    if (health().take_stalled()) {
        const std::lock_guard lock(mending_);
        (void)open_->db->Resume();  // it stands still again if it must
    }
    if (health().writable()) return {};
    note_room(disk_room());
    const auto full = [this](std::uint64_t needed) -> Result<void> {
        const std::uint64_t free = disk_room().free_bytes;
        if (free >= needed) return {};
        return Error{Code::unavailable, "the disk is full: " + std::to_string(free) + " bytes are free and " +
                                            std::to_string(needed) + " are needed to go on"};
    };
    if (!health().works()) {
        NM_TRY(full(held_bytes() + kRoomToRecoverBytes));
        NM_TRY(mend());
    } else if (emptied_at_ != commit_.issued() && full(held_bytes() + kRoomToRecoverBytes).ok()) {
        // What memory holds is less on the disk than its part of the log, which then goes: once is enough.
        emptied_at_ = commit_.issued();
        NM_TRY(flush_spaces(*open_));
    }
    NM_TRY(full(held_bytes() + reserve_of(disk_room()) + kRoomToRecoverBytes + ballast_.missing()));
    (void)ballast_.make();
    return {};
}

Result<std::optional<std::string>> RocksDatabase::get(Space space, std::string_view partition,
                                                      std::string_view key,
                                                      const SnapshotPtr& snapshot) const {
    NM_TRY(check_open());
    if (open_->handle(space) == nullptr) return std::optional<std::string>();
    std::string value;
    const rocksdb::Status status =
        open_->db->Get(read_options(snapshot), open_->handle(space), stored_key(partition, key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return read_error(*open_, status);
    return std::optional<std::string>(std::move(value));
}

Result<std::vector<bool>> RocksDatabase::contains(
    Space space, const std::vector<std::pair<std::string, std::string>>& partition_keys) const {
    NM_TRY(check_open());
    std::vector<bool> found(partition_keys.size());
    if (open_->handle(space) == nullptr) return found;
    std::vector<std::string> stored(kLookupChunk);
    std::vector<rocksdb::Slice> slices(kLookupChunk);
    std::vector<rocksdb::PinnableSlice> values(kLookupChunk);
    std::vector<rocksdb::Status> statuses(kLookupChunk);
    for (std::size_t begin = 0; begin < partition_keys.size(); begin += kLookupChunk) {
        const std::size_t count = std::min(kLookupChunk, partition_keys.size() - begin);
        for (std::size_t i = 0; i < count; ++i) {
            stored[i] = stored_key(partition_keys[begin + i].first, partition_keys[begin + i].second);
            slices[i] = stored[i];
            values[i].Reset();
        }
        open_->db->MultiGet(read_options(nullptr), open_->handle(space), count, slices.data(), values.data(),
                            statuses.data());
        for (std::size_t i = 0; i < count; ++i) {
            if (!statuses[i].ok() && !statuses[i].IsNotFound()) return read_error(*open_, statuses[i]);
            found[begin + i] = statuses[i].ok();
        }
    }
    return found;
}

DatabaseStats RocksDatabase::stats() const {
    DatabaseStats stats;
    stats.commits = commits_;
    stats.syncs = commit_.syncs();
    if (closed_) {
        stats.writable = false;
        stats.why_not_writable = "the store is closed";
        return stats;
    }
    size_.tell(stats);
    stats.memory_bytes = open_->shared.block_cache->GetUsage();  // write buffers are charged to it
    open_->shared.damage->tell(stats);
    stats.expired_dropped = *open_->shared.expired_dropped;
    stats.disk_free_bytes = disk_room().free_bytes;
    stats.ballast_bytes = ballast_.bytes();
    stats.ballast_given_up = ballast_.times_given_up();
    stats.files_dropped = files_dropped_;
    stats.writable = !read_only_ && health().writable();
    if (!stats.writable)
        stats.why_not_writable = read_only_ ? "the store was opened read-only" : health().why_not();
    return stats;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const Options& options) {
    NM_ASSIGN(OpenDatabasePtr open, open_database(options));
    return std::unique_ptr<Database>(std::make_unique<RocksDatabase>(std::move(open), options));
}

}  // namespace nmstore::kv
