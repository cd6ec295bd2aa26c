// A table file with wrong bytes in it: what is told, and what goes on all the same.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/kv_damage_seen.h"
#include "nmstore/damaged_files.h"
#include "tests/engine/kv_database.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

namespace fs = std::filesystem;

constexpr int kRows = 200;
const std::string kFamily(kIndexFamily);

std::string row_name(int row) {
    return "row" + std::to_string(1000 + row);
}

// The largest table file, damaged in its middle.
std::string damage(const std::string& database) {
    fs::path largest;
    for (const auto& file : fs::directory_iterator(database)) {
        if (file.path().extension() == ".sst" &&
            (largest.empty() || file.file_size() > fs::file_size(largest)))
            largest = file.path();
    }
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(largest) / 2));
    file.write("damaged!", 8);
    return largest.string();
}

// Several rows in one block of the file: some cannot be read at all.
std::string fill_and_damage(OpenedStore& store) {
    must(store->declare_column(kFamily, "color", ValueType::utf8, true));
    for (int row = 0; row < kRows; ++row) {
        const auto batch = must(store->begin_cells(kFamily));
        for (int cell = 0; cell < 5; ++cell) {
            must(batch->put(row_name(row), "c" + std::to_string(cell),
                            noise(500, static_cast<std::uint64_t>(row * 10 + cell)), 0));
        }
        must(batch->put(row_name(row), "color", "red", 0));
        must(batch->commit());
    }
    must(store->compact());
    store.close();
    return damage(store.data() + "/db");
}

bool is_readable(OpenedStore& store, const std::string& row) {
    const auto slice = store->slice(kFamily, row, {});
    if (slice.ok()) {
        CHECK(slice->cells.size() == 6);
        return true;
    }
    CHECK(slice.error().code == Code::corruption);
    return false;
}

}  // namespace

TEST_CASE("damage: a file without its end keeps the store closed, and is named") {
    OpenedStore store;
    const std::string hurt = fill_and_damage(store);
    fs::resize_file(hurt, fs::file_size(hurt) - 10);
    StoreOptions options;
    options.directory = store.data();
    const auto opened = Store::open(options);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == Code::corruption);
    CHECK(opened.error().message.find("nm-tool verify --data") != std::string::npos);
    const auto files = must(damaged_files(store.data(), {}));
    REQUIRE(files.size() == 1);
    CHECK(files.front().starts_with(hurt + " cannot be read"));
    CHECK(code_of(damaged_files(store.data(), [](const ProgressReport&) { return false; })) ==
          Code::cancelled);
}

TEST_CASE("damage: rows that cannot be read are listed, and can be dropped") {
    OpenedStore store;
    const std::string file = fill_and_damage(store);
    store.reopen();
    const auto listed = must(store->rows(kFamily, "row", "row", 1000));
    CHECK(listed.size() == kRows);
    std::vector<std::string> hurt;
    for (const std::string& row : listed) {
        if (!is_readable(store, row)) hurt.push_back(row);
    }
    REQUIRE_FALSE(hurt.empty());
    REQUIRE(hurt.size() < 10);
    const StoreStats stats = store->stats();
    CHECK(stats.damage_seen >= hurt.size());
    CHECK(stats.damaged_files == std::vector<std::string>{file});
    CHECK(stats.writable);

    for (const std::string& row : hurt) must(store->remove_row(kFamily, row));
    CHECK(must(store->rows(kFamily, "row", "row", 1000)).size() == kRows - hurt.size());
    CHECK(must(store->find_rows(kFamily, "color", "red", 1000)).size() == kRows - hurt.size());
    const VerifyReport report = must(store->verify());
    for (const std::string& problem : report.problems) {
        INFO(problem);
        CHECK(problem.find("index") == std::string::npos);  // no value is left of a row that is gone
    }
}

TEST_CASE("damage: a compaction that comes to it fails, and the store can be written to all the same") {
    OpenedStore store;
    const std::string file = fill_and_damage(store);
    store.reopen();
    CHECK(store->stats().damage_seen == 0);
    CHECK(code_of(store->compact()) == Code::corruption);
    CHECK(store->stats().damaged_files == std::vector<std::string>{file});
    CHECK(store->stats().writable);
    store.put(kFamily, "another", "c", "v");
    CHECK(store.cells(kFamily, "another") == "c=v");
    store.reopen();
    CHECK(store.cells(kFamily, "another") == "c=v");
}

