#include "query/index_row.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "nmstore/escape.h"
#include "query/time_text.h"

namespace nmstore::query {

namespace {

using Json = nlohmann::json;

constexpr const char* kTimeMembers[] = {"date", "time", "lastSeen", "timestamp"};
constexpr const char* kTextMembers[] = {"tag", "address", "ip", "name", "value"};
constexpr std::size_t kMaxJsonBytes = 4096;  // an index value is a few words

// nullopt: not JSON. A bare word or number too long for JSON stays a text.
std::optional<Json> as_json(std::string_view text) {
    if (text.empty() || text.size() > kMaxJsonBytes) return std::nullopt;
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
    while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
    return text;
}

std::int64_t time_of_number(double number) {
    return number > 0 && number < 9e18 ? static_cast<std::int64_t>(number) : 0;
}

std::int64_t time_of_text(std::string_view text) {
    text = trimmed(text);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return time_of_number(number);
    // Relative times ("now", "-1h") are no times of anything that was seen.
    if (text.empty() || text.front() < '0' || text.front() > '9') return 0;
    const Result<std::int64_t> time = parse_time(text, 0);
    return time.ok() && time.value() > 0 ? time.value() : 0;
}

std::int64_t time_of_json(const Json& json) {
    if (json.is_number()) return time_of_number(json.get<double>());
    if (json.is_string()) return time_of_text(json.get_ref<const std::string&>());
    if (!json.is_object()) return 0;
    for (const char* member : kTimeMembers) {
        const auto at = json.find(member);
        if (at != json.end() && !at->is_object()) return time_of_json(*at);
    }
    return 0;
}

}  // namespace

Result<void> each_index_cell(const Store& store, std::string_view row,
                             const std::function<void(const Cell&)>& each) {
    SliceRange range;
    while (true) {
        NM_ASSIGN(const Slice slice, store.slice(kIndexFamily, row, range));
        for (const Cell& cell : slice.cells)
            if (!range.from || cell.column != *range.from) each(cell);
        if (!slice.more || slice.cells.empty()) return {};
        range.from = slice.cells.back().column;
    }
}

Result<std::unordered_map<std::string, std::string>> index_texts(const Store& store, std::string_view row) {
    std::unordered_map<std::string, std::string> texts;
    NM_TRY(each_index_cell(store, row,
                           [&texts](const Cell& cell) { texts[cell.column] = index_text(cell.value); }));
    return texts;
}

std::int64_t index_time(std::string_view value) {
    const std::string text = unescape_fully(value);
    if (const auto json = as_json(text)) return time_of_json(*json);
    return time_of_text(text);
}

std::string index_text(std::string_view value) {
    const std::string text = unescape_fully(value);
    const auto json = as_json(text);
    if (!json) return std::string(trimmed(text));
    if (json->is_string()) return json->get<std::string>();
    if (json->is_object()) {
        for (const char* member : kTextMembers) {
            const auto at = json->find(member);
            if (at != json->end() && at->is_string()) return at->get<std::string>();
        }
    }
    return json->is_null() ? std::string() : text;
}

std::string index_value(std::string_view text) {
    std::string value = escape(text);
    if (index_text(value) != text) value = escape(value);  // it looks escape()d itself
    if (index_text(value) == text) return value;
    // It looks like JSON, or begins or ends with blanks.
    return escape(escape(Json(text).dump()));
}

std::string index_member(std::string_view value, const char* member) {
    const auto json = as_json(unescape_fully(value));
    if (!json || !json->is_object()) return {};
    const auto at = json->find(member);
    return at != json->end() && at->is_string() ? at->get<std::string>() : std::string();
}

}  // namespace nmstore::query
