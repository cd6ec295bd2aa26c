// The machines that there should be, and which of them report. The inventory is the index row `instances`: a
// column for each machine, by address or any other name, and as value {"name":…,"group":…} or the name alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::query {

inline constexpr std::string_view kMachinesRow = "instances";

struct MachineInfo {
    std::string machine;            // as the inventory calls it; the client where it is not in there
    std::string name;               // of the inventory, else the client's tag; "" if none
    std::string group;              // "" if none
    bool expected = false;          // it is in the inventory
    std::string client;             // that it reports as; "": none is known
    std::string external;           // the client's external address, "" if none
    std::int64_t last_seen_ms = 0;  // 0: not known
    bool reports = false;           // the client is not down (kDownAfterMs)
};

// Those of the inventory in the order of their columns, and then the clients that none of them is, by name. A
// machine is the client of its name; else the one with that external address, else that tag (if several have
// it, the one that was seen last).
Result<std::vector<MachineInfo>> machines(const Store& store, std::int64_t now_ms);

}  // namespace nmstore::query
