#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "engine/kv.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using kv::Space;

namespace {

std::unique_ptr<kv::Database> open(const std::string& directory, kv::Options options = {}) {
    options.directory = directory;
    auto database = kv::Database::open(options);
    if (!database.ok()) FAIL(database.error().message);
    return std::move(database).value();
}

void write(kv::Database& database, const std::function<void(kv::Batch&)>& fill) {
    auto batch = database.new_batch();
    fill(*batch);
    auto ticket = database.apply(*batch);
    REQUIRE(ticket.ok());
    REQUIRE(database.wait_durable(*ticket).ok());
}

std::optional<std::string> get(const kv::Database& database, Space space, std::string_view partition,
                               std::string_view key, const SnapshotPtr& snapshot = nullptr) {
    auto value = database.get(space, partition, key, snapshot);
    REQUIRE(value.ok());
    return *value;
}

std::vector<std::string> keys(const kv::Database& database, Space space, std::string_view partition,
                              bool backwards = false, const SnapshotPtr& snapshot = nullptr) {
    std::vector<std::string> found;
    auto cursor = database.cursor(space, partition, snapshot, backwards);
    for (backwards ? cursor->seek_last() : cursor->seek_first(); cursor->valid();
         backwards ? cursor->prev() : cursor->next()) {
        found.emplace_back(cursor->key());
    }
    REQUIRE(cursor->status().ok());
    return found;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("kv: what is written is found, in every space, also after reopening") {
    testing::TempDirectory directory;
    const std::string binary("\0\xff\n", 3);
    auto database = open(directory / "db");
    write(*database, [&](kv::Batch& batch) {
        for (std::size_t i = 0; i < kv::kSpaces; ++i) {
            const auto space = static_cast<Space>(i);
            if (space != Space::counters)
                batch.put(space, "p", "k" + binary, "v" + std::to_string(i) + binary);
        }
        CHECK(batch.count() == kv::kSpaces - 1);
        CHECK(batch.bytes() > 0);
    });
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < kv::kSpaces; ++i) {
            const auto space = static_cast<Space>(i);
            if (space == Space::counters) continue;
            CHECK(get(*database, space, "p", "k" + binary) == "v" + std::to_string(i) + binary);
            CHECK_FALSE(get(*database, space, "p", "k"));
            CHECK_FALSE(get(*database, space, "q", "k" + binary));
        }
        REQUIRE(database->close().ok());
        database = open(directory / "db");
    }
}

TEST_CASE("kv: a cursor stays within its partition") {
    testing::TempDirectory directory;
    auto database = open(directory / "db");
    // Names chosen so that one partition's name is the beginning of another's, and bytes at both ends occur.
    const std::string high(1, '\xff');
    const Keys partitions = {
        "", "a", "aa", "b", high, high + high, std::string(kv::kMaxPartitionBytes, '\xff')};
    write(*database, [&](kv::Batch& batch) {
        for (const auto& partition : partitions) {
            for (const auto& key : Keys{"", "b", "d", high + high})
                batch.put(Space::cells, partition, key, partition + "/" + key);
        }
    });
    for (const auto& partition : partitions) {
        CHECK(keys(*database, Space::cells, partition) == Keys{"", "b", "d", high + high});
        CHECK(keys(*database, Space::cells, partition, true) == Keys{high + high, "d", "b", ""});
        auto cursor = database->cursor(Space::cells, partition);
        CHECK_FALSE(cursor->valid());
        cursor->seek("c");
        REQUIRE(cursor->valid());
        CHECK(cursor->key() == "d");
        CHECK(cursor->value() == partition + "/d");
        cursor->seek_for_prev("c");
        REQUIRE(cursor->valid());
        CHECK(cursor->key() == "b");
        cursor->seek(high + high + high);
        CHECK_FALSE(cursor->valid());
        cursor->seek("d");
        cursor->next();
        cursor->next();
        CHECK_FALSE(cursor->valid());
        CHECK(cursor->status().ok());
    }
    CHECK(keys(*database, Space::cells, "absent").empty());
    CHECK(keys(*database, Space::cells, "absent", true).empty());
    CHECK(keys(*database, Space::entries, "a").empty());
}

TEST_CASE("kv: removing a key, a range, a partition") {
    testing::TempDirectory directory;
    auto database = open(directory / "db");
    write(*database, [](kv::Batch& batch) {
        for (const char* partition : {"p", "pp", "q"}) {
            for (const char* key : {"a", "b", "c", "d"}) batch.put(Space::entries, partition, key, "1");
        }
    });
    write(*database, [](kv::Batch& batch) {
        batch.remove(Space::entries, "p", "a");
        batch.remove(Space::entries, "p", "absent");
        batch.remove_range(Space::entries, "pp", "b", "d");
        batch.remove_range(Space::entries, "pp", "z", "a");  // empty
        batch.remove_partition(Space::entries, "q");
        batch.put(Space::entries, "q", "e", "later in the same batch");
    });
    for (int round = 0; round < 2; ++round) {
        CHECK(keys(*database, Space::entries, "p") == Keys{"b", "c", "d"});
        CHECK(keys(*database, Space::entries, "pp") == Keys{"a", "d"});
        CHECK(keys(*database, Space::entries, "q") == Keys{"e"});
        REQUIRE(database->compact({}).ok());
    }
}

TEST_CASE("kv: a snapshot sees one moment") {
    testing::TempDirectory directory;
    auto database = open(directory / "db");
    write(*database, [](kv::Batch& batch) { batch.put(Space::cells, "p", "k", "old"); });
    auto snapshot = database->snapshot();
    auto cursor = database->cursor(Space::cells, "p", snapshot);
    write(*database, [](kv::Batch& batch) {
        batch.put(Space::cells, "p", "k", "new");
        batch.put(Space::cells, "p", "l", "new");
    });
    REQUIRE(database->compact({}).ok());
    CHECK(get(*database, Space::cells, "p", "k", snapshot) == "old");
    CHECK(get(*database, Space::cells, "p", "k") == "new");
    CHECK(keys(*database, Space::cells, "p", false, snapshot) == Keys{"k"});
    CHECK(keys(*database, Space::cells, "p") == Keys{"k", "l"});
    snapshot.reset();  // the cursor holds it
    cursor->seek_first();
    REQUIRE(cursor->valid());
    CHECK(cursor->value() == "old");
}
