#include "engine/cell_text.h"

#include <string>
#include <vector>

#include "nmstore/escape.h"
#include "tests/catch.h"

using namespace std::string_literals;
using nmstore::CellText;
using nmstore::escape;
using nmstore::RowKind;
using Lines = std::vector<std::string>;

namespace {

Lines lines_of(const CellText& text) {
    Lines lines;
    for (std::size_t i = 0; i < text.size(); ++i) lines.emplace_back(text[i]);
    return lines;
}

}  // namespace

TEST_CASE("a log cell is taken apart into lines") {
    struct Row {
        std::string json;  // as the agent had it before it escaped it
        Lines lines;
        bool half;
    };
    const Row rows[] = {
        {R"({"date":1,"returned":"one\n"})", {"one"}, false},
        {R"({"date":1,"returned":"one\ntwo\n"})", {"one", "two"}, false},
        {R"({"date":1,"returned":"one\ntw"})", {"one", "tw"}, true},
        {R"({"date":1,"returned":"o"})", {"o"}, true},
        {R"({"date":1,"returned":""})", {}, false},
        {R"({"date":1,"returned":"\n"})", {""}, false},
        {R"({"date":1,"returned":"\n\nx\n"})", {"", "", "x"}, false},
        {R"({"date":"1","returned":"x\n"})", {"x"}, false},
        {R"({"returned":"x\n"})", {"x"}, false},
        {R"({"returned":"x\n","date":1,"more":{"returned":"y\n","a":[1,{"b":"]"}]}})", {"x"}, false},
        {R"( { "date" : 1.5e3 , "returned" : "x\n" } )", {"x"}, false},
        {R"({"returned":"first\n","returned":"last\n"})", {"last"}, false},
        {R"({"returned":"tab\t quote\" back\\ slash\/ bell\u0007\n"})",
         {"tab\t quote\" back\\ slash/ bell\a"},
         false},
        {R"({"returned":"\u00e9\u20ac\ud83d\ude00\n"})", {"é€😀"}, false},
        {R"({"returned":"a\ud800b\n"})", {"a\uFFFDb"}, false},
        {R"({"returned":"a\udc00\ud83d\n"})", {"a\uFFFD\uFFFD"}, false},
        {R"({"returned":"a\ux123\n"})", {"a\\ux123"}, false},
        {"{\"returned\":\"raw\nnewline\ttab\n\"}", {"raw", "newline\ttab"}, false},
    };
    CellText text;
    for (const auto& row : rows) {
        const std::string once = escape(row.json);
        for (const auto& value : {row.json, once, escape(once)}) {
            CAPTURE(value);
            text.assign(RowKind::logs, value);
            CHECK(lines_of(text) == row.lines);
            CHECK(text.half() == row.half);
        }
    }
}

TEST_CASE("what is no agent's object is split as it stands and is never half") {
    struct Row {
        std::string value;
        Lines lines;
    };
    const Row rows[] = {
        {"", {}},
        {"plain", {"plain"}},
        {"one\ntwo\n", {"one", "two"}},
        {"one%0Atwo", {"one", "two"}},
        {"one%250Atwo", {"one", "two"}},
        {R"({"date":1})", {R"({"date":1})"}},
        {R"({"returned":5})", {R"({"returned":5})"}},
        {R"({"returned":null})", {R"({"returned":null})"}},
        {R"({"returned":["x\n"]})", {R"({"returned":["x\n"]})"}},
        {R"(["returned"])", {R"(["returned"])"}},
        {R"({"returned":"x)", {R"({"returned":"x)"}},
        {R"({"returned":"x\)", {R"({"returned":"x\)"}},
        {R"({"returned":"x"} tail)", {R"({"returned":"x"} tail)"}},
        {R"({"returned":"x",})", {R"({"returned":"x",})"}},
        {R"({"returned":"x\n","returned":1})", {R"({"returned":"x\n","returned":1})"}},
        {R"({"a":,"returned":"x"})", {R"({"a":,"returned":"x"})"}},
        {"{}", {"{}"}},
        {"{", {"{"}},
        {"\xff\xfe\n\x80", {"\xff\xfe", "\x80"}},
    };
    CellText text;
    for (const auto& row : rows) {
        CAPTURE(row.value);
        text.assign(RowKind::logs, row.value);
        CHECK(lines_of(text) == row.lines);
        CHECK_FALSE(text.half());
    }
}

