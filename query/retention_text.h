// Rules of retention as a person writes them: "10.0.0.*/nginx=7d", "plugins:*=90d", "alerts=forever".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/retention.h"

namespace nmstore::query {

inline constexpr std::int64_t kLeastAgeMs = std::int64_t{3600} * 1000;  // less is a slip
inline constexpr std::size_t kMaxRetentionRules = 1000;

// "12h", "30d", "2w", "1y" (365 days) in milliseconds, at least an hour and at most 100 years; nullopt for
// "forever".
Result<std::optional<std::int64_t>> parse_age(std::string_view text);
// "50GB" (1000 each), "50GiB" or "50G" (1024 each), "65536".
Result<std::uint64_t> parse_bytes(std::string_view text);

// [KIND:]CLIENT[/LOG]=AGE: rows of clients and logs (or plugins) that match these globs ('*', '?'). KIND is
// logs, plugins or alerts; without one it is for logs and plugins. Alerts have no client: "alerts=AGE". A
// log's path may be written with '/' or, as in keys, with '_'.
Result<RetentionRule> parse_retention_rule(std::string_view text);

// A policy as texts, "" and none for what is not given.
struct RetentionText {
    std::string keep;
    std::vector<std::string> rules;
    std::string bytes;
    bool forget_names = false;

    bool empty() const { return keep.empty() && rules.empty() && bytes.empty(); }
};
// invalid_argument names the part that is wrong.
Result<RetentionPolicy> parse_retention(const RetentionText& text);

}  // namespace nmstore::query
