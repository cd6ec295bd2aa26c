#include "query/matcher.h"

#include <string>
#include <vector>

#include "query/parse.h"
#include "tests/catch.h"
#include "tests/query/line_of.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::OwnedLine;

namespace {

std::unique_ptr<Matcher> matcher_of(const std::string& text, ClientNames names = {}) {
    auto query = parse(text);
    if (!query) FAIL(text << ": " << query.error().message);
    auto matcher = compile(*query->filter, std::move(names));
    if (!matcher) FAIL(text << ": " << matcher.error().message);
    return std::move(*matcher);
}

bool matches(const std::string& query, const std::string& line) {
    return matcher_of(query)->matches(OwnedLine(line).line);
}

struct Case {
    const char* query;
    const char* line;
    bool expected;
};

void check(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        INFO("query: " << c.query << "   line: " << c.line);
        CHECK(matches(c.query, c.line) == c.expected);
        if (*c.query != '\0') CHECK(matches(std::string("NOT (") + c.query + ")", c.line) != c.expected);
    }
}

}  // namespace

TEST_CASE("texts match where they stand, with word borders") {
    check({
        {"", "", true},
        {"*", "", true},
        {"", "anything", true},
        {"error", "", false},
        {"error", "error", true},
        {"error", "an ERROR: x", true},
        {"ERROR", "an error: x", true},
        {"error", "[error]", true},
        {"error", "my_error_x", true},
        {"error", "errors", false},
        {"error", "error2", false},
        {"error", "terror", false},
        {"error", "terror error", true},
        {"error", "errorerror", false},
        {"error", "errorError error", true},
        {"e", "the e in here", true},
        {"e", "the", false},
        {"10.0.0.1", "from 10.0.0.1:80", true},
        {"10.0.0.1", "110.0.0.1", false},
        {"10.0.0.1", "110.0.0.12", false},
        {"10.0.0.1", "10.0.0.12", false},
        {"10.0.0.1", "10 0 0 1", false},
        {"10.0.0.1", "10.0.0.12 10.0.0.1", true},
        {"blk_3886", "blk_38865 <blk_3886>", true},
        {"blk_3886", "blk_38865", false},
        {"blk_3886", "blk-3886", false},
        {"/var/log", "/var/log", true},
        {"/var/log", "/mnt/var/log/x", true},
        {"/var/log", "var/log", false},
        {"/var/log", "/var/logs", false},
        {"\"/var/\"", "x/var/y", true},
        {"\"refused by\"", "was Refused By peer", true},
        {"\"refused by\"", "refused  by", false},
        {"\"refused by\"", "refused bytes", false},
        {"::", "a::b", true},
        {"::", "a:b", false},
        {"\"***\"", "x***y", true},
        {"\" \"", "a b", true},
        {"\" \"", "ab", false},
        {"\"\\\\\"", "C:\\x", true},
        {"C:\\dir", "open c:\\DIR\\file", true},
        {"C:\\dir", "open c:\\dirs", false},
        {"12:30:45", "at 12:30:45,123", true},
        {"http://x/y", "GET http://X/Y?z", true},
        {"a word that is longer than any line", "a word", false},
        {"\"exactly as long\"", "exactly as long", true},
    });
}

TEST_CASE("texts beyond ASCII") {
    check({
        {"grün", "ist GRÜN!", true},
        {"GRÜN", "grün", true},
        {"grün", "grun", false},
        {"grün", "grüne", false},
        {"gr", "grün", false},
        {"n", "grün", false},
        {"ü", "grün ü", true},
        {"ü", "grün", false},
        {"x", "äx", false},
        {"x", "xä", false},
        {"x", "“x”", true},
        {"Привет", "ПРИВЕТ мир", true},
        {"日本", "日本語", false},
        {"日本*", "日本語", true},
        {"*本*", "日本語", true},
        // Letters beyond ASCII whose lower case is ASCII: the Kelvin sign and the dotted capital I.
        {"kelvin",
         "\xE2\x84\xAA"
         "elvin",
         true},
        {"\xE2\x84\xAA"
         "elvin",
         "kelvin", true},
        {"istanbul", "\xC4\xB0STANBUL", true},
        {"stanbul", "\xC4\xB0STANBUL", false},
        {"Å", "\xE2\x84\xAB", true},
        // A byte that is not UTF-8 separates words, and is no part of any text.
        {"caf", "caf\xE9 x", true},
        {"x", "\xE9x\xE9", true},
        {"café", "caf\xE9", false},
        {"ü", "\xC3\xC3\xBC", true},
        {"c\"Ü\"", "ü Ü", true},
        {"c\"Ü\"", "ü", false},
    });
}

