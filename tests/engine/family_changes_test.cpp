#include "engine/family_changes.h"

#include "engine/key.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("families have plain names and keep their comparator") {
    OpenedStore store;
    must(store->create_family("Users_2", ValueType::uuid));
    must(store->create_family("Users_2", ValueType::uuid));
    CHECK(code_of(store->create_family("Users_2", ValueType::utf8)) == Code::conflict);
    for (const std::string name : {"", "a b", "a:b", "ü", "../x"}) {
        CHECK(code_of(store->create_family(name, ValueType::utf8)) == Code::invalid_argument);
    }
    CHECK(code_of(store->create_family(std::string(49, 'x'), ValueType::utf8)) == Code::invalid_argument);
    must(store->create_family(std::string(48, 'x'), ValueType::utf8));
    store.reopen();
    CHECK(must(store->family("Users_2")).comparator == ValueType::uuid);
    CHECK(code_of(store->family("Nothing")) == Code::not_found);
}

TEST_CASE("a dropped family takes its rows and indexes with it, and its number is not used again") {
    OpenedStore store;
    must(store->create_family("Things", ValueType::utf8));
    must(store->declare_column("Things", "color", ValueType::utf8, true));
    const std::uint32_t id = must(store->family("Things")).id;
    {
        const auto batch = must(store->begin_cells("Things"));
        for (int i = 0; i < 2500; ++i) must(batch->put("row" + std::to_string(i), "color", "red"));
        must(batch->commit());
    }
    {
        const auto late = must(store->begin_cells("Things"));
        must(late->put("late", "color", "red"));
        must(store->drop_family("Things"));
        CHECK(code_of(late->commit()) == Code::conflict);
    }
    CHECK(code_of(store->drop_family("Things")) == Code::not_found);
    CHECK(store->stats().rows == 0);
    must(store->create_family("Things", ValueType::utf8));
    CHECK(must(store->family("Things")).id > id);
    CHECK(must(store->rows("Things", "", "", 10)).empty());
    CHECK(must(store->family("Things")).columns.empty());
    const VerifyReport report = must(store->verify());
    CHECK(report.cells == 0);
    CHECK(report.index_entries == 0);
    store.check();
    store.reopen();
    store.check();
}

TEST_CASE("the purge of a dropped family goes on after a crash") {
    OpenedStore store;
    must(store->create_family("Things", ValueType::utf8));
    store.put("Things", "r", "c", "v");
    const std::string id = key::family(must(store->family("Things")).id);
    store.change_database([&](kv::Database& database) {
        const std::string record = must(database.get(kv::Space::meta, key::kFamilies, id)).value();
        const auto batch = database.new_batch();
        batch->remove(kv::Space::meta, key::kFamilies, id);
        batch->put(kv::Space::meta, key::kDoomed, id, record);
        must(database.apply(*batch));
    });
    CHECK(code_of(store->family("Things")) == Code::not_found);
    const VerifyReport report = must(store->verify());
    CHECK(report.rows == 0);
    CHECK(report.cells == 0);
    store.check();
}

TEST_CASE("an index is built over what is there, kept exact, and dropped") {
    OpenedStore store;
    const auto rows = [&](const std::string& value) {
        return must(store->find_rows(kIndexFamily, "color", value, 10));
    };
    const std::string long_value(5000, 'x');
    store.put("CFUTF8Type", "a", "color", "red");
    store.put("CFUTF8Type", "b", "color", "red");
    store.put("CFUTF8Type", "c", "color", long_value);
    store.put("CFUTF8Type", "d", "size", "red");
    CHECK(code_of(store->find_rows(kIndexFamily, "color", "red", 10)) == Code::conflict);
    must(store->declare_column(kIndexFamily, "color", ValueType::utf8, true));
    CHECK(rows("red") == std::vector<std::string>{"a", "b"});
    CHECK(rows(long_value) == std::vector<std::string>{"c"});
    CHECK(rows(long_value + "x").empty());
    CHECK(must(store->find_rows(kIndexFamily, "color", "red", 1)).size() == 1);

    store.put("CFUTF8Type", "a", "color", "blue");
    store.put("CFUTF8Type", "c", "color", "red");
    must(store->remove_cell(kIndexFamily, "b", "color"));
    CHECK(rows("red") == std::vector<std::string>{"c"});
    CHECK(rows("blue") == std::vector<std::string>{"a"});
    {
        const auto batch = must(store->begin_cells(kIndexFamily));
        for (const char* value : {"x", "y", "z"}) must(batch->put("a", "color", value));
        must(batch->commit());
    }
    CHECK(rows("z") == std::vector<std::string>{"a"});
    CHECK(rows("x").empty());
    must(store->remove_row(kIndexFamily, "a"));
    CHECK(rows("z").empty());
    store.check();

    must(store->declare_column(kIndexFamily, "color", ValueType::ascii, std::nullopt));  // stays indexed
    CHECK(must(store->family(kIndexFamily)).columns.at(0).indexed);
    must(store->declare_column(kIndexFamily, "color", ValueType::ascii, false));
    CHECK(code_of(store->find_rows(kIndexFamily, "color", "red", 10)) == Code::conflict);
    store.put("CFUTF8Type", "c", "color", "green");
    must(store->declare_column(kIndexFamily, "color", ValueType::ascii, true));
    CHECK(rows("red").empty());
    CHECK(rows("green") == std::vector<std::string>{"c"});
    store.reopen();
    CHECK(rows("green") == std::vector<std::string>{"c"});
    store.check();
}

TEST_CASE("a batch begun before an index was declared cannot slip a cell past it") {
    OpenedStore store;
    const auto batch = must(store->begin_cells(kIndexFamily));
    must(batch->put("a", "color", "red"));
    must(store->declare_column(kIndexFamily, "size", ValueType::utf8, false));
    const auto other = must(store->begin_cells(kIndexFamily));
    must(other->put("a", "color", "red"));
    must(other->commit());
    must(store->declare_column(kIndexFamily, "color", ValueType::utf8, true));
    CHECK(code_of(batch->commit()) == Code::unavailable);
    store.check();
}

TEST_CASE("what cannot be declared") {
    OpenedStore store;
    CHECK(code_of(store->declare_column("Nothing", "c", ValueType::utf8, true)) == Code::not_found);
    CHECK(code_of(store->declare_column(kIndexFamily, "\xff", ValueType::utf8, true)) ==
          Code::invalid_argument);
    CHECK(code_of(store->declare_column(kTimeFamily, "5", ValueType::utf8, true)) == Code::unsupported);
    const std::string name(201, 'x');
    CHECK(code_of(store->declare_column(kIndexFamily, name, ValueType::utf8, true)) ==
          Code::invalid_argument);
    must(store->declare_column(kIndexFamily, name, ValueType::utf8, false));
    must(store->declare_column(kTimeFamily, "007", ValueType::utf8, false));
    CHECK(must(store->family(kTimeFamily)).columns.at(0).name == "7");
}
