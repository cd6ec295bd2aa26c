// How a database goes on with damaged table files: it compacts around them, and gets rid of one of which
// nothing is lost any more.
#include <rocksdb/convenience.h>
#include <rocksdb/metadata.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

// What is read and written anew while writers wait.
constexpr std::size_t kStepBytes = std::size_t{1} << 20;
constexpr int kStepKeys = 4096;
// Readers and compactions may be in the way for so long.
constexpr std::chrono::seconds kMostWait{10};
constexpr std::chrono::milliseconds kPause{50};

std::vector<std::string> damaged_files(const OpenDatabase& open) {
    DatabaseStats stats;
    open.shared.damage->tell(stats);
    return std::move(stats.damaged_files);
}

std::string path_of(const OpenDatabase& open, const rocksdb::SstFileMetaData& file) {
    return open.directory + "/" + std::string(file.name.substr(file.name.find_first_not_of('/')));
}

// From the first to the last key of some files, both inclusive.
struct Piece {
    std::string begin, end;
};

const rocksdb::LevelMetaData* lowest_level(const rocksdb::ColumnFamilyMetaData& meta) {
    const auto lowest =
        std::find_if(meta.levels.rbegin(), meta.levels.rend(),
                     [](const rocksdb::LevelMetaData& level) { return !level.files.empty(); });
    return lowest == meta.levels.rend() || lowest->level == 0 ? nullptr : &*lowest;
}

// Files of the lowest level that stand beside each other, between those that are damaged.
std::vector<Piece> sound_pieces(const OpenDatabase& open, rocksdb::ColumnFamilyHandle* space,
                                const Piece* within = nullptr) {
    std::vector<Piece> pieces;
    rocksdb::ColumnFamilyMetaData meta;
    open.db->GetColumnFamilyMetaData(space, &meta);
    const rocksdb::LevelMetaData* const lowest = lowest_level(meta);
    if (lowest == nullptr) return pieces;
    const std::vector<std::string> damaged = damaged_files(open);
    bool goes_on = false;
    for (const rocksdb::SstFileMetaData& file : lowest->files) {
        if (within != nullptr && (file.largestkey < within->begin || file.smallestkey > within->end))
            continue;
        const bool is_damaged =
            std::find(damaged.begin(), damaged.end(), path_of(open, file)) != damaged.end();
        if (!is_damaged && goes_on) {
            pieces.back().end = file.largestkey;
        } else if (!is_damaged) {
            pieces.push_back({file.smallestkey, file.largestkey});
        }
        goes_on = !is_damaged;
    }
    return pieces;
}

// Compacts what can be had without damaged files. A piece in which one more is found is divided.
Result<void> compact_around(const OpenDatabase& open, const rocksdb::CompactRangeOptions& options,
                            rocksdb::ColumnFamilyHandle* space) {
    std::vector<Piece> pieces = sound_pieces(open, space);
    while (!pieces.empty()) {
        const Piece piece = std::move(pieces.back());
        pieces.pop_back();
        const std::size_t known = damaged_files(open).size();
        const rocksdb::Slice begin(piece.begin);
        const rocksdb::Slice end(piece.end);
        const rocksdb::Status status = compact_range(open, options, space, &begin, &end);
        if (status.ok()) continue;
        if (!status.IsCorruption()) return to_error(status, "compact");
        // What stands above may reach from here into a file that was known before: that is left as it is.
        if (damaged_files(open).size() <= known) continue;
        const std::vector<Piece> smaller = sound_pieces(open, space, &piece);
        pieces.insert(pieces.end(), smaller.begin(), smaller.end());
    }
    return {};
}

struct FoundFile {
    Space space = Space::meta;
    rocksdb::SstFileMetaData file;
    bool is_lowest = false;
};

