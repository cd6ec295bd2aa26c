// make_bodies: files of log lines as bodies of POST /api/v1/logs: JSON lines, the files interleaved by time
// over one day, so many lines a body.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "benchmarks/log_kind.h"

namespace {

using namespace nmstore::benchmarks;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kRedrawnDigits = 5;  // numbers of so many digits tell one thing from another

struct Arguments {
    std::vector<std::string> logs;
    std::string out;
    std::size_t lines_per_body = 50'000;
    std::int64_t start_ms = 1'767'571'200'000;  // 2026-01-05T00:00:00Z
    std::uint64_t redraw = 0;
};

// One file and how far it has been told; its lines come evenly over the day.
struct Log {
    std::string name;
    std::string client;
    std::string text;
    std::size_t lines = 0;
    std::size_t told = 0;
    std::size_t position = 0;

    std::int64_t time_ms() const {
        return kDayMs * static_cast<std::int64_t>(told) / static_cast<std::int64_t>(lines);
    }
    std::string_view next() {
        const std::size_t end = std::min(text.find('\n', position), text.size());
        const auto line = std::string_view(text).substr(position, end - position);
        position = end + 1;
        ++told;
        return line;
    }
};

Log read_log(const std::string& path, std::size_t number) {
    Log log;
    log.name = std::filesystem::path(path).filename();
    log.client = "10.0.0." + std::to_string(number % 8 + 1);
    std::ostringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    log.text = std::move(content).str();
    log.lines = static_cast<std::size_t>(std::count(log.text.begin(), log.text.end(), '\n'));
    if (!log.text.empty() && log.text.back() != '\n') ++log.lines;
    return log;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Every long number becomes another one of its length, the same for the same number: a second day of the same
// programs, whose sessions, blocks and addresses are new.
void redraw_numbers(std::string& line, std::uint64_t round) {
    for (std::size_t begin = 0; begin < line.size();) {
        std::size_t end = begin;
        while (end < line.size() && is_digit(line[end])) ++end;
        if (end - begin >= kRedrawnDigits) {
            std::uint64_t seed = round;
            for (std::size_t i = begin; i < end; ++i) seed = seed * 31 + static_cast<unsigned char>(line[i]);
            Random random(seed);
            for (std::size_t i = begin + 1; i < end; ++i)
                line[i] = static_cast<char>('0' + static_cast<int>(random.below(10)));
        }
        begin = end + 1;
    }
}

void append_body_line(Log& log, const Arguments& arguments, std::string& out) {
    const std::int64_t time_ms = arguments.start_ms + log.time_ms();
    std::string line(log.next());
    if (arguments.redraw != 0) redraw_numbers(line, arguments.redraw);
    out += R"({"_time": ")";
    append_iso_time(time_ms, out);
    out += R"(", "_msg": )";
    out += nlohmann::json(std::move(line)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(R"(, "host": ")").append(log.client).append(R"(", "log": "/var/log/)");
    out.append(log.name).append("\"}\n");
}

bool write_body(const Arguments& arguments, std::size_t number, const std::string& body) {
    char name[32];
    std::snprintf(name, sizeof name, "/%05zu.ndjson", number);
    std::ofstream file(arguments.out + name, std::ios::binary | std::ios::trunc);
    file.write(body.data(), static_cast<std::streamsize>(body.size()));
    file.close();
    if (!file) std::cerr << "make_bodies: cannot write " << arguments.out << name << "\n";
    return static_cast<bool>(file);
}

int run(const Arguments& arguments) {
    std::vector<Log> logs;
    for (const std::string& path : arguments.logs) logs.push_back(read_log(path, logs.size()));
    std::filesystem::create_directories(arguments.out);
    std::size_t bodies = 0, lines = 0, in_body = 0;
    std::string body;
    while (true) {
        Log* earliest = nullptr;
        for (Log& log : logs) {
            if (log.told == log.lines) continue;
            if (earliest == nullptr || log.time_ms() < earliest->time_ms()) earliest = &log;
        }
        if (earliest != nullptr) {
            append_body_line(*earliest, arguments, body);
            ++lines;
            ++in_body;
        }
        if (in_body == arguments.lines_per_body || (earliest == nullptr && in_body > 0)) {
            if (!write_body(arguments, bodies++, body)) return 1;
            body.clear();
            in_body = 0;
        }
        if (earliest == nullptr) break;
    }
    std::cout << lines << " lines " << bodies << " bodies\n";
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Arguments arguments;
    CLI::App app("Makes JSON lines, bodies of POST /api/v1/logs, of files of log lines.");
    app.add_option("out", arguments.out, "Directory of the bodies")->required();
    app.add_option("logs", arguments.logs, "Files of lines")->required()->check(CLI::ExistingFile);
    app.add_option("--lines-per-body", arguments.lines_per_body)
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--start-ms", arguments.start_ms, "Midnight of the day")->capture_default_str();
    app.add_option("--redraw", arguments.redraw, "Other long numbers for each N; 0: as they are")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return run(arguments);
}
