#include "engine/verification.h"

#include "engine/key.h"
#include "engine/record.h"
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
}