// nullopt: it is no part of the database any more.
std::optional<FoundFile> find_file(const OpenDatabase& open, const std::string& path) {
    for (std::size_t i = 0; i < kSpaces; ++i) {
        const auto space = static_cast<Space>(i);
        rocksdb::ColumnFamilyMetaData meta;
        open.db->GetColumnFamilyMetaData(open.handle(space), &meta);
        const rocksdb::LevelMetaData* const lowest = lowest_level(meta);
        for (const rocksdb::LevelMetaData& level : meta.levels) {
            for (const rocksdb::SstFileMetaData& file : level.files) {
                if (path_of(open, file) == path)
                    return FoundFile{space, file, lowest != nullptr && lowest->level == level.level};
            }
        }
    }
    return std::nullopt;
}

Result<void> put_anew(const OpenDatabase& open, rocksdb::WriteBatch& batch) {
    if (batch.Count() == 0) return {};
    const rocksdb::Status written = open.db->Write(rocksdb::WriteOptions(), &batch);
    if (!written.ok()) return to_error(written, "write to the store");
    return {};
}

bool is_step(const rocksdb::WriteBatch& batch) {
    return batch.GetDataSize() >= kStepBytes || batch.Count() >= kStepKeys;
}

// What stands at known keys of the file, from one on.
Result<void> write_keys_anew(const OpenDatabase& open, const FoundFile& found, const LivePartition& partition,
                             const std::string& from) {
    auto* const handle = open.handle(found.space);
    rocksdb::ReadOptions how;
    how.fill_cache = false;
    for (auto key = partition.keys->begin(); key != partition.keys->end();) {
        const std::unique_lock alone(open.writing);
        rocksdb::WriteBatch batch;
        for (; key != partition.keys->end() && !is_step(batch); ++key) {
            const std::string stored = stored_key(partition.name, *key);
            if (stored < from || stored > found.file.largestkey) continue;
            rocksdb::PinnableSlice value;
            const rocksdb::Status read = open.db->Get(how, handle, stored, &value);
            if (read.IsNotFound()) continue;
            if (!read.ok()) return read_error(open, read);
            const rocksdb::Status put = batch.Put(handle, stored, value);
            if (!put.ok()) return to_error(put, "build the batch");
        }
        NM_TRY(put_anew(open, batch));
    }
    return {};
}

// What the file has of a partition is put anew, so that nobody needs the file for it. Writers wait for each
// step: what is read is what is there.
Result<void> write_anew(const OpenDatabase& open, const FoundFile& found, const LivePartition& partition) {
    std::string from = std::max(partition_prefix(partition.name), found.file.smallestkey);
    const std::string end = partition_end(partition.name);
    const rocksdb::Slice upper(end);
    rocksdb::ReadOptions how;
    how.fill_cache = false;
    how.iterate_upper_bound = &upper;
    auto* const handle = open.handle(found.space);
    for (bool more = true; more;) {
        std::unique_lock alone(open.writing);
        const std::unique_ptr<rocksdb::Iterator> iterator(open.db->NewIterator(how, handle));
        rocksdb::WriteBatch batch;
        for (iterator->Seek(from); iterator->Valid() && !is_step(batch); iterator->Next()) {
            if (iterator->key().compare(found.file.largestkey) > 0) break;
            const rocksdb::Status put = batch.Put(handle, iterator->key(), iterator->value());
            if (!put.ok()) return to_error(put, "build the batch");
            from = iterator->key().ToString() + '\0';
        }
        more = iterator->Valid() && iterator->key().compare(found.file.largestkey) <= 0;
        NM_TRY(put_anew(open, batch));
        if (iterator->status().ok()) continue;
        // To look for the next key, what follows the partition may have been read.
        if (!iterator->status().IsCorruption() || !partition.keys)
            return read_error(open, iterator->status());
        alone.unlock();
        return write_keys_anew(open, found, partition, from);
    }
    return {};
}

// Whether RocksDB would take away more than this file if it took away what lies between its ends.
bool is_alone(const rocksdb::ColumnFamilyMetaData& meta, const rocksdb::SstFileMetaData& file) {
    for (const rocksdb::LevelMetaData& level : meta.levels) {
        if (level.level == 0) continue;
        for (const rocksdb::SstFileMetaData& other : level.files) {
            if (other.name != file.name && other.smallestkey >= file.smallestkey &&
                other.largestkey <= file.largestkey)
                return false;
        }
    }
    return true;
}

