#include "query/matcher.h"

#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/query/matching.h"

using namespace nmstore;
using namespace nmstore::query;
using namespace nmstore::testing;

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
