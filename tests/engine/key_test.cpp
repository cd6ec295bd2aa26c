#include "engine/key.h"

#include <algorithm>
#include <vector>

#include "tests/catch.h"

using namespace nmstore;

TEST_CASE("keys of entries sort by time, then sequence, and come back") {
    const std::vector<key::Entry> ordered{{INT64_MIN, 0}, {-1, 0},  {-1, 7}, {0, 0},
                                          {0, 1},         {0, 256}, {1, 0},  {INT64_MAX, UINT64_MAX}};
    std::vector<std::string> keys;
    for (const key::Entry& entry : ordered) keys.push_back(key::entry(entry.time_ms, entry.sequence));
    CHECK(std::is_sorted(keys.begin(), keys.end()));
    for (std::size_t i = 0; i < ordered.size(); ++i) {
        const auto parsed = key::parse_entry(keys[i]);
        REQUIRE(parsed.ok());
        CHECK(parsed->time_ms == ordered[i].time_ms);
        CHECK(parsed->sequence == ordered[i].sequence);
        CHECK(key::entries_end(ordered[i].time_ms) > keys[i]);
    }
    CHECK(key::entries_end(-1) < key::entry(0, 0));
    for (const std::string_view wrong : {"", "1234567", "123456789"}) {
        CHECK(key::parse_entry(wrong).error().code == Code::corruption);
    }
}

TEST_CASE("counters sort by row, then column, whatever bytes a row has") {
    using std::string;
    const std::vector<string> rows{"a",
                                   string("a\0", 2),
                                   string("a\0\0", 3),
                                   string("a\0\1", 3),
                                   string("a\0\xff", 3),
                                   string("a\1", 2),
                                   "ab",
                                   "b",
                                   "\xff"};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (const string& column : {string("\0\1", 2), string("c"), string("\xff\xff")}) {
            const string key = key::counter(rows[i], column);
            const auto parsed = key::parse_counter(key);
            REQUIRE(parsed.ok());
            CHECK(parsed->row == rows[i]);
            CHECK(parsed->column == column);
            CHECK(key > key::counters_begin(rows[i]));
            CHECK(key < key::counters_end(rows[i]));
            CHECK(key >= key::counter_rows_from(rows[i].substr(0, 1)));
            if (i > 0) CHECK(key::counters_end(rows[i - 1]) <= key::counters_begin(rows[i]));
        }
    }
    for (const std::string_view wrong :
         {std::string_view("row"), std::string_view("r\0", 2), std::string_view("r\0\3", 3)}) {
        CHECK(key::parse_counter(wrong).error().code == Code::corruption);
    }
}

TEST_CASE("what an index key begins with tells its value apart from all others") {
    const std::vector<std::string> values{"",
                                          "a",
                                          "ab",
                                          std::string(1024, 'x'),
                                          std::string(1025, 'x'),
                                          std::string(1026, 'x'),
                                          std::string(1025, 'y')};
    for (const std::string& one : values) {
        const std::string begin = key::index_value(one);
        CHECK(key::index_value_bytes(begin + "row").value() == begin.size());
        CHECK(key::is_hashed_index_value(begin) == (one.size() > key::kMaxIndexedBytes));
        for (const std::string& other : values) {
            if (one != other) CHECK_FALSE((begin + "row").starts_with(key::index_value(other)));
        }
    }
    CHECK_FALSE(key::index_value_bytes("").ok());
    CHECK_FALSE(key::index_value_bytes(std::string_view("\0\0\5ab", 5)).ok());
    CHECK_FALSE(key::index_value_bytes("\1short").ok());
}

TEST_CASE("partitions of families and rows come back") {
    CHECK(key::parse_family(key::family(7)).value() == 7);
    CHECK(key::parse_rows_of_family(key::rows_of_family(UINT32_MAX)) == UINT32_MAX);
    CHECK_FALSE(key::parse_rows_of_family(key::kRowsById).has_value());
    CHECK(key::parse_row(key::row(UINT64_MAX)).value() == UINT64_MAX);
    CHECK_FALSE(key::parse_row("short").ok());
    const std::string partition = key::index_of_column(3, "color");
    const auto index = key::parse_index_partition(partition);
    CHECK(index->family == 3);
    CHECK(index->sortable_column == "color");
    CHECK_FALSE(key::parse_index_partition("1234").ok());
}
