#include "query/parse.h"

#include <string>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

std::string canonical(const std::string& text) {
    auto query = parse(text);
    return query ? to_text(*query->filter) : "error: " + query.error().message;
}

bool same(const Filter& a, const Filter& b) {
    if (a.kind != b.kind || a.text != b.text || a.ignore_case != b.ignore_case || a.source != b.source ||
        a.field != b.field || a.comparison != b.comparison || a.upper != b.upper ||
        a.lower_inclusive != b.lower_inclusive || a.upper_inclusive != b.upper_inclusive ||
        a.children.size() != b.children.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.children.size(); ++i) {
        if (!same(*a.children[i], *b.children[i])) return false;
    }
    return true;
}

std::string repeated(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("queries are read as the grammar says") {
    struct Case {
        const char* text;
        const char* canonical;
    };
    const Case cases[] = {
        {"", "*"},
        {"  \t ", "*"},
        {"*", "*"},
        {"**", "*"},
        {"error", "error"},
        {"a b", "a b"},
        {"a AND b", "a b"},
        {"a OR b", "a OR b"},
        {"a b OR c d", "a b OR c d"},
        {"a AND b OR c", "a b OR c"},
        {"(a OR b) c", "(a OR b) c"},
        {"a (b OR c)", "a (b OR c)"},
        {"((a))", "a"},
        {"(a b) c", "a b c"},
        {"(a OR b) OR c", "a OR b OR c"},
        {"NOT(a)b", "-a b"},
        {"-a", "-a"},
        {"!a", "-a"},
        {"NOT a", "-a"},
        {"NOT NOT a", "NOT -a"},
        {"NOT -a", "NOT -a"},
        {"-!a", "NOT -a"},
        {"-(a b)", "-(a b)"},
        {"-(a OR b) c", "-(a OR b) c"},
        {"-\"a b\"", "-\"a b\""},
        {"-/re/", "-/re/"},
        {"-f:x", "-\"f\":x"},
        {"a OR -b AND c", "a OR -b c"},
        // Signs that are text.
        {"a - b", "a \"-\" b"},
        {"--flag", "\"--flag\""},
        {"a -> b", "a \"->\" b"},
        {"!= 5", "\"!=\" 5"},
        {"!! x", "\"!!\" x"},
        {"-5", "-5"},
        {"***", "*"},
        {"::", "\"::\""},
        // Keywords are upper case and stand alone.
        {"and or not", "and or not"},
        {"a ORb", "a ORb"},
        {"\"AND\"", "\"AND\""},
        {"a \"OR\" b", "a \"OR\" b"},
        {"TO", "\"TO\""},
        // Bare text with separators.
        {"10.0.0.1", "10.0.0.1"},
        {"blk_3886", "blk_3886"},
        {"/var/log", "\"/var/log\""},
        {"/var/log/", "\"/var/log/\""},
        {"/var/log/syslog x", "\"/var/log/syslog\" x"},
        {"foo(bar)", "foo bar"},
        {"foo\"bar\"", "foo bar"},
        {"C:\\dir\\file", "\"C:\\\\dir\\\\file\""},
        {"D:/x", "\"D:/x\""},
        {"Grün", "Grün"},
        // Wildcards.
        {"pre*", "pre*"},
        {"*mid*", "*mid*"},
        {"*suf", "*suf"},
        {"a*b", "a*b"},
        {"a**b", "a*b"},
        {"*a*b*", "*a*b*"},
        {"10.0.*.3", "10.0.*.3"},
        {"\"a b\"*", "\"a b\"*"},
        {"*\"a b\"*", "*\"a b\"*"},
        {"\"a b\"*c*\"d e\"", "\"a b\"*c*\"d e\""},
        {"\"a*b\"*c", "\"a*b\"*c"},
        {"\"a*b\"", "\"a*b\""},
        {"a\\*b", "\"a\\\\\"*b"},
        {"-a*", "-a*"},
        // Phrases.
        {"\"some phrase\"", "\"some phrase\""},
        {"\"a \\\"b\\\" \\\\ \\d\"", "\"a \\\"b\\\" \\\\ \\\\d\""},
        {"\"x\"\"y\"", "x y"},
        {"\"*\"", "\"*\""},
        {"c\"Exact\"", "c\"Exact\""},
        {"c \"Exact\"", "c Exact"},
        {"C\"x\"", "C x"},
        // Regular expressions and what only looks like one.
        {"/re/", "/re/"},
        {"/re/i", "/re/i"},
        {"/a b|c (d)/", "/a b|c (d)/"},
        {"/a\\/b\\\\/", "/a\\/b\\\\/"},
        {"/blk_38\\d+/", "/blk_38\\d+/"},
        {"(/re/)", "/re/"},
        {"/re/g", "\"/re/g\""},
        {"/usr/bin/x /re/", "\"/usr/bin/x\" /re/"},
        {"//", "\"//\""},
        {"//x", "\"//x\""},
        {"/ x/", "\"/\" \"x/\""},
        {"a / b /", "a \"/\" b \"/\""},
        {"/open", "\"/open\""},
        // Sources.
        {"client:10.0.0.*", "client:\"10.0.0.*\""},
        {"log:/var/log/syslog", "log:\"/var/log/syslog\""},
        {"log:/var/", "log:\"/var/\""},
        {"log:\"my log\"/x", "log:\"my log/x\""},
        {"client:fe80::1", "client:\"fe80::1\""},
        {"client:\"\"", "client:\"\""},
        {"client:(a OR b -c)", "client:a OR client:b -client:c"},
        {"kind:logs", "kind:logs"},
        {"kind:LOG", "kind:LOG"},
        {"level:ERROR", "level:ERROR"},
        {"level:(error OR warn*)", "level:error OR level:\"warn*\""},
        {"level:\"\"", "level:\"\""},
        {"\"client\":x", "\"client\":x"},
        {"Client:x", "Client:x"},
        {"client=x", "\"client\"=x"},
        // Fields.
        {"user_id:42", "user_id:42"},
        {"a:x", "\"a\":x"},
        {"status:50*", "status:50*"},
        {"status:*", "status:*"},
        {"msg:\"a b\"", "msg:\"a b\""},
        {"msg:c\"A\"", "msg:c\"A\""},
        {"msg:/a b/i", "msg:/a b/i"},
        {"path:/var/log", "path:\"/var/log\""},
        {"msg:(a OR \"b c\")", "msg:a OR msg:\"b c\""},
        {"n:(>5 <=9)", "\"n\">5 \"n\"<=9"},
        {"status=200", "status=200"},
        {"status=\"\"", "status=\"\""},
        {"status=a*", "status=\"a*\""},
        {"status!=200", "-status=200"},
        {"x.y>5", "x.y>5"},
        {"xx>=-5", "xx>=\"-5\""},
        {"xx<5", "xx<5"},
        {"xx<=5", "xx<=5"},
        {"xx:>5", "xx>5"},
        {"xx:<=5", "xx<=5"},
        {"xx:[5 TO 9]", "xx:[5 TO 9]"},
        {"xx:{5 TO 9}", "xx:{5 TO 9}"},
        {"xx:[ 5  TO 9}", "xx:[5 TO 9}"},
        {"xx:[\"a b\" TO c]", "xx:[\"a b\" TO c]"},
        {"xx:[5 TO *]", "xx>=5"},
        {"xx:{5 TO *]", "xx>5"},
        {"xx:[* TO 5}", "xx<5"},
        {"xx:[* TO *]", "xx:*"},
        {"\"odd name\":x", "\"odd name\":x"},
        {"\"größe\"=5", "\"größe\"=5"},
        {"größe=5", "\"größe=5\""},
        {"\"5x\":y \"x.\":y \".x\":y", "\"5x\":y \"x.\":y \".x\":y"},
        {"\"odd name\">5", "\"odd name\">5"},
        {"\"status\":500", "status:500"},
        {"@timestamp:2024*", "\"@timestamp\":2024*"},
        {"a-b:x", "\"a-b\":x"},
        {"user=root rhost=1.2.3.4", "user=root rhost=1.2.3.4"},
        // Text that people paste.
        {"12:30:45", "\"12:30:45\""},
        {"http://x/y", "\"http://x/y\""},
        {"std::string", "\"std::string\""},
        {"error:", "\"error:\""},
        {"sshd[123]: Failed", "\"sshd[123]:\" Failed"},
        {"a==b", "\"a==b\""},
        {"a=>b", "\"a=>b\""},
        {"foo->bar", "\"foo->bar\""},
        {"List<String>", "\"List<String>\""},
        {"a<<b", "\"a<<b\""},
        {"x:=5", "\"x:=5\""},
        {"a= b", "\"a=\" b"},
        {"\"GET /x\": y", "\"GET /x\" \":\" y"},
        {"error -debug \"connection refused\" (timeout OR refused) client:10.0.0.* log:/var/log/syslog "
         "user_id:42 /blk_38\\d+/",
         "error -debug \"connection refused\" (timeout OR refused) client:\"10.0.0.*\" "
         "log:\"/var/log/syslog\" user_id:42 "
         "/blk_38\\d+/"},
    };
    for (const Case& c : cases) {
        INFO("query: " << c.text);
        const std::string once = canonical(c.text);
        CHECK(once == c.canonical);
        auto query = parse(c.text);
        auto again = parse(once);
        REQUIRE((query.ok() && again.ok()));
        CHECK(same(*query->filter, *again->filter));
    }
}

TEST_CASE("a query that cannot be read names the column and what was expected") {
    struct Case {
        const char* text;
        std::size_t column;
        const char* expected;
    };
    const Case cases[] = {
        {"(", 2, "a word"},
        {"()", 2, "a term between the parentheses"},
        {"( )", 3, "a term between the parentheses"},
        {"(a", 3, "')' for the '(' of column 1"},
        {"(a OR (b)", 10, "')' for the '(' of column 1"},
        {"a)", 2, "not a ')' that nothing opened"},
        {")", 1, "a word"},
        {"AND a", 1, "a word"},
        {"a AND", 6, "a word"},
        {"a AND OR b", 7, "a word"},
        {"OR", 1, "a word"},
        {"a OR", 5, "a word"},
        {"a OR )", 6, "a word"},
        {"NOT", 4, "a word"},
        {"a NOT ", 7, "a word"},
        {"NOT AND", 5, "a word"},
        {"\"abc", 5, "'\"' to close the one of column 1"},
        {"x \"abc\\\"", 9, "'\"' to close the one of column 3"},
        {"\"\"", 2, "text between the quotes"},
        {"c\"\"", 3, "text between the quotes"},
        {"c\"ab", 5, "to close the one of column 2"},
        {"c\"ab\"*", 6, "a blank"},
        {"x*\"", 4, "to close the one of column 3"},
        {"/(/", 1, "a regular expression"},
        {"ü /[a/", 3, "a regular expression"},
        {"/a{2000}/", 1, "a regular expression"},
        {"x /[\\pL]{300}q/", 3, "a regular expression that can be used: /[\\pL]{300}q/ is too large"},
        {"client:", 8, "a client's name or a glob right behind \"client:\""},
        {"client: web1", 8, "a client's name"},
        {"ü log: x", 7, "a log's name"},
        {"level:loud", 7, "fatal, error"},
        {"kind:metrics", 6, "logs, plugins"},
        {"client:()", 9, "a term between"},
        {"client:(a OR)", 13, "a word"},
        {"f:[5 9]", 6, "TO"},
        {"f:[5 TO", 8, "a value"},
        {"f:[5 TO 9", 10, "']' or '}'"},
        {"f:[]", 4, "a value"},
        {"msg:[error]", 11, "TO"},
        {"f:\"\"", 4, "text between the quotes"},
        {"f:>", 4, "a value"},
        {"f=\"x", 5, "to close the one of column 3"},
        {"f:(a", 5, "')'"},
        {"a \xff", 3, "valid UTF-8"},
        {"ü\xc3", 2, "valid UTF-8"},
    };
    for (const Case& c : cases) {
        INFO("query: " << c.text);
        ParseProblem problem;
        auto query = parse(c.text, &problem);
        REQUIRE(!query.ok());
        CHECK(query.error().code == Code::invalid_argument);
        CHECK(problem.column == c.column);
        INFO("expected: " << problem.expected);
        CHECK(problem.expected.find(c.expected) != std::string::npos);
        CHECK(query.error().message ==
              "column " + std::to_string(c.column) + ": expected " + problem.expected);
    }
}

TEST_CASE("a pipe is not supported yet, and its column is told") {
    struct Case {
        const char* text;
        std::size_t column;
    };
    for (const Case& c : {Case{"| count", 1}, Case{"error | top 10 client", 7}, Case{"ü|x", 2},
                          Case{"a || b", 3}, Case{"(a | b)", 4}, Case{"a OR | b", 6}}) {
        INFO("query: " << c.text);
        ParseProblem problem;
        auto query = parse(c.text, &problem);
        REQUIRE(!query.ok());
        CHECK(query.error().code == Code::unsupported);
        CHECK(problem.column == c.column);
        CHECK(query.error().message.find("column " + std::to_string(c.column) + ":") == 0);
    }
    CHECK(parse("\"a | b\"").ok());
    CHECK(parse("/a|b/").ok());
}

TEST_CASE("queries have limits") {
    CHECK(parse(repeated("(", kMaxQueryDepth) + "a" + repeated(")", kMaxQueryDepth)).ok());
    auto deep = parse(repeated("(", kMaxQueryDepth + 1) + "a" + repeated(")", kMaxQueryDepth + 1));
    REQUIRE(!deep.ok());
    CHECK(deep.error().message == "column 101: expected at most 100 levels");
    CHECK(!parse(repeated("NOT ", kMaxQueryDepth + 1) + "a").ok());
    CHECK(!parse(repeated("-!", kMaxQueryDepth) + "a").ok());

    CHECK(parse(repeated("a ", kMaxQueryNodes - 1)).ok());
    auto many = parse(repeated("a ", kMaxQueryNodes + 1));
    REQUIRE(!many.ok());
    CHECK(many.error().message == "column 20001: expected at most 10000 terms");

    CHECK(parse(std::string(kMaxQueryBytes, 'a')).ok());
    CHECK(!parse(std::string(kMaxQueryBytes + 1, 'a')).ok());

    CHECK(parse(repeated("/a/ ", 64)).ok());
    CHECK(!parse(repeated("/a/ ", 65)).ok());
}

TEST_CASE("a filter knows where it stands in the query") {
    auto query = parse("ü (a OR -f:x)");
    REQUIRE(query.ok());
    const Filter& both = *query->filter;
    REQUIRE(both.children.size() == 2);
    const Filter& either = *both.children[1];
    REQUIRE(either.kind == FilterKind::either);
    CHECK(either.children[0]->column == 4);
    CHECK(either.children[1]->column == 9);
    CHECK(either.children[1]->children[0]->column == 10);
}
