// Alerts: rules, what leads to alerts, and what is known after a restart.
#include "tests/server/alert_case.h"

using namespace nmstore;
using namespace nmstore::server;
using nmstore::testing::AlertCase;
using Json = nlohmann::json;

namespace {

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("lines fire once, and are resolved when the window is over") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"10s"})");
    it.lines("a", {"boom", "other", "boom"});
    it.follow();
    CHECK(it.written().empty());
    it.pass(5'000);
    it.lines("b", {"boom", "boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing - 4"});
    CHECK(it.alerts->firing().size() == 1);
    it.lines("b", {"boom"});
    it.pass(9'000);
    CHECK(it.written().size() == 1);  // three are still within it
    it.pass(2'000);
    CHECK(it.written() == Texts{"r firing - 4", "r resolved - 0"});
    CHECK(it.alerts->firing().empty());
}

TEST_CASE("alerts of one millisecond stand side by side, and are told with their values") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","by":"client"})");
    it.lines("a", {"boom"});
    it.lines("b", {"boom 100%20"});
    it.follow();
    CHECK(it.written() == Texts{"r firing a 1", "r firing b 1"});
    REQUIRE(it.hub.told().size() == 2);
    CHECK(it.hub.told()[0].find('%') == std::string::npos);
    CHECK(Json::parse(it.hub.get("/api/v1/alerts").body)["alerts"].size() == 2);
}

TEST_CASE("what was evaluated and not saved is evaluated again, and leads to the same alerts") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h","by":"client"})");
    it.lines("a", {"boom"});
    it.follow();
    const auto before = *it.hub.store().notes("alert state");
    it.lines("a", {"boom"});
    it.lines("b", {"boom", "boom"});
    it.follow();
    const Texts once = it.written();
    CHECK(once == Texts{"r firing a 2", "r firing b 2"});
    it.alerts->stop();
    REQUIRE(it.hub.store().put_notes("alert state", before).ok());
    it.open();
    it.follow();
    CHECK(it.written() == once);
    CHECK(it.alerts->firing().size() == 2);
}

TEST_CASE("a silent client fires by its own time, and is forgotten once it is taken off the list") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1m","overrides":[{"client":"slow","after":"2m"}]})");
    it.lines("a", {"here"});
    it.lines("slow", {"here"});
    it.follow();
    it.pass(59'000);
    CHECK(it.written().empty());
    it.pass(2'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    it.open();  // it goes on firing, and says nothing
    it.pass(10'000);
    CHECK(it.written().size() == 1);
    it.lines("a", {"back"});
    it.follow();
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
    REQUIRE(it.hub.store().remove_cell(kIndexFamily, "clients", "slow").ok());
    it.pass(10'000);
    it.pass(600'000);
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0", "s firing a 0"});
}

TEST_CASE("the same SEVERE text is told once a minute, and then with its number") {
    AlertCase it;
    it.lines("a", {"SEVERE: x", "SEVERE: x", "level=severe y", "INFO severe", "SEVERE: x"});
    it.follow();
    CHECK(it.written() == Texts{"severe firing a 1", "severe firing a 1"});
    it.pass(61'000);
    CHECK(it.written() == Texts{"severe firing a 1", "severe firing a 1", "severe firing a 2"});
    it.pass(600'000);
    CHECK(it.written().size() == 3);
}
