// Opening: who may, what is refused, and what a crash or damage leaves to be found.
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/kv.h"
#include "tests/catch.h"
#include "tests/engine/kv_database.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;
using kv::Space;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files(const std::string& directory, const std::string& extension) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == extension && fs::file_size(entry) > 0) found.push_back(entry.path());
    }
    return found;
}

void damage(const fs::path& path, std::uintmax_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const char byte = static_cast<char>(file.get() ^ 0x5a);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
}

// What a kill would leave of an open database: everything that has been written to its files.
void copy_crashed(const std::string& from, const std::string& to) {
    fs::create_directories(to);
    for (const auto& entry : fs::directory_iterator(from))
        fs::copy(entry.path(), fs::path(to) / entry.path().filename());
}

}  // namespace

TEST_CASE("kv open: an empty place is no store unless one is to be made") {
    TempDirectory directory;
    kv::Options options;
    options.create_if_missing = false;
    CHECK(open_fails(directory / "db", options).code == Code::not_found);
    options.create_if_missing = true;
    options.read_only = true;
    CHECK(open_fails(directory / "db", options).code == Code::not_found);
    CHECK_FALSE(fs::exists(directory / "db"));

    std::ofstream(directory / "file") << "x";
    CHECK(open_fails(directory / "file").code == Code::io);
    CHECK(open_fails(directory / "file/db").code == Code::io);
}

TEST_CASE("kv open: a second opener is refused") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    CHECK(open_fails(directory / "db").code == Code::busy);
    database.reset();
    open_database(directory / "db");
}

TEST_CASE("kv open: read-only reads what is there and refuses to write") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    write(*database, [](kv::Batch& batch) {
        batch.put(Space::cells, "p", "k", "v");
        batch.add("row", "c", 4);
    });
    database.reset();
    kv::Options options;
    options.read_only = true;
    database = open_database(directory / "db", options);
    const auto second = open_database(directory / "db", options);
    CHECK(get(*database, Space::cells, "p", "k") == "v");
    CHECK(get(*second, Space::cells, "p", "k") == "v");
    CHECK(counter(*database, "row", "c") == 4);
    const auto batch = database->new_batch();
    batch->put(Space::cells, "p", "k", "w");
    CHECK(database->apply(*batch).error().code == Code::unavailable);
    CHECK(database->compact({}).error().code == Code::unavailable);
    CHECK(database->backup(directory / "backup", 0, {}).error().code == Code::unavailable);
    CHECK(database->verify_checksums({}).ok());
    CHECK_FALSE(database->stats().writable);
    CHECK(database->stats().why_not_writable == "the store was opened read-only");
    CHECK(database->close().ok());
}

TEST_CASE("kv open: a kill loses nothing that was durable, in any mode of syncing") {
    for (const SyncMode mode : {SyncMode::always, SyncMode::interval, SyncMode::off}) {
        TempDirectory directory;
        kv::Options options;
        options.sync = mode;
        auto database = open_database(directory / "db", options);
        for (int i = 0; i < 50; ++i) {
            write(*database, [&](kv::Batch& batch) {
                batch.put(Space::cells, "p", std::to_string(i), noise(1000, 1));
                batch.put(Space::entries, "p", std::to_string(i), "v");
                batch.add("row", "c", 1);
            });
        }
        copy_crashed(directory / "db", directory / "crashed");
        auto crashed = open_database(directory / "crashed");
        CHECK(keys(*crashed, Space::cells, "p").size() == 50);
        CHECK(keys(*crashed, Space::entries, "p").size() == 50);
        CHECK(counter(*crashed, "row", "c") == 50);
    }
}

TEST_CASE("kv open: a torn tail of the log loses whole batches only, the last ones") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    for (int i = 0; i < 20; ++i) {
        write(*database, [&](kv::Batch& batch) {
            batch.put(Space::cells, "p", std::to_string(100 + i), noise(300, 1));
            batch.put(Space::entries, "p", std::to_string(100 + i), "v");
        });
    }
    std::size_t least = 20;
    for (const std::uintmax_t torn : {1u, 100u, 320u, 700u, 3000u}) {
        const std::string crashed = directory / ("crashed" + std::to_string(torn));
        copy_crashed(directory / "db", crashed);
        const auto logs = files(crashed, ".log");
        REQUIRE(logs.size() == 1);
        fs::resize_file(logs[0], fs::file_size(logs[0]) - torn);
        if (torn == 700) std::ofstream(logs[0], std::ios::app | std::ios::binary) << noise(500, 2);
        auto reopened = open_database(crashed);
        const Keys found = keys(*reopened, Space::cells, "p");
        CHECK(found == keys(*reopened, Space::entries, "p"));
        CHECK(found.size() < 20);
        CHECK(found.size() <= least);
        least = found.size();
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == std::to_string(100 + i));
        write(*reopened, [](kv::Batch& batch) { batch.put(Space::cells, "p", "999", "goes on"); });
    }
    CHECK(least > 0);
}

