#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using testing::Answer;
using testing::contains;
using testing::Hub;
using Json = nlohmann::json;

namespace {

void post(Hub& hub, const std::string& client, const std::string& plugin, std::int64_t time_ms,
          const std::string& value) {
    const std::string row = format_day_row({client, RowKind::plugins, plugin, day_of(time_ms)});
    const std::string body =
        Json{{"rowkeys",
              {{{"rowkey", row}, {"columns", {{{"columnname", time_ms}, {"columnvalue", value}}}}}}}}
            .dump();
    REQUIRE(hub.post("/v0.3/DATA/CFLongType", body).status == 200);
}

constexpr std::int64_t kHour = 3600000;
constexpr std::int64_t kNoon = 1321876800000;

void fill(Hub& hub) {
    for (int i = 0; i < 4; ++i) {
        const std::string number = std::to_string(i);
        post(hub, "web1", "cpu", kNoon - 24 * kHour + i * kHour / 2,
             "%7B%22date%22%3A1%2C%22value%22%3A%22" + number + "%22%7D");
        post(hub, "web2", "disk", kNoon, R"({"root":{"used":0.5,"free":true}})");
    }
}

}  // namespace

TEST_CASE("series: the readings of plugins step by step") {
    Hub hub;
    fill(hub);
    const Json one = Json::parse(hub.get("/api/v1/series?client=web1&plugin=cpu&field=value&step=1h").body);
    CHECK(one["step"] == kHour);
    REQUIRE(one["series"].size() == 1);
    const Json& series = one["series"][0];
    CHECK(series["client"] == "web1");
    CHECK(series["plugin"] == "cpu");
    CHECK(series["field"] == "value");
    const std::int64_t begin = kNoon - 24 * kHour;
    CHECK(series["points"] == Json{{begin, 0, 0.5, 1, 2}, {begin + kHour, 2, 2.5, 3, 2}});
    CHECK(one["stats"]["complete"] == true);
    CHECK(one["stats"]["lines_scanned"] == 4);

    const Json several =
        Json::parse(hub.get("/api/v1/series?client=web1&client=web2&plugin=c*&plugin=disk&step=10d").body);
    REQUIRE(several["series"].size() == 2);
    CHECK(several["series"][1]["field"] == "root.used");
    CHECK(several["series"][1]["points"][0][2] == 0.5);

    CHECK(!series.contains("last"));
    const Json last = Json::parse(hub.get("/api/v1/series?client=web1&step=1d&last=true").body);
    CHECK(last["series"][0]["last"] == Json{begin + 3 * kHour / 2, 3});

    const Json fitting = Json::parse(hub.get("/api/v1/series").body);
    CHECK(fitting["step"].get<std::int64_t>() > 0);
    CHECK(Json::parse(hub.get("/api/v1/series?from=2011-11-22").body)["series"].empty());
}

TEST_CASE("series: bad parameters") {
    Hub hub;
    for (const std::string query :
         {"step=0", "step=often", "from=2&to=1", "from=x", "clients=a", "step=1h&step=2h", "last=maybe"}) {
        INFO(query);
        CHECK(hub.get("/api/v1/series?" + query).status == 400);
    }
    CHECK(hub.get("/api/v1/series/fields?field=a").status == 400);
}

TEST_CASE("series: which fields there are") {
    Hub hub;
    fill(hub);
    const Json all = Json::parse(hub.get("/api/v1/series/fields").body);
    CHECK(all["plugins"] == Json{{{"client", "web1"}, {"plugin", "cpu"}, {"fields", {"value"}}},
                                 {{"client", "web2"}, {"plugin", "disk"}, {"fields", {"root.used"}}}});
    hub.clock.now = kNoon + 30 * 24 * kHour;  // a week is looked at
    CHECK(Json::parse(hub.get("/api/v1/series/fields").body)["plugins"].empty());
}
