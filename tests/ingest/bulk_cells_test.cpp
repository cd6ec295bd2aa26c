#include "ingest/bulk_cells.h"

#include <string>
#include <vector>

#include "ingest/body.h"
#include "tests/catch.h"
#include "tests/ingest/fake_batches.h"

using namespace nmstore;
using namespace nmstore::ingest;
using nmstore::testing::FakeCellBatch;
using nmstore::testing::FakeCounterBatch;
using Puts = std::vector<FakeCellBatch::Put>;
using Steps = std::vector<FakeCounterBatch::Step>;

namespace {

std::string row(const std::string& key, const std::string& columns) {
    return "{\"rowkeys\":[{\"rowkey\":" + key + ",\"columns\":[" + columns + "]}]}";
}
std::string cell(const std::string& members) {
    return row("\"r\"", "{" + members + "}");
}

Result<CellReport> decode(std::string body, FakeCellBatch& batch) {
    pad_body(body);
    return decode_bulk_cells(body, batch);
}
Result<CellReport> decode(std::string body, FakeCounterBatch& batch) {
    pad_body(body);
    return decode_bulk_counters(body, batch);
}

}  // namespace

TEST_CASE("a bulk body becomes cells in its order") {
    struct Row {
        std::string body;
        Puts expected;
    };
    const Row rows[] = {
        {R"({"rowkeys":[]})", {}},
        {R"({"rowkeys":[{"rowkey":"r","columns":[]}]})", {}},
        {cell(R"("columnname":"c","columnvalue":"v","ttl":"5")"), {{"r", "c", "v", 5}}},
        {cell(R"("columnname":"c","columnvalue":"v")"), {{"r", "c", "v", 0}}},
        {cell(R"("ttl":60,"columnvalue":"v","columnname":"c")"), {{"r", "c", "v", 60}}},
        {cell(R"("columnname":1321900000000,"columnvalue":1.50,"ttl":null)"),
         {{"r", "1321900000000", "1.50", 0}}},
        {cell(R"("columnname":"c","columnvalue":-1e+03,"ttl":"")"), {{"r", "c", "-1e+03", 0}}},
        {cell(R"("columnname":"c","columnvalue":"","ttl":0)"), {{"r", "c", "", 0}}},
        {cell(R"("columnname":"\u00e9\n","columnvalue":"%7B%22a\\\"\ud83d\ude00\ud800-\udcff")"),
         {{"r", "é\n", "%7B%22a\\\"😀\uFFFD-\xff", 0}}},
        {cell(R"("columnname":"a","columnname":"b","columnvalue":"1","columnvalue":"2")"),
         {{"r", "b", "2", 0}}},
        {cell(R"("columnname":"c","columnvalue":"v","more":{"a":[1,"columnname"]},"b":true)"),
         {{"r", "c", "v", 0}}},
        {row("12", R"({"columnname":"c","columnvalue":"v"})"), {{"12", "c", "v", 0}}},
        {row("\"a\\u003ab\"", R"({"columnname":"c","columnvalue":"v"},{"columnname":"d","columnvalue":"w"})"),
         {{"a:b", "c", "v", 0}, {"a:b", "d", "w", 0}}},
        {R"({"rowkeys":[{"columns":[{"columnname":"c","columnvalue":"v"}],"rowkey":"late"}]})",
         {{"late", "c", "v", 0}}},
        {R"({"rowkeys":[{"rowkey":"a","columns":[{"columnname":"c","columnvalue":"1"}],"rowkey":"b","columns":[{"columnname":"c","columnvalue":"2"}]}]})",
         {{"b", "c", "1", 0}, {"b", "c", "2", 0}}},
        {" {\n\"x\" : 1 , \"rowkeys\" : [ { \"rowkey\" : \"r\" , \"columns\" : [ { \"columnname\" : 1 , "
         "\"columnvalue\" : 2 } ] } , "
         "{\"rowkey\":\"r\",\"columns\":[{\"columnname\":1,\"columnvalue\":3}]}]}\r\n",
         {{"r", "1", "2", 0}, {"r", "1", "3", 0}}},
        {R"({"rowkeys":[{"rowkey":"r","columns":[{"columnname":1,"columnvalue":2}]}],"rowkeys":[{"rowkey":"s","columns":[{"columnname":1,"columnvalue":2}]}]})",
         {{"r", "1", "2", 0}, {"s", "1", "2", 0}}},
    };
    for (const auto& r : rows) {
        CAPTURE(r.body);
        FakeCellBatch batch;
        const auto report = decode(r.body, batch);
        REQUIRE(report.ok());
        CHECK(batch.puts == r.expected);
        CHECK(report->accepted == r.expected.size());
        CHECK(report->rejected == 0);
    }
}

