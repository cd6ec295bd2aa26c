// Backups: RocksDB's own, incremental ones. Files that did not change are shared between the backups of a
// directory; each file's checksum is checked before anything is restored.
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "engine/kv_rocksdb.h"
#include "engine/watched_work.h"

namespace nmstore::kv {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kReportStepBytes = std::uint64_t{1} << 20;
constexpr std::string_view kTimeKey = "time_ms=";        // in a backup's own metadata
constexpr std::string_view kUnfinished = ".unfinished";  // ends the name of a restore that has not ended

// Reads files of a backup and counts the bytes; once told to stop, every read fails.
struct ReadCount {
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<bool> stop{false};
};

class CountedFile final : public rocksdb::FSSequentialFileOwnerWrapper {
  public:
    CountedFile(std::unique_ptr<rocksdb::FSSequentialFile>&& file, ReadCount& count)
        : FSSequentialFileOwnerWrapper(std::move(file)), count_(count) {}

    rocksdb::IOStatus Read(size_t n, const rocksdb::IOOptions& options, rocksdb::Slice* result, char* scratch,
                           rocksdb::IODebugContext* context) override {
        if (count_.stop) return rocksdb::IOStatus::Aborted("cancelled");
        rocksdb::IOStatus status = FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, context);
        if (status.ok()) count_.bytes.fetch_add(result->size());
        return status;
    }

  private:
    ReadCount& count_;
};

class CountedFileSystem final : public rocksdb::FileSystemWrapper {
  public:
    explicit CountedFileSystem(ReadCount& count)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), count_(count) {}

    const char* Name() const override { return "nmstore.counted_file_system"; }

    rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                        rocksdb::IODebugContext* context) override {
        std::unique_ptr<rocksdb::FSSequentialFile> file;
        rocksdb::IOStatus status = target()->NewSequentialFile(name, options, &file, context);
        if (status.ok()) *result = std::make_unique<CountedFile>(std::move(file), count_);
        return status;
    }

  private:
    ReadCount& count_;
};

BackupInfo to_info(const rocksdb::BackupInfo& backup) {
    BackupInfo info;
    info.id = backup.backup_id;
    info.bytes = backup.size;
    info.files = backup.number_files;
    info.time_ms = backup.timestamp * 1000;
    const std::string_view metadata = backup.app_metadata;
    if (metadata.starts_with(kTimeKey)) {
        std::from_chars(metadata.data() + kTimeKey.size(), metadata.data() + metadata.size(), info.time_ms);
    }
    return info;
}

// The engine refers to the environment, which refers to the count: they are kept in this order.
struct OpenBackups {
    ReadCount count;
    std::unique_ptr<rocksdb::Env> environment;
    std::unique_ptr<rocksdb::BackupEngineReadOnly> engine;
};

Result<std::unique_ptr<OpenBackups>> open_backups(const std::string& directory) {
    std::error_code error;
    if (!fs::is_directory(fs::path(directory) / "meta", error)) {
        return Error{Code::not_found, "there is no backup in " + directory};
    }
    auto backups = std::make_unique<OpenBackups>();
    backups->environment = rocksdb::NewCompositeEnv(std::make_shared<CountedFileSystem>(backups->count));
    rocksdb::BackupEngineOptions options(directory, backups->environment.get());
    rocksdb::BackupEngineReadOnly* engine = nullptr;
    const rocksdb::IOStatus status =
        rocksdb::BackupEngineReadOnly::Open(options, rocksdb::Env::Default(), &engine);
    if (!status.ok()) return to_error(status, "open the backups in " + directory);
    backups->engine.reset(engine);
    return backups;
}

