// Kinds of logs that a machine writes; each makes one line after the other, as its program would.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/random.h"

namespace nmstore::benchmarks {

struct LineContext {
    Random& random;
    std::int64_t time_ms = 0;
    std::string_view host;
};

// One log of one machine: remembers what its lines refer to (a session, a block, a request).
class LogKind {
  public:
    virtual ~LogKind() = default;
    // Appends one line, without a newline.
    virtual void write(const LineContext& context, std::string& out) = 0;
};

struct LogKindInfo {
    std::string_view name;  // as the command line names it
    std::string_view path;
    std::uint32_t share;  // of the lines of a machine, relative to the others
    std::unique_ptr<LogKind> (*make)();
};

const std::vector<LogKindInfo>& log_kinds();

std::unique_ptr<LogKind> make_sshd_log();
std::unique_ptr<LogKind> make_kernel_log();
std::unique_ptr<LogKind> make_web_log();
std::unique_ptr<LogKind> make_json_log();
std::unique_ptr<LogKind> make_key_value_log();
std::unique_ptr<LogKind> make_storage_log();

// "Jan  5 13:02:11", "05/Jan/2026:13:02:11 +0000", "2026-01-05T13:02:11.123Z", appended.
void append_syslog_time(std::int64_t time_ms, std::string& out);
void append_web_time(std::int64_t time_ms, std::string& out);
void append_iso_time(std::int64_t time_ms, std::string& out);

// "203.0.113.17", the same for the same number.
void append_address(std::uint64_t number, std::string& out);
void append_number(std::uint64_t number, std::string& out);
void append_hex(std::uint64_t number, int digits, std::string& out);

}  // namespace nmstore::benchmarks
