#include "tools/rotated_files.h"

#include <fstream>

#include "tests/catch.h"
#include "tests/temp_directory.h"

namespace nmstore::tools {

TEST_CASE("names that rotation makes") {
    struct Case {
        const char* name;
        const char* base;
        bool rotated;
    };
    const Case cases[] = {
        {"syslog.1", "syslog", true},
        {"syslog.12", "syslog", true},
        {"syslog-20111121", "syslog", true},
        {"syslog.2011-11-21", "syslog", true},
        {"syslog.2011-11-21T06:18", "syslog", true},
        {"app.log.old", "app.log", true},
        {"syslog", "syslog", false},
        {"syslog.1.gz", "syslog", false},
        {"syslogd", "syslog", false},
        {"syslog.bak", "syslog", false},
        {"syslog.", "syslog", false},
        {"other.1", "syslog", false},
        {"syslog.-", "syslog", false},
        {"app-2.log", "app", false},
    };
    for (const auto& [name, base, rotated] : cases) {
        CAPTURE(name, base);
        CHECK(is_rotated_name(name, base) == rotated);
    }
}

TEST_CASE("the log that a rotated name belongs to") {
    CHECK(rotated_base("syslog.1") == "syslog");
    CHECK(rotated_base("app.log-20111121") == "app.log");
    CHECK(rotated_base("app.log.2011-11-21") == "app.log");
    CHECK(rotated_base("app.log.old") == "app.log");
    CHECK(rotated_base("app.log").empty());
    CHECK(rotated_base("1").empty());
}

TEST_CASE("names of packed files") {
    CHECK(is_packed_name("syslog.2.gz"));
    CHECK(is_packed_name("system.journal"));
    CHECK_FALSE(is_packed_name("syslog"));
    CHECK_FALSE(is_packed_name("gz"));
}

TEST_CASE("rotated files are listed in the order in which they were changed") {
    testing::TempDirectory directory;
    const auto now = std::filesystem::file_time_type::clock::now();
    int age = 0;
    for (const char* name : {"log.1", "log.2", "log.3", "log", "log.4.gz", "elsewhere.1"}) {
        std::ofstream(directory / name) << name;
        std::filesystem::last_write_time(directory / name, now - std::chrono::seconds(++age));
    }
    std::filesystem::create_directory(directory / "log.5");
    const auto files = rotated_files(directory / "log");
    REQUIRE(files.size() == 3);
    CHECK(files[0].path == directory / "log.3");
    CHECK(files[2].path == directory / "log.1");
}

}  // namespace nmstore::tools
