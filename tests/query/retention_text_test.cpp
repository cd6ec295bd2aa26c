#include "query/retention_text.h"

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

constexpr std::int64_t kHour = 3600 * 1000;

LogRow row(RowKind kind, const std::string& client, const std::string& log) {
    LogRow out;
    out.kind = kind;
    out.client = client;
    out.log = log;
    return out;
}

}  // namespace

TEST_CASE("retention text: ages") {
    const std::pair<const char*, std::int64_t> good[] = {
        {"1h", kHour},           {"12h", 12 * kHour},      {"30d", 30 * 24 * kHour},
        {"2w", 14 * 24 * kHour}, {"1y", 365 * 24 * kHour}, {"100y", 36500 * 24 * kHour}};
    for (const auto& [text, ms] : good) {
        INFO(text);
        const auto age = parse_age(text);
        REQUIRE(age.ok());
        CHECK(*age == std::optional<std::int64_t>(ms));
    }
    REQUIRE(parse_age("forever").ok());
    CHECK(!parse_age("forever")->has_value());
    for (const char* text : {"", "0", "0d", "30", "d", "-1d", "1.5d", "30m", "101y", "30 d",
                             "99999999999999999999d", "9223372036854775807y", "never", "1dd"}) {
        INFO(text);
        CHECK(!parse_age(text).ok());
    }
}

TEST_CASE("retention text: sizes") {
    const std::pair<const char*, std::uint64_t> good[] = {{"65536", 65536},
                                                          {"1kB", 1000},
                                                          {"1KiB", 1024},
                                                          {"50GB", 50'000'000'000},
                                                          {"2T", std::uint64_t{2} << 40}};
    for (const auto& [text, bytes] : good) {
        INFO(text);
        REQUIRE(parse_bytes(text).ok());
        CHECK(*parse_bytes(text) == bytes);
    }
    for (const char* text : {"", "GB", "1 GB", "-1", "1.5GB", "99999999999999999999", "9999999999TB"}) {
        INFO(text);
        CHECK(!parse_bytes(text).ok());
    }
}

TEST_CASE("retention text: what a rule is for") {
    const LogRow nginx = row(RowKind::logs, "10.0.0.1", "/var/log/nginx");
    const LogRow cpu = row(RowKind::plugins, "10.0.0.1", "cpu");
    const LogRow alerts = row(RowKind::alerts, "", "");
    const LogRow ipv6 = row(RowKind::logs, "fe80::1", "_var_log_x");
    struct Case {
        const char* rule;
        bool nginx, cpu, alerts, ipv6;
    };
    const Case cases[] = {
        {"*=7d", true, true, false, true},
        {"10.0.0.?=7d", true, true, false, false},
        {"10.0.0.1//var/log/nginx=7d", true, false, false, false},
        {"*/_var_log_*=7d", true, false, false, true},
        {"*/*nginx=7d", true, false, false, false},
        {"logs:*=7d", true, false, false, true},
        {"plugins:*=7d", false, true, false, false},
        {"plugins:10.0.0.1/c*=forever", false, true, false, false},
        {"alerts=7d", false, false, true, false},
        {"fe80::1=7d", false, false, false, true},
    };
    for (const Case& c : cases) {
        INFO(c.rule);
        const auto rule = parse_retention_rule(c.rule);
        REQUIRE(rule.ok());
        CHECK(rule->matches(nginx) == c.nginx);
        CHECK(rule->matches(cpu) == c.cpu);
        CHECK(rule->matches(alerts) == c.alerts);
        CHECK(rule->matches(ipv6) == c.ipv6);
    }
    CHECK(!parse_retention_rule("*=forever")->keep_ms);
    CHECK(parse_retention_rule("a=b=1h")->keep_ms == std::optional<std::int64_t>(kHour));
    for (const char* text : {"", "x", "=7d", "x=", "/x=7d", "x/=7d", "logs:=7d", "x=7", "x=0d"}) {
        INFO(text);
        CHECK(!parse_retention_rule(text).ok());
    }
}

TEST_CASE("retention text: a rule that would silently match nothing is told") {
    const std::pair<const char*, const char*> cases[] = {
        {"web*=7d,db*=3d", "is not one rule"},
        {"web*=7d db*=3d", "is not one rule"},
        {"x/log=2w;y=1d", "is not one rule"},
        {"alerts:*=7d", "is not a kind of rows"},
        {"alerts/x=7d", "is not a kind of rows"},
        {"alert=7d", "is not a kind of rows"},
        {"log:web*=7d", "is not a kind of rows"},
        {"plugin:web*=7d", "is not a kind of rows"},
        {"   =7d", "is not CLIENT or CLIENT/LOG"},
    };
    for (const auto& [rule, message] : cases) {
        INFO(rule);
        const auto parsed = parse_retention_rule(rule);
        REQUIRE(!parsed.ok());
        CHECK(parsed.error().message.find(message) != std::string::npos);
    }
    // What looks like it and is not.
    const LogRow odd = row(RowKind::logs, "a=b", "c=7d");
    CHECK(parse_retention_rule("a=b/c=7d=1y")->matches(odd));
    CHECK(parse_retention_rule("alert*=7d").ok());
    CHECK(parse_retention_rule("logger=7d").ok());
    CHECK(parse_retention_rule(" a=b/* = 7d\r")->matches(odd));
    // However long it is and whatever is in it, its error can be shown.
    const auto hostile = parse_retention_rule(std::string(100'000, 'x') + "\x1b[2J\n");
    REQUIRE(!hostile.ok());
    CHECK(hostile.error().message.size() < 1000);
    CHECK(hostile.error().message.find('\x1b') == std::string::npos);
    // Many stars do not take for ever.
    const auto stars = parse_retention_rule(std::string(2000, '*') + "y=7d");
    REQUIRE(stars.ok());
    CHECK_FALSE(stars->matches(row(RowKind::logs, std::string(2000, 'x'), "l")));
}

TEST_CASE("retention text: a policy") {
    const auto policy = parse_retention({"30d", {"a=7d", "*=forever"}, "5GB", true});
    REQUIRE(policy.ok());
    CHECK(policy->keep_ms == std::optional<std::int64_t>(720 * kHour));
    CHECK(policy->rules.size() == 2);
    CHECK(policy->max_bytes == 5'000'000'000);
    CHECK(policy->forget_names);
    CHECK(parse_retention({})->empty());
    CHECK(parse_retention({"forever", {}, "", false})->empty());
    CHECK(!parse_retention({"x", {}, "", false}).ok());
    CHECK(!parse_retention({"", {"x"}, "", false}).ok());
    CHECK(!parse_retention({"", {}, "0", false}).ok());
    CHECK(!parse_retention({"", std::vector<std::string>(1001, "*=1d"), "", false}).ok());
}
