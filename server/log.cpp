#include "server/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

namespace nmstore::server {

namespace {

constexpr std::size_t kMaxLoggedValue = 2000;  // bytes of one value; the rest is cut

std::atomic<LogLevel> g_level{LogLevel::info};
std::atomic<LogFormat> g_format{LogFormat::text};

// spdlog writes whole lines under one lock; the pattern is bare, the line is ours.
spdlog::logger& stderr_logger() {
    static const std::shared_ptr<spdlog::logger> logger = [] {
        auto made =
            std::make_shared<spdlog::logger>("nm-stored", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%v");
        made->set_level(spdlog::level::trace);
        made->flush_on(spdlog::level::trace);
        return made;
    }();
    return *logger;
}

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
        case LogLevel::off:
            break;
    }
    return "off";
}

std::string_view cut(std::string_view value) {
    return value.substr(0, kMaxLoggedValue);
}

bool is_plain(unsigned char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

// A value stays bare where that is unambiguous; else it is quoted, and no byte can end the line or move the
// cursor.
void append_text_value(std::string& line, std::string_view value) {
    bool plain = !value.empty();
    for (const char c : value) plain = plain && is_plain(static_cast<unsigned char>(c));
    if (plain) {
        line += value;
        return;
    }
    line += '"';
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            line += '\\';
            line += c;
        } else if (byte >= ' ' && byte < 0x7f) {
            line += c;
        } else {
            fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
        }
    }
    line += '"';
}

std::string now_text() {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto ms = now.time_since_epoch().count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                       ms);
}

}  // namespace

std::string format_event(LogFormat format, std::string_view time, LogLevel level, std::string_view event,
                         std::initializer_list<LogField> fields) {
    if (format == LogFormat::json) {
        nlohmann::ordered_json json;
        json["time"] = time;
        json["level"] = level_name(level);
        json["event"] = event;
        for (const LogField& field : fields) json[std::string(field.key)] = cut(field.value);
        return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
    }
    std::string line = fmt::format("{} {} {}", time, level_name(level), event);
    for (const LogField& field : fields) {
        line += ' ';
        line += field.key;
        line += '=';
        append_text_value(line, cut(field.value));
    }
    return line;
}

void set_log(LogLevel level, LogFormat format) {
    g_level = level;
    g_format = format;
}

bool log_enabled(LogLevel level) {
    return level >= g_level.load(std::memory_order_relaxed);
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (!log_enabled(level) || level == LogLevel::off) return;
    try {
        stderr_logger().log(spdlog::level::info, "{}",
                            format_event(g_format, now_text(), level, event, fields));
    } catch (const std::exception&) {
        // A log that cannot be written must not end a request.
    }
}

}  // namespace nmstore::server
