#include "engine/row_sizes.h"

#include <string>

#include "tests/catch.h"

using namespace nmstore;

namespace {

std::string text(const std::vector<RowSpan>& spans) {
    std::string out;
    for (const RowSpan& span : spans)
        out += (out.empty() ? "" : " ") + std::to_string(span.first) + "-" + std::to_string(span.last);
    return out;
}

}  // namespace

TEST_CASE("row sizes: rows without another between them are one span") {
    const std::vector<RowId> among{1, 2, 5, 6, 9, 20};
    CHECK(text(row_spans({}, among, 9)).empty());
    CHECK(text(row_spans({1, 2, 5, 6, 9, 20}, among, 9)) == "1-20");
    CHECK(text(row_spans({2, 5, 9}, among, 9)) == "2-5 9-9");
    CHECK(text(row_spans({20}, among, 9)) == "20-20");
    CHECK(text(row_spans({1, 9, 20}, among, 9)) == "1-1 9-20");
}

TEST_CASE("row sizes: of too many spans those nearest to each other are one") {
    const std::vector<RowId> among{1, 2, 3, 10, 11, 12, 100, 101, 102};
    CHECK(text(row_spans({1, 3, 10, 12, 100, 102}, among, 9)) == "1-1 3-10 12-100 102-102");
    CHECK(text(row_spans({1, 3, 11, 100, 102}, among, 4)) == "1-3 11-11 100-102");
    CHECK(text(row_spans({1, 3, 11, 100, 102}, among, 2)) == "1-11 100-102");
    CHECK(text(row_spans({1, 3, 11, 100, 102}, among, 1)) == "1-102");
}

TEST_CASE("row sizes: numbers without a gap are one span") {
    CHECK(consecutive_rows({}).empty());
    CHECK(text(consecutive_rows({1, 2, 3, 5, 7, 8})) == "1-3 5-5 7-8");
}
