#include "server/api_answer.h"

#include "server/error_answer.h"

namespace nmstore::server {

Route api_route(Context& context, Method method, std::string_view pattern, Role role, ApiCall call) {
    const auto handler = [&context, call](Request& request) {
        Result<Response> response = call(context, request);
        return response ? std::move(*response) : api_error(response.error());
    };
    return Route{method, std::string(pattern), role,
                 refusing_on_standby(context, method, role, pattern, handler,
                                     [](const Error& error) { return api_error(error); })};
}

Response api_error(const Error& error, std::optional<std::size_t> column) {
    Response response;
    // A query that asks for what is not there yet is one that cannot be read, too.
    response.status = column ? 400 : http_status(error.code);
    JsonWriter json(response.body);
    json.begin_object().key("error").begin_object();
    json.member("code", code_name(error.code)).member("message", error.message);
    if (column) json.key("column").natural(*column);
    json.end_object().end_object();
    return response;
}

Response api_error(int status, std::string_view code, std::string_view message) {
    return error_answer(ErrorShape::own, status, code, message);
}

void write_entry(JsonWriter& json, const query::Entry& entry) {
    json.begin_object();
    write_entry_members(json, entry);
    json.end_object();
}

void write_entry_members(JsonWriter& json, const query::Entry& entry) {
    Line line;
    line.id = entry.id;
    line.text = entry.line;
    line.fields = entry.fields;
    const std::string_view level = query::level_of(line);
    json.key("time").integer(entry.id.time_ms);
    json.member("client", entry.client).member("log", entry.log).member("kind", entry.kind);
    if (!level.empty()) json.member("level", level);
    json.member("line", entry.line);
    if (!entry.fields.empty()) json.key("fields").json(entry.fields);
    json.member("id", query::format_line_id(entry.id));
}

void write_stats(JsonWriter& json, const query::Stats& stats) {
    json.begin_object();
    json.key("rows_opened").natural(stats.rows_opened);
    json.key("lines_scanned").natural(stats.lines_scanned);
    json.key("lines_matched").natural(stats.lines_matched);
    json.key("bytes_scanned").natural(stats.bytes_scanned);
    json.key("elapsed_ms").real(stats.elapsed_ms);
    json.key("complete").boolean(stats.stopped_by.empty());
    json.member_or_null("stopped_by", stats.stopped_by).end_object();
}

}  // namespace nmstore::server
