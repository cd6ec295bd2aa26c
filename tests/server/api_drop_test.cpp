#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;
using Json = nlohmann::json;

namespace {

constexpr std::int64_t kDayMs = 24 * 3600 * 1000;
constexpr std::int64_t kDay20 = 1321747200000;  // 2011-11-20T00:00:00Z

std::string when(std::int64_t time_ms) {
    return std::to_string(time_ms);
}

void fill(Hub& hub) {
    for (int day = 20; day <= 22; ++day) {
        const std::string date = ":2011:10:" + std::to_string(day);
        const std::string time = when(kDay20 + (day - 20) * kDayMs + 1000);
        for (const std::string row : {"10.0.0.1:logs:_var_log_a", "10.0.0.2:logs:_var_log_a",
                                      "10.0.0.2:logs:b", "10.0.0.1:plugins:df", "alerts"}) {
            REQUIRE(hub.post("/v0.3/DATA/CFLongType/" + row + date, time + "=x").status == 200);
        }
    }
    REQUIRE(hub.post("/v0.3/DATA/CFLongType/other", "1=x").status == 200);
}

}  // namespace

TEST_CASE("day rows are dropped by client, log, kind and the time they lie in") {
    const std::vector<std::pair<std::string, int>> table{
        {"client=10.0.0.1", 6},
        {"client=10.0.0.*", 12},
        {"client=10.0.0.*&kind=logs", 9},
        {"log=/var/log/a", 6},
        {"log=_var_log_a", 6},
        {"log=df", 3},
        {"kind=alerts", 3},
        {"to=" + when(kDay20 + kDayMs), 4},
        {"to=" + when(kDay20 + kDayMs - 1), 0},  // not wholly inside
        {"from=" + when(kDay20 + 1), 8},
        {"from=" + when(kDay20 + kDayMs) + "&to=" + when(kDay20 + 2 * kDayMs) + "&client=10.0.0.2", 2},
        {"client=nobody", 0},
        {"family=CFLongType&row=other", 1},
        {"family=CFLongType&row=none", 0},
    };
    for (const auto& [query, count] : table) {
        Hub hub;
        fill(hub);
        INFO(query);
        const Json dry = Json::parse(hub.del("/api/v1/rows?dry_run=true&" + query).body);
        CHECK(dry["dropped"] == count);
        CHECK(dry["dry_run"] == true);
        CHECK(Json::parse(hub.get("/api/v1/rows").body)["rows"].size() == 16);
        const Json wet = Json::parse(hub.del("/api/v1/rows?" + query).body);
        CHECK(wet["rows"] == dry["rows"]);
        CHECK(static_cast<int>(Json::parse(hub.get("/api/v1/rows").body)["rows"].size()) == 16 - count);
    }
}

TEST_CASE("nothing is dropped by a request that does not say what") {
    Hub hub;
    fill(hub);
    for (const std::string query : {"", "?dry_run=false", "?family=CFLongType", "?client=", "?row=other",
                                    "?family=CFLongType&row=other&client=x", "?kind=all", "?client=*&form=0",
                                    "?client=*&dry_run=perhaps"}) {
        const Answer answer = hub.del("/api/v1/rows" + query);
        INFO(query << " -> " << answer.body);
        CHECK(answer.status == 400);
    }
    CHECK(hub.del("/api/v1/rows?family=CFNone&row=x").status == 404);
    CHECK(Json::parse(hub.get("/api/v1/rows").body)["rows"].size() == 16);
}