TEST_CASE("wildcards") {
    check({
        {"conn*", "connection", true},
        {"conn*", "conn", true},
        {"conn*", "reconnect", false},
        {"conn*", "a reconnect CONNECT", true},
        {"*ection", "connection", true},
        {"*ection", "connections", false},
        {"*ection", "ection", true},
        {"*onnec*", "reConnected", true},
        {"*onnec*", "onne c", false},
        {"\"connection ref\"*", "connection refused", true},
        {"\"connection ref\"*", "connection lost", false},
        {"*\"ion ref\"*", "connection refused", true},
        {"*\"ion refused\"", "connection refused!", true},
        {"*\"ion refuse\"", "connection refused!", false},
        {"user*42", "user=42", true},
        {"user*42", "users/7/42", true},
        {"user*42", "user42", true},
        {"user*42", "user is 42", false},
        {"user*42", "user=421", false},
        {"user*42", "user=421/42", true},
        {"user*42", "superuser=42", false},
        {"user*42", "user=4 superuser=42 user-7-42", true},
        {"10.0.*.3", "at 10.0.17.3:80", true},
        {"10.0.*.3", "at 10.0.17.33", false},
        {"a*b*c", "axbxc", true},
        {"a*b*c", "abc", true},
        {"a*b*c", "acb c", false},
        {"*a*b*", "xaxbx", true},
        {"*a*b*", "xbxax", false},
        {"a*a", "a", false},
        {"a*a", "aa", true},
        {"\"a b\"*\"c d\"", "a bxc d", true},
        {"\"a b\"*\"c d\"", "a b c d", false},
        {"\"a b\"*\"b c\"", "a b b cb c", false},
        {"\"a b\"*\"x y\"*z", "a b-x y q x y-z", false},
        {"\"a b\"*\"x y\"*z", "a b-x y-z", true},
        {"\"a b\"*\"x y\"*z", "a b-x y,a b-x y-z", true},
        {"*x*\" y\"", "x y", true},
        {"\"a*b\"", "a*b", true},
        {"\"a*b\"", "axb", false},
        {"\"a*b\"*c", "a*b-c", true},
        {"\"a*b\"*c", "axb-c", false},
        {"\"a\\\\b\"*c", "a\\b-c", true},
        {"ü*ß", "ÜberspaSSß", true},
        {"a*b", "äaäb", false},
        {"k*n",
         "\xE2\x84\xAA"
         "elvin",
         true},
        {"what?", "what?", true},
        {"what?", "whats", false},
    });
}

