// Every call of an open database: writing, reading, cursors, snapshots, counters, expiry.
#include <filesystem>
#include <limits>
#include <set>
#include <string>

#include "engine/kv.h"
#include "tests/catch.h"
#include "tests/engine/kv_database.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;
using kv::Space;

TEST_CASE("kv: what is written is found, in every space, also after reopening") {
    TempDirectory directory;
    const std::string binary("\0\xff\n", 3);
    auto database = open_database(directory / "db");
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
        database = open_database(directory / "db");
    }
}

TEST_CASE("kv: a cursor stays within its partition") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
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
    TempDirectory directory;
    auto database = open_database(directory / "db");
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
    TempDirectory directory;
    auto database = open_database(directory / "db");
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

TEST_CASE("kv: a batch is applied as a whole and in order") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    write(*database, [](kv::Batch& batch) {
        batch.put(Space::meta, "", "k", "1");
        batch.put(Space::meta, "", "k", "2");
        batch.put(Space::cells, "p", "gone", "1");
        batch.remove(Space::cells, "p", "gone");
        batch.add("row", "column", 5);
    });
    CHECK(get(*database, Space::meta, "", "k") == "2");
    CHECK_FALSE(get(*database, Space::cells, "p", "gone"));
    CHECK(counter(*database, "row", "column") == 5);

    const auto unused = database->new_batch();  // not applied: leaves nothing
    unused->put(Space::meta, "", "k", "3");
    CHECK(get(*database, Space::meta, "", "k") == "2");

    const auto empty = database->new_batch();
    CHECK(empty->count() == 0);
    const auto ticket = database->apply(*empty);
    REQUIRE(ticket.ok());
    CHECK(database->wait_durable(*ticket).ok());
}

TEST_CASE("kv: counters add up across flushes, compactions and reopening, and wrap around") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    const auto add = [&](std::string_view key, std::int64_t delta) {
        write(*database, [&](kv::Batch& batch) { batch.add("row", key, delta); });
    };
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    for (int round = 1; round <= 3; ++round) {
        add("logs", 10);
        add("logs", -3);
        CHECK(counter(*database, "row", "logs") == 7 * round);
        REQUIRE(database->compact({}).ok());
        CHECK(counter(*database, "row", "logs") == 7 * round);
        REQUIRE(database->close().ok());
        database = open_database(directory / "db");
        CHECK(counter(*database, "row", "logs") == 7 * round);
    }
    add("wraps", kMost);
    add("wraps", 1);
    CHECK(counter(*database, "row", "wraps") == std::numeric_limits<std::int64_t>::min());
    CHECK(counter(*database, "row", "absent") == 0);
    write(*database, [](kv::Batch& batch) { batch.remove(Space::counters, "row", "logs"); });
    add("logs", 2);
    CHECK(counter(*database, "row", "logs") == 2);
}

TEST_CASE("kv: a counter that is stored too short or too long is read as far as it goes") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    write(*database, [](kv::Batch& batch) {
        batch.put(Space::counters, "row", "short", std::string("\x05\x01", 2));
        batch.put(Space::counters, "row", "empty", "");
        batch.put(Space::counters, "row", "long", std::string("\x05\0\0\0\0\0\0\0\x01", 9));
    });
    write(*database, [](kv::Batch& batch) {
        for (const char* key : {"short", "empty", "long"}) batch.add("row", key, 1);
    });
    REQUIRE(database->compact({}).ok());
    CHECK(counter(*database, "row", "short") == 0x106);
    CHECK(counter(*database, "row", "empty") == 1);
    CHECK(counter(*database, "row", "long") == 6);
}

TEST_CASE("kv: contains answers in the order of the keys") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    std::vector<std::pair<std::string, std::string>> wanted;
    for (int i = 0; i < 1000; ++i)
        wanted.emplace_back("p" + std::to_string(i % 7), std::to_string(i * 7919 % 1000));
    write(*database, [&](kv::Batch& batch) {
        for (std::size_t i = 0; i < wanted.size(); i += 3)
            batch.put(Space::entries, wanted[i].first, wanted[i].second, "v");
    });
    for (int round = 0; round < 2; ++round) {
        const auto found = database->contains(Space::entries, wanted);
        REQUIRE(found.ok());
        REQUIRE(found->size() == wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) REQUIRE((*found)[i] == (i % 3 == 0));
        REQUIRE(database->compact({}).ok());
    }
    CHECK(database->contains(Space::entries, {})->empty());
}

TEST_CASE("kv: a scan of a space meets every key once, and stops when told") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    std::set<std::string> expected;
    write(*database, [&](kv::Batch& batch) {
        for (const std::string partition : {"", "a", "bb"}) {
            for (const std::string key : {"", "x", "yy"}) {
                batch.put(Space::catalogue, partition, key, partition + key);
                expected.insert(partition + "/" + key + "=" + partition + key);
            }
        }
    });
    const auto snapshot = database->snapshot();
    write(*database, [](kv::Batch& batch) { batch.put(Space::catalogue, "later", "k", "v"); });
    std::multiset<std::string> seen;
    REQUIRE(database
                ->scan_space(Space::catalogue, snapshot,
                             [&](std::string_view partition, std::string_view key, std::string_view value) {
                                 seen.insert(std::string(partition) + "/" + std::string(key) + "=" +
                                             std::string(value));
                                 return true;
                             })
                .ok());
    CHECK(std::multiset<std::string>(expected.begin(), expected.end()) == seen);
    int calls = 0;
    REQUIRE(
        database->scan_space(Space::catalogue, nullptr, [&](auto, auto, auto) { return ++calls < 2; }).ok());
    CHECK(calls == 2);
}

