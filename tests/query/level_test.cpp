#include "query/level.h"

#include <string>

#include "query/matcher.h"
#include "tests/catch.h"
#include "tests/query/line_of.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::OwnedLine;

TEST_CASE("the level of a line") {
    struct Case {
        std::string text;
        std::string fields;
        std::string level;
    };
    const Case cases[] = {
        {"", "", ""},
        {"nothing to see", "", ""},
        {"2015-07-29 17:41:44,747 - INFO  [QuorumPeer] x", "", "info"},
        {"[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init()", "", "notice"},
        {"[Sun Dec 04 04:47:44 2005] [error] mod_jk", "", "error"},
        {"081109 203615 148 INFO dfs.DataNode: error of no weight", "", "info"},
        {"WARNING: disk", "", "warn"},
        {"warn disk", "", "warn"},
        {"kernel: panic", "", "fatal"},
        {"CRIT x", "", "fatal"},
        {"critical x", "", "fatal"},
        {"FATAL x", "", "fatal"},
        {"emerg x", "", "fatal"},
        {"alert x", "", "fatal"},
        {"SEVERE: x", "", "error"},
        {"err: x", "", "error"},
        {"<trace> x", "", "trace"},
        {"Debug: x", "", "debug"},
        {"MY_ERROR", "", "error"},
        {"errors and warnings", "", ""},
        {"fine, thank you, e d f 3", "", ""},
        {"{\"level\":\"warning\",\"msg\":\"an error\"}", "", "warn"},
        {"{\"msg\":\"an error\",\"severity\":\"Info\"}", "", "info"},
        {"{\"msg\":\"x\",\"lvl\":\"E\"}", "", "error"},
        {"{\"priority\":4}", "", "warn"},
        {"{\"level\":30}", "", "info"},
        {"{\"level\":\"audit\",\"severity\":\"error\"}", "", "error"},
        {"{\"level\":\"audit\"}", "", ""},
        {"level=error msg=\"no info\"", "", "error"},
        {"time=1 msg=\"no info\" level=debug", "", "debug"},
        {"an error", "{\"level\":\"info\"}", "info"},
        {"an error", "{\"other\":\"info\"}", "error"},
        {"{\"level\":\"error\"}", "{\"severity\":\"info\"}", "error"},
        {std::string(kLevelWindowBytes - 5, '.') + "error", "", "error"},
        {std::string(kLevelWindowBytes - 4, '.') + "error", "", ""},
        {std::string(kLevelWindowBytes - 5, '.') + "errors", "", ""},
        {std::string(kLevelWindowBytes - 3, '.') + "errata", "", ""},
        {std::string(kLevelWindowBytes, '.') + "error", "", ""},
    };
    for (const Case& c : cases) {
        INFO("line: " << c.text << "   fields: " << c.fields);
        CHECK(level_of(OwnedLine(c.text, c.fields).line) == c.level);
    }
}

TEST_CASE("names of levels") {
    CHECK(level_of_word("WaRnInG") == "warn");
    CHECK(level_of_word("") == "");
    CHECK(level_of_word("informational") == "info");
    CHECK(level_of_word("informationally") == "");
    CHECK(level_of_word("3") == "");
    CHECK(level_of_value("3") == "error");
    CHECK(level_of_value("8") == "");
    CHECK(level_of_value("FINEST") == "trace");
}
