// Alerts: silent clients, and the list that they are taken off.
#include "tests/server/alert_case.h"

using namespace nmstore;
using nmstore::testing::AlertCase;

namespace {

using Texts = std::vector<std::string>;

void remove_client(AlertCase& it, const std::string& client) {
    REQUIRE(it.hub.store().remove_cell(kIndexFamily, "clients", client).ok());
}

void put_index(AlertCase& it, const std::string& row, const std::string& column, const std::string& value) {
    const auto batch = it.hub.store().begin_cells(kIndexFamily);
    REQUIRE(batch.ok());
    REQUIRE((*batch)->put(row, column, value).ok());
    REQUIRE((*batch)->commit().ok());
}

}  // namespace

TEST_CASE("a client that is taken off the list before the list was looked at is resolved") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1s"})");
    it.follow();  // looks at the list, which is looked at every few seconds
    it.lines("a", {"here"});
    it.follow();
    it.pass(2'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    remove_client(it, "a");
    it.pass(10'000);
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
    CHECK(it.alerts->firing().empty());
}

TEST_CASE("a client that is taken off the list before it would fire does not fire") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1s"})");
    it.follow();
    it.lines("a", {"here"});
    it.follow();
    remove_client(it, "a");
    it.pass(2'000);
    it.pass(10'000);
    CHECK(it.written().empty());
}

TEST_CASE("a client that is put on the list later is resolved once it is taken off") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"1s"})");
    it.follow();
    it.reading("a", "cpu", R"({"value":1})");  // cells alone put nobody on the list
    it.follow();
    put_index(it, "clients", "a", std::to_string(it.hub.clock.now));
    it.pass(2'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    remove_client(it, "a");
    it.pass(10'000);
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
}

TEST_CASE("who says that it is there is not silent, though it writes nothing else") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"20s"})");
    it.follow();
    it.lines("a", {"here"});
    it.follow();
    for (int i = 0; i < 5; ++i) {
        put_index(it, "clients", "a", std::to_string(it.hub.clock.now));
        it.pass(10'000);
    }
    CHECK(it.written().empty());
    it.pass(20'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    put_index(it, "clients", "a", std::to_string(it.hub.clock.now));
    it.pass(10'000);
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
}

TEST_CASE("nobody is silent for the time that a clock leaves out when it is set ahead") {
    constexpr std::int64_t kDays = 3 * 86'400'000;
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"20s"})");
    for (const char* client : {"a", "b"}) it.lines(client, {"here"});
    it.follow();
    it.pass(2'000);
    it.hub.clock.left_out += kDays;
    it.pass(kDays);
    for (int i = 0; i < 3; ++i) it.pass(5'000);
    CHECK(it.alerts->firing().empty());
    it.lines("b", {"here"});
    it.follow();
    it.pass(10'000);
    CHECK(it.alerts->firing().size() == 1);
}

TEST_CASE("two readings do not make up for the time between them in which the server was down") {
    AlertCase it;
    it.set("r",
           R"({"kind":"reading","plugin":"df","field":"value","above":90,"for":"10s","stale_after":"20s"})");
    it.reading("a", "df", R"({"value":95})");
    it.follow();
    it.pass(2'000);
    it.hub.clock.now += 3600 * 1000;
    it.restart();
    it.reading("a", "df", R"({"value":96})");
    it.follow();
    it.pass(5'000);
    CHECK(it.written().empty());
    it.pass(6'000);
    it.reading("a", "df", R"({"value":97})");
    it.follow();
    CHECK(it.written() == Texts{"r firing a 0"});
}

TEST_CASE("no reading goes stale while the server is down") {
    AlertCase it;
    it.set("r", R"({"kind":"reading","plugin":"df","field":"value","above":90,"stale_after":"20s"})");
    it.reading("a", "df", R"({"value":95})");
    it.follow();
    it.pass(2'000);
    it.hub.clock.now += 3600 * 1000;
    it.restart();
    it.follow();
    it.pass(2'000);
    it.reading("a", "df", R"({"value":96})");
    it.follow();
    it.pass(15'000);
    CHECK(it.written() == Texts{"r firing a 0"});
    it.pass(10'000);
    CHECK(it.written() == Texts{"r firing a 0", "r resolved a 0"});
}

TEST_CASE("a rule for silent clients goes by the tags that they have by now") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","client":"web*","after":"20s"})");
    it.follow();
    put_index(it, "client-tags", "b", "web2");
    for (const char* client : {"a", "b", "c"}) it.lines(client, {"here"});
    it.pass(6'000);
    put_index(it, "client-tags", "a", "web1");
    REQUIRE(it.hub.store().remove_cell(kIndexFamily, "client-tags", "b").ok());
    it.pass(6'000);
    it.pass(20'000);
    CHECK(it.written() == Texts{"s firing a 0"});
}

TEST_CASE("a client whose own clock is ahead is silent as others are") {
    AlertCase it;
    it.set("s", R"({"kind":"silent","after":"20s"})");
    it.follow();
    const auto say = [&](std::int64_t ahead_ms) {
        put_index(it, "clients", "a", std::to_string(it.hub.clock.now + ahead_ms));
    };
    constexpr std::int64_t kDays = 3 * 86'400'000;
    say(kDays);
    for (int i = 0; i < 4; ++i) it.pass(6'000);
    it.pass(6'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    if (GENERATE(false, true)) it.restart();
    for (int i = 0; i < 3; ++i) it.pass(6'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    say(kDays);
    it.pass(6'000);
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
}
