#include "engine/opening.h"

#include <fstream>

#include "engine/key.h"
#include "engine/record.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {
StoreOptions options_for(const std::string& directory) {
    StoreOptions options;
    options.directory = directory;
    options.owner = "the test";
    return options;
}
}  // namespace

TEST_CASE("a directory that is in use says by whom") {
    TempDirectory directory;
    const auto store = must(Store::open(options_for(directory / "data")));
    const auto second = Store::open(options_for(directory / "data"));
    CHECK(code_of(second) == Code::busy);
    CHECK(second.error().message.find("the test") != std::string::npos);
}

TEST_CASE("where there is no store, none is made unless asked for") {
    TempDirectory directory;
    StoreOptions options = options_for(directory / "data");
    options.create_if_missing = false;
    CHECK(code_of(Store::open(options)) == Code::not_found);
    options.create_if_missing = true;
    options.read_only = true;
    CHECK(code_of(Store::open(options)) == Code::not_found);
    CHECK_FALSE(std::filesystem::exists(directory / "data"));
    CHECK(code_of(Store::open(options_for(""))) == Code::invalid_argument);
    std::ofstream(directory / "file") << "x";
    CHECK(code_of(Store::open(options_for(directory / "file"))) == Code::io);
}

TEST_CASE("a store of a format that is not known is not opened, nor a database that is none") {
    OpenedStore store;
    const std::string data = store.data();
    for (const std::uint32_t version : {2U, record::kFormatVersion + 1}) {
        store.change_database(
            [&](kv::Database& database) {
                const auto batch = database.new_batch();
                batch->put(kv::Space::meta, key::kFormat, key::kVersion, record::version(version));
                must(database.apply(*batch));
            },
            false);
        const auto opened = Store::open(options_for(data));
        CHECK(code_of(opened) == Code::unsupported);
        CHECK(opened.error().message.find("it has format " + std::to_string(version)) != std::string::npos);
    }
    store.change_database(
        [](kv::Database& database) {
            const auto batch = database.new_batch();
            batch->remove(kv::Space::meta, key::kFormat, key::kVersion);
            must(database.apply(*batch));
        },
        false);
    CHECK(code_of(Store::open(options_for(data))) == Code::corruption);
}

TEST_CASE("a store that is read only is looked at and left alone") {
    OpenedStore store;
    store.put("CFUTF8Type", "r", "c", "v");
    store.append("c", "l", store.clock.now_ms(), "text");
    const std::string data = store.data();
    store.close();
    StoreOptions options = options_for(data);
    options.read_only = true;
    const auto reader = must(Store::open(options));
    CHECK(must(reader->get(kIndexFamily, "r", "c"))->value == "v");
    CHECK(must(reader->log_rows({})).size() == 1);
    CHECK(must(reader->verify()).problem_count == 0);
    CHECK(code_of(reader->begin_cells(kIndexFamily)) == Code::unavailable);
    CHECK(code_of(reader->begin_lines()->append({"c", "l", 0, "t", {}})) == Code::unavailable);
    CHECK(code_of(reader->begin_counters()->commit()) == Code::unavailable);
    CHECK(code_of(reader->create_family("x", ValueType::utf8)) == Code::unavailable);
    CHECK(code_of(reader->remove_row(kIndexFamily, "r")) == Code::unavailable);
    CHECK(code_of(reader->compact()) == Code::unavailable);
    CHECK_FALSE(reader->stats().writable);
    must(Store::open(options));  // takes no lock
}

TEST_CASE("a closed store says so") {
    OpenedStore store;
    must(store->close());
    must(store->close());
    CHECK(code_of(store->begin_cells(kIndexFamily)) == Code::unavailable);
    CHECK(code_of(store->slice(kIndexFamily, "r", {})) == Code::unavailable);
    CHECK(code_of(store->log_rows({})) == Code::unavailable);
    CHECK(code_of(store->verify()) == Code::unavailable);
    CHECK(code_of(store->counter("r", "c")) == Code::unavailable);
    CHECK_FALSE(store->stats().writable);
    CHECK(store->snapshot() == nullptr);
    must(Store::open(options_for(store.data())));  // the directory is free again
}

TEST_CASE("a backup is restored into an empty place only, with everything in it") {
    OpenedStore store;
    const std::string backups = store.directory() / "backups", restored = store.directory() / "restored";
    CHECK(code_of(list_backups(backups)) == Code::not_found);
    store.put("CFUTF8Type", "r", "c", "1");
    const BackupInfo first = must(store->backup(backups));
    CHECK(first.time_ms == store.clock.now_ms());
    store.put("CFUTF8Type", "r", "c", "2");
    store.append("c", "l", store.clock.now_ms(), "text");
    must(store->backup(backups));
    CHECK(must(list_backups(backups)).size() == 2);

    CHECK(code_of(restore_backup(backups, 0, store.data())) == Code::conflict);
    CHECK(code_of(restore_backup(backups, 99, restored)) == Code::not_found);
    CHECK(code_of(restore_backup(store.directory() / "nowhere", 0, restored)) == Code::not_found);
    must(restore_backup(backups, first.id, restored));
    {
        const auto old = must(Store::open(options_for(restored)));
        CHECK(must(old->get(kIndexFamily, "r", "c"))->value == "1");
        CHECK(must(old->verify()).problem_count == 0);
    }
    CHECK(code_of(restore_backup(backups, 0, restored)) == Code::conflict);
    must(restore_backup(backups, 0, store.directory() / "newest"));
    const auto newest = must(Store::open(options_for(store.directory() / "newest")));
    CHECK(must(newest->get(kIndexFamily, "r", "c"))->value == "2");
    CHECK(must(newest->log_rows({})).size() == 1);
}
