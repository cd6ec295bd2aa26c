#include <rocksdb/iterator.h>

#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

class RocksCursor final : public Cursor {
  public:
    RocksCursor(OpenDatabasePtr open, Space space, std::string_view partition, const SnapshotPtr& snapshot,
                bool scan)
        : open_(std::move(open)),
          snapshot_(snapshot),
          begin_(partition_prefix(partition)),
          end_(partition_end(partition)),
          lower_(begin_),
          upper_(end_) {
        rocksdb::ReadOptions options = read_options(snapshot_);
        options.iterate_lower_bound = &lower_;
        options.iterate_upper_bound = &upper_;
        // What is read ahead begins small and grows while blocks follow each other: a merge of thousands of
        // short rows has a cursor on each.
        options.fill_cache = !scan;
        auto* const handle = open_->handle(space);
        iterator_.reset(handle == nullptr ? rocksdb::NewEmptyIterator()
                                          : open_->db->NewIterator(options, handle));
    }

    void seek_first() override { iterator_->SeekToFirst(); }
    void seek_last() override { iterator_->SeekToLast(); }
    void seek(std::string_view key) override { iterator_->Seek(target(key)); }
    void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(target(key)); }
    void next() override { iterator_->Next(); }
    void prev() override { iterator_->Prev(); }
    bool valid() const override { return iterator_->Valid(); }
    std::string_view key() const override { return to_view(iterator_->key()).substr(begin_.size()); }
    std::string_view value() const override { return to_view(iterator_->value()); }

    Result<void> status() const override {
        const rocksdb::Status status = iterator_->status();
        if (!status.ok()) return read_error(*open_, status);
        return {};
    }

  private:
    rocksdb::Slice target(std::string_view key) {
        target_.assign(begin_);
        target_.append(key);
        return target_;
    }

    const OpenDatabasePtr open_;
    const SnapshotPtr snapshot_;
    // The iterator refers to the bounds: they must stay where they are until it is gone.
    const std::string begin_;
    const std::string end_;
    const rocksdb::Slice lower_;
    const rocksdb::Slice upper_;
    std::string target_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace

rocksdb::ReadOptions read_options(const SnapshotPtr& snapshot) {
    rocksdb::ReadOptions options;
    if (snapshot != nullptr) options.snapshot = static_cast<const RocksSnapshot&>(*snapshot).get();
    return options;
}

std::unique_ptr<Cursor> make_cursor(OpenDatabasePtr open, Space space, std::string_view partition,
                                    const SnapshotPtr& snapshot, bool scan) {
    return std::make_unique<RocksCursor>(std::move(open), space, partition, snapshot, scan);
}

Result<void> scan_space(
    const OpenDatabase& open, Space space, const SnapshotPtr& snapshot,
    const std::function<bool(std::string_view, std::string_view, std::string_view)>& each) {
    if (open.handle(space) == nullptr) return {};
    rocksdb::ReadOptions options = read_options(snapshot);
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> iterator(open.db->NewIterator(options, open.handle(space)));
    for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
        std::string_view partition;
        std::string_view key;
        if (!split_stored_key(to_view(iterator->key()), partition, key)) {
            return Error{Code::corruption,
                         "space " + space_name(space) + " holds a key that is none of ours"};
        }
        if (!each(partition, key, to_view(iterator->value()))) return {};
    }
    if (!iterator->status().ok()) return read_error(open, iterator->status());
    return {};
}

Result<std::optional<std::string>> next_partition(const OpenDatabase& open, Space space,
                                                  const std::optional<std::string>& after) {
    if (open.handle(space) == nullptr) return std::optional<std::string>();
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> iterator(open.db->NewIterator(options, open.handle(space)));
    iterator->Seek(after ? partition_end(*after) : std::string());
    if (!iterator->status().ok()) return read_error(open, iterator->status());
    if (!iterator->Valid()) return std::optional<std::string>();
    std::string_view partition;
    std::string_view key;
    if (!split_stored_key(to_view(iterator->key()), partition, key)) {
        return Error{Code::corruption, "space " + space_name(space) + " holds a key that is none of ours"};
    }
    return std::optional<std::string>(partition);
}

}  // namespace nmstore::kv
