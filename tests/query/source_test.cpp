#include "query/source.h"

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("operands of sources") {
    CHECK(source_named("log") == Source::log);
    CHECK(!source_named("Log"));
    for (Source source : {Source::client, Source::log, Source::kind, Source::level}) {
        CHECK(source_named(source_name(source)) == source);
        CHECK(!source_operands(source).empty());
    }
    CHECK(normal_source_operand(Source::client, "A/b") == "A/b");
    CHECK(normal_source_operand(Source::log, "/var/Log") == "_var_Log");
    CHECK(normal_source_operand(Source::kind, "PLUGIN") == "plugins");
    CHECK(normal_source_operand(Source::kind, "other") == "other");
    CHECK(normal_source_operand(Source::kind, "P*") == "p*");
    CHECK(!normal_source_operand(Source::kind, "metrics"));
    CHECK(!normal_source_operand(Source::kind, ""));
    CHECK(normal_source_operand(Source::level, "Warning") == "warn");
    CHECK(normal_source_operand(Source::level, "w?rn") == "w?rn");
    CHECK(normal_source_operand(Source::level, "") == "");
    CHECK(!normal_source_operand(Source::level, "loud"));
}