Result<rocksdb::BackupInfo> find_backup(const rocksdb::BackupEngineReadOnly& engine,
                                        const std::string& directory, std::uint32_t id) {
    rocksdb::BackupInfo info;
    const rocksdb::Status status =
        id == 0 ? engine.GetLatestBackupInfo(&info) : engine.GetBackupInfo(id, &info);
    if (status.ok()) return info;
    if (!status.IsNotFound())
        return to_error(status, "read backup " + std::to_string(id) + " in " + directory);
    std::vector<rocksdb::BackupID> damaged;
    engine.GetCorruptedBackups(&damaged);
    if (id == 0 && !damaged.empty())
        return Error{Code::corruption, "all backups in " + directory + " are damaged"};
    return Error{Code::not_found,
                 "there is no backup " + (id == 0 ? "" : std::to_string(id) + " ") + "in " + directory};
}

Result<void> check_empty(const std::string& directory) {
    std::error_code error;
    if (!fs::exists(directory, error)) return {};
    if (fs::is_directory(directory, error) && fs::is_empty(directory, error) && !error) return {};
    return Error{Code::conflict, "cannot restore: " + directory + " is not empty"};
}

Result<void> verify_backup(OpenBackups& backups, const rocksdb::BackupInfo& backup,
                           const Progress& progress) {
    const auto work = [&]() -> Result<void> {
        const rocksdb::IOStatus status =
            backups.engine->VerifyBackup(backup.backup_id, /*verify_with_checksum=*/true);
        if (status.ok()) return {};
        Error error = to_error(status, "restore: backup " + std::to_string(backup.backup_id) + " is damaged");
        if (status.IsNotFound() || status.IsPathNotFound())
            error.code = Code::corruption;  // one of its files
        return error;
    };
    backups.count.bytes = 0;
    const auto report = [&]() -> ProgressReport {
        return {"check backup", std::min<std::uint64_t>(backups.count.bytes, backup.size), backup.size,
                "bytes"};
    };
    return run_watched(work, report, progress, [&] { backups.count.stop = true; });
}

Result<void> copy_backup(OpenBackups& backups, const rocksdb::BackupInfo& backup, const std::string& target,
                         const Progress& progress) {
    const auto work = [&]() -> Result<void> {
        const rocksdb::IOStatus status =
            backups.engine->RestoreDBFromBackup(rocksdb::RestoreOptions(), backup.backup_id, target, target);
        if (!status.ok()) return to_error(status, "restore backup " + std::to_string(backup.backup_id));
        return {};
    };
    backups.count.bytes = 0;
    const auto report = [&]() -> ProgressReport {
        return {"restore", std::min<std::uint64_t>(backups.count.bytes, backup.size), backup.size, "bytes"};
    };
    return run_watched(work, report, progress, [&] { backups.count.stop = true; });
}

// What would be copied for the first time is read before: a backup that holds damage is none. What an earlier
// backup has already is not copied again, and is whole there.
Result<void> check_new_files(const OpenDatabase& open, const rocksdb::BackupEngine& engine,
                             const Progress& progress) {
    std::vector<rocksdb::BackupInfo> backups;
    engine.GetBackupInfo(&backups, /*include_file_details=*/true);
    std::set<std::string> kept;
    for (const rocksdb::BackupInfo& backup : backups) {
        for (const auto& file : backup.file_details)
            kept.insert(fs::path(file.relative_filename).filename().string());
    }
    const auto skip = [&](const std::string& name, const std::string& session, std::uint64_t bytes) {
        const std::string number = fs::path(name).stem().string();
        return kept.count(number + "_s" + session + "_" + std::to_string(bytes) + ".sst") != 0;
    };
    const Result<void> checked = verify_table_files(open, progress, {}, skip);
    if (checked.ok() || checked.error().code != Code::corruption) return checked;
    return Error{Code::corruption, "there is no backup made of a damaged store: " + checked.error().message +
                                       "; \"nm-tool verify\" names the rows that are hurt"};
}

}  // namespace

