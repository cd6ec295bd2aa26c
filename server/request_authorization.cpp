#include "server/request_authorization.h"

#include <algorithm>
#include <functional>

namespace nmstore::server {

namespace {

constexpr std::string_view kHeader = "sec-websocket-protocol";
constexpr std::string_view kCredential = "nm-store.basic.";

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The first protocol that `wanted` takes; "" if there is none.
std::string_view find_protocol(const Request& request,
                               const std::function<bool(std::string_view protocol)>& wanted) {
    for (const auto& [name, value] : request.headers) {
        if (name != kHeader) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            const std::string_view one = trim(rest.substr(0, end));
            if (wanted(one)) return one;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return {};
}

}  // namespace

std::string authorization_of(const Request& request) {
    if (const auto header = request.header("authorization")) return std::string(*header);
    if (!wants_websocket(request)) return {};
    std::string_view text =
        find_protocol(request, [](std::string_view one) { return one.starts_with(kCredential); });
    if (text.empty()) return {};
    text.remove_prefix(kCredential.size());
    std::string result = "Basic ";
    for (const char c : text) result += c == '-' ? '+' : c == '_' ? '/' : c;
    result.append((4 - text.size() % 4) % 4, '=');
    return result;
}

bool offers_socket_protocol(const Request& request) {
    return !find_protocol(request, [](std::string_view one) { return one == kSocketProtocol; }).empty();
}

}  // namespace nmstore::server
