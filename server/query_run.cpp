#include "server/query_run.h"

#include <algorithm>

namespace nmstore::server {
namespace {

query::Limits limits_of(const Config& config, std::chrono::milliseconds within) {
    return query::Limits{std::min<std::chrono::milliseconds>(config.query_timeout, within),
                         config.query_max_lines, config.query_max_memory};
}

}  // namespace

QueryRun::QueryRun(Context& context, std::function<bool()> gone, std::chrono::milliseconds within)
    : metrics_(context.metrics),
      asked_within_(within < context.config.query_timeout),
      execution_(limits_of(context.config, within)) {
    execution_.gone = std::move(gone);
}

void QueryRun::count(bool ok) {
    execution_.finish();
    std::string& stopped_by = execution_.stats.stopped_by;
    metrics_.count("query_lines_scanned", execution_.stats.lines_scanned);
    if (asked_within_ && stopped_by == "query_timeout") {
        stopped_by = "within";
    } else if (!stopped_by.empty()) {
        metrics_.limit_hit(stopped_by);
    }
    if (execution_.cancelled()) {
        metrics_.count("queries_cancelled");
    } else if (!ok) {
        metrics_.count("queries_failed");
    } else {
        metrics_.count(stopped_by.empty() ? "queries_complete" : "queries_cut_short");
    }
}

Result<void> QueryRun::complete() const {
    const std::string& stopped_by = execution_.stats.stopped_by;
    if (stopped_by.empty()) return {};
    const Code code = stopped_by == "query_timeout" ? Code::deadline_exceeded : Code::limit_exceeded;
    return Error{code, "the query was stopped by the limit " + stopped_by + "; ask for less"};
}

}  // namespace nmstore::server
