#include "server/http.h"

namespace nmstore::server {

namespace {

std::optional<std::string_view> first_of(const std::vector<std::pair<std::string, std::string>>& fields,
                                         std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (key == name) return std::string_view(value);
    }
    return std::nullopt;
}

}  // namespace

std::string_view method_name(Method method) {
    switch (method) {
        case Method::get:
            return "GET";
        case Method::head:
            return "HEAD";
        case Method::post:
            return "POST";
        case Method::put:
            return "PUT";
        case Method::del:
            return "DELETE";
        case Method::options:
            return "OPTIONS";
        case Method::other:
            break;
    }
    return "other";
}

std::optional<std::string_view> Request::parameter(std::string_view name) const {
    return first_of(query, name);
}

std::optional<std::string_view> Request::header(std::string_view lower_case_name) const {
    return first_of(headers, lower_case_name);
}

}  // namespace nmstore::server
