// An alert: that a rule began or ceased to hold, for a client, a log, or all; or that it begins anew. It
// becomes a cell of the day's row of alerts, and the body of a webhook's request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/alert_rule.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxAlertSampleBytes = 1'000;

// reset: of a rule as a whole, which begins anew because it missed what was written.
enum class AlertStateKind : std::uint8_t { firing, resolved, reset };

struct Alert {
    AlertRulePtr rule;
    AlertStateKind state = AlertStateKind::firing;
    std::int64_t time_ms = 0;
    std::int64_t since_ms = 0;  // when it began
    std::string group;          // tells the states of one rule apart
    std::string client, log, field;
    std::uint64_t count = 0;  // of lines; 0: it is not about lines
    std::optional<double> reading;
    std::string text;          // what happened, for a person
    std::string sample;        // a line
    std::string id;            // set by seal()
    std::uint64_t change = 0;  // the number of the change that led to it; 0: time did

    // Derives the id from what led to the alert, so that it is the same when changes are evaluated again.
    void seal();
};

std::string_view alert_state_name(AlertStateKind state);

// The alert as the cell's value, an object as old agents wrote it. No '%' is in it: readers take such values
// for escape()d ones.
std::string alert_value(const Alert& alert);

// The `id` in such a value; "" if there is none.
std::string alert_id_of(std::string_view value);

// 32 hexadecimal digits of a SHA-256.
std::string hex_digest(std::string_view text);

// `text` as valid UTF-8, cut to at most so many bytes: wrong bytes become U+FFFD.
std::string valid_text(std::string_view text, std::size_t most);

}  // namespace nmstore::server
