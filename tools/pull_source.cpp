#include "tools/pull_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nmstore::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kPageBytes = std::size_t{32} << 20;
constexpr std::size_t kOneCellBytes = std::size_t{512}
                                      << 20;                // as great may a page be that cannot be smaller
constexpr std::size_t kListBytes = std::size_t{256} << 20;  // of row keys, families
constexpr int kStatusOk = 200, kStatusNotFound = 404, kStatusTooMuch = 422, kStatusLongAddress = 414,
              kStatusLongHead = 431;

bool is_success(const HttpAnswer& answer) {
    return answer.status >= kStatusOk && answer.status < 300;
}

std::string cql_text(const std::string& key) {
    std::string text = "'";
    for (const char c : key) text += c == '\'' ? std::string("''") : std::string(1, c);
    return text + "'";
}

bool is_true(const json& object, const char* name) {
    const std::string text = member_bytes(object, name);
    return text == "true" || text == "True" || text == "1";
}

}  // namespace

Result<HttpAnswer> PullSource::get(const std::string& path, Parameters parameters, std::size_t max_bytes) {
    HttpRequest request;
    request.path = path;
    request.parameters = std::move(parameters);
    return client_.perform(request, max_bytes);
}

Result<std::vector<PulledFamily>> PullSource::families() {
    NM_ASSIGN(const HttpAnswer answer, get("/v0.3/COLUMNFAMILY", {}, kListBytes));
    if (answer.status == kStatusNotFound) {
        return Error{Code::not_found,
                     client_.url() +
                         " does not know /v0.3/COLUMNFAMILY: is it the address of a CloudSandra "
                         "v0.3 endpoint, without the /v0.3?"};
    }
    if (!is_success(answer)) return client_.explain(answer);
    const auto parsed = parse_json(answer.body);
    if (!parsed.ok() || !parsed.value().is_object() || !parsed.value().contains("columnfamilies") ||
        !parsed.value().at("columnfamilies").is_array()) {
        return Error{Code::corruption,
                     client_.url() + " lists no column families: is it a CloudSandra v0.3 endpoint?"};
    }
    std::vector<std::string> names;
    for (const json& one : parsed.value().at("columnfamilies")) names.push_back(member_bytes(one, "name"));
    std::sort(names.begin(), names.end());
    std::vector<PulledFamily> families;
    for (const std::string& name : names) {
        NM_ASSIGN(PulledFamily one, family(name));
        families.push_back(std::move(one));
    }
    return families;
}

Result<PulledFamily> PullSource::family(const std::string& name) {
    NM_ASSIGN(const HttpAnswer answer, get("/v0.3/COLUMNFAMILY/" + path_segment(name), {}, kListBytes));
    if (!is_success(answer)) return client_.explain(answer);
    NM_ASSIGN(const json object, parse_json(answer.body));
    PulledFamily family;
    family.name = name;
    family.comparator_name = member_bytes(object, "comparator");
    family.comparator = parse_value_type(family.comparator_name);
    if (!object.is_object() || !object.contains("columns") || !object.at("columns").is_array()) return family;
    for (const json& column : object.at("columns")) {
        family.columns.push_back({member_bytes(column, "name"),
                                  parse_value_type(member_bytes(column, "type")),
                                  is_true(column, "isIndex")});
    }
    return family;
}

Result<std::vector<std::string>> PullSource::rows(const std::string& family, const std::string& from) {
    std::string query = "SELECT KEY";
    if (!from.empty()) query += " WHERE KEY >= " + cql_text(from);
    query += " LIMIT " + std::to_string(kPullPage);
    NM_ASSIGN(const HttpAnswer answer,
              get("/v0.3/CQL/" + path_segment(family), {{"query", query}}, kListBytes));
    if (!is_success(answer)) return client_.explain(answer);
    NM_ASSIGN(Members members, parse_members(answer.body));
    std::vector<std::string> keys;
    for (auto& [key, row] : members) keys.push_back(std::move(key));
    return keys;
}

// Pages become smaller until their cells fit into memory, and greater again.
Result<PullSource::Page> PullSource::page(const std::string& path, const std::string& from) {
    while (true) {
        auto answer = get(path, {{"fromKey", from}, {"limit", std::to_string(limit_)}},
                          limit_ > 2 ? kPageBytes : kOneCellBytes);
        const bool too_much =
            answer.ok() ? answer.value().status == kStatusTooMuch : answer.error().code == Code::too_large;
        // Two: the cell that the page before has ended with, and the next.
        if (too_much && limit_ > 2) {
            limit_ = std::max<std::size_t>(2, limit_ / 4);
            continue;
        }
        if (!answer.ok()) return std::move(answer).error();
        if (answer.value().status == kStatusLongAddress || answer.value().status == kStatusLongHead)
            return Error{Code::too_large, client_.explain(answer.value()).message};
        if (!is_success(answer.value())) return client_.explain(answer.value());
        Page page;
        NM_ASSIGN(page.cells, parse_members(answer.value().body));
        page.last = is_last(page.cells.size());
        if (answer.value().body.size() < kPageBytes / 4) limit_ = std::min(kPullPage, limit_ * 2);
        return page;
    }
}

// A server may give fewer than it is asked for, as many each time. That the end is there is certain where it
// has given more before; and of a few nobody makes a page.
bool PullSource::is_last(std::size_t given) {
    constexpr std::size_t kSmallestPage = 100;
    const bool is_full = given >= limit_ || (given >= kSmallestPage && given >= most_given_);
    most_given_ = std::max(most_given_, given);
    return !is_full;
}

Result<PullSource::Page> PullSource::cells(const std::string& family, const std::string& row,
                                           const std::string& from) {
    return page("/v0.3/DATA/" + path_segment(family) + "/" + path_segment(row), from);
}

Result<PullSource::Page> PullSource::counters(const std::string& row, const std::string& from) {
    return page("/v0.3/COUNTER/" + path_segment(row), from);
}

Result<bool> PullSource::lists_counter_rows() {
    NM_ASSIGN(const HttpAnswer answer, get("/api/v1/counters", {{"limit", "1"}}, kListBytes));
    if (!is_success(answer)) return false;
    const auto parsed = parse_json(answer.body);
    return parsed.ok() && parsed.value().is_object() && parsed.value().contains("rows");
}

Result<PullSource::CounterRows> PullSource::counter_rows(const std::string& from) {
    NM_ASSIGN(const HttpAnswer answer,
              get("/api/v1/counters", {{"from", from}, {"limit", std::to_string(kPullPage)}}, kListBytes));
    if (!is_success(answer)) return client_.explain(answer);
    NM_ASSIGN(const json object, parse_json(answer.body));
    CounterRows page;
    page.next = member_bytes(object, "next");
    if (object.contains("rows") && object.at("rows").is_array()) {
        for (const json& row : object.at("rows")) page.rows.push_back(bytes_of(row));
    }
    return page;
}

}  // namespace nmstore::tools
