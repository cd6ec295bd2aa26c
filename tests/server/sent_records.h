// Records as another hub sends them.
#pragma once

#include <string>
#include <vector>

#include "tests/server/replication_case.h"

namespace nmstore::testing {

inline const std::string kFrom = "0123456789abcdef0123456789abcdef";
inline const std::string kLink = "hub=" + kFrom + "&stream=";

inline Answer post_records(Hub& hub, const std::string& parameters,
                           const std::vector<JournalRecord>& records) {
    return hub.post("/api/v1/replication/records?" + kLink + parameters, server::pack_records(records),
                    {{"content-type", std::string(server::kJournalContentType)}});
}

// Two, with the numbers 10 and 12.
inline std::vector<JournalRecord> some_records() {
    JournaledStore store;
    store.put("CFUTF8Type", "r", "a", "1");
    store.put("CFUTF8Type", "r", "b", "2");
    auto records = must(store->read_journal(0, SIZE_MAX));
    REQUIRE(records.size() == 2);
    records[0].number = 10;
    records[1].number = 12;
    return records;
}

}  // namespace nmstore::testing
