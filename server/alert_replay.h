// What a rule makes of lines that are in the store already: read again in the order of their own times, each
// as if it had been committed at its own. For a look at what a rule would have told, and for changes that
// were not kept until they were evaluated.
#pragma once

#include <cstdint>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"
#include "server/alert.h"
#include "server/alert_rule.h"
#include "server/alert_state.h"

namespace nmstore::server {

struct AlertReplay {
    AlertRulePtr rule;          // of any kind but silent; also one that is switched off
    AlertState state;           // what is known of it at the beginning
    std::int64_t state_ms = 0;  // of this moment; what was due since happens first. 0: of from_ms
    std::int64_t from_ms = 0;   // lines of [from, to) are read, and the time goes on to `to`
    std::int64_t to_ms = 0;
    std::size_t most_alerts = SIZE_MAX;  // kept; the others are counted
};

struct AlertReplayed {
    std::vector<Alert> alerts;  // as they would have been told
    std::uint64_t left_out = 0;
    AlertState state;  // at `to`; of a replay that ran into a limit, at the last line that was read
};

// Reads the store with one query. A limit of the execution ends it early, with execution.stats.stopped_by
// set. unsupported: a rule for silent clients. Else fails as query::search_stream().
Result<AlertReplayed> replay_alerts(const Store& store, const AlertReplay& replay,
                                    query::Execution& execution);

}  // namespace nmstore::server
