#include "nmstore/day_row.h"

#include <string>

#include "tests/catch.h"

using nmstore::day_of;
using nmstore::DayRow;
using nmstore::format_day_row;
using nmstore::log_key_name;
using nmstore::parse_day_row;
using nmstore::RowKind;

TEST_CASE("keys of day rows are taken apart and put together") {
    struct Row {
        std::string key, client;
        RowKind kind;
        std::string name;
        int day;
    };
    const Row rows[] = {
        {"10.0.0.1:logs:_var_log_syslog:2011:5:22", "10.0.0.1", RowKind::logs, "_var_log_syslog", 15147},
        {"10.0.0.1:plugins:df:1970:0:1", "10.0.0.1", RowKind::plugins, "df", 0},
        {"10.0.0.1:plugins:df:1969:11:31", "10.0.0.1", RowKind::plugins, "df", -1},
        {"alerts:2012:1:29", "", RowKind::alerts, "", 15399},
        {"fe80::1:logs:a:b:2024:11:31", "fe80::1", RowKind::logs, "a:b", 20088},
        {"x:logs:a:plugins:b:2024:11:31", "x", RowKind::logs, "a:plugins:b", 20088},
        {"alerts:logs:x:2024:11:31", "alerts", RowKind::logs, "x", 20088},
        {"a b\xff:logs:\xc3\xa9:2024:11:31", "a b\xff", RowKind::logs, "\xc3\xa9", 20088},
        {"x:logs:y:0:0:1", "x", RowKind::logs, "y", -719528},
        {"x:logs:y:9999:11:31", "x", RowKind::logs, "y", 2932896},
    };
    for (const auto& row : rows) {
        CAPTURE(row.key);
        const auto parsed = parse_day_row(row.key);
        REQUIRE(parsed);
        CHECK(parsed->client == row.client);
        CHECK(parsed->kind == row.kind);
        CHECK(parsed->name == row.name);
        CHECK(parsed->day == row.day);
        CHECK(format_day_row(*parsed) == row.key);
    }
}

TEST_CASE("what is not exactly a day row's key is none") {
    for (const std::string key : {"",
                                  "alerts",
                                  "alerts:",
                                  "alerts:2011",
                                  "alerts:2011:5",
                                  "alerts::2011:5:22",
                                  "alerts:x:2011:5:22",
                                  "10.0.0.1:logs",
                                  "10.0.0.1:logs:2011:5:22",
                                  "10.0.0.1:logs:x:2011:5",
                                  ":logs:x:2011:5:22",
                                  "a:logs::2011:5:22",
                                  "a:logs:x:2011:12:1",
                                  "a:logs:x:2011:1:29",
                                  "a:logs:x:2011:5:0",
                                  "a:logs:x:2011:5:32",
                                  "a:logs:x:2011:05:22",
                                  "a:logs:x:2011:5:022",
                                  "a:logs:x:+2011:5:22",
                                  "a:logs:x:-1:5:22",
                                  "a:logs:x:10000:5:22",
                                  "a:logs:x:2011:5:22 ",
                                  "a:logs:x:2011:5:99999999999999999999",
                                  "a:Logs:x:2011:5:22",
                                  "a:files:x:2011:5:22",
                                  "2011:5:22",
                                  "connections"}) {
        CAPTURE(key);
        CHECK_FALSE(parse_day_row(key));
    }
}

TEST_CASE("a time falls into the UTC day below it") {
    CHECK(day_of(0) == 0);
    CHECK(day_of(86'399'999) == 0);
    CHECK(day_of(86'400'000) == 1);
    CHECK(day_of(-1) == -1);
    CHECK(day_of(-86'400'000) == -1);
    CHECK(day_of(-86'400'001) == -2);
    CHECK(day_of(1'308'700'800'000) == 15147);
    CHECK(day_of(INT64_MAX) > 0);
    CHECK(day_of(INT64_MIN) < 0);
}

TEST_CASE("a log's path becomes the name in its keys") {
    CHECK(log_key_name("/var/log/syslog") == "_var_log_syslog");
    CHECK(log_key_name("plain") == "plain");
    CHECK(log_key_name("") == "");
}

TEST_CASE("kinds have the names that keys use") {
    CHECK(nmstore::row_kind_name(RowKind::logs) == "logs");
    CHECK(nmstore::row_kind_name(RowKind::plugins) == "plugins");
    CHECK(nmstore::row_kind_name(RowKind::alerts) == "alerts");
    CHECK(nmstore::row_kind_name(RowKind::other) == "other");
}
