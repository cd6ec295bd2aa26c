// Opens the database, and says in our words why it cannot be opened.
#include <rocksdb/convenience.h>

#include <algorithm>
#include <filesystem>

#include "engine/kv_ballast.h"
#include "engine/kv_rocksdb.h"

namespace nmstore::kv {

namespace {

// Whether a file tells of a store that was there. RocksDB names its first manifest so, writes CURRENT behind
// it, and has another one before it takes any data: that one alone is left of a process that ended while it
// made the store.
bool is_of_store(const std::filesystem::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    const std::string extension = entry.path().extension().string();
    return extension == ".sst" || extension == ".log" ||
           (name.starts_with("MANIFEST") && name != "MANIFEST-000001");
}

// Says clearly what cannot be opened, before RocksDB says it in its own words.
Result<void> check_openable(const Options& options) {
    std::error_code error;
    const std::filesystem::path directory(options.directory);
    if (std::filesystem::exists(directory / "CURRENT", error)) return {};
    if (options.read_only || !options.create_if_missing) {
        return Error{Code::not_found, "there is no store in " + options.directory};
    }
    std::filesystem::create_directories(directory, error);
    if (error) return Error{Code::io, "cannot make directory " + options.directory + ": " + error.message()};
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (is_of_store(entry)) {
            return Error{Code::corruption,
                         options.directory + " holds files of a store, but not the file CURRENT"};
        }
    }
    if (error) return Error{Code::io, "cannot read directory " + options.directory + ": " + error.message()};
    return {};
}

Error open_error(const rocksdb::Status& status, const std::string& directory) {
    Error error = to_error(status, "open the store in " + directory);
    const std::string& text = error.message;
    if (status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                               text.find("lock hold by") != std::string::npos)) {
        error.code = Code::busy;
    } else if (status.IsInvalidArgument() && text.find("olumn famil") != std::string::npos) {
        error.code = Code::unsupported;  // it has spaces that this version does not know
    } else if (status.IsPathNotFound()) {
        error.code = Code::corruption;  // CURRENT names what is not there
    }
    // The message may name the manifest, which only lists the file.
    if (error.code == Code::corruption)
        error.message += "; \"nm-tool verify --data\" names damaged table files";
    return error;
}

// All of them; a database that is only read cannot get those that it lacks.
Result<std::vector<Space>> spaces_to_open(const rocksdb::DBOptions& database, const Options& options) {
    std::vector<std::string> there;
    if (options.read_only) {
        const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(database, options.directory, &there);
        if (!status.ok()) return open_error(status, options.directory);
    }
    std::vector<Space> spaces;
    for (std::size_t i = 0; i < kSpaces; ++i) {
        const auto space = static_cast<Space>(i);
        if (!options.read_only || std::find(there.begin(), there.end(), space_name(space)) != there.end())
            spaces.push_back(space);
    }
    return spaces;
}

}  // namespace

OpenDatabase::~OpenDatabase() {
    if (!db) return;
    // A compaction that is waited for ends early.
    if (pause != nullptr && pause->asking()) rocksdb::CancelAllBackgroundWork(db.get(), /*wait=*/false);
    pause.reset();
    for (auto* handle : handles) {
        if (handle != nullptr) (void)db->DestroyColumnFamilyHandle(handle);
    }
    (void)db->Close();
}

Result<OpenDatabasePtr> open_database(const Options& options) {
    NM_TRY(check_openable(options));
    auto open = std::make_shared<OpenDatabase>();
    open->directory = options.directory;
    open->shared = make_shared_parts(options);
    const rocksdb::DBOptions database = database_options(options, open->shared);
    NM_ASSIGN(const std::vector<Space> spaces, spaces_to_open(database, options));
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const Space space : spaces)
        descriptors.emplace_back(space_name(space), space_options(space, options, open->shared));
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    const auto try_to_open = [&] {
        return options.read_only
                   ? rocksdb::DB::OpenForReadOnly(database, options.directory, descriptors, &handles, &db)
                   : rocksdb::DB::Open(database, options.directory, descriptors, &handles, &db);
    };
    rocksdb::Status status = try_to_open();
    // It can be read, and old data be dropped, only if it can be opened.
    if (status.IsNoSpace() && !options.read_only && Ballast(options.ballast_path, std::nullopt).give_up())
        status = try_to_open();
    if (!status.ok()) return open_error(status, options.directory);
    open->db.reset(db);
    if (!options.read_only) {
        open->pause = std::make_unique<BackgroundPause>([db] { (void)db->PauseBackgroundWork(); },
                                                        [db] { (void)db->ContinueBackgroundWork(); });
    }
    NM_CHECK(handles.size() == spaces.size());
    for (std::size_t i = 0; i < spaces.size(); ++i)
        open->handles[static_cast<std::size_t>(spaces[i])] = handles[i];
    return OpenDatabasePtr(std::move(open));
}

}  // namespace nmstore::kv
