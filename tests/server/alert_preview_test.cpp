// POST /api/v1/alerts/rules/{id}/test: what a rule would have told.
#include "tests/server/alert_case.h"

using namespace nmstore;
using nmstore::testing::AlertCase;
using Json = nlohmann::json;

namespace {

using Texts = std::vector<std::string>;

// "state client value" of the alerts.
Texts told(const Json& tested) {
    Texts out;
    for (const Json& alert : tested["alerts"])
        out.push_back(alert["state"].get<std::string>() + " " + alert.value("client", "-") + " " +
                      std::to_string(alert["date"].get<std::int64_t>()));
    return out;
}

std::string at(std::int64_t time_ms) {
    return std::to_string(time_ms);
}

}  // namespace

TEST_CASE("a rule for readings is tested by the stored ones over the time that is asked for") {
    AlertCase it;
    const std::int64_t begin = it.hub.clock.now;
    for (const int value : {50, 95, 96, 97, 40, 99}) {
        it.reading("web1", "df", R"({"date":5,"value":)" + std::to_string(value) + R"(,"used":100})");
        it.reading("web1", "other", "100");
        it.reading("db1", "df", "100");
        it.hub.clock.now += 60'000;
    }
    it.set(
        "disk",
        R"({"kind":"reading","client":"web*","plugin":"df","field":"value","above":90,"for":"2m","clear_for":"0s"})");
    const Json tested = it.test("disk");
    CHECK(told(tested) ==
          Texts{"firing web1 " + at(begin + 180'000), "resolved web1 " + at(begin + 240'000)});
    CHECK(tested["fires"] == false);
    REQUIRE(tested["groups"].size() == 1);  // it is over the limit again, and not for long enough
    CHECK(tested["groups"][0]["reading"] == 99);
    CHECK(tested["groups"][0]["fires"] == false);
    CHECK(tested["alerts_left_out"] == 0);
    CHECK(tested["stats"]["complete"] == true);
    const Json cut = it.test("disk", "?from=" + at(begin) + "&to=" + at(begin + 200'000));
    CHECK(told(cut) == Texts{"firing web1 " + at(begin + 180'000)});
    CHECK(cut["fires"] == true);
    CHECK(told(it.test("disk", "?from=" + at(begin + 70'000) + "&to=" + at(begin + 200'000))).empty());
    CHECK(it.written().empty());
    CHECK(it.alerts->firing().empty());
}

TEST_CASE("a rule for readings knows clients by their tags when it is tested") {
    AlertCase it;
    const auto batch = it.hub.store().begin_cells(kIndexFamily);
    REQUIRE(batch.ok());
    REQUIRE((*batch)->put("client-tags", "10.0.0.1", "kitchen").ok());
    REQUIRE((*batch)->commit().ok());
    it.reading("10.0.0.1", "temp", "5");
    it.reading("10.0.0.2", "temp", "5");
    it.hub.clock.now += 1'000;
    it.set("cold", R"({"kind":"reading","client":"kit*","plugin":"temp","below":7})");
    const Json tested = it.test("cold");
    REQUIRE(tested["alerts"].size() == 1);
    CHECK(tested["alerts"][0]["client"] == "10.0.0.1");
}

TEST_CASE("the rule for SEVERE lines is tested by the stored lines") {
    AlertCase it;
    const std::int64_t begin = it.hub.clock.now;
    it.lines("a", {"SEVERE: x", "INFO: nothing severe", "SEVERE: x"});
    it.reading("a", "severe", R"("severe 5")");
    it.hub.clock.now += 2 * 3'600'000;
    it.lines("b", {"level=severe y"});
    it.hub.clock.now += 90'000;
    const Json hour = it.test("severe");
    CHECK(told(hour) == Texts{"firing b " + at(begin + 7'200'000)});
    CHECK(hour["fires"] == true);
    const Json all = it.test("severe", "?from=-1d");
    CHECK(told(all) == Texts{"firing a " + at(begin), "firing a " + at(begin + 60'000),
                             "firing b " + at(begin + 7'200'000)});
    CHECK(it.test("severe", "?from=" + at(begin + 1) + "&to=" + at(begin + 1'000))["fires"] == false);
    CHECK(it.written().empty());
}

TEST_CASE("a rule that is switched off, or for lines, is tested as if it had been there") {
    AlertCase it;
    const std::int64_t begin = it.hub.clock.now;
    it.lines("a", {"boom", "boom"});
    it.hub.clock.now += 60'000;
    it.lines("a", {"boom"});
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"30s","by":"client","enabled":false})");
    CHECK(it.test("r")["groups"][0]["count"] == 1);
    const Json tested = it.test("r", "?from=-5m");
    CHECK(told(tested) == Texts{"firing a " + at(begin), "resolved a " + at(begin + 30'000)});
}

TEST_CASE("what is tested is bounded, and what is wrong is named") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","within":"30s","by":"log"})");
    it.set("s", R"({"kind":"silent"})");
    const auto refused = [&](const std::string& id, const std::string& parameters) {
        const testing::Answer answer = it.hub.post("/api/v1/alerts/rules/" + id + "/test" + parameters);
        CHECK(answer.status == 400);
        return Json::parse(answer.body)["error"]["message"].get<std::string>();
    };
    CHECK(testing::contains(refused("r", "?from=-1m&to=-2m"), "from: it must be before to"));
    CHECK(testing::contains(refused("r", "?from=-40d"), "31 days"));
    CHECK(testing::contains(refused("r", "?form=-1d"), "form"));
    CHECK(testing::contains(refused("r", "?from=yesterdayish"), "from"));
    CHECK(
        testing::contains(refused("s", "?from=-1d"), "from: a rule for silent clients is tested as of now"));
    CHECK(it.hub.post("/api/v1/alerts/rules/none/test").status == 404);
    // More alerts than are shown, and more lines than may be looked at.
    auto batch = it.hub.store().begin_lines();
    for (int i = 0; i < 1200; ++i) {
        const std::string log = "log" + std::to_string(i % 900);
        REQUIRE(batch->append({"a", log, it.hub.clock.now + 60'000 * (i / 900), "boom", {}}).ok());
    }
    REQUIRE(batch->commit().ok());
    it.hub.clock.now += 120'000;
    const Json many = it.test("r", "?from=-10m");
    CHECK(many["alerts"].size() == 1'000);
    CHECK(many["alerts_left_out"] == 2 * 1200 - 1000);
    it.hub.config.query_max_lines = 50;
    const Json cut = it.test("r", "?from=-10m");
    CHECK(cut["stats"]["complete"] == false);
    CHECK(cut["stats"]["stopped_by"] == "query_max_lines");
}

TEST_CASE("a rule that is not set is tested as one that is") {
    AlertCase it;
    it.lines("a", {"boom", "boom"});
    it.lines("b", {"boom"});
    const std::string rule = R"({"kind":"lines","query":"boom","count":2,"within":"1h","by":"client"})";
    it.hub.clock.now += 1000;
    const auto test = [&](const std::string& text, const std::string& parameters = "") {
        return it.hub.post("/api/v1/alerts/test" + parameters, text);
    };
    const testing::Answer answer = test(rule);
    REQUIRE(answer.status == 200);
    it.set("r", rule);
    Json set = it.test("r");
    Json unset = Json::parse(answer.body);
    CHECK(unset["fires"] == true);
    CHECK(unset["groups"] == set["groups"]);
    REQUIRE(unset["alerts"].size() == 1);
    CHECK(unset["alerts"][0]["rule"] == "new");
    CHECK(unset["alerts"][0]["client"] == "a");
    CHECK(it.written().empty());
    CHECK(it.alerts->rule("new") == nullptr);

    CHECK(Json::parse(test(R"({"kind":"silent"})").body)["fires"] == false);
    const auto refused = [&](const std::string& text, const std::string& parameters = "") {
        const testing::Answer wrong = test(text, parameters);
        CHECK(wrong.status == 400);
        return Json::parse(wrong.body)["error"];
    };
    CHECK(testing::contains(refused("{")["message"].get<std::string>(), "not JSON"));
    const Json bad = refused(R"({"kind":"lines","query":"x","count":0})");
    CHECK(testing::contains(bad["message"].get<std::string>(), "count: expected a whole number"));
    CHECK(bad["column"] == 29);
    CHECK(testing::contains(refused(R"({"kind":"silent"})", "?from=-1d")["message"].get<std::string>(),
                            "as of now"));
    CHECK(test(std::string(20'000, ' ') + rule).status == 413);
}
