#include "benchmarks/agent_body.h"

#include "nmstore/day_row.h"
#include "nmstore/escape.h"

namespace nmstore::benchmarks {

namespace {

// What the generator makes holds nothing else that JSON must escape.
void append_json_text(std::string_view text, std::string& out) {
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
}

}  // namespace

void AgentBody::add(const GeneratedLine& line) {
    const std::string key = format_day_row(
        {std::string(line.client), RowKind::logs, log_key_name(line.log), day_of(line.time_ms)});
    Row& row = rows_[key];
    if (!row.returned.empty() && line.time_ms >= row.cell_begin_ms + cell_ms_) finish_cell(row);
    if (row.returned.empty()) row.cell_begin_ms = line.time_ms;
    append_json_text(line.text, row.returned);
    row.returned += "\\n";
}

void AgentBody::finish_cell(Row& row) {
    const std::string time = std::to_string(row.cell_begin_ms);
    if (!row.columns.empty()) row.columns += ',';
    row.columns += R"({"columnname":")" + time + R"(","columnvalue":")" +
                   escape(R"({"date":)" + time + R"(,"returned":")" + row.returned + "\"}") + "\"}";
    row.returned.clear();
    ++cells_;
}

std::string AgentBody::take() {
    std::string body = R"({"rowkeys":[)";
    for (auto& [key, row] : rows_) {
        if (!row.returned.empty()) finish_cell(row);
        if (body.back() == '}') body += ',';
        body += R"({"rowkey":")" + key + R"(","columns":[)" + row.columns + "]}";
    }
    rows_.clear();
    cells_ = 0;
    return body + "]}";
}

}  // namespace nmstore::benchmarks
