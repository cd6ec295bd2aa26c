#include "ingest/bulk_rows.h"

#include <string>

#include "ingest/body.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::ingest;
using Kind = BulkScalar::Kind;

namespace {

// Writes down what it is told: row[member|member|…] with a mark for each kind.
class NotingSink final : public BulkColumnSink {
  public:
    Result<void> column(const BulkScalar& row, std::span<const BulkScalar> members,
                        std::string_view reason) override {
        notes += text(row) + "[";
        for (const auto& member : members) notes += text(member) + "|";
        notes += std::string(reason) + "]";
        if (++columns == stop_at) return Error{Code::too_large, "enough"};
        return {};
    }
    std::string notes;
    std::size_t columns = 0;
    std::size_t stop_at = 0;

  private:
    static std::string text(const BulkScalar& scalar) {
        switch (scalar.kind) {
            case Kind::absent:
                return "-";
            case Kind::null:
                return "null";
            case Kind::other:
                return "?";
            case Kind::number:
                return "#" + std::string(scalar.text);
            case Kind::text:
                break;
        }
        return std::string(scalar.text);
    }
};

constexpr std::string_view kNames[] = {"a", "b"};

std::string read(std::string body) {
    pad_body(body);
    NotingSink sink;
    const auto outcome = read_bulk_rows(body, kNames, sink);
    return outcome.ok() ? sink.notes : "error";
}

std::string columns(const std::string& text) {
    return read(R"({"rowkeys":[{"rowkey":"r","columns":[)" + text + "]}]}");
}

}  // namespace

TEST_CASE("rows and the members asked for are handed on in order") {
    CHECK(columns("") == "");
    CHECK(columns(R"({"a":"x","b":1.50})") == "r[x|#1.50|]");
    CHECK(columns(R"({"b":null,"a":true},{"a":[1],"b":{"a":2}})") == "r[?|null|]r[?|?|]");
    CHECK(columns(R"({},{"c":1},{"a":"1","a":"2"})") == "r[-|-|]r[-|-|]r[2|-|]");
    CHECK(columns(R"({"a":"\u0041\n"})") == "r[A\n|-|]");
    CHECK(columns("5,[{}],null") ==
          "r[-|-|the column is no object]r[-|-|the column is no object]r[-|-|the column is no object]");
    CHECK(
        read(
            R"({"rowkeys":[{"columns":[{"a":1}]},{"rowkey":2,"columns":[{"a":1}]},{"columns":[{"a":1}],"rowkey":"x\ty"}]})") ==
        "-[#1|-|]#2[#1|-|]x\ty[#1|-|]");
}

TEST_CASE("blank members are told apart from given ones") {
    CHECK(BulkScalar{}.is_blank());
    CHECK(BulkScalar{Kind::null, ""}.is_blank());
    CHECK(BulkScalar{Kind::text, ""}.is_blank());
    CHECK_FALSE(BulkScalar{Kind::text, " "}.is_blank());
    CHECK_FALSE(BulkScalar{Kind::number, "0"}.is_blank());
    CHECK_FALSE(BulkScalar{Kind::other, ""}.is_blank());
}

TEST_CASE("what breaks the shape ends the walk") {
    for (const std::string text :
         {R"({"a":1)", R"({"a":1}})", R"({"a":1,})", R"({"a":x})", R"({"c":x})", R"({"c":{"d":x}})",
          R"({"c":[1,]})", R"({"a":"\q"})", "{\"a\":\"\xff\"}"}) {
        CAPTURE(text);
        CHECK(columns(text) == "error");
    }
    CHECK(read("") == "error");
    CHECK(read(R"({"rowkeys":[]} x)") == "error");
}

TEST_CASE("a sink may end the walk") {
    std::string body = R"({"rowkeys":[{"rowkey":"r","columns":[{"a":1},{"a":2},{"a":3}]}]})";
    pad_body(body);
    NotingSink sink;
    sink.stop_at = 2;
    const auto outcome = read_bulk_rows(body, kNames, sink);
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().code == Code::too_large);
    CHECK(sink.columns == 2);
}
