#include "server/wire_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "server/error_answer.h"

namespace nmstore::server {

namespace {

struct MethodName {
    std::string_view name;
    Method method;
};

constexpr MethodName kMethods[] = {
    {"GET", Method::get},     {"HEAD", Method::head},   {"POST", Method::post},
    {"PUT", Method::put},     {"DELETE", Method::del},  {"OPTIONS", Method::options},
    {"PATCH", Method::other}, {"TRACE", Method::other}, {"CONNECT", Method::other},
};

bool is_safe(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string current_date() {
    thread_local std::int64_t cached_second = -1;
    thread_local std::string cached;
    const auto now = static_cast<std::int64_t>(std::time(nullptr));
    if (now != cached_second) {
        cached = http_date(now);
        cached_second = now;
    }
    return cached;
}

// Such answers have no body, and must not declare one.
bool is_bodiless(int status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

std::string http_date(std::int64_t unix_seconds) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(static_cast<std::time_t>(unix_seconds)));
}

std::string format_head(const Response& response, const HeadOptions& options) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nServer: nm-stored\r\n", response.status,
                                   reason_phrase(response.status), current_date());
    if (!is_bodiless(response.status)) {
        if (!response.content_type.empty() && is_safe(response.content_type)) {
            head += "Content-Type: " + response.content_type + "\r\n";
        }
        if (options.form == BodyForm::length)
            head += fmt::format("Content-Length: {}\r\n", response.body.size());
        if (options.form == BodyForm::chunked) head += "Transfer-Encoding: chunked\r\n";
    }
    if (!options.keep_alive) head += "Connection: close\r\n";
    if (options.keep_alive && options.old_reader) head += "Connection: keep-alive\r\n";
    for (const auto& [name, value] : response.headers) {
        if (!name.empty() && is_safe(name) && is_safe(value)) head += name + ": " + value + "\r\n";
    }
    head += "\r\n";
    return head;
}

std::string chunk_prefix(std::size_t bytes) {
    return fmt::format("{:x}\r\n", bytes);
}

Method parse_method(std::string_view name) {
    for (const MethodName& known : kMethods) {
        if (known.name == name) return known.method;
    }
    return Method::other;
}

bool may_begin_request(std::string_view bytes) {
    return std::any_of(std::begin(kMethods), std::end(kMethods), [&](const MethodName& known) {
        const std::size_t common = std::min(known.name.size(), bytes.size());
        if (bytes.substr(0, common) != known.name.substr(0, common)) return false;
        return bytes.size() <= known.name.size() || bytes[known.name.size()] == ' ';
    });
}

}  // namespace nmstore::server
