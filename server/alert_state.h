// What is known of a rule's groups: one for each client, log or reading that it tells apart, or one for all.
// Kept over a restart as JSON: a head, and the groups in parts, so that what one of them learns is not
// written with all the others.
#pragma once

#include <bitset>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/change.h"
#include "nmstore/line.h"
#include "nmstore/store.h"
#include "server/half_lines.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxAlertGroups =
    1'000;  // of a rule; of SEVERE lines, different ones in a minute
inline constexpr std::size_t kMaxSilentClients = 20'000;    // of a rule for silent clients
inline constexpr std::size_t kMaxClientsWatched = 100'000;  // for all such rules together
inline constexpr std::int64_t kAlertSlots = 200;            // a window moves by such a part of it
inline constexpr std::int64_t kNeverDue = INT64_MAX;
inline constexpr std::size_t kAlertStateParts = 64;

using AlertStateParts = std::bitset<kAlertStateParts>;
// In which part a group is kept, whatever other groups there are.
std::size_t alert_state_part(std::string_view key);

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

    // severe: a line that may still go on, and is told when it does, or when it is due.
    std::optional<LineId> half;

    void add(std::int64_t time_ms, std::int64_t within_ms, std::uint64_t n);
    // Lets go what is not later than time_ms.
    void forget(std::int64_t time_ms);
    // Nothing was later than this.
    void set_back(std::int64_t time_ms);
    // When fewer than `count` will be left, if nothing comes: the time of the slot that then goes.
    std::int64_t last_needed_ms(std::uint64_t count) const;
};

struct AlertState {
    ChangeNumber from = 0;  // earlier changes do not count
    std::string rule;       // what tells the rule as it was set, see alert_rule_mark(); "": not known
    std::map<std::string, AlertGroup, std::less<>> groups;
    HalfLines half_lines{};  // that have counted
};

// Tells a rule's text from any other that it had, or will have.
std::string alert_rule_mark(std::string_view text);

// The notes of the head and of these parts; of a part without groups that its note goes. Groups of which
// nothing need be known after a restart are left out.
std::vector<Store::Note> alert_state_notes(const std::string& id, const AlertState& state, bool firing_only,
                                           const AlertStateParts& parts);
// That all notes of a rule's state go.
std::vector<Store::Note> no_alert_state_notes(const std::string& id);

// Of which rule such a note is, and whether it is a part's.
struct AlertStateNote {
    std::string id;
    bool is_part = false;
};
AlertStateNote alert_state_note(std::string_view name);
// Adds what a note tells, in any order. Whether it is a head with all groups, as there were once: all parts
// are to be written then. corruption: it is no such text, and nothing is added.
Result<bool> add_alert_state(const AlertStateNote& note, std::string_view text, AlertState& state);

}  // namespace nmstore::server
