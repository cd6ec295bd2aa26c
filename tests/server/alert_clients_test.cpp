// Alerts: silent clients, and the list that they are taken off.
#include "tests/server/alert_case.h"

using namespace nmstore;
using nmstore::testing::AlertCase;

namespace {

using Texts = std::vector<std::string>;

void remove_client(AlertCase& it, const std::string& client) {
    REQUIRE(it.hub.store().remove_cell(kIndexFamily, "clients", client).ok());
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
    const auto batch = it.hub.store().begin_cells(kIndexFamily);
    REQUIRE(batch.ok());
    REQUIRE((*batch)->put("clients", "a", std::to_string(it.hub.clock.now)).ok());
    REQUIRE((*batch)->commit().ok());
    it.pass(2'000);
    CHECK(it.written() == Texts{"s firing a 0"});
    remove_client(it, "a");
    it.pass(10'000);
    CHECK(it.written() == Texts{"s firing a 0", "s resolved a 0"});
}