TEST_CASE("exact case and regular expressions") {
    check({
        {"c\"ERROR\"", "an ERROR", true},
        {"c\"ERROR\"", "an error", false},
        {"c\"ERROR\"", "ERRORS", false},
        {"c\"RR\"", "ERROR", false},
        {"/blk_38\\d+/", "blk_3886", true},
        {"/blk_38\\d+/", "BLK_3886", false},
        {"/blk_38\\d+/i", "BLK_3886", true},
        {"/^a.*z$/", "a to z", true},
        {"/^a.*z$/", "a to z!", false},
        {"/a\\/b/", "a/b", true},
        {"/a b/", "xa bx", true},
        {"/^caf.$/", "caf\xE9", true},
        {"/^caf..$/", "caf\xE9\xC3", true},
        {"/^gr.n$/", "grün", true},
        {"/\\xFC/", "grün", true},
        {"/^gr\\pLn$/", "grün", true},
        {"/a.b/", "a\nb", true},
        {"/ü/i", "Ü", true},
        {"-/x/ /y/", "y", true},
        // Letters beyond ASCII that RE2 takes as the other case of 's' and 'k'.
        {"/sssk/i", "\xC5\xBF\xC5\xBF\xC5\xBF\xE2\x84\xAA", true},
        {"/(?i)failed/", "FAILED", true},
        {"/failed/", "FAILED failed", true},
        {"/failed/", "FAILED", false},
        {"/(failed|refused) .* from/", "refused it from", true},
        {"/(failed|refused) .* from/", "refused it", false},
        {"/(failed|refused) .* from/", "lost it from", false},
        {"/(abc|de)f*/", "de", true},
        {"/(abc)?/", "", true},
        {"/aaa|bbb|ccc|ddd|eee|fff|ggg|hhh/", "x ggg", true},
        {"/aaa|bbb|ccc|ddd|eee|fff|ggg|hhh/", "x gg", false},
    });
}

TEST_CASE("AND, OR, NOT") {
    check({
        {"a b", "b a", true},        {"a b", "a", false},        {"a OR b", "b", true},
        {"a OR b", "c", false},      {"a OR b c", "a", true},    {"a OR b c", "b", false},
        {"(a OR b) c", "b c", true}, {"(a OR b) c", "c", false}, {"-a", "b", true},
        {"-a b", "a b", false},      {"-a OR b", "a b", true},   {"-(a OR b)", "c", true},
        {"-(a b)", "a", true},       {"NOT NOT a", "a", true},   {"a -\"b c\"", "a b d c", true},
        {"a and b", "a b", false},   {"a - b", "a - b", true},   {"a - b", "a b", false},
        {"* a", "a", true},          {"* OR a", "b", true},      {"-*", "b", false},
    });
}

TEST_CASE("fields of JSON lines") {
    const char* json =
        R"({"status":200,"took":12.50,"msg":"Connection \"refused\" by peer","user":{"name":"Ann","id":42},)"
        R"("a.b":"dotted","list":["x","y",{"id":7}],"ok":true,"no":null,"empty":"","n":"12","path":"/var/log",)"
        R"("big":9007199254740993,"date":"2024-05-06T07:08:09Z","esc\u0061pe":"v\u0061lue","lone":"\ud800",)"
        R"("a":{"c.d":{"e":"deep"}}})";
    check({
        {"status:200", json, true},
        {"status:20", json, false},
        {"status:20*", json, true},
        {"status=200", json, true},
        {"status=200.0", json, true},
        {"status=2e2", json, true},
        {"status=20", json, false},
        {"status!=200", json, false},
        {"status!=404", json, true},
        {"missing!=404", json, true},
        {"missing:*", json, false},
        {"status:*", json, true},
        {"empty:*", json, true},
        {"no:*", json, true},
        {"no=null", json, true},
        {"ok=true", json, true},
        {"empty=\"\"", json, true},
        {"msg:refused", json, true},
        {"msg:\"refused\\\" by\"", json, true},
        {"msg:REFUSED", json, true},
        {"msg:refuse", json, false},
        {"msg:c\"Connection\"", json, true},
        {"msg:c\"connection\"", json, false},
        {"msg:/^Conn.*peer$/", json, true},
        {"msg:(refused OR timeout)", json, true},
        {"msg:(refused -peer)", json, false},
        {"msg=Connection", json, false},
        {"user.name=Ann", json, true},
        {"user.name=ann", json, false},
        {"user.name:ann", json, true},
        {"user.id:>41", json, true},
        {"user:*", json, true},
        {"user:ann", json, true},
        {"a.b=dotted", json, true},
        {"a.c.d.e=deep", json, true},
        {"list.0=x", json, true},
        {"list.2.id=7", json, true},
        {"list.3=x", json, false},
        {"list:y", json, true},
        {"took>12", json, true},
        {"took>12.5", json, false},
        {"took>=12.5", json, true},
        {"took=12.5", json, true},
        {"took<12.6", json, true},
        {"took<=12", json, false},
        {"took:[12 TO 13]", json, true},
        {"took:[12.5 TO 13]", json, true},
        {"took:{12.5 TO 13]", json, false},
        {"took:[10 TO 12.5}", json, false},
        {"took:[* TO 12.5]", json, true},
        {"took:[13 TO *]", json, false},
        {"n>9", json, true},
        {"msg>5", json, false},
        {"msg<5", json, false},
        {"msg>B", json, true},
        {"msg>D", json, false},
        {"big=9007199254740993", json, true},
        {"big=9007199254740992", json, false},
        {"big>9007199254740992", json, true},
        {"date>=2024-05-06", json, true},
        {"date:[2024-05 TO 2024-06]", json, true},
        {"date:[2024-06 TO 2024-07]", json, false},
        {"path:/var/log", json, true},
        {"path=/var/log", json, true},
        {"path:/var/", json, true},
        {"escape:value", json, true},
        {"escape=value", json, true},
        {"lone:*", json, true},
        {"Status:200", json, false},
        {"a:x", "{}", false},
        {"a:x", "{\"a\":\"x\"", false},
        {"aa:x", "{\"aa\":\"x\",\"b\":tru}", true},
        {"aa:x", "[{\"aa\":\"x\"}]", false},
        {"aa:caf", "{\"aa\":\"caf\xE9\"}", true},
        {"aa=x", "{\"aa\":\"x\",\"aa\":\"y\"}", true},
        {"aa=y", "{\"aa\":\"x\",\"aa\":\"y\"}", false},
    });
}