Result<BackupInfo> create_backup(const OpenDatabase& open, const std::string& directory, std::int64_t now_ms,
                                 const Progress& progress) {
    std::error_code failed;
    fs::create_directories(directory, failed);
    if (failed) return Error{Code::io, "cannot make directory " + directory + ": " + failed.message()};
    rocksdb::BackupEngineOptions options(directory);
    options.callback_trigger_interval_size = kReportStepBytes;
    rocksdb::BackupEngine* opened = nullptr;
    const rocksdb::IOStatus status = rocksdb::BackupEngine::Open(options, rocksdb::Env::Default(), &opened);
    if (!status.ok()) return to_error(status, "open the backups in " + directory);
    const std::unique_ptr<rocksdb::BackupEngine> engine(opened);

    std::uint64_t total = 0;
    NM_TRY(flush_spaces(open));
    NM_TRY(check_new_files(open, *engine, progress));
    DatabaseStats measured;
    measure_directory(open.directory, measured);
    total = measured.disk_bytes;
    std::atomic<std::uint64_t> done{0};
    rocksdb::BackupID id = 0;
    const auto work = [&]() -> Result<void> {
        rocksdb::CreateBackupOptions create;
        create.progress_callback = [&done] { done.fetch_add(kReportStepBytes); };
        const rocksdb::IOStatus created = engine->CreateNewBackupWithMetadata(
            create, open.db.get(), std::string(kTimeKey) + std::to_string(now_ms), &id);
        if (!created.ok()) return to_error(created, "back up to " + directory);
        return {};
    };
    // Files that an earlier backup has already are not copied: the end may come early.
    const auto report = [&]() -> ProgressReport {
        return {"back up", std::min(done.load(), total), total, "bytes"};
    };
    const Result<void> result = run_watched(work, report, progress, [&] { engine->StopBackup(); });
    if (!result.ok()) {
        (void)engine->GarbageCollect();  // what it has copied so far; at worst the next backup removes it
        return result.error();
    }
    rocksdb::BackupInfo info;
    const rocksdb::Status found = engine->GetBackupInfo(id, &info);
    if (!found.ok()) return to_error(found, "read the new backup in " + directory);
    return to_info(info);
}

Result<std::vector<BackupInfo>> list_backups(const std::string& backup_directory) {
    NM_ASSIGN(const auto backups, open_backups(backup_directory));
    std::vector<rocksdb::BackupInfo> found;
    backups->engine->GetBackupInfo(&found);
    if (found.empty()) return Error{Code::not_found, "there is no usable backup in " + backup_directory};
    std::vector<BackupInfo> infos;
    for (const auto& backup : found) infos.push_back(to_info(backup));
    std::sort(infos.begin(), infos.end(),
              [](const BackupInfo& a, const BackupInfo& b) { return a.id < b.id; });
    return infos;
}

Result<BackupInfo> restore_backup(const std::string& backup_directory, std::uint32_t id,
                                  const std::string& database_directory, const Progress& progress) {
    NM_ASSIGN(const auto backups, open_backups(backup_directory));
    NM_ASSIGN(const rocksdb::BackupInfo backup, find_backup(*backups->engine, backup_directory, id));
    NM_TRY(check_empty(database_directory));
    NM_TRY(verify_backup(*backups, backup, progress));

    // Restored beside its place and moved there when whole: a half restore never looks like a store.
    std::string target = fs::path(database_directory).lexically_normal().string();
    if (target.ends_with('/')) target.pop_back();
    const std::string unfinished = target + std::string(kUnfinished);
    std::error_code error;
    fs::remove_all(unfinished, error);
    fs::create_directories(unfinished, error);
    if (error) return Error{Code::io, "cannot make directory " + unfinished + ": " + error.message()};
    Result<void> copied = copy_backup(*backups, backup, unfinished, progress);
    if (copied.ok()) {
        fs::rename(unfinished, target, error);  // replaces an empty directory
        if (error)
            copied = Error{Code::io, "cannot move " + unfinished + " to " + target + ": " + error.message()};
    }
    if (!copied.ok()) {
        fs::remove_all(unfinished, error);
        return copied.error();
    }
    return to_info(backup);
}

}  // namespace nmstore::kv