TEST_CASE("kv: what has expired is dropped by a compaction, and counted; a filter that throws keeps all") {
    TempDirectory directory;
    kv::Options options;
    bool broken = true;
    options.expired = [&broken](Space space, std::string_view value) {
        if (broken) throw 1;
        return space == Space::cells && value == "old";
    };
    auto database = open_database(directory / "db", options);
    write(*database, [](kv::Batch& batch) {
        for (const Space space : {Space::cells, Space::entries}) {
            batch.put(space, "p", "a", "old");
            batch.put(space, "p", "b", "young");
        }
        batch.add("p", "a", 1);
    });
    REQUIRE(database->compact({}).ok());
    CHECK(keys(*database, Space::cells, "p") == Keys{"a", "b"});
    CHECK(database->stats().expired_dropped == 0);
    broken = false;
    REQUIRE(database->compact({}).ok());
    CHECK(keys(*database, Space::cells, "p") == Keys{"b"});
    CHECK(keys(*database, Space::entries, "p") == Keys{"a", "b"});
    CHECK(counter(*database, "p", "a") == 1);
    CHECK(database->stats().expired_dropped == 1);
}

TEST_CASE("kv: a closed database says so") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    const auto batch = database->new_batch();
    batch->put(Space::meta, "", "k", "v");
    auto snapshot = database->snapshot();
    REQUIRE(database->close().ok());
    REQUIRE(database->close().ok());
    CHECK(database->apply(*batch).error().code == Code::unavailable);
    CHECK(database->wait_durable(1).error().code == Code::unavailable);
    CHECK(database->get(Space::meta, "", "k").error().code == Code::unavailable);
    CHECK(database->contains(Space::meta, {{"", "k"}}).error().code == Code::unavailable);
    CHECK(database->compact({}).error().code == Code::unavailable);
    CHECK(database->verify_checksums({}).error().code == Code::unavailable);
    CHECK(database->backup(directory / "backup", 0, {}).error().code == Code::unavailable);
    CHECK_FALSE(database->stats().writable);
}

TEST_CASE("kv: statistics") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    for (int i = 0; i < 10; ++i) {
        write(*database,
              [&](kv::Batch& batch) { batch.put(Space::cells, "p", std::to_string(i), noise(1000, 1)); });
    }
    const auto stats = database->stats();
    CHECK(stats.commits == 10);
    CHECK(stats.syncs == 10);
    CHECK(stats.log_bytes > 10'000);
    CHECK(stats.disk_bytes > stats.log_bytes);
    CHECK(stats.memory_bytes > 10'000);
    CHECK(stats.writable);
    CHECK(stats.why_not_writable.empty());
}

TEST_CASE("kv: files that hold nothing but what was removed go unread, when nobody can see it any more") {
    TempDirectory directory;
    auto database = open_database(directory / "db");
    const auto partition = [](int i) { return std::string("row") + static_cast<char>('a' + i); };
    for (int i = 0; i < 10; ++i) {
        write(*database, [&](kv::Batch& batch) { batch.put(Space::blocks, partition(i), "k", noise(1000, 1)); });
    }
    REQUIRE(database->compact({}).ok());
    const auto all_dead = [](const kv::PartitionRange&, const SnapshotPtr&) -> Result<bool> { return true; };
    const auto drop = [&](const kv::Database::IsDead& is_dead) {
        const auto dropped = database->drop_files(Space::blocks, database->snapshot(), is_dead);
        REQUIRE(dropped.ok());
        return *dropped;
    };
    SECTION("what is alive stays; the range that is asked for is that of the file") {
        std::vector<std::string> asked;
        CHECK(drop([&](const kv::PartitionRange& range, const SnapshotPtr&) -> Result<bool> {
                  asked.push_back(range.first + " " + range.last);
                  return false;
              }).files == 0);
        CHECK(asked == std::vector<std::string>{"rowa rowj"});
        CHECK(get(*database, Space::blocks, "rowc", "k"));
    }
    SECTION("a snapshot that is older holds it") {
        SnapshotPtr reader = database->snapshot();
        write(*database, [&](kv::Batch& batch) {
            for (int i = 0; i < 10; ++i) batch.remove_partition(Space::blocks, partition(i));
        });
        const kv::DroppedFiles held = drop(all_dead);
        CHECK(held.held);
        CHECK(held.files == 0);
        CHECK(get(*database, Space::blocks, "rowc", "k", reader));
        reader.reset();
        const kv::DroppedFiles dropped = drop(all_dead);
        CHECK_FALSE(dropped.held);
        CHECK(dropped.files == 1);
        CHECK(dropped.bytes > 0);
        CHECK(database->stats().files_dropped == 1);
        for (int i = 0; i < 10; ++i) CHECK(keys(*database, Space::blocks, partition(i)).empty());
        CHECK(*database->space_size(Space::blocks) == 0);
        CHECK(drop(all_dead).files == 0);
        database.reset();
        database = open_database(directory / "db");
        for (int i = 0; i < 10; ++i) CHECK(keys(*database, Space::blocks, partition(i)).empty());
    }
    SECTION("what has come since is spared") {
        write(*database, [&](kv::Batch& batch) {
            for (int i = 0; i < 10; ++i) batch.remove_partition(Space::blocks, partition(i));
        });
        const SnapshotPtr snapshot = database->snapshot();
        write(*database, [&](kv::Batch& batch) { batch.put(Space::blocks, "rowc", "k", "new"); });
        REQUIRE(database->compact({}).ok());
        const auto dropped = database->drop_files(Space::blocks, snapshot, all_dead);
        REQUIRE(dropped.ok());
        CHECK(dropped->files == 0);
        CHECK(get(*database, Space::blocks, "rowc", "k") == "new");
    }
}
