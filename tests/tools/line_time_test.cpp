#include "tools/line_time.h"

#include <time.h>

#include <cstdlib>

#include "query/time_text.h"
#include "tests/catch.h"

namespace nmstore::tools {
namespace {

constexpr std::int64_t kNow = 1322029110000;  // 2011-11-23T06:18:30Z

struct Zone {
    explicit Zone(const char* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~Zone() {
        ::unsetenv("TZ");
        ::tzset();
    }
};

std::string read(std::string_view line) {
    const auto time = parse_line_time(line, kNow);
    return time ? query::format_time(*time) : "none";
}

}  // namespace

TEST_CASE("times at the beginning of lines") {
    const Zone zone("UTC");
    struct Case {
        const char* line;
        const char* time;
    };
    const Case cases[] = {
        {"2011-11-22T06:18:30Z rest", "2011-11-22T06:18:30.000Z"},
        {"2011-11-22T06:18:30.123456Z rest", "2011-11-22T06:18:30.123Z"},
        {"2011-11-22 06:18:30,5 rest", "2011-11-22T06:18:30.500Z"},
        {"2011-11-22T06:18:30+01:00 rest", "2011-11-22T05:18:30.000Z"},
        {"2011-11-22T06:18:30-0130", "2011-11-22T07:48:30.000Z"},
        {"2011-11-22 06:18:30 +0200 rest", "2011-11-22T04:18:30.000Z"},
        {"2011/11/22 06:18:30 [error] 71#0: nginx", "2011-11-22T06:18:30.000Z"},
        {"[2011-11-22 06:18:30] in brackets", "2011-11-22T06:18:30.000Z"},
        {"<13>Nov 22 06:18:30 with a priority", "2011-11-22T06:18:30.000Z"},
        {"Nov 22 06:18:30 host sshd[71]: x", "2011-11-22T06:18:30.000Z"},
        {"Nov  3 06:18:30 host", "2011-11-03T06:18:30.000Z"},
        {"Dec 31 23:59:59 of last year", "2010-12-31T23:59:59.000Z"},
        {"Nov 24 06:00:00 less than a day ahead", "2011-11-24T06:00:00.000Z"},
        {"10.0.0.1 - bob [22/Nov/2011:06:18:30 +0100] \"GET / HTTP/1.1\" 200", "2011-11-22T05:18:30.000Z"},
        {"[Mon Dec 05 19:15:57 2005] [notice] x", "2005-12-05T19:15:57.000Z"},
        {"[Sun Dec 04 04:47:44.123456 2005] [core:error]", "2005-12-04T04:47:44.123Z"},
        {"Mon Dec  5 19:15:57 2005 ctime", "2005-12-05T19:15:57.000Z"},
        {"09/06/17 20:11:11 INFO spark.SecurityManager", "2009-06-17T20:11:11.000Z"},
        {"081109 203615 148 INFO dfs.DataNode", "2008-11-09T20:36:15.000Z"},
        {"081109 20:36:15 [Note] mysqld", "2008-11-09T20:36:15.000Z"},
        {"03-17 16:13:38.811  1702  2395 D WindowManager", "2011-03-17T16:13:38.811Z"},
        {"12-17 16:13:38.811  of last year", "2010-12-17T16:13:38.811Z"},
        {"2010-07-29 19:29:03,816 - INFO [QuorumPeer", "2010-07-29T19:29:03.816Z"},
        {"1321900000 seconds", "2011-11-21T18:26:40.000Z"},
        {"1321900000.123    45 10.0.0.1 TCP_MISS", "2011-11-21T18:26:40.123Z"},
        {"1321900000123 milliseconds", "2011-11-21T18:26:40.123Z"},
        {"type=SYSCALL msg=audit(1321900000.243:24287): arch", "2011-11-21T18:26:40.243Z"},
        {"Mon Foo 05 19:15:57 2005", "none"},
        {"eMo Dec 05 19:15:57 2005", "none"},
        {"081109 203615", "none"},
        {"081109 253615 x", "none"},
        {"081309 203615 x", "none"},
        {"17/06/09 20:11:11 ahead of now", "none"},
        {"03-17 16:13:38 no fraction", "none"},
        {"13219000001 too many digits", "none"},
        {"1321900000abc", "none"},
        {"0321900000 before 2001", "none"},
        {"9321900000 ahead of now", "none"},
        {"audit(", "none"},
        {"2012-02-29T00:00:00Z", "none"},  // more than a day ahead
        {"2008-02-29T00:00:00Z", "2008-02-29T00:00:00.000Z"},
        {"2009-02-29T00:00:00Z", "none"},
        {"2011-13-01T00:00:00Z", "none"},
        {"2011-11-22T24:00:00Z", "none"},
        {"2011-11-22", "none"},
        {"2011-11/22 06:18:30", "none"},
        {"Nov 31 06:18:30 x", "none"},
        {"Nob 22 06:18:30 x", "none"},
        {"at 2011-11-22T06:18:30Z in the middle", "none"},
        {"", "none"},
        {"[", "none"},
        {"plain text", "none"},
    };
    for (const auto& [line, time] : cases) {
        CAPTURE(line);
        CHECK(read(line) == time);
    }
}

TEST_CASE("a time without an offset is in the machine's zone") {
    const Zone zone("EST5");
    CHECK(read("Nov 22 06:18:30 host") == "2011-11-22T11:18:30.000Z");
    CHECK(read("2011-11-22 06:18:30 x") == "2011-11-22T11:18:30.000Z");
    CHECK(read("2011-11-22 06:18:30Z x") == "2011-11-22T06:18:30.000Z");
}

TEST_CASE("29 February of a syslog line is of the last leap year") {
    const Zone zone("UTC");
    CHECK(read("Feb 29 00:00:00 host") == "none");  // neither 2010 nor 2011 had one
    const auto time = parse_line_time("Feb 29 00:00:00 host", 1330560000000);  // 2012-03-01
    REQUIRE(time);
    CHECK(query::format_time(*time) == "2012-02-29T00:00:00.000Z");
}

}  // namespace nmstore::tools