TEST_CASE("fields of logfmt lines") {
    check({
        {"user=root", "auth failure; user=root rhost=1.2.3.4", true},
        {"user:roo*", "auth failure; user=root", true},
        {"rhost=1.2.3.4", "user= rhost=1.2.3.4", true},
        {"user=\"\"", "user= rhost=1.2.3.4", true},
        {"user:*", "user= rhost=1.2.3.4", true},
        {"user=root", "superuser=root", false},
        {"msg:refused", "level=warn msg=\"connection refused\" n=5", true},
        {"msg=\"connection refused\"", "level=warn msg=\"connection refused\" n=5", true},
        {"n>4", "msg=\"n=3\" n=5", true},
        {"n=3", "msg=\"x n=3\" n=5", false},
        {"size=5", "block (size=5) ok", true},
        {"size=5", "block [size=5], ok", true},
        {"size=5", "size=5, other=6", true},
        {"other=6", "size=5,other=6", true},
        {"list=1,2,3", "list=1,2,3 x=y", true},
        {"took>5", "took=n/a", false},
        {"took>5", "took=7", true},
        {"aa=b", "if aa==b", false},
    });
}

TEST_CASE("fields that came with a line go before those of its text") {
    auto matcher = matcher_of("status=200");
    CHECK(matcher->matches(OwnedLine("status=404", "{\"status\":200}").line));
    CHECK(!matcher->matches(OwnedLine("status=200", "{\"status\":404}").line));
    CHECK(matcher->matches(OwnedLine("status=200", "{\"other\":404}").line));
    CHECK(matcher->matches(OwnedLine("{\"status\":200}", "{\"other\":1}").line));
    CHECK(!matcher_of("hidden")->matches(OwnedLine("text", "{\"x\":\"hidden\"}").line));
}

