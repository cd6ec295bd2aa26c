#include "server/parameters.h"

#include "server/target.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

Request asked(const std::string& query) {
    Request request;
    REQUIRE(parse_target("/x?" + query, request).ok());
    return request;
}

}  // namespace

TEST_CASE("parameters that a call does not know, or has twice, are errors that name them") {
    const std::vector<std::pair<std::string, std::string>> table{
        {"form=-1h", "unknown parameter \"form\"; known here: from, limit"},
        {"from=1&from=2", "parameter \"from\" is given more than once"},
        {"=1", "unknown parameter \"\"; known here: from, limit"},
    };
    for (const auto& [query, message] : table) {
        const Request request = asked(query);
        const Result<Parameters> parameters = Parameters::read(request, {"from", "limit"});
        REQUIRE(!parameters.ok());
        CHECK(parameters.error().code == Code::invalid_argument);
        CHECK(parameters.error().message == message);
    }
    const Request request = asked("a=1");
    CHECK(Parameters::read(request, {}).error().message == "unknown parameter \"a\"; this call takes none");
}

TEST_CASE("a repeatable parameter may be given several times") {
    const Request request = asked("client=a&from=1&client=&client=b%26c");
    const Parameters parameters = Parameters::read(request, {"from", "client"}, {"client"}).value();
    CHECK(parameters.texts("client") == std::vector<std::string>{"a", "b&c"});
    CHECK(parameters.texts("from") == std::vector<std::string>{"1"});
    CHECK(parameters.texts("to").empty());
    CHECK_FALSE(Parameters::read(asked("from=1&client=a&from=2"), {"from", "client"}, {"client"}).ok());
}

TEST_CASE("an empty parameter counts as not given") {
    const Request request = asked("from=&limit=");
    const Parameters parameters = Parameters::read(request, {"from", "limit"}).value();
    CHECK(!parameters.has("from"));
    CHECK(parameters.natural("limit", 7, 1, 10).value() == 7);
    CHECK(parameters.time_ms("from", 5, 1000).value() == 5);
    CHECK(parameters.required("from").error().message == "parameter \"from\" is missing");
}

TEST_CASE("numbers have bounds") {
    for (const std::string text : {"0", "11", "-1", "1.5", "1e1", " 1", "1 ", "99999999999999999999", "x"}) {
        const Result<std::uint64_t> number = parse_natural("limit", text, 1, 10);
        INFO(text);
        REQUIRE(!number.ok());
        CHECK(number.error().message == "limit: \"" + text + "\" is not a whole number from 1 to 10");
    }
    CHECK(parse_natural("limit", "1", 1, 10).value() == 1);
    CHECK(parse_natural("limit", "10", 1, 10).value() == 10);
    CHECK(parse_natural("n", "18446744073709551615", 0, UINT64_MAX).value() == UINT64_MAX);
}

TEST_CASE("yes, no, and times") {
    const Request request = asked("a=true&b=0&c=maybe&d=now-1s&e=whenever");
    const Parameters parameters = Parameters::read(request, {"a", "b", "c", "d", "e", "f"}).value();
    CHECK(parameters.boolean("a").value());
    CHECK(!parameters.boolean("b").value());
    CHECK(!parameters.boolean("f").value());
    CHECK(!parameters.boolean("c").ok());
    CHECK(parameters.time_ms("d", 0, 5000).value() == 4000);
    REQUIRE(!parameters.time_ms("e", 0, 5000).ok());
    CHECK(parameters.time_ms("e", 0, 5000).error().message.substr(0, 3) == "e: ");
}
