#include "engine/verification.h"

#include <filesystem>
#include <fstream>

#include "engine/key.h"
#include "engine/record.h"
#include "tests/engine/kv_database.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = 1'308'700'800'000;
const std::string kDay = "c:logs:l:2011:5:22";

void fill(OpenedStore& store) {
    must(store->declare_column(kIndexFamily, "color", ValueType::utf8, true));
    store.put("CFUTF8Type", "r", "color", "red");
    store.put("CFLongType", kDay, std::to_string(kMorning), "v");
    store.append("c", "l", kMorning, "text");
}

// What a verification says after the given damage.
std::string after(const std::function<void(kv::Batch&, std::uint32_t cells, RowId row, RowId day)>& damage) {
    OpenedStore store;
    fill(store);
    const RowId day = must(store->log_rows({})).at(0).id;
    const std::uint32_t cells = must(store->family(kIndexFamily)).id;
    store.change_database([&](kv::Database& database) {
        const std::string record =
            must(database.get(kv::Space::catalogue, key::rows_of_family(cells), "r")).value();
        const auto batch = database.new_batch();
        damage(*batch, cells, must(record::parse_row(record)).id, day);
        must(database.apply(*batch));
    });
    const VerifyReport report = must(store->verify());
    return report.problems.empty() ? "" : report.problems.front();
}

bool has(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a whole store is counted and has no problems") {
    OpenedStore store;
    fill(store);
    const VerifyReport report = must(store->verify());
    CHECK(report.rows == 4);  // r, the day row, clients, c:logs
    CHECK(report.cells == 4);
    CHECK(report.lines == 1);
    CHECK(report.index_entries == 1);
    store.check();
    int reports = 0;
    must(store->compact([&](const ProgressReport&) { return ++reports > 0; }));
    CHECK(reports > 0);
    CHECK(code_of(store->compact([](const ProgressReport&) { return false; })) == Code::cancelled);
}

TEST_CASE("what does not agree is named") {
    std::string red;
    record::cell(red, 0, "red");
    CHECK(after([](auto&, auto, auto, auto) {}).empty());
    CHECK(has(after([&](kv::Batch& batch, auto cells, auto, auto) {
                  batch.remove(kv::Space::index, key::index_of_column(cells, "color"),
                               key::index_value("red") + "r");
              }),
              "the index lacks a value of row \"r\""));
    CHECK(has(after([&](kv::Batch& batch, auto, RowId row, auto) {
                  batch.remove(kv::Space::cells, key::row(row), "color");
              }),
              "the index has a value that row \"r\" has not"));
    CHECK(has(after([&](kv::Batch& batch, auto cells, auto, auto) {
                  batch.remove(kv::Space::catalogue, key::rows_of_family(cells), "r");
              }),
              "has a name, but no record"));
    CHECK(has(after([&](kv::Batch& batch, auto, RowId row, auto) {
                  batch.remove(kv::Space::catalogue, key::kRowsById, key::row(row));
              }),
              "has a record, but no name"));
    CHECK(has(after([&](kv::Batch& batch, auto, auto, auto) {
                  batch.put(kv::Space::cells, key::row(999), "color", red);
              }),
              "row number 999, which is not in the catalogue"));
    CHECK(has(after([&](kv::Batch& batch, auto, auto, RowId day) {
                  batch.put(kv::Space::entries, key::row(day), key::entry(kMorning + 2 * 3'600'000, 0), red);
              }),
              "outside of the time"));
    CHECK(has(after([&](kv::Batch& batch, auto, auto, RowId day) {
                  batch.put(kv::Space::entries, key::row(day), key::entry(kMorning, 1), red);
              }),
              "by its key or by its value only"));
    CHECK(has(after([&](kv::Batch& batch, auto, auto, RowId day) {
                  batch.put(kv::Space::entries, key::row(day), "short", red);
              }),
              "not an entry's"));
    CHECK(has(
        after([&](kv::Batch& batch, auto, auto, auto) { batch.add(key::kOwnCounters, key::kRowCount, 5); }),
        "and the sum says 9"));
    CHECK(has(after([&](kv::Batch& batch, auto, auto, auto) {
                  batch.put(kv::Space::meta, key::kReserved, "sequence", record::number(1));
              }),
              "a sequence number in use could be given again"));
    CHECK(has(after([&](kv::Batch& batch, auto, auto, auto) { batch.add(key::kUserCounters, "broken", 1); }),
              "not a counter's"));
    for (const std::string_view part : {key::kChangeRecords, key::kWriteStamps}) {
        CHECK(has(after([&](kv::Batch& batch, auto, auto, auto) {
                      batch.put(kv::Space::changes, part, std::string(8, '\0'), "none");
                  }),
                  "those who follow the store miss it"));
    }
}

