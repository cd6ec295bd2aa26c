#include "engine/record.h"

#include "tests/catch.h"

using namespace nmstore;

TEST_CASE("entries come back, and say when they expire") {
    std::string bytes;
    record::cell(bytes, 0, std::string("\0\1value", 7));
    CHECK(record::parse_entry(bytes)->value == std::string("\0\1value", 7));
    CHECK_FALSE(record::parse_entry(bytes)->is_line);
    CHECK_FALSE(record::has_expired(kv::Space::cells, bytes, INT64_MAX));

    record::cell(bytes, 1000, "");
    CHECK(record::parse_entry(bytes)->expires_at_ms == 1000);
    CHECK_FALSE(record::has_expired(kv::Space::entries, bytes, 999));
    CHECK(record::has_expired(kv::Space::entries, bytes, 1000));
    CHECK_FALSE(record::has_expired(kv::Space::catalogue, bytes, 1000));

    record::line(bytes, "text", "");
    CHECK(record::parse_entry(bytes)->is_line);
    CHECK(record::parse_entry(bytes)->value == "text");
    record::line(bytes, "text", "{}");
    CHECK(record::parse_entry(bytes)->value == "text");
    CHECK(record::parse_entry(bytes)->fields == "{}");
    CHECK_FALSE(record::has_expired(kv::Space::entries, bytes, INT64_MAX));
}

TEST_CASE("bytes that nobody wrote are corruption, not a crash") {
    using std::string;
    for (const string& bytes :
         {string(), string("\1short"), string("\3x"), string("\6\xff\xff\xff\xff", 5), string("\x80")}) {
        const auto parsed = record::parse_entry(bytes);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().code == Code::corruption);
        CHECK_FALSE(record::has_expired(kv::Space::entries, bytes, INT64_MAX));
    }
    const FamilyInfo info{
        1, "Things", ValueType::utf8, {{"color", ValueType::ascii, true}, {"n", ValueType::long_, false}}};
    const string family = record::family(info);
    for (std::size_t length = 0; length < family.size(); ++length) {
        CHECK_FALSE(record::parse_family(1, std::string_view(family).substr(0, length)).ok());
    }
    const string row = record::row({1, RowKind::logs, 2, 3, 4, "display"});
    for (std::size_t length = 0; length < 29; ++length) {
        CHECK_FALSE(record::parse_row(std::string_view(row).substr(0, length)).ok());
    }
    CHECK_FALSE(record::parse_number("1234567").ok());
    CHECK_FALSE(record::parse_version("").ok());
    CHECK_FALSE(record::parse_counter("123456789").ok());
    CHECK_FALSE(record::parse_row_name("1234").ok());
    CHECK_FALSE(record::parse_index_entry("").ok());
}

TEST_CASE("families and rows come back") {
    const FamilyInfo info{
        9, "Things", ValueType::uuid, {{"color", ValueType::ascii, true}, {"n", ValueType::long_, false}}};
    const std::string bytes = record::family(info);
    const FamilyInfo parsed = record::parse_family(9, bytes).value();
    CHECK(parsed.id == 9);
    CHECK(parsed.name == "Things");
    CHECK(parsed.comparator == ValueType::uuid);
    REQUIRE(parsed.columns.size() == 2);
    CHECK(parsed.columns[0].indexed);
    CHECK(parsed.columns[1].type == ValueType::long_);

    const std::string row_bytes =
        record::row({UINT64_MAX, RowKind::plugins, -5, INT64_MIN, INT64_MAX, "/var/log"});
    const record::Row row = record::parse_row(row_bytes).value();
    CHECK(row.id == UINT64_MAX);
    CHECK(row.kind == RowKind::plugins);
    CHECK(row.day == -5);
    CHECK(row.min_hour == INT64_MIN);
    CHECK(row.max_hour == INT64_MAX);
    CHECK(row.display == "/var/log");
    const std::string name = record::row_name(3, "key");
    CHECK(record::parse_row_name(name)->family == 3);
    CHECK(record::parse_row_name(name)->key == "key");
    CHECK(record::parse_index_entry(record::index_entry(4, 5))->expires_at_ms == 5);
}

TEST_CASE("the head of a block of cells comes back, and one of lines without what is told of cells") {
    BlockInfo info;
    info.number = 7;
    info.first = {-5, 3, 0, 2};
    info.last = {99, 3, 0, 1};
    info.lines = 12;
    info.text_bytes = 3456;
    info.stored_bytes = 789;
    info.sections = 6;
    const std::string of_lines = record::block_head(info);
    CHECK(record::parse_block_head(3, 7, of_lines)->cells == 0);
    info.cells = 4;
    info.first_cell_ms = -6;
    info.last_cell_ms = 101;
    info.first_expiry_ms = 1000;
    info.last_expiry_ms = INT64_MAX;
    const std::string bytes = record::block_head(info);
    const auto found = record::parse_block_head(3, 7, bytes);
    REQUIRE(found.ok());
    CHECK(found->first == info.first);
    CHECK(found->last == info.last);
    CHECK(found->cells == 4);
    CHECK(found->first_cell_ms == -6);
    CHECK(found->last_cell_ms == 101);
    CHECK(found->first_expiry_ms == 1000);
    CHECK(found->last_expiry_ms == INT64_MAX);
    CHECK(record::block_head(*found) == bytes);
    CHECK(found->has_expired(1000));
    CHECK_FALSE(found->has_expired(999));
    CHECK_FALSE(found->all_expired(INT64_MAX - 1));
    CHECK_FALSE(record::parse_block_head(3, 7, bytes.substr(1)).ok());
    CHECK_FALSE(record::parse_block_head(3, 7, of_lines + std::string(40, '\0')).ok());
}
