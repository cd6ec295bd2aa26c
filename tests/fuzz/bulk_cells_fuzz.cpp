// Bulk bodies against another parser: the same columns, and nothing taken that is no JSON.
#include "ingest/bulk_cells.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ingest/body.h"
#include "tests/ingest/fake_batches.h"

namespace {

using namespace nmstore;
using namespace nmstore::ingest;
using nlohmann::json;

// The body as the other parser sees it; nullopt if it is no JSON, or names a member twice (of which it would
// keep one).
std::optional<json> parse_strictly(const std::string& body) {
    std::vector<std::set<std::string>> names;
    bool twice = false;
    const auto watch = [&](int, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key)
            twice = !names.back().insert(parsed.get<std::string>()).second || twice;
        return true;
    };
    json parsed = json::parse(body, watch, false);
    if (parsed.is_discarded() || twice) return std::nullopt;
    return parsed;
}

// The number of columns if the body has the shape of a bulk.
std::optional<std::size_t> count_columns(const json& body) {
    if (!body.is_object() || !body.contains("rowkeys") || !body["rowkeys"].is_array()) return std::nullopt;
    std::size_t count = 0;
    for (const auto& row : body["rowkeys"]) {
        if (!row.is_object()) return std::nullopt;
        if (!row.contains("columns")) continue;
        if (!row["columns"].is_array()) return std::nullopt;
        count += row["columns"].size();
    }
    return count;
}

std::optional<std::string> text_of(const json& row, const char* name) {
    if (!row.is_object() || !row.contains(name) || !row[name].is_string()) return std::nullopt;
    return row[name].get<std::string>();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string body(reinterpret_cast<const char*>(data), size);
    pad_body(body);
    nmstore::testing::FakeCellBatch cells;
    nmstore::testing::FakeCounterBatch counters;
    const auto report = decode_bulk_cells(body, cells);
    NM_CHECK(decode_bulk_counters(body, counters).ok() == report.ok());
    if (report.ok()) NM_CHECK(report->accepted == cells.puts.size());

    const auto parsed = parse_strictly(body);
    if (!parsed) return 0;
    // The other parser takes any depth, and a byte order mark.
    const auto columns = count_columns(*parsed);
    if (!columns) NM_CHECK(!report.ok());
    if (!columns || !report.ok()) return 0;
    NM_CHECK(report->accepted + report->rejected == *columns);

    std::size_t next = 0;
    for (const auto& row : (*parsed)["rowkeys"]) {
        if (!row.contains("columns")) continue;
        const auto key = text_of(row, "rowkey");
        for (const auto& column : row["columns"]) {
            const auto name = text_of(column, "columnname");
            const auto value = text_of(column, "columnvalue");
            if (!key || !name || !value || report->rejected > 0) continue;
            while (next < cells.puts.size() &&
                   cells.puts[next] !=
                       nmstore::testing::FakeCellBatch::Put{*key, *name, *value, cells.puts[next].ttl})
                ++next;
            NM_CHECK(next < cells.puts.size());
            ++next;
        }
    }
    return 0;
}
