#include "server/page_origin.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace nmstore::server {
namespace {

struct Scheme {
    std::string_view name, port;
};
constexpr std::array<Scheme, 2> kSchemes{{{"http://", ":80"}, {"https://", ":443"}}};

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

// The header, in lower case.
std::string normal_header(const Request& request, std::string_view name) {
    std::string_view text = request.header(name).value_or("");
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return lower(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

std::string without_port(std::string authority, std::string_view port) {
    if (authority.ends_with(port)) authority.resize(authority.size() - port.size());
    return authority;
}

bool is_host(std::string_view text) {
    const bool is_v6 = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (is_v6) text = text.substr(1, text.size() - 2);
    return !text.empty() && std::all_of(text.begin(), text.end(), [is_v6](char c) {
        if (is_v6) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_';
    });
}

bool is_authority(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || text.back() == ']') return is_host(text);
    std::uint16_t port = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + colon + 1, end, port);
    return is_host(text.substr(0, colon)) && read.ec == std::errc{} && read.ptr == end && port != 0;
}

}  // namespace

Result<std::string> parse_origin(std::string_view text) {
    const std::string origin = lower(text);
    for (const Scheme& scheme : kSchemes) {
        if (!origin.starts_with(scheme.name)) continue;
        const std::string authority = origin.substr(scheme.name.size());
        if (!authority.empty() && is_authority(authority))
            return std::string(scheme.name) + without_port(authority, scheme.port);
    }
    return Error{Code::invalid_argument, "'" + std::string(text) +
                                             "' is no origin of pages, like https://page.example or "
                                             "http://10.0.0.1:8080"};
}

bool is_allowed_page(const Request& request, const std::vector<std::string>& allowed) {
    if (allowed.empty()) return false;
    return std::find(allowed.begin(), allowed.end(), normal_header(request, "origin")) != allowed.end();
}

bool is_foreign_page(const Request& request, const std::vector<std::string>& allowed) {
    if (!request.header("origin") || is_allowed_page(request, allowed)) return false;
    const std::string origin = normal_header(request, "origin");
    const std::string host = normal_header(request, "host");
    if (host.empty()) return true;
    for (const Scheme& scheme : kSchemes) {
        if (!origin.starts_with(scheme.name)) continue;
        return without_port(origin.substr(scheme.name.size()), scheme.port) !=
               without_port(host, scheme.port);
    }
    return true;
}

}  // namespace nmstore::server
