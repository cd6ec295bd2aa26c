#include <rocksdb/write_batch.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

// Picks out of a batch what is put into one space.
class PutsOfSpace final : public rocksdb::WriteBatch::Handler {
  public:
    using Each = std::function<void(std::string_view, std::string_view, std::string_view)>;

    PutsOfSpace(std::uint32_t space, const Each& each) : space_(space), each_(each) {}

    rocksdb::Status PutCF(std::uint32_t space, const rocksdb::Slice& stored,
                          const rocksdb::Slice& value) override {
        if (space != space_) return rocksdb::Status::OK();
        std::string_view partition;
        std::string_view key;
        NM_CHECK(split_stored_key(to_view(stored), partition, key));
        each_(partition, key, to_view(value));
        return rocksdb::Status::OK();
    }
    rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
    rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
        return rocksdb::Status::OK();
    }
    rocksdb::Status MergeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
        return rocksdb::Status::OK();
    }

  private:
    const std::uint32_t space_;
    const Each& each_;
};

// Partitions that were written to, each once. One after the other is mostly the same.
class WrittenPartitions {
  public:
    void note(std::string_view partition) {
        if (!all_.empty() && all_[last_] == partition) return;
        const auto [at, added] = places_.try_emplace(std::string(partition), all_.size());
        if (added) all_.emplace_back(partition);
        last_ = at->second;
    }
    const std::vector<std::string>& all() const { return all_; }

  private:
    std::vector<std::string> all_;
    std::unordered_map<std::string, std::size_t> places_;
    std::size_t last_ = 0;
};

class RocksBatch final : public Batch {
  public:
    explicit RocksBatch(OpenDatabasePtr open) : open_(std::move(open)) {}

    void put(Space space, std::string_view partition, std::string_view key, std::string_view value) override {
        NM_CHECK(partition.size() <= kMaxPartitionBytes);
        note_partition(space, partition);
        // In parts, so that neither key nor value is copied on its way into the batch.
        const char size = static_cast<char>(static_cast<unsigned char>(partition.size()));
        const rocksdb::Slice key_parts[] = {{&size, 1}, to_slice(partition), to_slice(key)};
        const rocksdb::Slice value_parts[] = {to_slice(value)};
        note(batch_.Put(open_->handle(space), rocksdb::SliceParts(key_parts, 3),
                        rocksdb::SliceParts(value_parts, 1)));
    }

    void remove(Space space, std::string_view partition, std::string_view key) override {
        note_partition(space, partition);
        note(batch_.Delete(open_->handle(space), stored_key(partition, key)));
    }

    void remove_partition(Space space, std::string_view partition) override {
        note_partition(space, partition);
        note(batch_.DeleteRange(open_->handle(space), partition_prefix(partition), partition_end(partition)));
    }

    void remove_range(Space space, std::string_view partition, std::string_view begin,
                      std::string_view end) override {
        if (begin >= end) return;
        note_partition(space, partition);
        note(batch_.DeleteRange(open_->handle(space), stored_key(partition, begin),
                                stored_key(partition, end)));
    }

    void add(std::string_view partition, std::string_view key, std::int64_t delta) override {
        note(batch_.Merge(open_->handle(Space::counters), stored_key(partition, key), encode_counter(delta)));
    }

    std::size_t bytes() const override { return batch_.GetDataSize(); }
    std::size_t count() const override { return batch_.Count(); }
    const std::vector<std::string>& partitions(Space space) const override {
        NM_CHECK(space == Space::entries || space == Space::blocks);
        return (space == Space::entries ? entries_ : blocks_).all();
    }

    Result<void> each_put(Space space, const PutsOfSpace::Each& each) const override {
        PutsOfSpace puts(open_->handle(space)->GetID(), each);
        const rocksdb::Status status = batch_.Iterate(&puts);
        if (!status.ok()) return to_error(status, "read the batch");
        return {};
    }

    rocksdb::WriteBatch& writes() { return batch_; }
    const rocksdb::Status& status() const { return status_; }

  private:
    void note_partition(Space space, std::string_view partition) {
        if (space == Space::entries) entries_.note(partition);
        if (space == Space::blocks) blocks_.note(partition);
    }
    void note(const rocksdb::Status& status) {
        if (!status.ok() && status_.ok()) status_ = status;
    }

    const OpenDatabasePtr open_;
    rocksdb::WriteBatch batch_;
    WrittenPartitions entries_;
    WrittenPartitions blocks_;
    rocksdb::Status status_;  // of the first write that was not taken
};

}  // namespace

std::unique_ptr<Batch> make_batch(OpenDatabasePtr open) {
    return std::make_unique<RocksBatch>(std::move(open));
}

Result<rocksdb::WriteBatch*> batch_to_write(Batch& batch) {
    auto& ours = static_cast<RocksBatch&>(batch);
    if (!ours.status().ok()) return to_error(ours.status(), "build the batch");
    return &ours.writes();
}

}  // namespace nmstore::kv
