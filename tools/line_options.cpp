#include "tools/line_options.h"

#include <CLI/CLI.hpp>

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

Result<void> check_times(const LineOptions& options) {
    const std::int64_t now = system_clock().now_ms();
    if (!options.from.empty()) NM_TRY(query::parse_time(options.from, now));
    if (!options.to.empty()) NM_TRY(query::parse_time(options.to, now));
    return {};
}

}  // namespace nmstore::tools
