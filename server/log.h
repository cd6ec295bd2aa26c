// The server's log: one line an event on standard error, as key=value text or as JSON. What came from a
// client is escaped; credentials are never given to it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace nmstore::server {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };
enum class LogFormat : std::uint8_t { text, json };

struct LogField {
    std::string_view key;  // a name of ours
    std::string value;     // any bytes
};

// Before the first event; may be called again. Any thread may log at any time.
void set_log(LogLevel level, LogFormat format);
bool log_enabled(LogLevel level);
// `event`: a short fixed text, "started", "handler failed"; what changes goes into fields.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The line that log_event() writes, for tests: without newline.
std::string format_event(LogFormat format, std::string_view time, LogLevel level, std::string_view event,
                         std::initializer_list<LogField> fields);

}  // namespace nmstore::server