TEST_CASE("bytes that are not UTF-8 do not cost the lines") {
    CellText text;
    text.assign(RowKind::logs, "{\"returned\":\"a\xff\\nb\xc3\"}");
    CHECK(lines_of(text) == Lines{"a\xff", "b\xc3"});
    text.assign(RowKind::logs, escape("{\"returned\":\"a\\n\"}") + "\n");
    CHECK(lines_of(text) == Lines{"a"});
}

TEST_CASE("a lone surrogate does not cost the lines") {
    CellText text;
    text.assign(RowKind::logs, "%7B%22returned%22%3A%22a%uD800b%5Cn%22%7D");
    CHECK(lines_of(text) == Lines{"a\uFFFDb"});
}

TEST_CASE("a line whose own text holds %22 does not break its object") {
    CellText text;
    text.assign(RowKind::logs, R"({"returned":"GET /?q=%22x%22\n"})");
    CHECK(lines_of(text) == Lines{"GET /?q=\"x\""});
    text.assign(RowKind::logs, escape(R"({"returned":"GET /?q=%22x%22\n"})"));
    CHECK(lines_of(text) == Lines{"GET /?q=\"x\""});
    // Escaped twice, both passes are used up before the object is seen.
    text.assign(RowKind::logs, escape(escape(R"({"returned":"GET /?q=%22x%22\n"})")));
    CHECK(lines_of(text) == Lines{"GET /?q=%22x%22"});
}

TEST_CASE("the newline that ends a line may itself come escaped") {
    CellText text;
    text.assign(RowKind::logs, R"({"returned":"one%0Atwo%0A"})");
    CHECK(lines_of(text) == Lines{"one", "two"});
    CHECK_FALSE(text.half());
}

TEST_CASE("cells of other kinds are one line each") {
    CellText text;
    for (const RowKind kind : {RowKind::plugins, RowKind::alerts, RowKind::other}) {
        text.assign(kind, "%7B%22date%22%3A1%2C%22value%22%3A%2290%22%7D");
        CHECK(lines_of(text) == Lines{R"({"date":1,"value":"90"})"});
        text.assign(kind, "%257B%2522a%2522%253A1%257D");
        CHECK(lines_of(text) == Lines{R"({"a":1})"});
        text.assign(kind, "two\nlines");
        CHECK(lines_of(text) == Lines{"two\nlines"});
        text.assign(kind, "");
        CHECK(lines_of(text) == Lines{""});
        CHECK_FALSE(text.half());
    }
}

TEST_CASE("one object serves one value after another and copies keep their own") {
    CellText text;
    text.assign(RowKind::logs, R"({"returned":"short"})");
    const CellText copy = text;
    text.assign(RowKind::logs,
                R"({"returned":"a much longer text than the first one had been\nand more\n"})");
    CHECK(lines_of(copy) == Lines{"short"});
    CHECK(copy.half());
    CHECK(text.size() == 2);
    CHECK_FALSE(text.half());
}

TEST_CASE("deeply nested and huge values are taken") {
    CellText text;
    text.assign(RowKind::logs,
                "{\"a\":" + std::string(200000, '[') + std::string(200000, ']') + ",\"returned\":\"x\\n\"}");
    CHECK(lines_of(text) == Lines{"x"});
    text.assign(RowKind::logs, "{\"a\":" + std::string(200000, '['));
    CHECK(text.size() == 1);
    text.assign(RowKind::logs, "{\"returned\":\"" + std::string(5000000, 'x') + "\"}");
    REQUIRE(text.size() == 1);
    CHECK(text[0].size() == 5000000);
    CHECK(text.half());
}
