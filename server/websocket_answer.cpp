// The handshake of a WebSocket: what a client must have asked, and what it is told.
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "server/error_answer.h"
#include "server/http.h"
#include "server/page_origin.h"
#include "server/request_authorization.h"
#include "server/websocket_frame.h"

namespace nmstore::server {

namespace {

constexpr std::size_t kKeyBytes = 16;
constexpr std::string_view kVersion = "13";

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Whether one of a header's elements, of all headers of that name, is this one.
bool has_token(const Request& request, std::string_view header, std::string_view token) {
    for (const auto& [name, value] : request.headers) {
        if (name != header) continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(','), rest.size());
            if (lower(trim(rest.substr(0, end))) == token) return true;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    return false;
}

// 16 bytes in base64: 22 digits and "==", the last digit without bits that are left over.
bool is_key(std::string_view key) {
    std::array<unsigned char, 18> bytes{};
    std::array<unsigned char, 25> again{};
    if (key.size() != 24) return false;
    const auto* text = reinterpret_cast<const unsigned char*>(key.data());
    if (EVP_DecodeBlock(bytes.data(), text, static_cast<int>(key.size())) != static_cast<int>(bytes.size())) {
        return false;
    }
    EVP_EncodeBlock(again.data(), bytes.data(), static_cast<int>(kKeyBytes));
    return key == std::string_view(reinterpret_cast<const char*>(again.data()), key.size());
}

}  // namespace

bool wants_websocket(const Request& request) {
    return has_token(request, "upgrade", "websocket");
}

Response websocket_answer(const Request& request, std::shared_ptr<EventSource> events,
                          const std::vector<std::string>& allowed_origins) {
    const ErrorShape shape = error_shape(request.target);
    const auto bad = [shape](std::string_view why) {
        return error_answer(shape, 400, "invalid_argument", why);
    };
    if (request.method != Method::get) return bad("a WebSocket is opened with GET");
    if (!wants_websocket(request)) return bad("a WebSocket's handshake has \"Upgrade: websocket\"");
    if (!has_token(request, "connection", "upgrade")) {
        return bad("a WebSocket's handshake has \"Connection: Upgrade\"");
    }
    if (trim(request.header("sec-websocket-version").value_or("")) != kVersion) {
        Response response = error_answer(shape, 426, "unsupported", "Sec-WebSocket-Version must be 13");
        response.headers.emplace_back("Sec-WebSocket-Version", kVersion);
        response.headers.emplace_back("Upgrade", "websocket");
        return response;
    }
    const std::string_view key = trim(request.header("sec-websocket-key").value_or(""));
    if (!is_key(key)) return bad("Sec-WebSocket-Key must be 16 bytes in base64");
    if (is_foreign_page(request, allowed_origins)) {
        return error_answer(shape, 403, "forbidden",
                            "pages of the origin " + std::string(*request.header("origin")) +
                                " may not open a WebSocket here");
    }
    Response response;
    response.status = 101;
    response.headers = {
        {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", websocket_accept(key)}};
    if (offers_socket_protocol(request))
        response.headers.emplace_back("Sec-WebSocket-Protocol", kSocketProtocol);
    response.events = std::move(events);
    return response;
}

}  // namespace nmstore::server