TEST_CASE("bad columns are named and the good ones kept") {
    struct Row {
        std::string row_key, column;  // JSON
        std::string reported_row, reported_column, reason;
    };
    const Row rows[] = {
        {"\"r\"", R"({"columnvalue":"v"})", "r", "", "columnname is missing"},
        {"\"r\"", R"({"columnname":null,"columnvalue":"v"})", "r", "",
         "columnname is neither text nor number"},
        {"\"r\"", R"({"columnname":{"a":1},"columnvalue":"v"})", "r", "",
         "columnname is neither text nor number"},
        {"\"r\"", R"({"columnname":"c"})", "r", "c", "columnvalue is missing"},
        {"\"r\"", R"({"columnname":"c","columnvalue":null})", "r", "c",
         "columnvalue is neither text nor number"},
        {"\"r\"", R"({"columnname":"c","columnvalue":true})", "r", "c",
         "columnvalue is neither text nor number"},
        {"\"r\"", R"({"columnname":"c","columnvalue":[1]})", "r", "c",
         "columnvalue is neither text nor number"},
        {"\"r\"", R"({"columnname":"c","columnvalue":"v","ttl":"soon"})", "r", "c",
         "ttl is no whole number of seconds: "},
        {"\"r\"", R"({"columnname":"c","columnvalue":"v","ttl":1.5})", "r", "c",
         "ttl is no whole number of seconds: "},
        {"\"r\"", R"({"columnname":"c","columnvalue":"v","ttl":true})", "r", "c",
         "ttl is no whole number of seconds: "},
        {"\"r\"", R"({"columnname":"c","columnvalue":"v","ttl":99999999999999999999})", "r", "c",
         "ttl is no whole number"},
        {"\"r\"", R"({"columnname":"c","columnvalue":"v","ttl":-1})", "r", "c", "the ttl is negative"},
        {"\"r\"", R"({"columnname":"refused","columnvalue":"v"})", "r", "refused", "a name is refused"},
        {"\"r\"", R"({"columnname":"","columnvalue":"v"})", "r", "", "a name is empty"},
        {"\"r\"", "5", "r", "", "the column is no object"},
        {"\"r\"", "null", "r", "", "the column is no object"},
        {"\"r\"", "[{}]", "r", "", "the column is no object"},
        {"null", R"({"columnname":"c","columnvalue":"v"})", "", "c", "rowkey is neither text nor number"},
        {"[]", R"({"columnname":"c","columnvalue":"v"})", "", "c", "rowkey is neither text nor number"},
        {"\"\"", R"({"columnname":"c","columnvalue":"v"})", "", "c", "a name is empty"},
        {"\"refused\"", R"({"columnname":"c","columnvalue":"v"})", "refused", "c", "a name is refused"},
    };
    for (const auto& r : rows) {
        CAPTURE(r.row_key, r.column);
        FakeCellBatch batch;
        const auto report = decode(
            R"({"rowkeys":[{"rowkey":"good","columns":[{"columnname":"g","columnvalue":"1"}]},{"rowkey":)" +
                r.row_key + ",\"columns\":[" + r.column +
                R"(]},{"rowkey":"good","columns":[{"columnname":"h","columnvalue":"2"}]}]})",
            batch);
        REQUIRE(report.ok());
        CHECK(batch.puts == Puts{{"good", "g", "1", 0}, {"good", "h", "2", 0}});
        CHECK(report->accepted == 2);
        CHECK(report->rejected == 1);
        REQUIRE(report->errors.size() == 1);
        CHECK(report->errors[0].row == r.reported_row);
        CHECK(report->errors[0].column == r.reported_column);
        CHECK(report->errors[0].reason.find(r.reason) == 0);
    }
}

TEST_CASE("a row without a key has its columns named") {
    FakeCellBatch batch;
    const auto report = decode(R"({"rowkeys":[{"columns":[{"columnname":"c","columnvalue":"v"}]}]})", batch);
    REQUIRE(report.ok());
    CHECK(report->rejected == 1);
    CHECK(report->errors[0].reason == "rowkey is missing");
}

