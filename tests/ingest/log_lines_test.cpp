#include "ingest/log_lines.h"

#include <string>
#include <vector>

#include "ingest/body.h"
#include "tests/catch.h"
#include "tests/ingest/fake_batches.h"

using namespace nmstore;
using namespace nmstore::ingest;
using nmstore::testing::FakeLineBatch;
using Appended = FakeLineBatch::Appended;

namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

LogFields given(const std::string& client = "c", const std::string& log = "l") {
    LogFields fields;
    fields.client = client;
    fields.log = log;
    fields.now_ms = kNow;
    return fields;
}

struct Decoded {
    LineReport report;
    std::vector<Appended> lines;
};

Decoded json(std::string body, const LogFields& fields = given()) {
    FakeLineBatch batch;
    pad_body(body);
    auto report = decode_json_lines(body, fields, batch);
    CHECK(report.accepted == batch.lines.size());
    return {std::move(report), std::move(batch.lines)};
}

Decoded text(const std::string& body, const LogFields& fields = given()) {
    FakeLineBatch batch;
    auto report = decode_text_lines(body, fields, batch);
    CHECK(report.accepted == batch.lines.size());
    return {std::move(report), std::move(batch.lines)};
}

std::vector<std::string> texts(const Decoded& decoded) {
    std::vector<std::string> result;
    for (const auto& line : decoded.lines) result.push_back(line.text);
    return result;
}

std::vector<std::uint64_t> bad_lines(const Decoded& decoded) {
    std::vector<std::uint64_t> result;
    for (const auto& error : decoded.report.errors) result.push_back(error.line);
    return result;
}

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("one JSON object becomes one line") {
    struct Row {
        std::string body;
        Appended expected;
    };
    const Row rows[] = {
        {R"({"_msg":"x"})", {"c", "l", kNow, "x", ""}},
        {R"({"_time":"2011-11-21T18:26:40Z","_msg":"x"})", {"c", "l", 1321900000000, "x", ""}},
        {R"({"time":1321900000,"message":"x"})", {"c", "l", 1321900000000, "x", ""}},
        {R"({"timestamp":"1321900000123","msg":"x"})", {"c", "l", 1321900000123, "x", ""}},
        {R"({"@timestamp":1321900000123456,"line":"x"})", {"c", "l", 1321900000123, "x", ""}},
        // The fields win over the parameters; names are tried in order, and those not taken stay.
        {R"({"host":"h","log":"/a/b","msg":"x"})", {"h", "/a/b", kNow, "x", ""}},
        {R"({"client":"k","host":"h","msg":"x"})", {"h", "l", kNow, "x", R"({"client":"k"})"}},
        {R"({"file":"f","msg":"a","message":"b"})", {"c", "f", kNow, "b", R"({"msg":"a"})"}},
        {R"({"time":5,"_time":0,"msg":"x"})", {"c", "l", 0, "x", R"({"time":5})"}},
        {R"({"host":7,"msg":"x"})", {"7", "l", kNow, "x", ""}},
        // What cannot be a name is an ordinary field.
        {R"({"host":{"name":"n"},"client":"k","msg":"x"})",
         {"k", "l", kNow, "x", R"({"host":{"name":"n"}})"}},
        {R"({"host":"","msg":"x"})", {"c", "l", kNow, "x", R"({"host":""})"}},
        {R"({"host":null,"time":null,"_msg":null,"msg":"x"})",
         {"c", "l", kNow, "x", R"({"host":null,"time":null,"_msg":null})"}},
        {R"({"msg":"x","n":1.50,"b":true,"z":null,"s":"a\"b","o":{ "k" : [ 1, 2 ] },"e":""})",
         {"c", "l", kNow, "x", R"({"n":1.50,"b":true,"z":null,"s":"a\"b","o":{"k":[1,2]},"e":""})"}},
        {R"({"msg":5})", {"c", "l", kNow, "5", ""}},
        {R"({"msg":false})", {"c", "l", kNow, "false", ""}},
        {R"({"msg":{ "a" : 1 }})", {"c", "l", kNow, R"({"a":1})", ""}},
        {R"({"msg":""})", {"c", "l", kNow, "", ""}},
        {R"({"msg":"\u00e9\t\ud83d\ude00\udcff"})", {"c", "l", kNow, "é\t😀\xff", ""}},
        {R"({"\u006dsg":"x"})", {"c", "l", kNow, "x", ""}},
        {R"({"msg":"a","msg":"b"})", {"c", "l", kNow, "b", R"({"msg":"a"})"}},
        // Without a line field the object itself is the line.
        {R"({"level": "info", "time": 0})", {"c", "l", 0, R"({"level": "info", "time": 0})", ""}},
        {R"({})", {"c", "l", kNow, "{}", ""}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto decoded = json(row.body);
        CHECK(decoded.report.rejected == 0);
        REQUIRE(decoded.lines.size() == 1);
        const auto& line = decoded.lines[0];
        CHECK(line.client == row.expected.client);
        CHECK(line.log == row.expected.log);
        CHECK(line.time_ms == row.expected.time_ms);
        CHECK(line.text == row.expected.text);
        CHECK(line.fields == row.expected.fields);
    }
}