TEST_CASE("damage: once the rows that are hurt have gone, a compaction takes the file away") {
    OpenedStore store;
    const std::string file = fill_and_damage(store);
    store.reopen();
    std::vector<std::string> sound;
    for (const std::string& row : must(store->rows(kFamily, "row", "row", 1000))) {
        if (is_readable(store, row)) {
            sound.push_back(row);
        } else {
            must(store->remove_row(kFamily, row));
        }
    }
    REQUIRE(sound.size() < kRows);
    must(store->compact());
    CHECK_FALSE(fs::exists(file));
    CHECK(store->stats().damaged_files.empty());
    CHECK(store->stats().damage_seen > 0);
    for (const bool again : {false, true}) {
        if (again) store.reopen_after_crash();
        CHECK(must(store->rows(kFamily, "row", "row", 1000)) == sound);
        for (const std::string& row : sound) REQUIRE(is_readable(store, row));
        store.check();
        must(store->compact());
    }
}

TEST_CASE(
    "damage: a file of which something is wanted stays, and the compaction names it and does the rest") {
    OpenedStore store;
    store.sealing.background = false;
    store.reopen();
    for (int i = 0; i < 2000; ++i) {
        store.append("c", "l" + std::to_string(i % 4), store.clock.now_ms(), "line " + std::to_string(i));
        if (i % 200 == 0) must(store->seal());
    }
    const std::string file = fill_and_damage(store);
    store.reopen();
    for (int i = 0; i < 400; ++i) store.append("c", "l0", store.clock.now_ms(), "more " + std::to_string(i));
    const std::uint64_t sealed = store->stats().block_lines;
    const auto compacted = store->compact();
    REQUIRE_FALSE(compacted.ok());
    INFO(compacted.error().message);
    CHECK(compacted.error().code == Code::corruption);
    CHECK(compacted.error().message.find(file + " (what is wanted of it cannot be read)") !=
          std::string::npos);
    CHECK(fs::exists(file));
    CHECK(store->stats().block_lines == sealed + 400);
    for (const LogRow& row : must(store->log_rows({}))) {
        for (const BlockInfo& block : must(store->blocks(row, nullptr))) CHECK(block.tight);
    }
}

