#include "nmstore/damaged_files.h"

#include "engine/kv.h"
#include "engine/owner_lock.h"

namespace nmstore {

Result<std::vector<std::string>> damaged_files(const std::string& data_directory, const Progress& progress) {
    kv::Options options;
    options.directory = data_directory + "/" + std::string(kDatabaseDirectoryName);
    options.create_if_missing = false;
    options.read_only = true;
    const auto opened = kv::Database::open(options);
    if (!opened.ok() && opened.error().code == Code::corruption)
        return kv::damaged_table_files(options.directory, progress);
    NM_TRY(opened);
    const auto& database = *opened;
    std::vector<std::string> files;
    NM_TRY(database->verify_checksums(progress, [&](const Error& error) { files.push_back(error.message); }));
    return files;
}

}  // namespace nmstore
