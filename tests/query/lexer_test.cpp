#include "query/lexer.h"

#include <string>

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("a slash begins a regular expression or a path") {
    struct Case {
        const char* text;
        const char* pattern;  // nullptr: text
        bool ignore_case;
        std::size_t behind;
    };
    const Case cases[] = {
        {"/a/", "a", false, 3},        {"/a/i", "a", true, 4},
        {"/a/ b", "a", false, 3},      {"/a/)", "a", false, 3},
        {"/a/|", "a", false, 3},       {"/a b/i c", "a b", true, 6},
        {"/a\\/b/", "a/b", false, 6},  {"/\\d\\\\/", "\\d\\\\", false, 6},
        {"/a\\ /", nullptr, false, 0}, {"/a", nullptr, false, 0},
        {"/", nullptr, false, 0},      {"//", nullptr, false, 0},
        {"/a/b", nullptr, false, 0},   {"/a/ii", nullptr, false, 0},
        {"/ a/", nullptr, false, 0},   {"/a /", nullptr, false, 0},
        {"/a\\", nullptr, false, 0},   {"/a\\/", nullptr, false, 0},
        {"a/b/", nullptr, false, 0},   {"", nullptr, false, 0},
    };
    for (const Case& c : cases) {
        INFO("text: " << c.text);
        Lexer lexer(c.text);
        const auto token = lexer.take_regex();
        REQUIRE(token.has_value() == (c.pattern != nullptr));
        CHECK(lexer.position() == c.behind);
        if (!token) continue;
        CHECK(token->pattern == c.pattern);
        CHECK(token->ignore_case == c.ignore_case);
    }
}

TEST_CASE("the beginning of a field") {
    struct Case {
        const char* text;
        const char* name;  // nullptr: text
        FieldOperator op;
        std::size_t behind;
    };
    constexpr auto none = FieldOperator::colon;
    const Case cases[] = {
        {"ab:x", "ab", FieldOperator::colon, 3},
        {"ab=x", "ab", FieldOperator::equals, 3},
        {"ab!=x", "ab", FieldOperator::not_equals, 4},
        {"ab<x", "ab", FieldOperator::less, 3},
        {"ab<=x", "ab", FieldOperator::less_equal, 4},
        {"ab>x", "ab", FieldOperator::greater, 3},
        {"ab>=x", "ab", FieldOperator::greater_equal, 4},
        {"a.b-c_d@e1:x", "a.b-c_d@e1", FieldOperator::colon, 11},
        {"_a:x", "_a", FieldOperator::colon, 3},
        {"@a:x", "@a", FieldOperator::colon, 3},
        {"a:x", "a", FieldOperator::colon, 2},
        {"ab:/x", "ab", FieldOperator::colon, 3},
        {"\"a \\\" b\":x", "a \" b", FieldOperator::colon, 9},
        {"\"C\":/x/", "C", FieldOperator::colon, 4},
        {"ab:", nullptr, none, 0},
        {"ab: x", nullptr, none, 0},
        {"ab:)", nullptr, none, 0},
        {"ab::x", nullptr, none, 0},
        {"ab:=x", nullptr, none, 0},
        {"ab://x", nullptr, none, 0},
        {"a:/x", nullptr, none, 0},
        {"a:\\x", nullptr, none, 0},
        {"ab==x", nullptr, none, 0},
        {"ab=>x", nullptr, none, 0},
        {"ab=~x", nullptr, none, 0},
        {"ab!x", nullptr, none, 0},
        {"ab!==x", nullptr, none, 0},
        {"ab<<x", nullptr, none, 0},
        {"ab->x", nullptr, none, 0},
        {"ab.:x", nullptr, none, 0},
        {"ab<x>", nullptr, none, 0},
        {"1b:x", nullptr, none, 0},
        {"-b:x", nullptr, none, 0},
        {"ab", nullptr, none, 0},
        {"\"ab\"", nullptr, none, 0},
        {"\"ab\": x", nullptr, none, 0},
        {"\"\":x", nullptr, none, 0},
        {"\"ab:x", nullptr, none, 0},
    };
    for (const Case& c : cases) {
        INFO("text: " << c.text);
        Lexer lexer(c.text);
        const auto head = lexer.take_field_head();
        REQUIRE(head.has_value() == (c.name != nullptr));
        CHECK(lexer.position() == c.behind);
        if (!head) continue;
        CHECK(head->name == c.name);
        CHECK(head->op == c.op);
        CHECK(head->quoted == (*c.text == '"'));
    }
}

TEST_CASE("signs that negate") {
    for (const char* text : {"-a", "!a", "-(a)", "-\"a\"", "-!a", "-/a/", "-*"}) {
        INFO(text);
        Lexer lexer(text);
        CHECK(lexer.take_negation());
        CHECK(lexer.position() == 1);
    }
    for (const char* text : {"", "-", "- a", "--a", "->", "-)", "-|", "!", "!!a", "!=a", "! a", "a-b"}) {
        INFO(text);
        Lexer lexer(text);
        CHECK(!lexer.take_negation());
        CHECK(lexer.position() == 0);
    }
}

TEST_CASE("quoted and bare runs") {
    Lexer lexer("\"a\\\"b\\\\c\\d\"e*f(");
    CHECK(lexer.take_quoted() == "a\"b\\c\\d");
    CHECK(lexer.take_bare("*") == "e");
    CHECK(lexer.take('*'));
    CHECK(lexer.take_bare() == "f");
    CHECK(lexer.take_bare().empty());
    CHECK(lexer.at_term());
    for (const char* open : {"\"", "\"a", "\"a\\\"", "\"a\\"}) {
        Lexer unclosed(open);
        CHECK(!unclosed.take_quoted());
        CHECK(unclosed.position() == 0);
    }
}