TEST_CASE("kv open: damaged files are corruption, not a crash") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    write(*database, [](kv::Batch& batch) {
        for (int i = 0; i < 2000; ++i)
            batch.put(Space::cells, "p", std::to_string(i), noise(100, static_cast<std::uint64_t>(i)));
        batch.add("row", "c", 1);
    });
    REQUIRE(database->compact({}).ok());
    REQUIRE(database->verify_checksums({}).ok());
    database.reset();

    SECTION("a block of a table file") {
        std::uintmax_t size = 0;
        fs::path largest;
        for (const auto& file : files(directory / "db", ".sst")) {
            if (fs::file_size(file) > size) largest = file, size = fs::file_size(file);
        }
        damage(largest, size / 2);
        database = open_database(directory / "db");
        const auto verified = database->verify_checksums({});
        REQUIRE_FALSE(verified.ok());
        CHECK(verified.error().code == Code::corruption);
        CHECK(verified.error().message.find(".sst") != std::string::npos);

        const auto cursor = database->cursor(Space::cells, "p");
        std::size_t read = 0;
        for (cursor->seek_first(); cursor->valid(); cursor->next()) ++read;
        CHECK(read < 2000);
        REQUIRE_FALSE(cursor->status().ok());
        CHECK(cursor->status().error().code == Code::corruption);
        CHECK_FALSE(database->scan_space(Space::cells, nullptr, [](auto, auto, auto) { return true; }).ok());
        // Somebody who listens is told of each damaged file, and the others are read.
        std::vector<std::string> damaged;
        CHECK(database->verify_checksums({}, [&](const Error& error) { damaged.push_back(error.message); })
                  .ok());
        REQUIRE(damaged.size() == 1);
        CHECK(damaged[0] == verified.error().message);
    }
    SECTION("the end of every table file") {
        for (const auto& file : files(directory / "db", ".sst"))
            fs::resize_file(file, fs::file_size(file) - 10);
        kv::Options options;
        options.directory = directory / "db";
        const auto reopened = kv::Database::open(options);
        if (reopened.ok()) {
            const auto value = (*reopened)->get(Space::cells, "p", "1");
            REQUIRE_FALSE(value.ok());
            CHECK(value.error().code == Code::corruption);
        } else {
            CHECK(reopened.error().code == Code::corruption);
        }
    }
    SECTION("a table file is gone") {
        for (const auto& file : files(directory / "db", ".sst")) fs::remove(file);
        CHECK(open_fails(directory / "db").code == Code::corruption);
    }
    SECTION("the manifest") {
        for (const auto& entry : fs::directory_iterator(directory / "db")) {
            if (entry.path().filename().string().starts_with("MANIFEST")) damage(entry.path(), 20);
        }
        CHECK(open_fails(directory / "db").code == Code::corruption);
    }
    SECTION("no manifest") {
        for (const auto& entry : fs::directory_iterator(directory / "db")) {
            if (entry.path().filename().string().starts_with("MANIFEST")) fs::remove(entry.path());
        }
        CHECK(open_fails(directory / "db").code == Code::corruption);
    }
    SECTION("no CURRENT: never taken for an empty store") {
        fs::remove(directory / "db/CURRENT");
        CHECK(open_fails(directory / "db").code == Code::corruption);
    }
}

TEST_CASE("kv open: a store that was being made when the process ended is made anew") {
    const TempDirectory directory;
    fs::create_directory(directory / "db");
    const auto leave = [&](const std::string& name, const std::string& bytes) {
        std::ofstream(directory / ("db/" + name), std::ios::binary) << bytes;
    };
    leave("LOCK", "");
    leave("IDENTITY", "x\n");
    leave("MANIFEST-000001", "half of");
    leave("000001.dbtmp", "MANIFEST-0");
    SECTION("and can be used") {
        {
            const auto database = open_database(directory / "db");
            write(*database, [](kv::Batch& batch) { batch.put(Space::meta, "p", "k", "v"); });
        }
        CHECK(get(*open_database(directory / "db"), Space::meta, "p", "k") == "v");
    }
    for (const std::string name : {"000003.log", "000004.sst", "MANIFEST-000005"}) {
        SECTION("but not where " + name + " tells of more") {
            leave(name, "x");
            CHECK(open_fails(directory / "db").code == Code::corruption);
        }
    }
}
