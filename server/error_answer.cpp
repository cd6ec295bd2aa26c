#include "server/error_answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace nmstore::server {

namespace {

struct Reason {
    int status;
    std::string_view phrase;
};

constexpr Reason kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Entity"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

// A message may quote what a client sent: bytes that are not UTF-8 must not make the answer unreadable.
std::string dump(const nlohmann::ordered_json& json) {
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

int http_status(Code code) {
    switch (code) {
        case Code::invalid_argument:
            return 400;
        case Code::not_found:
            return 404;
        case Code::conflict:
            return 409;
        case Code::too_large:
            return 413;
        case Code::busy:
        case Code::unavailable:
        case Code::cancelled:
            return 503;
        case Code::deadline_exceeded:
        case Code::limit_exceeded:
            return 422;
        case Code::unsupported:
            return 501;
        case Code::corruption:
        case Code::io:
            break;
    }
    return 500;
}

std::string_view reason_phrase(int status) {
    for (const Reason& reason : kReasons) {
        if (reason.status == status) return reason.phrase;
    }
    return "Unknown";
}

ErrorShape error_shape(std::string_view target) {
    constexpr std::string_view base = "/v0.3";
    const bool below =
        target.substr(0, base.size()) == base &&
        (target.size() == base.size() || target[base.size()] == '/' || target[base.size()] == '?');
    return below ? ErrorShape::cloudsandra : ErrorShape::own;
}

ErrorShape shape_of_unread(std::string_view first_bytes, ErrorShape otherwise) {
    const std::size_t begin = std::min(first_bytes.find_first_not_of("\r\n"), first_bytes.size());
    first_bytes.remove_prefix(begin);
    const std::size_t method = first_bytes.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (method == 0 || method == std::string_view::npos) return otherwise;
    first_bytes.remove_prefix(method);
    return first_bytes.starts_with(" /") ? error_shape(first_bytes.substr(1)) : otherwise;
}

Response error_answer(ErrorShape shape, int status, std::string_view code, std::string_view message) {
    Response response;
    response.status = status;
    nlohmann::ordered_json json;
    if (shape == ErrorShape::cloudsandra) {
        json["status"] = std::to_string(status);
        json["message"] = reason_phrase(status);
        json["detail"] = message;
    } else {
        json["error"]["code"] = code;
        json["error"]["message"] = message;
    }
    response.body = dump(json);
    return response;
}

Response error_answer(ErrorShape shape, const Error& error) {
    return error_answer(shape, http_status(error.code), code_name(error.code), error.message);
}

}  // namespace nmstore::server
