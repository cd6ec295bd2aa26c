// A rule that says when there is an alert, as it is written in JSON: see "Alerts" in docs/operations.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/result.h"
#include "query/filter.h"

namespace nmstore::server {

inline constexpr std::size_t kMaxAlertRules = 1'000;
inline constexpr std::size_t kMaxAlertRuleBytes = 16 * 1024;
inline constexpr std::size_t kMaxAlertRuleIdBytes = 64;
inline constexpr std::uint64_t kMaxAlertCount = 1'000'000'000;
inline constexpr std::int64_t kMaxAlertTimeMs = std::int64_t{30} * 24 * 3600 * 1000;
inline constexpr std::size_t kMaxAlertOverrides = 100;
inline constexpr std::size_t kMaxWebhookUrlBytes = 2048;
inline constexpr std::size_t kMaxWebhookSecretBytes = 256;

inline constexpr std::string_view kSevereRule =
    "severe";  // the id of the rule that is there without being set
inline constexpr std::string_view kHiddenSecret = "***";  // shown for what is not

enum class AlertKind : std::uint8_t { lines, reading, silent, severe };
enum class AlertGrouping : std::uint8_t { none, client, log };  // log: a client's

struct AlertRule {
    std::string id;
    std::string text;  // as it was set, with its secret
    AlertKind kind = AlertKind::lines;
    bool enabled = true;

    // lines: at least `count` that match within the time.
    std::shared_ptr<const query::Filter> filter;
    std::string query;
    std::uint64_t count = 1;
    std::int64_t within_ms = 300'000;
    AlertGrouping by = AlertGrouping::none;

    // reading, and silent: globs of names; a client's tag works, too.
    std::string client = "*", plugin = "*", field = "*";
    bool above = true;
    double limit = 0;
    std::int64_t for_ms = 0;
    std::int64_t clear_ms = 0;
    std::int64_t stale_ms = 600'000;  // without a reading it is resolved

    // silent: how long; the first of the overrides (glob of clients) that fits decides.
    std::int64_t after_ms = 600'000;
    std::vector<std::pair<std::string, std::int64_t>> overrides;

    std::string url, secret;  // of the webhook; no url: none
};
using AlertRulePtr = std::shared_ptr<const AlertRule>;

// invalid_argument: 1 to 64 of letters, digits, '_', '-' and '.'.
Result<void> check_alert_rule_id(std::string_view id);

// invalid_argument, too_large: "field: why". `column`: where, in characters from 1 (for a text on one line),
// if that can be told.
Result<AlertRule> parse_alert_rule(std::string_view id, std::string_view text,
                                   std::optional<std::size_t>* column = nullptr);

// The text with the secret that `old` has where it says kHiddenSecret: for who sets again what was shown.
// That is invalid_argument for another host than the secret was given for.
Result<std::string> with_old_secret(std::string_view text, const AlertRule* old);

// The rule as JSON, its secret never shown; of the webhook's URL, which may be a secret as well, only where
// it begins unless `whole_url`.
std::string shown_alert_rule(const AlertRule& rule, bool whole_url);

// "http://host:port" of a URL.
std::string_view origin_of_url(std::string_view url);

std::string_view alert_kind_name(AlertKind kind);

// What every SEVERE line matches, and few others do (query::is_severe() tells). Of logs alone: so the cells
// of plugins, the most of what agents post, are not even read for it.
std::shared_ptr<const query::Filter> severe_filter();

}  // namespace nmstore::server
