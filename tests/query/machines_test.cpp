#include "query/machines.h"

#include "query/inventory.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

TEST_CASE("machines are those of the inventory, with the clients that they report as, and other clients") {
    constexpr std::int64_t kNoon = 1321876800000;
    MemoryStore store;
    const std::string index = "CFUTF8Type";
    const auto client = [&](const std::string& name, std::int64_t seen_ms, const std::string& tag,
                            const std::string& external) {
        store.put(index, "clients", name, std::to_string(seen_ms));
        if (!tag.empty()) store.put(index, "client-tags", name, tag);
        if (!external.empty()) store.put(index, "client-external", name, external);
    };
    client("10.0.0.1", kNoon, "front", "80.0.0.1");
    client("10.0.0.2", kNoon - 2 * kDownAfterMs, "db", "80.0.0.2");
    client("10.0.0.3", kNoon - 5, "twice", "");
    client("10.0.0.4", kNoon - 3, "twice", "");
    client("10.0.0.5", kNoon, "unexpected", "");
    const std::string row(kMachinesRow);
    store.put(index, row, "10.0.0.1", "%7B%22name%22%3A%22web1%22%2C%22group%22%3A%22web%22%7D");
    store.put(index, row, "80.0.0.2", R"({"group":"data"})");
    store.put(index, row, "twice", "a%20name");
    store.put(index, row, "i-0001", "");
    const auto all = machines(store, kNoon);
    REQUIRE(all.ok());
    std::string told;
    for (const MachineInfo& one : *all) {
        told += one.machine + " " + one.name + "/" + one.group + (one.expected ? " expected " : " other ") +
                one.client + "/" + one.external + (one.reports ? " reports" : " does not") + "\n";
    }
    CHECK(told ==
          "10.0.0.1 web1/web expected 10.0.0.1/80.0.0.1 reports\n"
          "80.0.0.2 db/data expected 10.0.0.2/80.0.0.2 does not\n"
          "i-0001 / expected / does not\n"
          "twice a name/ expected 10.0.0.4/ reports\n"
          "10.0.0.3 twice/ other 10.0.0.3/ reports\n"
          "10.0.0.5 unexpected/ other 10.0.0.5/ reports\n");
    CHECK(all->at(1).last_seen_ms == kNoon - 2 * kDownAfterMs);
    CHECK(all->at(2).last_seen_ms == 0);
}
