#include "server/cloudsandra_answer.h"

#include "server/error_answer.h"
#include "server/json_writer.h"

namespace nmstore::server {
namespace {

void write_head(JsonWriter& json, int status, std::string_view detail) {
    json.begin_object();
    json.member("status", std::to_string(status))
        .member("message", status == 200 ? "Success" : reason_phrase(status));
    if (!detail.empty()) json.member("detail", detail);
}

}  // namespace

int cloudsandra_status(Code code) {
    switch (code) {
        case Code::invalid_argument:
        case Code::not_found:
        case Code::conflict:
        case Code::unsupported:
            return 400;
        default:
            return http_status(code);
    }
}

Response cloudsandra_success(std::string_view detail) {
    Response response;
    JsonWriter json(response.body);
    write_head(json, 200, detail);
    json.end_object();
    return response;
}

Response cloudsandra_failure(int status, std::string_view detail) {
    Response response;
    response.status = status;
    JsonWriter json(response.body);
    write_head(json, status, detail);
    json.end_object();
    return response;
}

Response cloudsandra_failure(const Error& error) {
    return cloudsandra_failure(cloudsandra_status(error.code), error.message);
}

Response cloudsandra_rejected(std::string_view detail, const std::vector<ingest::CellError>& errors) {
    Response response;
    response.status = 400;
    JsonWriter json(response.body);
    write_head(json, 400, detail);
    json.key("errors").begin_array();
    for (const ingest::CellError& error : errors) {
        json.begin_object();
        json.member("rowkey", error.row).member("columnname", error.column).member("reason", error.reason);
        json.end_object();
    }
    json.end_array().end_object();
    return response;
}

Route cloudsandra_route(Context& context, Method method, std::string_view pattern, Role role,
                        CloudsandraCall call) {
    const auto handler = [&context, call](Request& request) {
        Result<Response> response = call(context, request);
        return response ? std::move(*response) : cloudsandra_failure(response.error());
    };
    return Route{method, std::string(pattern), role,
                 refusing_on_standby(context, method, role, pattern, handler, cloudsandra_failure)};
}

}  // namespace nmstore::server
