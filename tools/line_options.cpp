#include "tools/line_options.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "nmstore/clock.h"
#include "query/time_text.h"
#include "tools/command.h"

namespace nmstore::tools {
namespace {

// `client:"…"`, so that blanks and parentheses in a value stay part of it; globs work inside quotes as well.
std::string source_filter(const char* name, const std::string& value) {
    const bool plain = value.find_first_of(" \t\"()|\\") == std::string::npos;
    if (plain) return std::string(name) + ":" + value;
    std::string quoted;
    for (const char c : value) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return std::string(name) + ":\"" + quoted + "\"";
}

}  // namespace

void declare_line_options(CLI::App& command, LineOptions& options, bool times) {
    command
        .add_option("query", options.words,
                    "What the lines must match, in the query language; none: every line")
        ->type_name("WORD");
    command
        .add_option("--client", options.client,
                    "Only of this client (or its tag); '*' and '?' stand for any text, any character")
        ->type_name("GLOB");
    command.add_option("--log", options.log, "Only of this log")->type_name("GLOB");
    command.add_option("--kind", options.kind, "Only of this kind: logs, plugins, alerts or other")
        ->check(CLI::IsMember({"logs", "plugins", "alerts", "other"}));
    if (!times) return;
    command.add_option("--from", options.from, "Not before this time")->type_name(kTimeType);
    command.add_option("--to", options.to, "Before this time")->type_name(kTimeType);
}

std::string query_text(const LineOptions& options) {
    std::string text;
    for (const auto& word : options.words) {
        if (!text.empty()) text += ' ';
        text += word;
    }
    std::string filters;
    if (!options.client.empty()) filters += " " + source_filter("client", options.client);
    if (!options.log.empty()) filters += " " + source_filter("log", options.log);
    if (!options.kind.empty()) filters += " " + source_filter("kind", options.kind);
    if (filters.empty()) return text;
    if (text.find_first_not_of(' ') == std::string::npos) return filters.substr(1);
    return "(" + text + ")" + filters;
}

std::string whole_number(const std::string& text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && read == end) return "";
    return "\"" + text + "\" is not a whole number from 0 to " + std::to_string(UINT64_MAX);
}

Result<void> check_times(const std::string& from, const std::string& to, std::string_view from_name,
                         std::string_view to_name) {
    const std::int64_t now = system_clock().now_ms();
    const auto read = [now](const std::string& text, std::int64_t open,
                            std::string_view name) -> Result<std::int64_t> {
        if (text.empty()) return open;
        auto time = query::parse_time(text, now);
        if (time.ok()) return time;
        return Error{time.error().code, std::string(name) + ": " + time.error().message};
    };
    NM_ASSIGN(const std::int64_t from_ms, read(from, INT64_MIN, from_name));
    NM_ASSIGN(const std::int64_t to_ms, read(to, INT64_MAX, to_name));
    if (from_ms <= to_ms) return {};
    return Error{Code::invalid_argument, std::string(from_name) + " (" + query::format_time(from_ms) +
                                             ") is later than " + std::string(to_name) + " (" +
                                             query::format_time(to_ms) + "): nothing lies between"};
}

}  // namespace nmstore::tools
