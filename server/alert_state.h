// What is known of a rule's groups: one for each client, log or reading that it tells apart, or one for all.
// Kept over a restart as JSON.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "nmstore/change.h"
#include "nmstore/result.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxAlertGroups =
    1'000;  // of a rule; of SEVERE lines, different ones in a minute
inline constexpr std::size_t kMaxSilentClients = 20'000;  // of a rule for silent clients
inline constexpr std::int64_t kAlertSlots = 200;          // a window moves by such a part of it
inline constexpr std::int64_t kNeverDue = INT64_MAX;

struct AlertGroup {
    std::string key, client, log, field;
    bool firing = false;
    std::int64_t since_ms = 0;  // when it began to fire
    std::int64_t due_ms = kNeverDue;
    std::uint64_t serial = 0;  // not kept

    // lines: when and how many, by slots of the window; severe: how many were held back.
    std::deque<std::pair<std::int64_t, std::uint64_t>> slots;
    std::uint64_t total = 0;
    std::string sample;

    // reading: since when it has been over the limit, or back, 0 if it is not; the last one.
    std::int64_t over_ms = 0, back_ms = 0, last_ms = 0;
    double value = 0;

    bool listed = false;  // silent: the client was seen in the index row `clients`

    void add(std::int64_t time_ms, std::int64_t within_ms, std::uint64_t n);
    // Lets go what is not later than time_ms.
    void forget(std::int64_t time_ms);
    // When fewer than `count` will be left, if nothing comes: the time of the slot that then goes.
    std::int64_t last_needed_ms(std::uint64_t count) const;
};

struct AlertState {
    ChangeNumber from = 0;  // earlier changes do not count
    std::string rule;       // what tells the rule as it was set, see alert_rule_mark(); "": not known
    std::map<std::string, AlertGroup, std::less<>> groups;
};

// Tells a rule's text from any other that it had, or will have.
std::string alert_rule_mark(std::string_view text);

// Groups of which nothing need be known after a restart are left out.
std::string alert_state_text(const AlertState& state, bool firing_only);
// corruption: it is no such text.
Result<AlertState> parse_alert_state(std::string_view text);

}  // namespace nmstore::server
