#include "engine/kv_directory_size.h"

#include <filesystem>
#include <fstream>

#include "tests/catch.h"
#include "tests/engine/kv_database.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("kv: the size of a directory is measured once in a while, or when it is known to have changed") {
    TempDirectory directory;
    const auto write_file = [&](const std::string& name, std::size_t bytes) {
        std::ofstream(directory / name) << std::string(bytes, 'x');
    };
    kv::DirectorySize size(directory.string());
    const auto told = [&](kv::DirectorySize::Time now) {
        kv::DatabaseStats stats;
        stats.commits = 7;
        stats.disk_bytes = 9;
        size.tell(stats, now);
        CHECK(stats.commits == 7);
        return std::to_string(stats.disk_bytes) + " " + std::to_string(stats.log_bytes);
    };
    const kv::DirectorySize::Time begin{};
    const auto later = begin + kv::DirectorySize::kMostAge;
    write_file("1.sst", 1000);
    write_file("2.log", 10);
    CHECK(told(begin) == "1010 10");
    write_file("3.log", 5);
    CHECK(told(later - std::chrono::milliseconds(1)) == "1010 10");
    CHECK(told(later) == "1015 15");
    write_file("4.log", 1);
    CHECK(told(later) == "1015 15");
    size.forget();
    CHECK(told(later) == "1016 16");
}

TEST_CASE("kv: a directory that is not there has no size") {
    TempDirectory directory;
    kv::DatabaseStats stats;
    kv::measure_directory(directory / "none", stats);
    CHECK(stats.disk_bytes == 0);
}

TEST_CASE("kv: the size after a compaction is not that from before") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    write(*database, [&](kv::Batch& batch) { batch.put(kv::Space::cells, "p", "k", noise(100'000, 1)); });
    CHECK(database->stats().log_bytes > 100'000);
    REQUIRE(database->compact({}).ok());
    kv::DatabaseStats measured;
    kv::measure_directory(directory / "db", measured);
    CHECK(database->stats().log_bytes == measured.log_bytes);
}
