#include "engine/time_cell.h"

#include "engine/cell_text.h"
#include "nmstore/escape.h"
#include "nmstore/line.h"
#include "nmstore/posted_form.h"
#include "tests/catch.h"

using namespace nmstore;

TEST_CASE("a posted cell alone is byte for byte what was posted") {
    TimeCell cell;
    CHECK(cell.empty());
    cell.set_posted("%7Bany\xff", 5);
    CHECK(cell.value(RowKind::logs, 1) == "%7Bany\xff");
    CHECK(cell.expires_at_ms() == 5);
    cell.clear();
    CHECK(cell.empty());
}

TEST_CASE("lines have the form in which an agent would have posted them") {
    TimeCell cell;
    cell.add_line("a \"quoted\" \\ line");
    cell.add_line("tab\tbell\a ü");
    CHECK(unescape_fully(cell.value(RowKind::logs, 12)) ==
          "{\"date\":12,\"returned\":\"a \\\"quoted\\\" \\\\ line\\ntab\\tbell\\u0007 ü\\n\"}");
    CellText text;
    text.assign(RowKind::logs, cell.value(RowKind::logs, 12));
    REQUIRE(text.size() == 2);
    CHECK(text[0] == "a \"quoted\" \\ line");
    CHECK(text[1] == "tab\tbell\a ü");
}

TEST_CASE("lines stand behind those of the posted cell, and do not expire") {
    TimeCell cell;
    cell.set_posted(escape("{\"date\":12,\"returned\":\"one\\ntwo\"}"), 99);
    cell.add_line("three");
    CellText text;
    text.assign(RowKind::logs, cell.value(RowKind::logs, 12));
    REQUIRE(text.size() == 3);
    CHECK(text[1] == "two");
    CHECK(text[2] == "three");
    CHECK(cell.expires_at_ms() == 0);
}

TEST_CASE("the posted form keeps every byte") {
    std::string bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.push_back(static_cast<char>(byte));
    CHECK(posted_form(-5, "a \xff\n") == "%7B%22date%22%3A-5%2C%22returned%22%3A%22a%20%FF%5Cn%22%7D");
    TimeCell cell;
    cell.add_line(bytes);
    CHECK(cell.value(RowKind::logs, 7) == posted_form(7, bytes + '\n'));
}

TEST_CASE("too many lines of one time are cut") {
    TimeCell cell;
    const std::string line(kMaxLineBytes, 'x');
    for (int i = 0; i < 20; ++i) cell.add_line(line);
    const std::string value = unescape_fully(cell.value(RowKind::logs, 1));
    CHECK(value.size() < kMaxTimeCellBytes + 100);
    CHECK(value.ends_with(std::string(kCutMark) + "\\n\"}"));
}
