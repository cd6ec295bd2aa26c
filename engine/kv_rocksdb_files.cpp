// Table files of a database that cannot be opened, each by itself.
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <filesystem>

#include "engine/kv.h"

namespace nmstore::kv {

Result<std::vector<std::string>> damaged_table_files(const std::string& directory, const Progress& progress) {
    namespace fs = std::filesystem;
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
        if (at->path().extension() == ".sst") files.push_back(at->path());
    }
    if (error) return Error{Code::io, "cannot read " + directory + ": " + error.message()};
    std::sort(files.begin(), files.end());
    std::vector<std::string> damaged;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (progress && !progress({"verify", i, files.size(), "files"}))
            return Error{Code::cancelled, "the verification was stopped"};
        rocksdb::SstFileReader reader{rocksdb::Options()};
        rocksdb::Status status = reader.Open(files[i].string());
        if (status.ok()) status = reader.VerifyChecksum();
        if (!status.ok()) damaged.push_back(files[i].string() + " cannot be read: " + status.ToString());
    }
    return damaged;
}

}  // namespace nmstore::kv
