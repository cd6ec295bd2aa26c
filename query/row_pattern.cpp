#include "query/row_pattern.h"

#include <algorithm>
#include <array>

#include "query/matcher.h"

namespace nmstore::query {
namespace {

bool accepts(const RowPattern& pattern, const LogRow& row) {
    if (!pattern.row.empty() && row.key != pattern.row) return false;
    if (!pattern.kind.empty() && row_kind_name(row.kind) != pattern.kind) return false;
    if (!pattern.client.empty() && !glob_matches(pattern.client, row.client)) return false;
    return pattern.log.empty() || glob_matches(log_key_name(pattern.log), log_key_name(row.log));
}

}  // namespace

Result<RowSelection> select_rows(const RowPattern& pattern) {
    constexpr std::array kKinds{RowKind::logs, RowKind::plugins, RowKind::alerts, RowKind::other};
    const bool known = std::any_of(kKinds.begin(), kKinds.end(),
                                   [&](RowKind kind) { return pattern.kind == row_kind_name(kind); });
    if (!pattern.kind.empty() && !known)
        return Error{Code::invalid_argument, "kind: expected logs, plugins, alerts or other"};
    if (pattern.from_ms > pattern.to_ms)
        return Error{Code::invalid_argument, "\"from\" is later than \"to\""};
    RowSelection rows{pattern.family, pattern.from_ms, pattern.to_ms, {}};
    rows.key_prefix = pattern.row;
    if (!pattern.row.empty() || !pattern.kind.empty() || !pattern.client.empty() || !pattern.log.empty())
        rows.accept = [pattern](const LogRow& row) { return accepts(pattern, row); };
    return rows;
}

}  // namespace nmstore::query
