// DELETE /rows: one row, or the day rows of clients and logs that lie wholly inside a time.
#include <algorithm>

#include "query/matcher.h"
#include "server/api_calls.h"
#include "server/parameters.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kMaxRowsNamed = 1000;
constexpr std::int64_t kDayMs = 24 * 3600 * 1000;

// Which day rows to drop. Empty members do not restrict, but a kind is always one or logs and plugins.
struct DropPattern {
    std::string client, log;
    std::optional<RowKind> kind;
    std::int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;

    bool accepts(const LogRow& row) const {
        const std::optional<DayRow> day = parse_day_row(row.key);
        if (!day) return false;
        if (kind ? row.kind != *kind : row.kind == RowKind::alerts) return false;
        if (!client.empty() && !query::glob_matches(client, day->client)) return false;
        if (!log.empty() && !query::glob_matches(log_key_name(log), log_key_name(day->name))) return false;
        const std::int64_t begin_ms = day->day * kDayMs;
        return begin_ms >= from_ms && (to_ms == INT64_MAX || begin_ms + kDayMs <= to_ms);
    }
};

Result<std::optional<RowKind>> read_kind(std::string_view text) {
    if (text.empty()) return std::optional<RowKind>();
    for (const RowKind kind : {RowKind::logs, RowKind::plugins, RowKind::alerts}) {
        if (text == row_kind_name(kind)) return std::optional<RowKind>(kind);
    }
    return Error{Code::invalid_argument, "kind: expected logs, plugins or alerts"};
}

Result<DropPattern> read_pattern(const Parameters& parameters, std::int64_t now_ms) {
    DropPattern pattern;
    pattern.client = parameters.text("client");
    pattern.log = parameters.text("log");
    NM_ASSIGN(pattern.kind, read_kind(parameters.text("kind")));
    NM_ASSIGN(pattern.from_ms, parameters.time_ms("from", INT64_MIN, now_ms));
    NM_ASSIGN(pattern.to_ms, parameters.time_ms("to", INT64_MAX, now_ms));
    return pattern;
}

struct DoomedRow {
    std::string family, key;
};

Result<std::vector<DoomedRow>> find_rows(Context& context, const Parameters& parameters) {
    const std::string family(parameters.text("family"));
    if (parameters.has("row")) {
        for (const std::string_view other : {"client", "log", "kind", "from", "to"}) {
            if (parameters.has(other)) {
                return Error{Code::invalid_argument, "row: cannot stand beside " + std::string(other)};
            }
        }
        if (family.empty()) return Error{Code::invalid_argument, "parameter \"family\" is missing"};
        NM_TRY(context.store.family(family));
        const std::string key(parameters.text("row"));
        SliceRange first;
        first.limit = 1;
        const auto slice = context.store.slice(family, key, first);
        // A row that cannot be read is there, and dropping it is what is left to do with it.
        if (!slice.ok() && slice.error().code != Code::corruption) return slice.error();
        if (slice.ok() && slice->cells.empty()) return std::vector<DoomedRow>{};
        return std::vector<DoomedRow>{{family, key}};
    }
    const auto selects = [&](std::string_view name) { return parameters.has(name); };
    if (!selects("client") && !selects("log") && !selects("kind") && !selects("from") && !selects("to")) {
        return Error{Code::invalid_argument,
                     "name what to drop: row, or some of client, log, kind, from and to"};
    }
    NM_ASSIGN(const DropPattern pattern, read_pattern(parameters, context.clock.now_ms()));
    RowSelection selection;
    selection.family = family;
    selection.from_ms = pattern.from_ms;
    selection.to_ms = pattern.to_ms;
    selection.accept = [&pattern](const LogRow& row) { return pattern.accepts(row); };
    NM_ASSIGN(const std::vector<LogRow> found, context.store.log_rows(selection));
    std::vector<DoomedRow> doomed;
    for (const LogRow& row : found) doomed.push_back({row.family, row.key});
    return doomed;
}

}  // namespace

Result<Response> drop_rows(Context& context, Request& request) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"family", "row", "client", "log", "kind", "from", "to", "dry_run"}));
    NM_ASSIGN(const bool dry_run, parameters.boolean("dry_run"));
    NM_ASSIGN(const std::vector<DoomedRow> doomed, find_rows(context, parameters));
    std::size_t dropped = 0;
    for (const DoomedRow& row : doomed) {
        if (dry_run) break;
        const Result<void> removed = context.store.remove_row(row.family, row.key);
        if (!removed) {
            return Error{removed.error().code, "after " + std::to_string(dropped) + " of " +
                                                   std::to_string(doomed.size()) +
                                                   " rows: " + removed.error().message};
        }
        ++dropped;
    }
    context.metrics.count("rows_dropped", dropped);
    Response response;
    JsonWriter json(response.body);
    json.begin_object().key("dropped").natural(doomed.size()).key("dry_run").boolean(dry_run);
    json.key("rows").begin_array();
    for (std::size_t i = 0; i < std::min(doomed.size(), kMaxRowsNamed); ++i) json.string(doomed[i].key);
    json.end_array().end_object();
    return response;
}

}  // namespace nmstore::server::api