TEST_CASE("damage: files beside a damaged one are compacted") {
    TempDirectory directory;
    kv::Options options;
    options.sync = SyncMode::off;
    constexpr std::uint64_t kParts = 20;
    constexpr std::uint64_t kKeys = 100;
    constexpr std::size_t kValueBytes = 65'536;
    constexpr std::uint64_t kGone = 4;  // fewer than a file has on either side of the one in the middle
    const auto name = [](std::uint64_t part) { return "part" + std::to_string(100 + part); };
    {
        const auto database = open_database(directory / "db", options);
        for (std::uint64_t part = 0; part < kParts; ++part) {
            const auto batch = database->new_batch();
            for (std::uint64_t i = 0; i < kKeys; ++i)
                batch->put(kv::Space::blocks, name(part), std::to_string(100 + i),
                           noise(kValueBytes, part * kKeys + i));
            REQUIRE(database->apply(*batch).ok());
        }
        REQUIRE(database->compact({}).ok());
    }
    const std::string file = damage(directory / "db");
    const auto database = open_database(directory / "db", options);
    const auto is_sound = [&](std::uint64_t part) {
        const auto cursor = database->cursor(kv::Space::blocks, name(part));
        for (cursor->seek_first(); cursor->valid();) cursor->next();
        return cursor->status().ok();
    };
    std::uint64_t hurt = kParts;
    for (std::uint64_t part = 0; part < kParts; ++part)
        if (!is_sound(part)) hurt = part;
    REQUIRE(hurt < kParts);
    CHECK(database->stats().damaged_files == std::vector<std::string>{file});

    // What lies in other files goes from the disk.
    const std::uint64_t before = *database->space_size(kv::Space::blocks);
    const std::uint64_t first = hurt < kParts / 2 ? kParts - kGone : 0;
    write(*database, [&](kv::Batch& batch) {
        for (std::uint64_t i = 0; i < kGone; ++i) batch.remove_partition(kv::Space::blocks, name(first + i));
    });
    const auto compacted = database->compact({});
    REQUIRE_FALSE(compacted.ok());
    CHECK(compacted.error().code == Code::corruption);
    CHECK(fs::exists(file));
    CHECK(*database->space_size(kv::Space::blocks) < before - (kGone - 1) * kKeys * kValueBytes);
    CHECK(database->stats().writable);
    std::vector<std::uint64_t> left;
    for (std::uint64_t part = 0; part < kParts; ++part)
        if (part < first || part >= first + kGone) left.push_back(part);

    // And what is not wanted of the file is no reason to keep it.
    const auto wanted = [&](bool with_hurt) -> kv::LivePartitions {
        return [&, with_hurt](kv::Space, const kv::PartitionRange& range) {
            std::vector<kv::LivePartition> parts;
            for (const std::uint64_t part : left) {
                if ((with_hurt || is_sound(part)) && name(part) >= range.first && name(part) <= range.last)
                    parts.push_back({name(part), std::nullopt});
            }
            return Result<std::optional<std::vector<kv::LivePartition>>>(std::move(parts));
        };
    };
    const kv::MendedFiles kept = must(database->mend_files(wanted(true), {}));
    CHECK(kept.gone == 0);
    CHECK(kept.left.size() == 1);
    {
        const SnapshotPtr old = database->snapshot();
        int asked = 0;
        const auto waited =
            database->mend_files(wanted(false), [&](const ProgressReport&) { return ++asked < 5; });
        CHECK(code_of(waited) == Code::cancelled);
        CHECK(fs::exists(file));  // somebody may still read what it had
    }
    const std::vector<std::uint64_t> all = left;
    std::erase_if(left, [&](std::uint64_t part) { return !is_sound(part); });
    CHECK(left.size() + 3 > all.size());
    CHECK(must(database->mend_files(wanted(false), {})).gone == 1);
    CHECK_FALSE(fs::exists(file));
    CHECK(database->compact({}).ok());
    for (const std::uint64_t part : left) {
        for (std::uint64_t i = 0; i < kKeys; ++i)
            REQUIRE(get(*database, kv::Space::blocks, name(part), std::to_string(100 + i)) ==
                    noise(kValueBytes, part * kKeys + i));
    }
}

