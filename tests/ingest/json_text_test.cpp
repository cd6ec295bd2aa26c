#include "ingest/json_text.h"

#include <string>

#include "tests/catch.h"

using namespace nmstore::ingest;

TEST_CASE("numbers are exactly JSON's") {
    for (const std::string text :
         {"0", "-0", "1", "-12", "1.5", "0.0", "1e3", "1E+3", "1.25e-3", "123456789012345678901234567890"})
        CHECK(is_json_number(text));
    for (const std::string text :
         {"", "-", "+1", "01", "-01", ".5", "1.", "1e", "1e+", "0x1", "1 ", " 1", "1a", "NaN", "1.5.5"})
        CHECK_FALSE(is_json_number(text));
}

TEST_CASE("values are written without their blanks") {
    struct Row {
        std::string text, expected;
    };
    const Row rows[] = {
        {"1", "1"},
        {" true ", "true"},
        {"null", "null"},
        {"\"a b\"", "\"a b\""},
        {" [ 1 , 2 , [ ] , { } ] ", "[1,2,[],{}]"},
        {"{ \"a b\" : { \"c\" : [ \" x \" ] } ,\n\t\"d\":false}", "{\"a b\":{\"c\":[\" x \"]},\"d\":false}"},
        {R"({"a":"\"\\\/\b\f\n\r\t\u00e9"})", R"({"a":"\"\\\/\b\f\n\r\t\u00e9"})"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        std::string out = "before ";
        CHECK(append_compact_json(row.text, out));
        CHECK(out == "before " + row.expected);
    }
}

TEST_CASE("what is no JSON value is seen") {
    for (const std::string text : {"",        " ",           "tru",      "nulls",      "{",
                                   "}",       "[",           "[1",       "[1,]",       "[,1]",
                                   "[1 2]",   "{\"a\"}",     "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}",
                                   "{1:2}",   "{\"a\":1]",   "[1}",      "1 2",        "\"a",
                                   "\"\\q\"", "\"\\u12g4\"", "\"a\nb\"", "01",         "{\"a\":'b'}",
                                   "\xff"}) {
        CAPTURE(text);
        std::string out;
        CHECK_FALSE(append_compact_json(text, out));
    }
}

TEST_CASE("nesting has a limit") {
    const std::string deepest = std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']');
    std::string out;
    std::size_t end = 0;
    CHECK(append_compact_json(deepest, out));
    CHECK(find_extent(deepest, 0, end) == Extent::whole);
    CHECK_FALSE(append_compact_json("[" + deepest + "]", out));
    CHECK(find_extent("[" + deepest + "]", 0, end) == Extent::too_deep);
    CHECK(find_extent(std::string(10'000'000, '{'), 0, end) == Extent::too_deep);
}

TEST_CASE("the end of an object is found by its brackets and strings") {
    struct Row {
        std::string text;
        Extent extent;
        std::size_t end;
    };
    const Row rows[] = {
        {"{}", Extent::whole, 2},
        {"{} {}", Extent::whole, 2},
        {R"({"a":"}"}x)", Extent::whole, 9},
        {R"({"a":"\"}"}x)", Extent::whole, 11},
        {"{\"a\":[\n1]\n}\n", Extent::whole, 11},
        {"{\"a\":1", Extent::open, 6},
        {"{\"a\":\"1\n{}", Extent::open, 7},  // the string would run into the next line
        {"{\"a", Extent::open, 3},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        std::size_t end = 0;
        CHECK(find_extent(row.text, 0, end) == row.extent);
        CHECK(end == row.end);
    }
}

TEST_CASE("fields of a line are one object without blanks") {
    for (const char* good : {"{}", R"({"a":1})", R"({"a":"b c","d":[1,{"e":null}],"f":true,"g":-1.5e3})",
                             "{\"gr\xc3\xb6\xc3\x9f"
                             "e\":1}"}) {
        INFO(good);
        CHECK(is_compact_object(good));
    }
    for (const std::string bad :
         {"", "\xff{", "{", "[]", "1", R"({"a": 1})", R"({"a":1} )", R"({"a":1},"line":"forged")",
          R"({"a":1},"id":"x"},{"line":"forged")", "{\"a\":\"\xff\"}", "{\"a\":\"\n\"}", R"({"a":1)",
          R"({a:1})", R"({"a":01})", R"({"a":1,})"}) {
        INFO(bad);
        CHECK_FALSE(is_compact_object(bad));
    }
}
