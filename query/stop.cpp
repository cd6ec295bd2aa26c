#include "query/stop.h"

namespace nmstore::query {

Error stop_error(const Execution& execution) {
    if (execution.cancelled()) return {Code::cancelled, "the query was cancelled"};
    const Limits& limits = execution.limits();
    const std::string& why = execution.stats.stopped_by;
    if (why == "query_timeout")
        return {Code::deadline_exceeded, "the query ran into its time limit (query_timeout: " +
                                             std::to_string(limits.time.count()) + " ms)"};
    if (why == "query_max_lines")
        return {Code::limit_exceeded,
                "the query looked at more lines or cells than it may (query_max_lines: " +
                    std::to_string(limits.lines) + ")"};
    return {Code::limit_exceeded, "the query needs more memory than it may have (query_max_memory: " +
                                      std::to_string(limits.memory_bytes) + " bytes)"};
}

Result<void> keep_going(Execution& execution) {
    if (execution.go_on()) return {};
    return stop_error(execution);
}

Result<void> hold_memory(Execution& execution, std::size_t bytes) {
    if (execution.hold(bytes)) return {};
    return stop_error(execution);
}

}  // namespace nmstore::query
