#include "engine/typed_value_lookup.h"

#include <algorithm>

#include "tests/catch.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;
using Texts = std::vector<std::string>;

TEST_CASE("the texts of a value, by their length") {
    struct Row {
        ValueType type;
        std::string canonical;
        std::size_t bytes;
        Texts expected;
    };
    const Row rows[] = {
        {ValueType::long_, "5", 1, {"5"}},
        {ValueType::long_, "5", 3, {"005"}},
        {ValueType::long_, "-50", 5, {"-0050"}},
        {ValueType::long_, "-50", 2, {}},
        {ValueType::long_, "0", 1, {"0"}},
        {ValueType::long_, "0", 2, {"00", "-0"}},
        {ValueType::integer, "12345678901234567890123", 24, {"012345678901234567890123"}},
        {ValueType::utf8, "5", 1, {"5"}},
        {ValueType::utf8, "5", 2, {}},
        {ValueType::uuid, "12345678-1234-4234-8234-123456789012", 35, {}},
        {ValueType::uuid,
         "12345678-1234-4234-8234-123456789012",
         36,
         {"12345678-1234-4234-8234-123456789012"}},
        {ValueType::uuid,
         "1a345678-1234-4234-8234-12345678901b",
         36,
         {"1a345678-1234-4234-8234-12345678901b", "1A345678-1234-4234-8234-12345678901b",
          "1a345678-1234-4234-8234-12345678901B", "1A345678-1234-4234-8234-12345678901B"}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.canonical, row.bytes);
        CHECK(spellings(row.type, row.canonical, row.bytes) == row.expected);
    }
    const Texts many = spellings(ValueType::uuid, "ab1cdef0-1234-4234-8234-123456789012", 36);
    CHECK(many.size() == 16);
    CHECK(std::count(many.begin(), many.end(), "Ab1cD") == 1);
}

TEST_CASE("rows are found by a value whatever its text") {
    const std::string huge = std::string(2000, '0') + "5";  // its hash is in the index
    const std::string id = "ab1cdef0-1234-4234-8234-123456789abc";
    const std::string upper = "AB1CDEF0-1234-4234-8234-123456789ABC";
    const std::string mixed = "aB1cDEf0-1234-4234-8234-123456789AbC";
    struct Row {
        ValueType type;
        Texts stored;  // row "0", "1" …
        std::string asked;
        Texts found;
    };
    const Row rows[] = {
        {ValueType::long_, {"5", "05", "50", "-5", "0005", huge, "15"}, "5", {"0", "1", "4", "5"}},
        {ValueType::long_, {"5", "05", "50", "-5", "0005", huge, "15"}, huge, {"0", "1", "4", "5"}},
        {ValueType::long_, {"0", "-0", "000", "-000", "10", "5"}, "00", {"0", "1", "2", "3"}},
        {ValueType::long_, {"-5", "-05", "5", "-50", "-15"}, "-005", {"0", "1"}},
        {ValueType::integer,
         {"123456789012345678901", "0123456789012345678901", "1"},
         "123456789012345678901",
         {"0", "1"}},
        {ValueType::uuid, {id, upper, mixed, "ab1cdef0-1234-4234-8234-123456789abd"}, mixed, {"0", "1", "2"}},
        {ValueType::utf8, {"5", "05", huge}, "05", {"1"}},
        {ValueType::utf8, {"5", "05", huge}, huge, {"2"}},
        {ValueType::long_, {"7"}, "8", {}},
        {ValueType::long_, {}, "8", {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.asked.substr(0, 40));
        for (const bool before : {true, false}) {  // the index was declared before the cells, or after
            OpenedStore store;
            if (before) must(store->declare_column(kIndexFamily, "n", row.type, true));
            for (std::size_t i = 0; i < row.stored.size(); ++i)
                store.put("CFUTF8Type", std::to_string(i), "n", row.stored[i]);
            if (!before) must(store->declare_column(kIndexFamily, "n", row.type, true));
            Texts found = must(store->find_rows(kIndexFamily, "n", row.asked, 100));
            std::sort(found.begin(), found.end());
            CHECK(found == row.found);
            if (row.found.size() > 1)
                CHECK(must(store->find_rows(kIndexFamily, "n", row.asked, 1)).size() == 1);
            store.check();
        }
    }
}

TEST_CASE("what does not fit its column's type is found as it stands") {
    OpenedStore store;
    store.put("CFUTF8Type", "r", "n", "old");
    store.put("CFUTF8Type", "s", "n", "1");
    must(store->declare_column(kIndexFamily, "n", ValueType::long_, true));
    CHECK(must(store->find_rows(kIndexFamily, "n", "old", 10)) == Texts{"r"});
    CHECK(must(store->find_rows(kIndexFamily, "n", "older", 10)).empty());
    CHECK(must(store->find_rows(kIndexFamily, "n", "01", 10)) == Texts{"s"});
}
