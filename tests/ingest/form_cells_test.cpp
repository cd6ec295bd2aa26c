#include "ingest/form_cells.h"

#include "tests/catch.h"
#include "tests/ingest/fake_batches.h"

using namespace nmstore;
using namespace nmstore::ingest;
using namespace nmstore::testing;

TEST_CASE("the columns of a form are put, and those that are wrong are named") {
    FakeCellBatch batch;
    const auto report = put_form_cells({{"a", "1"}, {"refused", "2"}, {"b", "3"}, {"", "4"}}, "r", 5, batch);
    REQUIRE(report.ok());
    CHECK(report->accepted == 2);
    CHECK(report->rejected == 2);
    CHECK(batch.puts == std::vector<FakeCellBatch::Put>{{"r", "a", "1", 5}, {"r", "b", "3", 5}});
    REQUIRE(report->errors.size() == 2);
    CHECK(report->errors[0].row == "r");
    CHECK(report->errors[0].column == "refused");
    CHECK(report->errors[0].reason == "a name is refused");
    CHECK(report->errors[1].column.empty());
}

TEST_CASE("a form of many wrong columns is told of in part") {
    FakeCellBatch batch;
    const auto report = put_form_cells(FormFields(kMaxReportedErrors + 5, {"refused", "v"}), "r", 0, batch);
    REQUIRE(report.ok());
    CHECK(report->rejected == kMaxReportedErrors + 5);
    CHECK(report->errors.size() == kMaxReportedErrors);
}

TEST_CASE("a store that cannot take a column is no fault of the column") {
    for (const Code code : {Code::unavailable, Code::io, Code::corruption, Code::busy}) {
        FakeCellBatch batch;
        batch.broken = Error{code, "the store is read-only"};
        const auto report = put_form_cells({{"a", "1"}}, "r", 0, batch);
        REQUIRE_FALSE(report.ok());
        CHECK(report.error().code == code);
    }
}