TEST_CASE("objects stand one a line, one after another, over several lines, or in an array") {
    const Texts abc{"a", "b", "c"};
    for (const std::string body : {
             "{\"msg\":\"a\"}\n{\"msg\":\"b\"}\n{\"msg\":\"c\"}\n",
             "\xEF\xBB\xBF{\"msg\":\"a\"}\n{\"msg\":\"b\"}\n{\"msg\":\"c\"}",
             "\n\r\n{\"msg\":\"a\"}\r\n\r\n  {\"msg\":\"b\"}  \r\n\n\n{\"msg\":\"c\"}\r\n \n",
             "{\"msg\":\"a\"}{\"msg\":\"b\"} {\"msg\":\"c\"}",
             "{\n  \"msg\": \"a\"\n}\n{\n  \"msg\":\n\"b\"}{\"msg\"\n:\"c\"}",
             "[{\"msg\":\"a\"},{\"msg\":\"b\"},{\"msg\":\"c\"}]",
             " [\n{\"msg\":\"a\"},\r\n{\n\"msg\":\"b\"\n}\n,{\"msg\":\"c\"}\n]\n",
         }) {
        CAPTURE(body);
        const auto decoded = json(body);
        CHECK(texts(decoded) == abc);
        CHECK(decoded.report.rejected == 0);
    }
    for (const std::string body : {"", " \r\n\n", "[]", " [ ] \n"}) {
        CHECK(json(body).lines.empty());
        CHECK(json(body).report.rejected == 0);
    }
}