TEST_CASE("damage: writes that would wait for a compaction for ever are refused, with the reason") {
    TempDirectory directory;
    kv::Options options;
    options.memory_bytes = std::size_t{8} << 20;
    options.sync = SyncMode::off;
    const auto put = [](kv::Database& database, std::uint64_t round) -> Result<std::uint64_t> {
        const auto batch = database.new_batch();
        for (std::uint64_t i = 0; i < 64; ++i)
            batch->put(kv::Space::entries, "p", std::to_string(i), noise(16'384, round * 64 + i));
        return database.apply(*batch);
    };
    {
        const auto database = open_database(directory / "db", options);
        REQUIRE(put(*database, 0).ok());
        REQUIRE(database->compact({}).ok());
    }
    damage(directory / "db");
    const auto database = open_database(directory / "db", options);
    std::uint64_t written = 0;
    while (written < 300 && put(*database, 1 + written).ok()) ++written;
    CHECK(written > 10);
    CHECK(written < 300);
    const auto refused = put(*database, 1000);
    REQUIRE_FALSE(refused.ok());
    INFO(refused.error().message);
    CHECK(refused.error().code == Code::unavailable);
    CHECK(refused.error().message.find("Corruption: ") != std::string::npos);
    CHECK_FALSE(database->stats().writable);
    CHECK(database->stats().damaged_files.size() == 1);
    CHECK(get(*database, kv::Space::entries, "p", "63") == noise(16'384, written * 64 + 63));
}

TEST_CASE("damage: what was refused for it goes on after a restart, and nothing of before is lost") {
    TempDirectory directory;
    kv::Options options;
    options.memory_bytes = std::size_t{8} << 20;
    const auto put = [](kv::Database& database, std::uint64_t round) -> Result<std::uint64_t> {
        const auto batch = database.new_batch();
        for (std::uint64_t i = 0; i < 64; ++i)
            batch->put(kv::Space::entries, "p", std::to_string(i), noise(16'384, round * 64 + i));
        auto ticket = database.apply(*batch);
        if (ticket.ok()) NM_TRY(database.wait_durable(*ticket));
        return ticket;
    };
    {
        const auto database = open_database(directory / "db", options);
        REQUIRE(put(*database, 0).ok());
        REQUIRE(database->compact({}).ok());
    }
    damage(directory / "db");
    std::uint64_t last = 0;
    std::uint64_t round = 1;
    for (int restarts = 0; restarts < 2; ++restarts) {
        const auto database = open_database(directory / "db", options);
        const std::uint64_t first = round;
        while (round < first + 300 && put(*database, round).ok()) last = round++;
        CHECK(round > first);  // it has another respite
        CHECK(round < first + 300);
        ++round;
    }
    const auto database = open_database(directory / "db", options);
    for (std::uint64_t i = 0; i < 64; ++i) {
        const auto value = get(*database, kv::Space::entries, "p", std::to_string(i));
        // What was not promised may be there as well.
        CHECK((value == noise(16'384, last * 64 + i) || value == noise(16'384, (last + 1) * 64 + i)));
    }
}

TEST_CASE("damage: a backup of what is damaged is refused, and one that has the file already goes on") {
    TempDirectory directory;
    const auto put = [](kv::Database& database, const std::string& partition, std::uint64_t seed) {
        write(database, [&](kv::Batch& batch) {
            for (std::uint64_t i = 0; i < 200; ++i)
                batch.put(kv::Space::entries, partition, std::to_string(i), noise(1000, seed + i));
        });
    };
    std::string file;
    {
        const auto database = open_database(directory / "db");
        put(*database, "a", 1);
        REQUIRE(database->backup(directory / "backups", 1, {}).ok());
    }
    file = damage(directory / "db");
    const auto database = open_database(directory / "db");
    put(*database, "b", 5000);
    REQUIRE(database->backup(directory / "backups", 2, {}).ok());
    const auto refused = database->backup(directory / "others", 3, {});
    REQUIRE_FALSE(refused.ok());
    INFO(refused.error().message);
    CHECK(refused.error().code == Code::corruption);
    CHECK(refused.error().message.find(file) != std::string::npos);
    CHECK(refused.error().message.find("nm-tool verify") != std::string::npos);
    CHECK_FALSE(kv::list_backups(directory / "others").ok());
    CHECK(database->stats().damaged_files == std::vector<std::string>{file});

    REQUIRE(kv::restore_backup(directory / "backups", 2, directory / "restored", {}).ok());
    const auto restored = open_database(directory / "restored");
    CHECK(restored->verify_checksums({}).ok());
    CHECK(get(*restored, kv::Space::entries, "a", "7") == noise(1000, 8));
    CHECK(get(*restored, kv::Space::entries, "b", "7") == noise(1000, 5007));
}

TEST_CASE("damage: what has been seen is counted, and named as long as it is there") {
    TempDirectory directory;
    const std::string database = directory / "000001.sst dir";
    fs::create_directories(database);
    std::ofstream(database + "/000012.sst") << "x";
    kv::DamageSeen seen(database);
    const auto told = [&] {
        kv::DatabaseStats stats;
        seen.tell(stats);
        return stats;
    };
    CHECK(told().damage_seen == 0);
    CHECK(told().damaged_files.empty());
    for (int i = 0; i < 2; ++i)
        seen.note("Corruption: block checksum mismatch in " + database + "/000012.sst offset 1 size 2");
    CHECK(told().damage_seen == 2);
    CHECK(told().damaged_files == std::vector<std::string>{database + "/000012.sst"});
    seen.note("Corruption: nobody knows where");
    CHECK(told().damaged_files == std::vector<std::string>{database, database + "/000012.sst"});
    fs::remove(database + "/000012.sst");
    CHECK(told().damage_seen == 3);
    CHECK(told().damaged_files == std::vector<std::string>{database});
}
