// POST /logs: lines from shippers, as JSON lines or plain text.
#include "ingest/log_lines.h"

#include <algorithm>

#include "server/api_calls.h"
#include "server/parameters.h"
#include "server/request_body.h"

namespace nmstore::server::api {
namespace {

constexpr std::size_t kMaxFieldNames = 100;  // in one of the …_field parameters

enum class BodyForm { json, text };

// From a Content-Type, its parameters (charset …) aside; nullopt for one that is not taken.
std::optional<BodyForm> body_form(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (!type.empty() && type.back() == ' ') type.pop_back();
    std::transform(type.begin(), type.end(), type.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const std::string_view json :
         {"application/x-ndjson", "application/ndjson", "application/stream+json", "application/json"}) {
        if (type == json) return BodyForm::json;
    }
    if (type == "text/plain") return BodyForm::text;
    return std::nullopt;
}

// "a,b" as the names of fields to try; `names` stays as it is where the parameter is not given.
Result<void> read_names(const Parameters& parameters, std::string_view parameter,
                        std::vector<std::string>& names) {
    if (!parameters.has(parameter)) return {};
    names.clear();
    std::string_view rest = parameters.text(parameter);
    while (true) {
        const std::size_t comma = rest.find(',');
        const std::string_view name = rest.substr(0, comma);
        if (name.empty() || names.size() == kMaxFieldNames) {
            return Error{Code::invalid_argument, std::string(parameter) + ": expected 1 to " +
                                                     std::to_string(kMaxFieldNames) +
                                                     " names of fields, with commas between"};
        }
        names.emplace_back(name);
        if (comma == std::string_view::npos) return {};
        rest.remove_prefix(comma + 1);
    }
}

Result<ingest::LogFields> read_fields(const Request& request, std::int64_t now_ms) {
    NM_ASSIGN(const Parameters parameters,
              Parameters::read(request, {"client", "log", "time", "time_field", "line_field", "client_field",
                                         "log_field"}));
    ingest::LogFields fields;
    fields.client = parameters.text("client");
    fields.log = parameters.text("log");
    NM_TRY(read_names(parameters, "time_field", fields.time_fields));
    NM_TRY(read_names(parameters, "line_field", fields.line_fields));
    NM_TRY(read_names(parameters, "client_field", fields.client_fields));
    NM_TRY(read_names(parameters, "log_field", fields.log_fields));
    NM_ASSIGN(fields.now_ms, parameters.time_ms("time", now_ms, now_ms));
    return fields;
}

// NM-Source and NM-Sequence: the batch is this source's n-th, and is taken once however often it comes.
Result<void> read_origin(const Request& request, LineBatch& batch) {
    const auto source = request.header("nm-source");
    const auto sequence = request.header("nm-sequence");
    if (!source && !sequence) return {};
    if (!source || !sequence || source->empty() || source->size() > kMaxSourceBytes) {
        return Error{Code::invalid_argument, "NM-Source (1 to " + std::to_string(kMaxSourceBytes) +
                                                 " bytes) and NM-Sequence go together"};
    }
    NM_ASSIGN(const std::uint64_t number, parse_natural("NM-Sequence", *sequence, 1, kMaxSourceSequence));
    batch.set_origin(*source, number);
    return {};
}

Response answer_report(const ingest::LineReport& report, bool repeated) {
    Response response;
    const bool all_rejected = report.accepted == 0 && report.rejected > 0;
    if (all_rejected) response.status = 400;
    JsonWriter json(response.body);
    json.begin_object();
    json.key("accepted").natural(report.accepted).key("rejected").natural(report.rejected);
    if (repeated) json.key("repeated").boolean(true);
    json.key("errors").begin_array();
    for (const ingest::LineError& error : report.errors) {
        json.begin_object().key("line").natural(error.line).member("reason", error.reason).end_object();
    }
    json.end_array();
    if (all_rejected) {
        json.key("error").begin_object().member("code", code_name(Code::invalid_argument));
        const std::string reason = report.errors.empty() ? "" : ": " + report.errors.front().reason;
        json.member("message", "every line was rejected" + reason).end_object();
    }
    json.end_object();
    return response;
}

}  // namespace

Result<Response> post_logs(Context& context, Request& request) {
    const std::optional<BodyForm> form = body_form(request.header("content-type").value_or(""));
    if (!form) {
        return api_error(415, "unsupported",
                         "Content-Type: expected application/x-ndjson, application/json, "
                         "application/stream+json or text/plain");
    }
    NM_ASSIGN(const ingest::LogFields fields, read_fields(request, context.clock.now_ms()));
    if (form == BodyForm::text && (fields.client.empty() || fields.log.empty())) {
        return Error{Code::invalid_argument, "plain text needs the parameters client and log"};
    }
    const std::unique_ptr<LineBatch> batch = context.store.begin_lines();
    NM_TRY(read_origin(request, *batch));
    const Result<void> decoded = decode_content(request, context.config.max_body);
    if (!decoded && decoded.error().code == Code::unsupported) {
        return api_error(415, "unsupported", decoded.error().message);
    }
    NM_TRY(decoded);
    const ingest::LineReport report = form == BodyForm::json
                                          ? ingest::decode_json_lines(request.body, fields, *batch)
                                          : ingest::decode_text_lines(request.body, fields, *batch);
    release_body(request);
    if (report.fault) return *report.fault;
    bool repeated = false;
    if (report.accepted > 0) {
        NM_ASSIGN(const CommitResult committed, batch->commit());
        repeated = committed.repeated;
    }
    context.metrics.count(repeated ? "lines_repeated" : "lines_accepted", report.accepted);
    context.metrics.count("lines_rejected", report.rejected);
    return answer_report(report, repeated);
}

}  // namespace nmstore::server::api
