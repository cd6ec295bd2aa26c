// Alerts: rules, what leads to alerts, and what is known after a restart.
#include "tests/server/alert_case.h"

using namespace nmstore;
using namespace nmstore::server;
using nmstore::testing::AlertCase;
using Json = nlohmann::json;

namespace {

using Texts = std::vector<std::string>;

// The state as it was once.
void put_back(Store& store, const std::vector<Store::Note>& before) {
    std::vector<Store::Note> notes = *store.notes("alert state");
    for (Store::Note& note : notes) note.text.reset();
    notes.insert(notes.end(), before.begin(), before.end());
    REQUIRE(store.put_notes("alert state", notes).ok());
}

std::size_t note_bytes(Store& store, const std::vector<Store::Note>& before) {
    std::size_t bytes = 0;
    const std::vector<Store::Note> notes = *store.notes("alert state");
    for (const Store::Note& note : notes) {
        const bool same = std::any_of(before.begin(), before.end(), [&](const Store::Note& old) {
            return old.name == note.name && old.text == note.text;
        });
        if (!same) bytes += note.text->size();
    }
    return bytes;
}

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
    put_back(it.hub.store(), before);
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

TEST_CASE("what one group of many learns is written without the others") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h","by":"client"})");
    for (int i = 0; i < 500; ++i) it.lines("client " + std::to_string(i), {"boom"});
    it.follow();
    it.pass(3'000);
    const auto before = *it.hub.store().notes("alert state");
    it.lines("client 7", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing client 7 2"});
    CHECK(note_bytes(it.hub.store(), {}) > 40'000);
    CHECK(note_bytes(it.hub.store(), before) < 4'000);
    it.restart();
    it.lines("client 8", {"boom"});
    it.lines("client 7", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing client 7 2", "r firing client 8 2"});
}

TEST_CASE("a rule that is removed or changed leaves no state behind") {
    AlertCase it;
    const auto count = [&] { return it.hub.store().notes("alert state")->size(); };
    const auto none = count();
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h","by":"client"})");
    for (int i = 0; i < 100; ++i) it.lines("client " + std::to_string(i), {"boom"});
    it.follow();
    it.pass(3'000);
    CHECK(count() > none + 20);
    SECTION("changed") {
        it.set("r", R"({"kind":"lines","query":"boom","count":3,"within":"1h","by":"client"})");
        CHECK(count() <= none + 2);
    }
    SECTION("removed") {
        REQUIRE(it.alerts->remove_rule("r").ok());
        CHECK(count() <= none + 1);
    }
}

TEST_CASE("a state that is kept in one note is read, and then kept in parts") {
    AlertCase it;
    it.set("r", R"({"kind":"lines","query":"boom","count":2,"within":"1h","by":"client"})");
    it.lines("a", {"boom"});
    it.lines("b", {"boom"});
    it.follow();
    it.alerts->stop();
    std::vector<Store::Note> notes = *it.hub.store().notes("alert state");
    Json head, groups = Json::array();
    for (Store::Note& note : notes) {
        if (note.name.front() == '#' && note.name != "#position") {
            const Json part = Json::parse(*note.text);
            for (const Json& group : part["groups"]) groups.push_back(group);
            note.text.reset();
        }
        if (note.name == "r") head = Json::parse(*note.text);
    }
    REQUIRE(groups.size() == 2);
    head["groups"] = groups;
    notes.push_back({"r", head.dump()});
    REQUIRE(it.hub.store().put_notes("alert state", notes).ok());
    it.open();
    it.lines("a", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing a 2"});
    it.restart();
    it.lines("b", {"boom"});
    it.follow();
    CHECK(it.written() == Texts{"r firing a 2", "r firing b 2"});
}
