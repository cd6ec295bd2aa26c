#include "tools/remote_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/interruption.h"
#include "tools/json_text.h"

namespace nmstore::tools {
namespace {

using nlohmann::json;

// The server's largest page; more than that is read as a stream.
constexpr std::uint64_t kMaxPage = 1000;

HttpRequest get(std::string path, Parameters parameters) {
    HttpRequest request;
    request.path = std::move(path);
    request.parameters = std::move(parameters);
    return request;
}

Result<json> fetch_json(HttpClient& client, const HttpRequest& request) {
    NM_ASSIGN(const std::string body, client.fetch(request));
    return parse_json(body);
}

// The elements of the array `name`; an answer without it is not from the server that we know.
Result<json> array_of(const json& object, const char* name) {
    if (!object.is_object() || !object.contains(name) || !object.at(name).is_array()) {
        return Error{Code::corruption, std::string("the server's answer has no list \"") + name + "\""};
    }
    return json(object.at(name));
}

Completeness completeness_of(const json& object) {
    if (!object.is_object()) return {};
    if (object.contains("stats")) return {member_bytes(object.at("stats"), "stopped_by")};
    return {member_bytes(object, "stopped_by")};
}

// {"error":{"code","message"}} as it may end a stream.
Error error_of(const json& object) {
    const json& error =
        object.contains("error") && object.at("error").is_object() ? object.at("error") : object;
    return {Code::unavailable, "the server stopped: " + member_bytes(error, "message")};
}

Parameters parameters_of(const LineQuery& query) {
    return {{"q", query.text}, {"from", query.from}, {"to", query.to}};
}

Parameters parameters_of(const SeriesQuery& query) {
    Parameters parameters{{"from", query.from}, {"to", query.to}};
    for (const std::string& client : query.clients) parameters.emplace_back("client", client);
    for (const std::string& plugin : query.plugins) parameters.emplace_back("plugin", plugin);
    return parameters;
}

// [time, min, mean, max, n]
Result<query::SeriesPoint> point_of(const json& point) {
    constexpr std::size_t kParts = 5;
    const auto is_number = [](const json& part) { return part.is_number(); };
    if (!point.is_array() || point.size() != kParts || !std::all_of(point.begin(), point.end(), is_number))
        return Error{Code::corruption, "the server's answer has a point that is none"};
    return query::SeriesPoint{point[0].get<std::int64_t>(), point[1].get<double>(), point[2].get<double>(),
                              point[3].get<double>(), point[4].get<std::uint64_t>()};
}

std::vector<query::Bucket> buckets_of(const json& buckets) {
    std::vector<query::Bucket> out;
    for (const json& bucket : buckets) {
        out.push_back(
            {member_number(bucket, "time"), static_cast<std::uint64_t>(member_number(bucket, "count"))});
    }
    return out;
}

}  // namespace

Hit hit_of(const json& entry) {
    Hit hit;
    hit.time_ms = member_number(entry, "time");
    hit.client = member_bytes(entry, "client");
    hit.log = member_bytes(entry, "log");
    hit.line = member_bytes(entry, "line");
    hit.kind = member_bytes(entry, "kind");
    hit.id = member_bytes(entry, "id");
    if (entry.contains("fields") && entry.at("fields").is_object()) hit.fields = bytes_of(entry.at("fields"));
    return hit;
}

Result<Hit> parse_hit(std::string_view json_text) {
    NM_ASSIGN(const json entry, parse_json(json_text));
    return hit_of(entry);
}

Result<Completeness> RemoteSource::search(const LineQuery& query, const EachHit& each) {
    HttpRequest request = get("/api/v1/search", parameters_of(query));
    request.parameters.emplace_back("order", query.ascending ? "asc" : "desc");
    if (query.limit > 0) request.parameters.emplace_back("limit", std::to_string(query.limit));
    if (query.limit > 0 && query.limit <= kMaxPage) {
        NM_ASSIGN(const json page, fetch_json(client_, request));
        NM_ASSIGN(const json entries, array_of(page, "entries"));
        for (const json& entry : entries) {
            if (!each(hit_of(entry))) break;
        }
        return completeness_of(page);
    }
    request.headers.emplace_back("Accept: application/x-ndjson");
    std::optional<Completeness> completeness;
    std::optional<Error> failure;
    bool reader_stopped = false;
    const auto read = [&](std::string_view line) {
        auto parsed = parse_json(line);
        if (!parsed.ok()) {
            failure = std::move(parsed).error();
            return false;
        }
        const json& object = *parsed;
        if (object.is_object() && object.contains("line")) {
            reader_stopped = !each(hit_of(object));
            return !reader_stopped;
        }
        if (object.is_object() && object.contains("error")) {
            failure = error_of(object);
            return false;
        }
        completeness = completeness_of(object);
        return true;
    };
    NM_TRY(client_.fetch_lines(request, read));
    if (failure) return *failure;
    if (!completeness && !reader_stopped) return Error{Code::unavailable, "the server's answer was cut off"};
    return completeness.value_or(Completeness{});
}

Result<HistogramAnswer> RemoteSource::histogram(const LineQuery& query, const std::string& step,
                                                const std::string& by) {
    HttpRequest request = get("/api/v1/histogram", parameters_of(query));
    request.parameters.emplace_back("step", step);
    request.parameters.emplace_back("by", by);
    NM_ASSIGN(const json answer, fetch_json(client_, request));
    HistogramAnswer out;
    out.completeness = completeness_of(answer);
    out.histogram.step_ms = member_number(answer, "step");
    out.histogram.total = static_cast<std::uint64_t>(member_number(answer, "total"));
    if (by.empty()) {
        NM_ASSIGN(const json buckets, array_of(answer, "buckets"));
        out.histogram.series.push_back({"", buckets_of(buckets)});
        return out;
    }
    NM_ASSIGN(const json series, array_of(answer, "series"));
    for (const json& one : series) {
        NM_ASSIGN(const json buckets, array_of(one, "buckets"));
        out.histogram.series.push_back({member_bytes(one, "value"), buckets_of(buckets)});
    }
    return out;
}

Result<WordsAnswer> RemoteSource::words(const LineQuery& query, std::uint64_t limit) {
    HttpRequest request = get("/api/v1/words", parameters_of(query));
    request.parameters.emplace_back("limit", std::to_string(limit));
    NM_ASSIGN(const json answer, fetch_json(client_, request));
    NM_ASSIGN(const json words, array_of(answer, "words"));
    WordsAnswer out;
    out.completeness = completeness_of(answer);
    for (const json& word : words) {
        out.words.push_back({member_bytes(word, "word"),
                             static_cast<std::uint64_t>(member_number(word, "count")),
                             static_cast<std::uint64_t>(member_number(word, "may_miss"))});
    }
    return out;
}

Result<std::vector<Hit>> RemoteSource::context(const std::string& id, std::uint64_t before,
                                               std::uint64_t after) {
    NM_ASSIGN(const json answer,
              fetch_json(client_, get("/api/v1/context", {{"id", id},
                                                          {"before", std::to_string(before)},
                                                          {"after", std::to_string(after)}})));
    NM_ASSIGN(const json entries, array_of(answer, "entries"));
    std::vector<Hit> hits;
    for (const json& entry : entries) hits.push_back(hit_of(entry));
    return hits;
}

Result<query::SeriesResult> RemoteSource::series(const SeriesQuery& query) {
    HttpRequest request = get("/api/v1/series", parameters_of(query));
    for (const std::string& field : query.fields) request.parameters.emplace_back("field", field);
    request.parameters.emplace_back("step", query.step);
    NM_ASSIGN(const json answer, fetch_json(client_, request));
    NM_ASSIGN(const json all, array_of(answer, "series"));
    query::SeriesResult out;
    out.step_ms = member_number(answer, "step");
    for (const json& one : all) {
        query::Series series{
            member_bytes(one, "client"), member_bytes(one, "plugin"), member_bytes(one, "field"), {}};
        NM_ASSIGN(const json points, array_of(one, "points"));
        for (const json& each : points) {
            NM_ASSIGN(const query::SeriesPoint point, point_of(each));
            series.points.push_back(point);
        }
        out.series.push_back(std::move(series));
    }
    return out;
}

Result<std::vector<query::SeriesFields>> RemoteSource::series_fields(const SeriesQuery& query) {
    NM_ASSIGN(const json answer, fetch_json(client_, get("/api/v1/series/fields", parameters_of(query))));
    NM_ASSIGN(const json plugins, array_of(answer, "plugins"));
    std::vector<query::SeriesFields> out;
    for (const json& plugin : plugins) {
        query::SeriesFields one{member_bytes(plugin, "client"), member_bytes(plugin, "plugin"), {}};
        NM_ASSIGN(const json fields, array_of(plugin, "fields"));
        for (const json& field : fields) one.fields.push_back(bytes_of(field));
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::vector<std::string>> RemoteSource::families() {
    NM_ASSIGN(const json answer, fetch_json(client_, get("/api/v1/families", {})));
    NM_ASSIGN(const json families, array_of(answer, "families"));
    std::vector<std::string> names;
    for (const json& family : families)
        names.push_back(family.is_object() ? member_bytes(family, "name") : bytes_of(family));
    return names;
}

Result<RowsPage> RemoteSource::row_keys(HttpRequest request) {
    NM_ASSIGN(const json answer, fetch_json(client_, request));
    NM_ASSIGN(const json rows, array_of(answer, "rows"));
    RowsPage page;
    for (const json& row : rows) page.rows.push_back(bytes_of(row));
    page.next = member_bytes(answer, "next");
    return page;
}

Result<RowsPage> RemoteSource::rows(const std::string& family, const std::string& prefix,
                                    const std::string& from, std::uint64_t limit) {
    return row_keys(
        get("/api/v1/rows",
            {{"family", family}, {"prefix", prefix}, {"from", from}, {"limit", std::to_string(limit)}}));
}

Result<RowPage> RemoteSource::row(const RowQuery& query) {
    NM_ASSIGN(const json answer,
              fetch_json(client_, get("/api/v1/row", {{"family", query.family},
                                                      {"row", query.row},
                                                      {"from", query.from},
                                                      {"to", query.to},
                                                      {"reverse", query.reverse ? "true" : ""},
                                                      {"limit", std::to_string(query.limit)}})));
    NM_ASSIGN(const json cells, array_of(answer, "cells"));
    RowPage page;
    for (const json& cell : cells) {
        page.cells.push_back(
            {member_bytes(cell, "column"), member_bytes(cell, "value"), member_number(cell, "expires")});
    }
    if (answer.contains("next") && !answer.at("next").is_null()) page.next = bytes_of(answer.at("next"));
    return page;
}

Result<std::vector<Counter>> RemoteSource::counters(const std::string& row) {
    std::vector<Counter> out;
    std::string from;
    do {
        NM_ASSIGN(const json answer,
                  fetch_json(client_, get("/api/v1/counters", {{"row", row}, {"from", from}})));
        NM_ASSIGN(const json counters, array_of(answer, "counters"));
        for (const json& counter : counters) {
            const std::string value = member_bytes(counter, "value");
            out.push_back({member_bytes(counter, "column"), std::strtoll(value.c_str(), nullptr, 10)});
        }
        from = member_bytes(answer, "next");
    } while (!from.empty());
    return out;
}

Result<RowsPage> RemoteSource::counter_rows(const std::string& prefix, const std::string& from,
                                            std::uint64_t limit) {
    return row_keys(
        get("/api/v1/counters", {{"prefix", prefix}, {"from", from}, {"limit", std::to_string(limit)}}));
}

Result<std::unique_ptr<Source>> open_remote_source(const ServerAddress& address) {
    NM_ASSIGN(HttpClient client, HttpClient::make(address));
    return std::unique_ptr<Source>(std::make_unique<RemoteSource>(std::move(client)));
}

}  // namespace nmstore::tools
