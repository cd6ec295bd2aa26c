#include "query/inventory.h"

#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {
constexpr std::int64_t kNoon = 1321876800000;
}

TEST_CASE("Clients are those of the index row and those that only have day rows") {
    MemoryStore store;
    const std::string index = "CFUTF8Type";
    store.put(index, "clients", "10.0.0.1", std::to_string(kNoon));
    store.put(index, "clients", "10.0.0.2",
              "%7B%22date%22%3A" + std::to_string(kNoon - kDownAfterMs - 1) + "%7D");
    store.put(index, "clients", "10.0.0.3", "yes");
    store.put(index, "clients", "10.0.0.4", std::to_string(kNoon + 5000));  // its clock is ahead
    store.put(index, "client-tags", "10.0.0.1", "web%20server");
    store.put(index, "client-tags", "10.0.0.9", "nobody");
    store.put(index, "client-external", "10.0.0.2", "\"80.1.2.3\"");
    store.add_line("10.0.0.2", "x", kNoon - kDownAfterMs, "later than the index says");
    store.add_line("new", "x", kNoon - 5, "l");
    const auto all = clients(store, kNoon);
    REQUIRE(all.ok());
    REQUIRE(all->size() == 5);
    const auto& list = all.value();
    CHECK((list[0].client == "10.0.0.1" && list[0].tag == "web server" && list[0].last_seen_ms == kNoon &&
           !list[0].down));
    CHECK((list[1].client == "10.0.0.2" && list[1].external == "80.1.2.3" &&
           list[1].last_seen_ms == kNoon - kDownAfterMs && !list[1].down));
    CHECK((list[2].client == "10.0.0.3" && list[2].last_seen_ms == 0 && list[2].down));
    CHECK((list[3].client == "10.0.0.4" && list[3].last_seen_ms == kNoon && !list[3].down));
    CHECK((list[4].client == "new" && list[4].last_seen_ms == kNoon - 5 && list[4].tag.empty()));
    CHECK(clients(store, kNoon + kDownAfterMs + 1)->at(0).down);
}

TEST_CASE("Logs and plugins of a client, under the name that the index has") {
    MemoryStore store;
    store.put("CFUTF8Type", "a:logs", "/var/log/syslog", "100");
    store.put("CFUTF8Type", "a:logs", "_var_log_old", "50");
    store.put("CFUTF8Type", "a:plugins", "load", "70");
    store.put("CFUTF8Type", "clients", "quiet", "1");
    store.put("CFUTF8Type", "quiet:logs", "z", "2");
    store.add_line("a", "/var/log/syslog", kNoon, "l");
    store.add_line("a", "/var/log/mail", kNoon + 1, "l");
    store.add_line("a", "disk", kNoon + 2, "l", "", RowKind::plugins);
    store.add_line("b", "/x", kNoon, "l");
    const auto show = [&store](const std::string& client, RowKind kind) {
        std::string out;
        const auto found = logs(store, client, kind);
        for (const LogInfo& log : found.value())
            out += log.client + " " + log.log + " " + std::to_string(log.last_seen_ms) + "; ";
        return out;
    };
    const std::string noon = std::to_string(kNoon);
    const std::string of_a = "a /var/log/syslog " + noon + "; a _var_log_mail " + std::to_string(kNoon + 1) +
                             "; a _var_log_old 50; ";
    CHECK(show("a", RowKind::logs) == of_a);
    CHECK(show("a", RowKind::plugins) == "a disk " + std::to_string(kNoon + 2) + "; a load 70; ");
    CHECK(show("", RowKind::logs) == of_a + "b _x " + noon + "; quiet z 2; ");
    CHECK(show("nobody", RowKind::logs).empty());
    CHECK(logs(store, "a", RowKind::alerts).error().code == Code::invalid_argument);
}

TEST_CASE("The bounds of a row are no time at which anything was seen") {
    MemoryStore store;
    store.add_line("late", "x", kNoon - kDownAfterMs - 1, "l");
    store.add_line("late", "y", kNoon - kDownAfterMs - 3, "l");
    store.widen_bounds(3'600'000);
    const auto all = clients(store, kNoon);
    REQUIRE(all.ok());
    CHECK(all->at(0).last_seen_ms == kNoon - kDownAfterMs - 1);
    CHECK(all->at(0).down);
    const auto found = logs(store, "late", RowKind::logs);
    REQUIRE(found->size() == 2);
    CHECK(found->at(0).last_seen_ms == kNoon - kDownAfterMs - 1);
    CHECK(found->at(1).last_seen_ms == kNoon - kDownAfterMs - 3);
}
