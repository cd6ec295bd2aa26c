#include "benchmarks/log_kind.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace nmstore::benchmarks {

namespace {

std::tm utc(std::int64_t time_ms) {
    const auto seconds = static_cast<std::time_t>(time_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

void append_time(std::int64_t time_ms, const char* format, std::string& out) {
    const std::tm parts = utc(time_ms);
    std::array<char, 64> text{};
    out.append(text.data(), std::strftime(text.data(), text.size(), format, &parts));
}

}  // namespace

const std::vector<LogKindInfo>& log_kinds() {
    static const std::vector<LogKindInfo> kinds = {
        {"sshd", "/var/log/auth.log", 10, make_sshd_log},
        {"kernel", "/var/log/syslog", 15, make_kernel_log},
        {"web", "/var/log/nginx/access.log", 30, make_web_log},
        {"json", "/var/log/shop/app.json", 20, make_json_log},
        {"kv", "/var/log/router.log", 10, make_key_value_log},
        {"storage", "/var/log/datanode.log", 15, make_storage_log},
    };
    return kinds;
}

void append_syslog_time(std::int64_t time_ms, std::string& out) {
    append_time(time_ms, "%b %e %H:%M:%S", out);
}
void append_web_time(std::int64_t time_ms, std::string& out) {
    append_time(time_ms, "%d/%b/%Y:%H:%M:%S +0000", out);
}

void append_iso_time(std::int64_t time_ms, std::string& out) {
    append_time(time_ms, "%Y-%m-%dT%H:%M:%S", out);
    std::array<char, 8> milliseconds{};
    std::snprintf(milliseconds.data(), milliseconds.size(), ".%03dZ", static_cast<int>(time_ms % 1000));
    out += milliseconds.data();
}

void append_number(std::uint64_t number, std::string& out) {
    out += std::to_string(number);
}

void append_hex(std::uint64_t number, int digits, std::string& out) {
    for (int i = digits - 1; i >= 0; --i) out += "0123456789abcdef"[i < 16 ? number >> (4 * i) & 0xf : 0];
}

void append_address(std::uint64_t number, std::string& out) {
    const std::uint64_t mixed = Random(number).bits();
    append_number(11 + mixed % 180, out);
    for (const int shift : {8, 16, 24}) {
        out += '.';
        append_number(mixed >> shift & 0xff, out);
    }
}

}  // namespace nmstore::benchmarks