// false: somebody still reads what it has, or RocksDB is at work with it.
Result<bool> take_away(const OpenDatabase& open, const std::string& path) {
    rocksdb::ManagedSnapshot now(open.db.get());
    NM_ASSIGN(const bool older, has_older_snapshot(open, now.snapshot()->GetSequenceNumber()));
    if (older) return false;
    const std::unique_lock alone(open.compacting, std::try_to_lock);
    if (!alone.owns_lock()) return false;
    const PausedWork paused(*open.pause);
    if (!paused.paused()) return false;
    const std::optional<FoundFile> found = find_file(open, path);
    if (!found) return true;
    rocksdb::ColumnFamilyMetaData meta;
    open.db->GetColumnFamilyMetaData(open.handle(found->space), &meta);
    if (!found->is_lowest || found->file.being_compacted || !is_alone(meta, found->file)) return false;
    const rocksdb::Slice begin(found->file.smallestkey);
    const rocksdb::Slice end(found->file.largestkey);
    const rocksdb::RangePtr range(&begin, &end);
    const rocksdb::Status status =
        rocksdb::DeleteFilesInRanges(open.db.get(), open.handle(found->space), &range, 1);
    if (!status.ok()) return to_error(status, "take a file away");
    return true;
}

// Why it stays; nullopt: it is gone.
Result<std::optional<std::string>> mend_file(const OpenDatabase& open, const std::string& path,
                                             const LivePartitions& live,
                                             const std::function<Result<void>()>& sync,
                                             const std::function<bool()>& go_on) {
    using Why = std::optional<std::string>;
    if (path == open.directory) return Why("nobody knows in which file");
    const std::optional<FoundFile> found = find_file(open, path);
    if (!found) return Why();
    const std::optional<PartitionRange> range = partitions_in(found->file);
    if (!found->is_lowest || !range) return Why("it lies above other files, or has never been compacted");
    const Why unreadable = "what is wanted of it cannot be read";
    const auto wanted = live(found->space, *range);
    if (!wanted.ok() && wanted.error().code == Code::corruption) return unreadable;
    NM_ASSIGN(const auto partitions, wanted);
    if (!partitions) return Why("it is of \"" + space_name(found->space) + "\", which nothing can make anew");
    for (const LivePartition& partition : *partitions) {
        const Result<void> written = write_anew(open, *found, partition);
        if (!written.ok() && written.error().code == Code::corruption) return unreadable;
        NM_TRY(written);
    }
    NM_TRY(sync());
    const auto until = std::chrono::steady_clock::now() + kMostWait;
    for (;;) {
        NM_ASSIGN(const bool gone, take_away(open, path));
        if (gone) return Why();
        if (std::chrono::steady_clock::now() >= until)
            return Why("it is being read, or compacted: try again");
        if (!go_on()) return Error{Code::cancelled, "cancelled"};
        std::this_thread::sleep_for(kPause);
    }
}

}  // namespace

Result<void> compact_space(const OpenDatabase& open, const rocksdb::CompactRangeOptions& options,
                           rocksdb::ColumnFamilyHandle* space) {
    const rocksdb::Status status = compact_range(open, options, space);
    if (status.ok()) return {};
    const Error error = to_error(status, "compact");
    if (!status.IsCorruption()) return error;
    NM_TRY(compact_around(open, options, space));
    return error;
}

Result<MendedFiles> mend_files(const OpenDatabase& open, const LivePartitions& live,
                               const std::function<Result<void>()>& sync, const Progress& progress) {
    MendedFiles out;
    const std::vector<std::string> files = damaged_files(open);
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto go_on = [&] { return !progress || progress({"mend files", i, files.size(), "files"}); };
        if (!go_on()) return Error{Code::cancelled, "cancelled"};
        NM_ASSIGN(const std::optional<std::string> why, mend_file(open, files[i], live, sync, go_on));
        if (why) {
            out.left.push_back(files[i] + " (" + *why + ")");
        } else {
            ++out.gone;
        }
    }
    return out;
}

}  // namespace nmstore::kv