TEST_CASE("a body that is not JSON of this shape is refused as a whole") {
    const std::string good = cell(R"("columnname":"c","columnvalue":"v")");
    const std::string bodies[] = {
        "",
        " ",
        "x",
        "[]",
        "null",
        "5",
        "\"rowkeys\"",
        "{}",
        R"({"rows":[]})",
        R"({"rowkeys":{}})",
        R"({"rowkeys":null})",
        R"({"rowkeys":[5]})",
        R"({"rowkeys":[[]]})",
        R"({"rowkeys":[{"rowkey":"r","columns":{}}]})",
        R"({"rowkeys":[{"rowkey":"r"}]})",
        R"({"rowkeys":[{"rowkey":"r","cols":[{"columnname":"c","columnvalue":"v"}]}]})",
        R"({"rowkeys":[{"rowkey":"r","columns":"x"}]})",
        good + "x",
        good + good,
        good + "]",
        good.substr(0, good.size() - 1),
        good.substr(0, good.size() / 2),
        good.substr(0, 3),
        "{\"rowkeys\":[,]}",
        "{\"rowkeys\":[]",
        cell(R"("columnname":"c" "columnvalue":"v")"),
        cell(R"("columnname":"c","columnvalue":"v",)"),
        cell(R"("columnname":"c","columnvalue":tru)"),
        cell(R"("columnname":"c","columnvalue":01)"),
        cell(R"("columnname":"c","columnvalue":1x)"),
        cell(R"("columnname":"c","columnvalue":"\q")"),
        cell(R"("columnname":"c","columnvalue":"v","more":{"a":nul})"),
        cell(R"("columnname":"c","columnvalue":"v","more":+1)"),
        cell("\"columnname\":\"c\",\"columnvalue\":\"\xff\""),
        cell("\"columnname\":\"c\",\"columnvalue\":\"a\nb\""),
        cell(R"("columnname":"c","columnvalue":"v","more":)" + std::string(200, '[') + std::string(200, ']')),
        std::string(100'000, '['),
        std::string(100'000, '{'),
        "{\"rowkeys\":" + std::string(100'000, '['),
        R"({"rowkeys":[{"rowkey":"r","columns":[{"columnname":"c","columnvalue":"v"]}]})",
    };
    for (const auto& body : bodies) {
        CAPTURE(body.substr(0, 200));
        FakeCellBatch batch;
        const auto report = decode(body, batch);
        REQUIRE_FALSE(report.ok());
        CHECK(report.error().code == Code::invalid_argument);
        CHECK_FALSE(report.error().message.empty());
    }
}

TEST_CASE("errors are bounded in number and in size") {
    FakeCellBatch batch;
    std::string columns;
    for (int i = 0; i < 1500; ++i)
        columns += std::string(i == 0 ? "" : ",") + "{\"columnname\":\"refused\",\"columnvalue\":1}";
    auto report = decode(row("\"r\"", columns), batch);
    REQUIRE(report.ok());
    CHECK(report->rejected == 1500);
    CHECK(report->errors.size() == kMaxReportedErrors);

    report = decode(cell("\"columnname\":\"x" + std::string(100'000, 'y') + "é\""), batch);
    REQUIRE(report.ok());
    CHECK(report->errors[0].column.size() < kMaxReportedNameBytes + 8);
}

TEST_CASE("a body that would make too much is refused") {
    FakeCellBatch batch;
    batch.size = kMaxBatchBytes + 1;
    const auto report = decode(cell(R"("columnname":"c","columnvalue":"v")"), batch);
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().code == Code::too_large);
}

TEST_CASE("a bulk body without room behind it is read as well") {
    FakeCellBatch batch;
    std::string body = cell(R"("columnname":"c","columnvalue":"v")");
    body.shrink_to_fit();
    CHECK(decode_bulk_cells(body, batch).ok());
    CHECK(batch.puts.size() == 1);
}

TEST_CASE("bulk counters become steps") {
    struct Row {
        std::string members;
        std::int64_t delta;
    };
    const Row rows[] = {
        {R"("columnname":"c","increment":5)", 5},
        {R"("columnname":"c","increment":"5")", 5},
        {R"("columnname":"c","increment":-5)", -5},
        {R"("columnname":"c","increment":0)", 0},
        {R"("columnname":"c")", 1},
        {R"("columnname":"c","increment":"")", 1},
        {R"("columnname":"c","increment":null)", 1},
        {R"("columnname":"c","decrement":5)", -5},
        {R"("columnname":"c","decrement":"")", -1},
        {R"("columnname":"c","increment":7,"decrement":"2")", 5},
        {R"("columnname":"c","increment":"9223372036854775807")", INT64_MAX},
        {R"("columnname":"c","increment":-9223372036854775808)", INT64_MIN},
    };
    for (const auto& r : rows) {
        CAPTURE(r.members);
        FakeCounterBatch batch;
        const auto report = decode(cell(r.members), batch);
        REQUIRE(report.ok());
        CHECK(batch.steps == Steps{{"r", "c", r.delta}});
        CHECK(report->accepted == 1);
    }
}

TEST_CASE("bad counters are named") {
    for (const std::string members :
         {R"("increment":5)", R"("columnname":"c","increment":"five")", R"("columnname":"c","increment":1.5)",
          R"("columnname":"c","increment":true)", R"("columnname":"c","increment":9223372036854775808)",
          R"("columnname":"c","decrement":-9223372036854775808)",
          R"("columnname":"refused","increment":1)"}) {
        CAPTURE(members);
        FakeCounterBatch batch;
        const auto report = decode(cell(members), batch);
        REQUIRE(report.ok());
        CHECK(batch.steps.empty());
        CHECK(report->rejected == 1);
    }
    FakeCounterBatch batch;
    CHECK_FALSE(decode("{}", batch).ok());
}

TEST_CASE("a store that cannot take a bulk body's cell is no fault of the cell") {
    for (const Code code : {Code::unavailable, Code::io, Code::corruption, Code::busy}) {
        FakeCellBatch batch;
        batch.broken = Error{code, "the store is read-only"};
        const auto report =
            decode(R"({"rowkeys":[{"rowkey":"r","columns":[{"columnname":"c","columnvalue":"v"}]}]})", batch);
        REQUIRE_FALSE(report.ok());
        CHECK(report.error().code == code);
    }
}
