// Long work on a whole database, each with progress and a way to stop: flush, compact, verify.
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>

#include "engine/kv_rocksdb.h"
#include "engine/watched_work.h"

namespace nmstore::kv {

namespace {

std::uint64_t table_bytes(const OpenDatabase& open) {
    std::vector<rocksdb::LiveFileMetaData> files;
    open.db->GetLiveFilesMetaData(&files);
    std::uint64_t bytes = 0;
    for (const auto& file : files) bytes += file.size;
    return bytes;
}

std::string file_path(const OpenDatabase& open, const rocksdb::LiveFileMetaData& file) {
    return open.directory + "/" + std::string(file.name.substr(file.name.find_first_not_of('/')));
}

bool is_live(const OpenDatabase& open, const std::string& name) {
    std::vector<rocksdb::LiveFileMetaData> files;
    open.db->GetLiveFilesMetaData(&files);
    return std::any_of(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
}

Result<void> verify_table_file(const OpenDatabase& open, const rocksdb::LiveFileMetaData& file,
                               const SkipFile& skip) {
    const std::string path = file_path(open, file);
    rocksdb::Options options;
    if (file.column_family_name == space_name(Space::counters)) options.merge_operator = make_counter_merge();
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(path);
    if (status.ok() && skip) {
        const auto properties = reader.GetTableProperties();
        if (properties && skip(file.name, properties->db_session_id, file.size)) return {};
    }
    if (status.ok()) status = reader.VerifyChecksum();
    if (status.ok()) return {};
    // A compaction may have replaced the file meanwhile: then there is nothing to find fault with.
    if (!is_live(open, file.name)) return {};
    open.shared.damage->note(path);
    Error error = to_error(status, "verify " + path);
    error.code = Code::corruption;
    return error;
}

Result<void> tidy(const OpenDatabase& open, Space space, std::atomic<bool>& stop) {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.canceled = &stop;
    const rocksdb::Status status = compact_range(open, options, open.handle(space));
    if (!status.ok() && !stop) return to_error(status, "compact");
    return {};
}

}  // namespace

Result<void> flush_spaces(const OpenDatabase& open) {
    rocksdb::FlushOptions options;
    options.wait = true;
    options.allow_write_stall = true;
    const std::vector<rocksdb::ColumnFamilyHandle*> handles(open.handles.begin(), open.handles.end());
    const rocksdb::Status status = open.db->Flush(options, handles);
    if (!status.ok()) return to_error(status, "write the buffers to disk");
    return {};
}

Result<void> settle_spaces(const OpenDatabase& open, const Tidying& tidying, std::atomic<bool>& stop) {
    rocksdb::VectorLogPtr logs;
    const rocksdb::Status listed = open.db->GetSortedWalFiles(logs);
    if (!listed.ok()) return to_error(listed, "list the log");
    std::uint64_t bytes = 0;
    for (const auto& log : logs) bytes += log->SizeFileBytes();
    if (bytes > tidying.log_bytes) NM_TRY(flush_spaces(open));

    NM_ASSIGN(const std::uint64_t entries, space_bytes(open, Space::entries));
    if (entries != 0 && entries <= tidying.entry_bytes) NM_TRY(tidy(open, Space::entries, stop));
    NM_ASSIGN(const std::uint64_t blocks, space_bytes(open, Space::blocks));
    const std::uint64_t wanted = tidying.live_block_bytes + tidying.live_block_bytes / 8;
    if (blocks > wanted && blocks <= tidying.block_bytes) NM_TRY(tidy(open, Space::blocks, stop));
    return {};
}

Result<void> compact_spaces(const OpenDatabase& open, const Progress& progress) {
    NM_TRY(flush_spaces(open));
    std::atomic<bool> cancelled{false};
    const std::uint64_t total = table_bytes(open);
    const std::uint64_t before = *open.shared.compacted_bytes;
    const auto work = [&]() -> Result<void> {
        rocksdb::CompactRangeOptions options;
        options.exclusive_manual_compaction = false;
        // Also what lies at the bottom already: it may hold what has expired.
        options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
        options.canceled = &cancelled;
        Result<void> done;
        for (auto* handle : open.handles) {
            const Result<void> compacted = compact_space(open, options, handle);
            if (!compacted.ok() && compacted.error().code != Code::corruption) return compacted;
            if (done.ok()) done = compacted;
        }
        return done;
    };
    const auto report = [&]() -> ProgressReport {
        const std::uint64_t done = *open.shared.compacted_bytes - before;
        return {.stage = "compact", .done = std::min(done, total), .total = total, .unit = "bytes"};
    };
    return run_watched(work, report, progress, [&] { cancelled = true; });
}

Result<void> verify_table_files(const OpenDatabase& open, const Progress& progress,
                                const std::function<void(const Error&)>& damaged, const SkipFile& skip) {
    std::vector<rocksdb::LiveFileMetaData> files;
    open.db->GetLiveFilesMetaData(&files);
    std::uint64_t total = 0;
    for (const auto& file : files) total += file.size;
    std::uint64_t done = 0;
    for (const auto& file : files) {
        if (progress && !progress({.stage = "verify files", .done = done, .total = total, .unit = "bytes"})) {
            return Error{Code::cancelled, "cancelled"};
        }
        const Result<void> verified = verify_table_file(open, file, skip);
        if (!verified.ok() && !damaged) return verified.error();
        if (!verified.ok()) damaged(verified.error());
        done += file.size;
    }
    if (progress) progress({.stage = "verify files", .done = total, .total = total, .unit = "bytes"});
    return {};
}

}  // namespace nmstore::kv
