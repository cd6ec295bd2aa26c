// LocalSource's calls for the administrator: statistics, long work, and dropping data.
#include <algorithm>

#include "nmstore/clock.h"
#include "query/matcher.h"
#include "query/row_pattern.h"
#include "query/time_text.h"
#include "tools/interruption.h"
#include "tools/local_source.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kMaxRowsNamed = 1000;
constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;

Detail number(std::string name, std::uint64_t value) {
    return {std::move(name), std::to_string(value), true};
}

// Which day rows are to go; as the server's DELETE /rows decides it.
struct DropPattern {
    std::string client, log, kind;
    std::int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;

    bool accepts(const LogRow& row) const {
        const auto day = parse_day_row(row.key);
        if (!day) return false;
        if (kind.empty() ? row.kind == RowKind::alerts : row_kind_name(row.kind) != kind) return false;
        if (!client.empty() && !query::glob_matches(client, day->client)) return false;
        if (!log.empty() && !query::glob_matches(log_key_name(log), log_key_name(day->name))) return false;
        const std::int64_t begin_ms = day->day * kDayMs;
        return begin_ms >= from_ms && (to_ms == INT64_MAX || begin_ms + kDayMs <= to_ms);
    }
};

Result<DropPattern> pattern_of(const DropRequest& request) {
    DropPattern pattern{request.client, request.log, request.kind};
    const std::int64_t now = system_clock().now_ms();
    if (!request.from.empty()) {
        NM_ASSIGN(pattern.from_ms, query::parse_time(request.from, now));
    }
    if (!request.to.empty()) {
        NM_ASSIGN(pattern.to_ms, query::parse_time(request.to, now));
    }
    return pattern;
}

Result<DropAnswer> drop_row(Store& store, const DropRequest& request) {
    SliceRange first;
    first.limit = 1;
    const auto slice = store.slice(request.family, request.row, first);
    // A row that cannot be read is there, and dropping it is what is left to do with it.
    if (!slice.ok() && slice.error().code != Code::corruption) return slice.error();
    if (slice.ok() && slice->cells.empty()) return DropAnswer{};
    if (!request.dry_run) NM_TRY(store.remove_row(request.family, request.row));
    return DropAnswer{1, {request.row}};
}

Result<DropAnswer> drop_days(Store& store, const DropRequest& request) {
    NM_ASSIGN(const DropPattern pattern, pattern_of(request));
    RowSelection selection;
    selection.from_ms = pattern.from_ms;
    selection.to_ms = pattern.to_ms;
    selection.accept = [&pattern](const LogRow& row) { return pattern.accepts(row); };
    NM_ASSIGN(const std::vector<LogRow> rows, store.log_rows(selection));
    DropAnswer answer;
    for (const LogRow& row : rows) {
        if (interrupted()) return Error{Code::cancelled, "interrupted"};
        if (!request.dry_run) NM_TRY(store.remove_row(row.family, row.key));
        ++answer.dropped;
        if (answer.rows.size() < kMaxRowsNamed) answer.rows.push_back(row.key);
    }
    return answer;
}

}  // namespace

Result<std::vector<Detail>> LocalSource::stats() {
    const StoreStats stats = store_->stats();
    // Counts since the store was opened say nothing here: it was opened just now.
    return std::vector<Detail>{number("disk_bytes", stats.disk_bytes), number("log_bytes", stats.log_bytes),
                               number("rows", stats.rows)};
}

Result<WorkAnswer> LocalSource::compact(const Progress& progress) {
    NM_TRY(store_->compact(progress));
    return WorkAnswer{{number("disk_bytes", store_->stats().disk_bytes)}, {}, 0};
}

Result<RetentionReport> LocalSource::retain(const RetentionRequest& request, const Progress& progress) {
    if (request.policy.empty()) {
        return Error{Code::invalid_argument,
                     "say what a closed directory is to keep: --keep, --rule or --bytes"};
    }
    NM_ASSIGN(const RetentionPolicy policy, query::parse_retention(request.policy));
    return store_->retain(policy, request.dry_run, progress);
}

Result<WorkAnswer> LocalSource::verify(const Progress& progress) {
    NM_ASSIGN(VerifyReport report, store_->verify(progress));
    WorkAnswer answer;
    answer.details = {number("blocks", report.blocks),     number("cells", report.cells),
                      number("counters", report.counters), number("index_entries", report.index_entries),
                      number("lines", report.lines),       number("problem_count", report.problem_count),
                      number("rows", report.rows)};
    answer.problems = std::move(report.problems);
    answer.problem_count = report.problem_count;
    return answer;
}

Result<WorkAnswer> LocalSource::reindex(const ReindexSelection& selection, const Progress& progress) {
    query::RowPattern pattern{selection.family, selection.row, selection.client, selection.log,
                              selection.kind};
    const std::int64_t now = system_clock().now_ms();
    if (!selection.from.empty()) {
        NM_ASSIGN(pattern.from_ms, query::parse_time(selection.from, now));
    }
    if (!selection.to.empty()) {
        NM_ASSIGN(pattern.to_ms, query::parse_time(selection.to, now));
    }
    if (!selection.family.empty()) NM_TRY(store_->family(selection.family));
    ReindexRequest request;
    request.all = selection.all;
    NM_ASSIGN(request.rows, query::select_rows(pattern));
    NM_ASSIGN(ReindexReport report, store_->reindex(request, progress));
    WorkAnswer answer;
    answer.details = {number("blocks", report.blocks),     number("problem_count", report.problem_count),
                      number("rebuilt", report.rebuilt),   number("rows", report.rows),
                      number("segments", report.segments), number("sums", report.sums)};
    answer.problems = std::move(report.problems);
    answer.problem_count = report.problem_count;
    return answer;
}

Result<WorkAnswer> LocalSource::backup(const std::string& directory, const Progress& progress) {
    NM_ASSIGN(const BackupInfo info, store_->backup(directory, progress));
    return WorkAnswer{{number("bytes", info.bytes), number("files", info.files), number("id", info.id),
                       number("time", static_cast<std::uint64_t>(std::max<std::int64_t>(0, info.time_ms)))},
                      {},
                      0};
}

Result<std::vector<BackupInfo>> LocalSource::backups() {
    return Error{Code::invalid_argument, "name the directory that holds the backups"};
}

Result<DropAnswer> LocalSource::drop(const DropRequest& request) {
    if (request.family.empty()) return drop_days(*store_, request);
    if (!request.row.empty()) return drop_row(*store_, request);
    NM_TRY(store_->family(request.family));
    if (!request.dry_run) NM_TRY(store_->drop_family(request.family));
    return DropAnswer{1, {request.family}};
}

}  // namespace nmstore::tools