TEST_CASE("a record of the journal that is none is named") {
    OpenedStore store;
    store.options.journal.on = true;
    store.reopen();
    fill(store);
    CHECK(must(store->verify()).problems.empty());
    store.change_database([](kv::Database& database) {
        const auto batch = database.new_batch();
        batch->put(kv::Space::changes, key::kJournalRecords, std::string(8, '\0'), "none");
        must(database.apply(*batch));
    });
    const VerifyReport report = must(store->verify());
    REQUIRE(report.problems.size() == 1);
    CHECK(has(report.problems.front(), "nm-tool replication resync"));
}

TEST_CASE("a row that cannot be read is named, and those behind it are looked at") {
    constexpr int kRows = 9;
    OpenedStore store;
    for (int row = 0; row < kRows; ++row) {
        const auto batch = must(store->begin_cells("CFUTF8Type"));
        for (int cell = 0; cell < 300; ++cell) {
            must(batch->put("row" + std::to_string(row), "c" + std::to_string(cell),
                            noise(200, static_cast<std::uint64_t>(row * 1000 + cell)), 0));
        }
        must(batch->commit());
    }
    std::string first;
    std::string last;
    store.change_database(
        [&](kv::Database& database) {
            must(database.compact({}));
            // What stands behind the damage and is wrong: it must still be found.
            const auto id = must(database.next_partition(kv::Space::cells, std::nullopt));
            REQUIRE(id);
            first = *id;
            for (auto next = id; next; next = must(database.next_partition(kv::Space::cells, next)))
                last = *next;
            const auto batch = database.new_batch();
            batch->put(kv::Space::cells, last, "zzz", "nonsense");
            must(database.apply(*batch));
        },
        false);
    namespace fs = std::filesystem;
    fs::path largest;
    for (const auto& file : fs::directory_iterator(store.data() + "/db")) {
        if (file.path().extension() == ".sst" &&
            (largest.empty() || file.file_size() > fs::file_size(largest)))
            largest = file.path();
    }
    REQUIRE(first != last);
    {
        std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(fs::file_size(largest) / 2));
        file.write("damaged!", 8);
    }
    store.reopen();

    const VerifyReport report = must(store->verify());
    std::size_t rows = 0;
    std::string all;
    for (const std::string& problem : report.problems) {
        all += problem + "\n";
        if (problem.find("cannot be read whole") != std::string::npos && problem.starts_with("row \"row"))
            ++rows;
    }
    INFO(all);
    CHECK(rows == 1);
    CHECK(has(all, largest.filename().string()));
    CHECK(has(all, " of family CFUTF8Type cannot be read whole"));
    CHECK(has(all, "or drop the row (nm-tool drop FAMILY ROW)"));
    CHECK(has(all, "1 rows could not be read whole"));
    CHECK(report.problem_count == 4);  // the file, the row, what is wrong behind it, and how many rows
    CHECK(report.rows >= kRows);
    CHECK(report.cells > (kRows - 1) * 300);
    CHECK(report.cells < kRows * 300);
}

TEST_CASE("with a damaged catalogue the rows that it still knows are looked at") {
    constexpr int kRows = 3000;
    OpenedStore store;
    {
        const auto batch = must(store->begin_cells("CFUTF8Type"));
        for (int row = 0; row < kRows; ++row)
            must(batch->put("row" + noise(40, static_cast<std::uint64_t>(row)), "c", "v", 0));
        must(batch->commit());
    }
    const std::uint32_t family = must(store->family("CFUTF8Type")).id;
    std::string path;
    store.change_database(
        [&](kv::Database& database) {
            must(database.compact({}));
            CHECK(must(database.get(kv::Space::meta, key::kFamilies, key::family(family))));
        },
        false);
    // The catalogue's is the file that is the largest: the cells are alike, and small.
    for (const auto& file : std::filesystem::directory_iterator(store.data() + "/db")) {
        if (file.path().extension() == ".sst" &&
            (path.empty() || file.file_size() > std::filesystem::file_size(path)))
            path = file.path();
    }
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 4));
        file.write("damaged!", 8);
    }
    store.reopen();
    const VerifyReport report = must(store->verify());
    std::string all;
    for (const std::string& problem : report.problems) all += problem + "\n";
    INFO(all);
    CHECK(has(all, "a part of the catalogue cannot be read whole"));
    CHECK(has(all, "it is not compared with the rest"));
    CHECK_FALSE(has(all, "which is not in the catalogue"));
    CHECK_FALSE(has(all, "the sum says"));
    CHECK(report.cells == kRows);
    CHECK(report.rows > kRows / 2);
}