TEST_CASE("sources") {
    struct SourceCase {
        const char* query;
        bool expected;
    };
    const OwnedLine line("an error", "", "10.0.0.17", "_var_log_syslog", RowKind::logs);
    const ClientNames names = [](std::string_view client) {
        return client == "10.0.0.17" ? std::vector<std::string>{"Front End", "web1"}
                                     : std::vector<std::string>{};
    };
    const SourceCase cases[] = {
        {"client:10.0.0.17", true},
        {"client:10.0.0.1", false},
        {"client:10.0.*", true},
        {"client:10.0.0.1?", true},
        {"client:web1", true},
        {"client:WEB1", false},
        {"client:\"Front E*\"", true},
        {"client:(x OR web1)", true},
        {"-client:web*", false},
        {"log:/var/log/syslog", true},
        {"log:_var_log_syslog", true},
        {"log:/var/*", true},
        {"log:syslog", false},
        {"log:*syslog", true},
        {"kind:logs", true},
        {"kind:Log", true},
        {"kind:l*", true},
        {"kind:plugins", false},
        {"level:error", true},
        {"level:ERR", true},
        {"level:warn", false},
        {"level:e*", true},
        {"client:web1 error", true},
        {"client:web1 nothing", false},
        {"client:x OR error", true},
        {"client:x OR nothing", false},
        {"client:x error", false},
        {"-client:x -log:y", true},
        {"client:\"\"", false},
        {"level:\"\"", false},
    };
    for (const auto& c : cases) {
        INFO("query: " << c.query);
        auto matcher = matcher_of(c.query, names);
        CHECK(matcher->matches(line.line) == c.expected);
        CHECK(matcher->matches(line.line) == c.expected);
        if (c.expected) CHECK(matcher->may_match(line.row));
    }
    CHECK(matcher_of("client:\"\"")->matches(OwnedLine("x", "", "", "", RowKind::alerts).line));
    CHECK(matcher_of("level:\"\"")->matches(OwnedLine("nothing grave").line));
    Line bare;
    CHECK(!matcher_of("client:x")->matches(bare));
}

TEST_CASE("two matchers and two rows do not mix up what they found out") {
    auto one = matcher_of("client:a");
    auto other = matcher_of("client:b");
    const OwnedLine a("x", "", "a"), b("x", "", "b");
    for (int i = 0; i < 3; ++i) {
        CHECK(one->matches(a.line));
        CHECK(!other->matches(a.line));
        CHECK(!one->matches(b.line));
        CHECK(other->matches(b.line));
    }
}

TEST_CASE("a row is opened only if a line of it can match") {
    struct RowCase {
        const char* query;
        bool expected;
    };
    const OwnedLine line("", "", "a", "_l", RowKind::logs);
    const RowCase cases[] = {
        {"", true},
        {"word", true},
        {"-word", true},
        {"-*", false},
        {"client:a", true},
        {"client:b", false},
        {"-client:a", false},
        {"-client:b", true},
        {"client:b word", false},
        {"client:b OR word", true},
        {"client:b OR client:c", false},
        {"client:a OR word", true},
        {"-(client:a OR word)", false},
        {"-(client:a word)", true},
        {"-(client:b word)", true},
        {"-(client:a -word)", true},
        {"-(client:b OR word)", true},
        {"NOT NOT client:b", false},
        {"client:a log:/l kind:logs", true},
        {"client:a log:/m", false},
        {"kind:plugins", false},
        {"level:error", true},
        {"-level:error", true},
        {"client:b f:x", false},
        {"(client:b word) OR (log:/m word)", false},
    };
    for (const auto& c : cases) {
        INFO("query: " << c.query);
        CHECK(matcher_of(c.query)->may_match(line.row) == c.expected);
    }
}

TEST_CASE("what RE2 does not take is an error") {
    Filter filter;
    filter.kind = FilterKind::regex;
    filter.text = "a(b";
    auto bad = compile(filter);
    REQUIRE(!bad.ok());
    CHECK(bad.error().code == Code::invalid_argument);
    CHECK(bad.error().message.find("a(b") != std::string::npos);
    filter.text = "((a{100}){100}){100}";
    CHECK(!compile(filter).ok());

    Filter many;
    many.kind = FilterKind::either;
    for (int i = 0; i < 65; ++i) {
        many.children.push_back(std::make_unique<Filter>());
        many.children.back()->kind = FilterKind::regex;
        many.children.back()->text = "a";
    }
    CHECK(!compile(many).ok());
}

TEST_CASE("a pattern that takes other engines exponential time") {
    const std::string line(5000, 'a');
    CHECK(!matches("/(a*)*b/", line));
    CHECK(!matches("*a*a*a*a*a*a*a*a*a*b*", line));
    CHECK(matches("*a*a*a*a*a*a*a*a*a*", line));
}
