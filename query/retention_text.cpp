#include "query/retention_text.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "nmstore/day_row.h"
#include "nmstore/value_type.h"
#include "query/matcher.h"

namespace nmstore::query {
namespace {

constexpr std::uint64_t kHourMs = 3600 * 1000;
constexpr std::uint64_t kDayMs = 24 * kHourMs;
constexpr std::uint64_t kMostAgeMs = 100 * 365 * kDayMs;

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
constexpr Unit kAgeUnits[] = {{"h", kHourMs}, {"d", kDayMs}, {"w", 7 * kDayMs}, {"y", 365 * kDayMs}};
constexpr std::uint64_t kKi = 1024;
constexpr Unit kByteUnits[] = {{"", 1},
                               {"B", 1},
                               {"K", kKi},
                               {"KiB", kKi},
                               {"M", kKi* kKi},
                               {"MiB", kKi* kKi},
                               {"G", kKi* kKi* kKi},
                               {"GiB", kKi* kKi* kKi},
                               {"T", kKi* kKi* kKi* kKi},
                               {"TiB", kKi* kKi* kKi* kKi},
                               {"kB", 1000},
                               {"KB", 1000},
                               {"MB", 1000 * 1000},
                               {"GB", 1000 * 1000 * 1000},
                               {"TB", 1000ULL * 1000 * 1000 * 1000}};

Error wrong(std::string_view text, std::string_view what) {
    return {Code::invalid_argument, "'" + printable(text) + "' is not " + std::string(what)};
}

template <std::size_t n>
Result<std::uint64_t> with_unit(std::string_view text, const Unit (&units)[n], std::string_view form) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto known =
        std::find_if(std::begin(units), std::end(units), [&](const Unit& each) { return each.name == unit; });
    if (error != std::errc{} || known == std::end(units)) return wrong(text, form);
    if (number > std::uint64_t{std::numeric_limits<std::int64_t>::max()} / known->factor)
        return wrong(text, form);
    return number * known->factor;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blank = " \t\r";
    const std::size_t begin = text.find_first_not_of(blank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// "a=7d,b=3d" would be a rule for a client that nobody has.
bool holds_another_rule(std::string_view parts) {
    for (std::size_t at = parts.find('='); at != std::string_view::npos; at = parts.find('=', at + 1)) {
        const std::string_view rest = parts.substr(at + 1);
        const std::size_t end = rest.find_first_of(", ;\t\n");
        if (end != std::string_view::npos && parse_age(rest.substr(0, end)).ok()) return true;
    }
    return false;
}

// What somebody wrote who did not know the names of the kinds: it would match nothing.
bool is_wrong_kind(std::string_view parts) {
    constexpr std::string_view wrong_names[] = {"alerts:", "alert:", "log:", "plugin:", "alerts/"};
    return parts == "alert" || std::any_of(std::begin(wrong_names), std::end(wrong_names),
                                           [&](std::string_view name) { return parts.starts_with(name); });
}

struct RuleParts {
    RowKind kind = RowKind::other;  // other: logs and plugins
    std::string client = "*";
    std::string log = "*";

    bool match(const LogRow& row) const {
        if (kind == RowKind::alerts) return row.kind == kind;
        if (kind == RowKind::other ? row.kind == RowKind::alerts : row.kind != kind) return false;
        return glob_matches(client, row.client) && glob_matches(log, log_key_name(row.log));
    }
};

Result<RuleParts> parse_parts(std::string_view text) {
    RuleParts parts;
    if (is_wrong_kind(text))
        return wrong(text, "a kind of rows: write logs:CLIENT, plugins:CLIENT, or alerts alone");
    if (text == "alerts") {
        parts.kind = RowKind::alerts;
        return parts;
    }
    for (const RowKind kind : {RowKind::logs, RowKind::plugins}) {
        const std::string prefix = std::string(row_kind_name(kind)) + ":";
        if (!text.starts_with(prefix)) continue;
        parts.kind = kind;
        text.remove_prefix(prefix.size());
        break;
    }
    const std::size_t slash = text.find('/');
    parts.client = text.substr(0, slash);
    if (slash != std::string_view::npos) parts.log = log_key_name(text.substr(slash + 1));
    if (parts.client.empty() || parts.log.empty()) return wrong(text, "CLIENT or CLIENT/LOG");
    return parts;
}

}  // namespace

Result<std::optional<std::int64_t>> parse_age(std::string_view text) {
    constexpr std::string_view form = "an age like 12h, 30d, 2w, 1y (from 1h to 100y) or forever";
    if (text == "forever") return std::optional<std::int64_t>();
    NM_ASSIGN(const std::uint64_t age_ms, with_unit(text, kAgeUnits, form));
    if (age_ms < static_cast<std::uint64_t>(kLeastAgeMs) || age_ms > kMostAgeMs) return wrong(text, form);
    return std::optional<std::int64_t>(static_cast<std::int64_t>(age_ms));
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
    return with_unit(text, kByteUnits, "a size like 65536, 500MiB or 50GB");
}

Result<RetentionRule> parse_retention_rule(std::string_view text) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string_view::npos) return wrong(text, "a rule like 'CLIENT/LOG=7d'");
    const std::string_view whose = trimmed(text.substr(0, equals));
    if (holds_another_rule(whose)) return wrong(text, "one rule: give each by itself");
    NM_ASSIGN(RuleParts parts, parse_parts(whose));
    NM_ASSIGN(const std::optional<std::int64_t> keep_ms, parse_age(trimmed(text.substr(equals + 1))));
    return RetentionRule{[parts = std::move(parts)](const LogRow& row) { return parts.match(row); }, keep_ms};
}

Result<RetentionPolicy> parse_retention(const RetentionText& text) {
    RetentionPolicy policy;
    policy.forget_names = text.forget_names;
    if (!text.keep.empty()) {
        NM_ASSIGN(policy.keep_ms, parse_age(text.keep));
    }
    if (text.rules.size() > kMaxRetentionRules) {
        return Error{Code::invalid_argument,
                     "there are more than " + std::to_string(kMaxRetentionRules) + " rules"};
    }
    for (const std::string& rule : text.rules) {
        NM_ASSIGN(RetentionRule parsed, parse_retention_rule(rule));
        policy.rules.push_back(std::move(parsed));
    }
    if (!text.bytes.empty()) {
        NM_ASSIGN(policy.max_bytes, parse_bytes(text.bytes));
        if (policy.max_bytes == 0) return wrong(text.bytes, "a size over 0");
    }
    return policy;
}

}  // namespace nmstore::query
