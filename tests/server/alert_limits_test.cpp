// Alerts: how many rules there may be, and how large they, their groups and what is told may be.
#include "tests/server/alert_case.h"

using namespace nmstore;
using namespace nmstore::server;
using nmstore::testing::AlertCase;
using nmstore::testing::contains;
using Json = nlohmann::json;

namespace {

testing::Answer put(AlertCase& it, const std::string& id, const std::string& rule) {
    return it.hub.call(Method::put, "/api/v1/alerts/rules/" + id, rule);
}

std::string message(const testing::Answer& answer) {
    return Json::parse(answer.body)["error"]["message"].get<std::string>();
}

}  // namespace

TEST_CASE("there are only so many rules, and one of them can still be changed") {
    AlertCase it;
    const std::string rule = R"({"kind":"lines","query":"boom"})";
    for (std::size_t i = it.alerts->rules().size(); i < kMaxAlertRules; ++i)
        it.set("r" + std::to_string(i), rule);
    const testing::Answer refused = put(it, "more", rule);
    CHECK(refused.status >= 400);
    CHECK(contains(message(refused), "there are 1000 alert rules already"));
    CHECK(it.alerts->rule("more") == nullptr);
    CHECK(put(it, "r7", R"({"kind":"lines","query":"other"})").status == 200);
    CHECK(it.hub.del("/api/v1/alerts/rules/r8").status == 200);
    CHECK(put(it, "more", rule).status == 200);
}

TEST_CASE("a rule that is too large is refused, and so is what is too much in it") {
    AlertCase it;
    const auto padded = [](std::size_t bytes) {
        std::string rule = R"({"kind":"lines","query":"boom"})";
        rule.insert(1, bytes - rule.size(), ' ');
        return rule;
    };
    CHECK(put(it, "r", padded(kMaxAlertRuleBytes)).status == 200);
    const testing::Answer large = put(it, "r", padded(kMaxAlertRuleBytes + 1));
    CHECK(large.status == 413);
    CHECK(put(it, "r", padded(10 * kMaxAlertRuleBytes)).status == 413);
    Json many{{"kind", "silent"}, {"overrides", Json::array()}};
    for (std::size_t i = 0; i <= kMaxAlertOverrides; ++i)
        many["overrides"].push_back({{"client", "c"}, {"after", "1m"}});
    CHECK(contains(message(put(it, "s", many.dump())), "overrides: expected at most 100"));
    many["overrides"].erase(0);
    CHECK(put(it, "s", many.dump()).status == 200);
    const auto refused = [&](const Json& rule) {
        const testing::Answer answer = put(it, "x", rule.dump());
        CHECK(answer.status == 400);
        return message(answer);
    };
    const std::string long_text(kMaxWebhookUrlBytes, 'u');
    CHECK(contains(refused({{"kind", "silent"}, {"webhook", {{"url", "http://h/" + long_text}}}}),
                   "webhook.url: "));
    CHECK(contains(refused({{"kind", "silent"}, {"webhook", {{"url", "http://h/"}, {"secret", long_text}}}}),
                   "webhook.secret: "));
    CHECK(contains(refused({{"kind", "silent"}, {"description", long_text}}), "description: "));
    CHECK(contains(refused({{"kind", "silent"}, {"after", "31d"}}), "after: "));
    CHECK(contains(refused({{"kind", "lines"}, {"query", "a"}, {"count", kMaxAlertCount + 1}}), "count: "));
    CHECK(put(it, std::string(kMaxAlertRuleIdBytes + 1, 'i'), R"({"kind":"silent"})").status == 400);
}

TEST_CASE("groups beyond the limit are counted, and the others go on") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","by":"client","within":"1h"})");
    auto batch = it.hub.store().begin_lines();
    for (std::size_t i = 0; i < kMaxAlertGroups + 5; ++i) {
        const std::string client = "c" + std::to_string(i);
        REQUIRE(batch->append({client, "x", it.hub.clock.now, "boom", {}}).ok());
    }
    REQUIRE(batch->commit().ok());
    it.follow();
    CHECK(it.alerts->firing().size() == kMaxAlertGroups);
    CHECK(it.hub.metrics.alert_groups_left_out == 5);
}

TEST_CASE("very many SEVERE lines in one change are alerts, and all are counted") {
    AlertCase it;
    std::vector<std::string> texts(30'000, "SEVERE: the same");
    for (int i = 0; i < 20'000; ++i) texts.push_back("SEVERE: number " + std::to_string(i));
    it.lines("a", texts);
    it.follow();
    const auto counted = [&] {
        std::uint64_t lines = 0;
        const auto slice = it.hub.store().slice(kTimeFamily, "alerts:2011:10:21", {{}, {}, false, 100'000});
        REQUIRE(slice.ok());
        for (const Cell& cell : slice->cells) lines += Json::parse(cell.value)["count"].get<std::uint64_t>();
        return lines;
    };
    CHECK(it.hub.metrics.alerts_written == 501);  // so many are told apart, and one for all others
    CHECK(counted() >= 19'000);                   // of the same text one is told so far
    it.pass(61'000);
    CHECK(counted() == 50'000);
    it.pass(600'000);
    CHECK(counted() == 50'000);
}
