#include <filesystem>
#include <fstream>
#include <string>
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

BackupInfo back_up(kv::Database& database, const std::string& directory, std::int64_t now_ms = 1) {
    const auto info = database.backup(directory, now_ms, {});
    if (!info.ok()) FAIL(info.error().message);
    return *info;
}

std::vector<fs::path> files_below(const std::string& directory) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (entry.is_regular_file()) found.push_back(entry.path());
    }
    return found;
}

std::uintmax_t bytes_below(const std::string& directory) {
    std::uintmax_t bytes = 0;
    for (const auto& file : files_below(directory)) bytes += fs::file_size(file);
    return bytes;
}

void put_noise(kv::Database& database, const std::string& partition, int count) {
    write(database, [&](kv::Batch& batch) {
        for (int i = 0; i < count; ++i) {
            batch.put(Space::entries, partition, std::to_string(i),
                      noise(1000, static_cast<std::uint64_t>(i)));
        }
    });
}

}  // namespace

TEST_CASE(
    "kv backup: any backup of a directory can be restored, and later ones share files with earlier ones") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    put_noise(*database, "first", 2000);
    write(*database, [](kv::Batch& batch) { batch.add("row", "c", 1); });
    const BackupInfo first = back_up(*database, directory / "backups", 1'321'900'000'123);
    CHECK(first.id == 1);
    CHECK(first.time_ms == 1'321'900'000'123);
    CHECK(first.files > 0);
    CHECK(first.bytes > 2'000'000);
    const auto before = bytes_below(directory / "backups");
    put_noise(*database, "second", 10);
    write(*database, [](kv::Batch& batch) { batch.add("row", "c", 1); });
    const BackupInfo second = back_up(*database, directory / "backups", 1'321'900'001'000);
    CHECK(second.id == 2);
    CHECK(bytes_below(directory / "backups") - before < 500'000);

    const auto listed = kv::list_backups(directory / "backups");
    REQUIRE(listed.ok());
    REQUIRE(listed->size() == 2);
    CHECK((*listed)[0].id == 1);
    CHECK((*listed)[0].time_ms == first.time_ms);
    CHECK((*listed)[0].bytes == first.bytes);
    CHECK((*listed)[1].id == 2);

    put_noise(*database, "third", 10);  // after the backups
    REQUIRE(kv::restore_backup(directory / "backups", 1, directory / "restored1", {})->id == 1);
    REQUIRE(kv::restore_backup(directory / "backups", 0, directory / "restored2/", {})->id == 2);
    for (int id = 1; id <= 2; ++id) {
        auto restored = open_database(directory / ("restored" + std::to_string(id)));
        CHECK(keys(*restored, Space::entries, "first") == keys(*database, Space::entries, "first"));
        CHECK(keys(*restored, Space::entries, "second").size() == (id == 2 ? 10u : 0u));
        CHECK(keys(*restored, Space::entries, "third").empty());
        CHECK(counter(*restored, "row", "c") == id);
        CHECK(get(*restored, Space::entries, "first", "77") == noise(1000, 77));
        // A restored store goes on in the same backup directory without harm to what is there.
        put_noise(*restored, "branch", 5);
        back_up(*restored, directory / "backups");
    }
    CHECK(kv::list_backups(directory / "backups")->size() == 4);
    fs::remove_all(directory / "restored1");
    REQUIRE(kv::restore_backup(directory / "backups", 1, directory / "restored1", {}).ok());
}

TEST_CASE("kv backup: what is not there, and targets that are not empty") {
    TempDirectory directory;
    CHECK(kv::list_backups(directory / "absent").error().code == Code::not_found);
    CHECK(kv::restore_backup(directory / "absent", 0, directory / "target", {}).error().code ==
          Code::not_found);
    CHECK_FALSE(fs::exists(directory / "absent"));
    CHECK_FALSE(fs::exists(directory / "target"));

    auto database = open_database(directory / "db");
    put_noise(*database, "p", 10);
    back_up(*database, directory / "backups");
    CHECK(kv::restore_backup(directory / "backups", 7, directory / "target", {}).error().code ==
          Code::not_found);

    fs::create_directories(directory / "target");
    REQUIRE(kv::restore_backup(directory / "backups", 1, directory / "target", {}).ok());  // empty: fine
    const auto again = kv::restore_backup(directory / "backups", 1, directory / "target", {});
    CHECK(again.error().code == Code::conflict);
    CHECK(kv::restore_backup(directory / "backups", 1, directory / "db", {}).error().code == Code::conflict);
    CHECK(keys(*database, Space::entries, "p").size() == 10);

    std::ofstream(directory / "file") << "x";
    CHECK(kv::restore_backup(directory / "backups", 1, directory / "file", {}).error().code ==
          Code::conflict);
    CHECK(database->backup(directory / "file/backups", 1, {}).error().code == Code::io);
}

TEST_CASE("kv backup: a damaged backup is found before anything is restored") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    put_noise(*database, "p", 2000);
    back_up(*database, directory / "backups");
    fs::path largest;
    std::uintmax_t size = 0;
    for (const auto& file : files_below(directory / "backups")) {
        if (fs::file_size(file) > size) largest = file, size = fs::file_size(file);
    }
    SECTION("one byte is another") {
        std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(size / 2));
        file.put('\x01').put('\x02').put('\x03');
    }
    SECTION("a file is too short") {
        fs::resize_file(largest, size - 1);
    }
    SECTION("a file is gone") {
        fs::remove(largest);
    }
    SECTION("its own description is damaged") {
        std::ofstream(directory / "backups/meta/1") << "nonsense";
    }
    const auto restored = kv::restore_backup(directory / "backups", 1, directory / "target", {});
    REQUIRE_FALSE(restored.ok());
    INFO(restored.error().message);
    CHECK(restored.error().code == Code::corruption);
    CHECK_FALSE(fs::exists(directory / "target"));
    CHECK_FALSE(fs::exists(directory / "target.unfinished"));
}

TEST_CASE("kv backup: progress, and stopping on the way") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    put_noise(*database, "p", 5000);
    const auto stop_at_once = [](const ProgressReport&) { return false; };
    std::uint64_t last = 0;
    std::uint64_t total = 0;
    const auto follow = [&](const ProgressReport& report) {
        CHECK(report.unit == "bytes");
        CHECK_FALSE(report.stage.empty());
        CHECK(report.done <= report.total);
        last = report.done;
        total = report.total;
        return true;
    };

    CHECK(database->backup(directory / "backups", 1, stop_at_once).error().code == Code::cancelled);
    CHECK(kv::list_backups(directory / "backups").error().code == Code::not_found);
    REQUIRE(database->backup(directory / "backups", 1, follow).ok());
    CHECK(last > 0);

    CHECK(kv::restore_backup(directory / "backups", 0, directory / "target", stop_at_once).error().code ==
          Code::cancelled);
    CHECK_FALSE(fs::exists(directory / "target"));
    REQUIRE(kv::restore_backup(directory / "backups", 0, directory / "target", follow).ok());
    CHECK(last == total);

    CHECK(database->compact(stop_at_once).error().code == Code::cancelled);
    REQUIRE(database->compact(follow).ok());
    CHECK(last == total);
    CHECK(total > 5'000'000);
    CHECK(database->verify_checksums(stop_at_once).error().code == Code::cancelled);
    REQUIRE(database->verify_checksums(follow).ok());
    CHECK(last == total);
    CHECK(keys(*database, Space::entries, "p").size() == 5000);
}
