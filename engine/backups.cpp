// Backups that are looked at and restored: no store is open.
#include <filesystem>

#include "engine/kv.h"
#include "engine/opening.h"
#include "engine/owner_lock.h"
#include "nmstore/store.h"

namespace nmstore {

Result<std::vector<BackupInfo>> list_backups(const std::string& backup_directory) {
    return kv::list_backups(backup_directory);
}

Result<BackupInfo> restore_backup(const std::string& backup_directory, std::uint32_t id,
                                  const std::string& data_directory, const Progress& progress) {
    namespace fs = std::filesystem;
    std::error_code error;
    // What a restore that was cut off has left does not count: it has a name of its own, and is replaced.
    if (fs::exists(data_directory, error)) {
        for (const auto& entry : fs::directory_iterator(data_directory, error)) {
            const std::string name = entry.path().filename().string();
            if (name == kOwnerLockName || name.ends_with(".unfinished")) continue;
            return Error{Code::conflict, "cannot restore: " + data_directory + " is not empty"};
        }
    }
    if (error) return Error{Code::io, "cannot read " + data_directory + ": " + error.message()};
    NM_TRY(list_backups(backup_directory));
    fs::create_directories(data_directory, error);
    if (error) return Error{Code::io, "cannot make directory " + data_directory + ": " + error.message()};
    NM_ASSIGN(const auto lock, OwnerLock::acquire(data_directory, "restore", system_clock().now_ms()));
    return kv::restore_backup(backup_directory, id,
                              (fs::path(data_directory) / kDatabaseDirectoryName).string(), progress);
}

}  // namespace nmstore
