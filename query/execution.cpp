#include "query/execution.h"

namespace nmstore::query {

bool Execution::go_on() {
    if (cancelled()) return false;
    if (!stats.stopped_by.empty()) return false;
    if (stats.lines_scanned >= limits_.lines) {
        stats.stopped_by = "query_max_lines";
        return false;
    }
    const auto now = std::chrono::steady_clock::now();
    if (gone && now >= next_poll_) {
        next_poll_ = now + kGonePollInterval;
        if (gone()) {
            cancel();
            return false;
        }
    }
    if (now - start_ >= limits_.time) {
        stats.stopped_by = "query_timeout";
        return false;
    }
    return true;
}

bool Execution::hold(std::size_t bytes) {
    held_ += bytes;
    if (held_ <= limits_.memory_bytes) return true;
    if (stats.stopped_by.empty()) stats.stopped_by = "query_max_memory";
    return false;
}

void Execution::finish() {
    stats.elapsed_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
}

}  // namespace nmstore::query