TEST_CASE("bad lines are named and the good ones kept") {
    struct Row {
        std::string body;
        Texts lines;
        Numbers bad;
    };
    const std::string a = "{\"msg\":\"a\"}\n", b = "{\"msg\":\"b\"}\n";
    const Row rows[] = {
        {a + "{\"msg\":\"x\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\"\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":{\"x\":1\n" + b + b, {"a", "b", "b"}, {2}},
        {a + "{\"msg\":[\n" + b + "]\n" + b, {"a", "b", "b"}, {2, 4}},
        {a + "{\"msg\" \"x\"}\n" + b, {"a", "b"}, {2}},
        {a + "{msg:\"x\"}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\",}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\",\"o\":tru}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\",\"o\":01}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\",\"o\":[1,]}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\",\"o\":\"\\q\"}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"\\q\"}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\t\"}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"\xff\"}\n" + b, {"a", "b"}, {2}},
        {a + "\xff\xfe\n" + b, {"a", "b"}, {2}},
        {a + "text\n" + b, {"a", "b"}, {2}},
        {a + "12\n\"msg\"\nnull\n" + b, {"a", "b"}, {2, 3, 4}},
        {a + "[{\"msg\":\"x\"}]\n" + b, {"a", "b"}, {2}},
        {a + "}\n" + b, {"a", "b"}, {2}},
        {"\n\n" + a + "\n{\"msg\":1,\"time\":\"never\"}\n" + b, {"a", "b"}, {5}},
        {a + "{\"msg\":1,\"time\":true}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":1,\"time\":{}}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":1,\"host\":\"refused\"}\n" + b, {"a", "b"}, {2}},
        {a + "{\"msg\":\"x\",\"o\":" + std::string(200, '[') + std::string(200, ']') + "}\n" + b,
         {"a", "b"},
         {2}},
        {a + std::string(1000, '{') + "\n" + b, {"a", "b"}, {2}},
        {"{\"time\":\"bad\"} {\"msg\":\"a\"}\n" + b, {"a", "b"}, {1}},
        {a + "{\n\"msg\":\"x\",\n\"time\":\"bad\"\n}\n" + b, {"a", "b"}, {2}},
        {"{\"msg\":\"a\"} tail\n" + b, {"a", "b"}, {1}},
        {"[" + a + "," + b, {"a", "b"}, {3}},
        {"[" + a + ",1,\"x]\",[{}],null," + b + "]", {"a", "b"}, {2, 2, 2, 2}},
        {"[" + a + ",{\"msg\":x}," + b + "]", {"a", "b"}, {2}},
        {"[" + a + "]" + b + "tail", {"a", "b"}, {3}},
        {"[" + a + ",\"open\n," + b + "]", {"a", "b"}, {2}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto decoded = json(row.body);
        CHECK(texts(decoded) == row.lines);
        CHECK(bad_lines(decoded) == row.bad);
        CHECK(decoded.report.rejected == row.bad.size());
        for (const auto& error : decoded.report.errors) CHECK_FALSE(error.reason.empty());
    }
}

TEST_CASE("reasons say what is wrong") {
    CHECK(json("x\n").report.errors[0].reason == "is no JSON object");
    CHECK(json("{\"msg\":1", given()).report.errors[0].reason == "the JSON object does not end");
    CHECK(json("{\"msg\":1}", given("", "l")).report.errors[0].reason ==
          "has no client: neither the parameter nor a field host client");
    CHECK(json("{\"msg\":1}", given("c", "")).report.errors[0].reason ==
          "has no log: neither the parameter nor a field log file");
    CHECK(json("[{\"msg\":1},5]").report.errors[0].reason == "object 2 of the array: is no JSON object");
    CHECK(json("{\"msg\":1,\"time\":\"soon\"}").report.errors[0].reason.find("soon") != std::string::npos);
}

TEST_CASE("names of fields can be chosen") {
    auto fields = given("", "");
    fields.time_fields = {"when"};
    fields.line_fields = {"größe"};
    fields.client_fields = {"who"};
    fields.log_fields = {"where"};
    const auto decoded = json(R"({"when":0,"who":"w","where":"v","gr\u00f6\u00dfe":"x","msg":"m"})", fields);
    REQUIRE(decoded.lines.size() == 1);
    CHECK(decoded.lines[0] == Appended{"w", "v", 0, "x", R"({"msg":"m"})"});
}

TEST_CASE("a line that holds newlines is one entry for each") {
    const auto decoded = json("{\"msg\":\"a\\r\\nb\\n\\nc\\n\",\"n\":1}\n{\"msg\":\"\\n\"}");
    CHECK(texts(decoded) == Texts{"a", "b", "", "c", ""});
    CHECK(decoded.lines[3].fields == "{\"n\":1}");
    CHECK(decoded.report.accepted == 5);
}

TEST_CASE("a body of broken lines is read in linear time") {
    std::string body;
    for (int i = 0; i < 300'000; ++i) body += "{\"a\":[\n";
    body += "{\"msg\":\"a\"}\n";
    const auto decoded = json(body);
    CHECK(texts(decoded) == Texts{"a"});
    CHECK(decoded.report.rejected == 300'000);
    CHECK(decoded.report.errors.size() == kMaxReportedErrors);
}

TEST_CASE("a body without room behind it is read as well") {
    FakeLineBatch batch;
    std::string body = "{\"msg\":\"a\"}";
    body.shrink_to_fit();
    CHECK(decode_json_lines(body, given(), batch).accepted == 1);
}

TEST_CASE("text is one line for each newline") {
    CHECK(texts(text("")) == Texts{});
    CHECK(texts(text("a")) == Texts{"a"});
    CHECK(texts(text("a\n")) == Texts{"a"});
    CHECK(texts(text("a\r\n\r\n\nb\rc\n\xff")) == Texts{"a", "", "", "b\rc", "\xff"});
    CHECK(texts(text("\n")) == Texts{""});
    const auto decoded = text("{\"msg\":\"x\"}");
    CHECK(decoded.lines[0] == Appended{"c", "l", kNow, "{\"msg\":\"x\"}", ""});
}

TEST_CASE("text without a client or a log is refused line by line") {
    for (const auto& fields : {given("", "l"), given("c", ""), given("refused", "l")}) {
        const auto decoded = text("a\nb\n", fields);
        CHECK(decoded.report.accepted == 0);
        CHECK(bad_lines(decoded) == Numbers{1, 2});
    }
}

TEST_CASE("what would be too much for one request is refused as a whole") {
    FakeLineBatch batch;
    batch.full_after = 2;
    const auto report = decode_text_lines("a\nb\nc\nd\n", given(), batch);
    REQUIRE(report.fault);
    CHECK(report.fault->code == Code::too_large);
    CHECK(report.rejected == 0);
    FakeLineBatch other;
    other.full_after = 2;
    std::string body = "{\"msg\":\"a\\nb\\nc\\nd\"}\n{\"msg\":\"e\"}\n";
    pad_body(body);
    const auto json_report = decode_json_lines(body, given(), other);
    REQUIRE(json_report.fault);
    CHECK(json_report.rejected == 0);
    CHECK(other.lines.size() == 2);
}

TEST_CASE("a store that cannot take a line is no fault of the line") {
    for (const Code code : {Code::unavailable, Code::io, Code::corruption, Code::not_found}) {
        FakeLineBatch batch;
        batch.broken = Error{code, "the store is read-only"};
        const auto report = decode_text_lines("a\nb\n", given(), batch);
        REQUIRE(report.fault);
        CHECK(report.fault->code == code);
        CHECK(report.rejected == 0);
        for (std::string body : {"{\"msg\":\"a\"}\n{\"msg\":\"b\"}\n", "[{\"msg\":\"a\"},{\"msg\":\"b\"}]"}) {
            pad_body(body);
            const auto json_report = decode_json_lines(body, given(), batch);
            REQUIRE(json_report.fault);
            CHECK(json_report.rejected == 0);
        }
    }
}
