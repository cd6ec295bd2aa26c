#include "server/log.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("events are one line, whatever bytes a client sent", "[log]") {
    const std::string hostile = "a\nb \x1b[2J\"\\\xff=";
    CHECK(format_event(LogFormat::text, "T", LogLevel::info, "started",
                       {{"listen", "127.0.0.1:1"}, {"empty", ""}}) ==
          "T info started listen=127.0.0.1:1 empty=\"\"");
    CHECK(format_event(LogFormat::text, "T", LogLevel::error, "handler failed", {{"why", hostile}}) ==
          "T error handler failed why=\"a\\x0ab \\x1b[2J\\\"\\\\\\xff=\"");
    CHECK(format_event(LogFormat::json, "T", LogLevel::warning, "odd", {{"why", hostile}}) ==
          "{\"time\":\"T\",\"level\":\"warning\",\"event\":\"odd\",\"why\":\"a\\nb "
          "\\u001b[2J\\\"\\\\\\ufffd=\"}");
}

TEST_CASE("a value is cut, so that a line stays a line", "[log]") {
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
        const std::string line =
            format_event(format, "T", LogLevel::info, "e", {{"v", std::string(100000, 'x')}});
        CHECK(line.size() < 3000);
    }
}

TEST_CASE("levels below the one that is set are not told", "[log]") {
    set_log(LogLevel::warning, LogFormat::text);
    CHECK_FALSE(log_enabled(LogLevel::debug));
    CHECK_FALSE(log_enabled(LogLevel::info));
    CHECK(log_enabled(LogLevel::warning));
    CHECK(log_enabled(LogLevel::error));
    set_log(LogLevel::off, LogFormat::text);
    CHECK_FALSE(log_enabled(LogLevel::error));
    log_event(LogLevel::error, "unseen");
}
