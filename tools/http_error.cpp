// explain() of http_client.h: from an answer's status and body to an Error.
#include <nlohmann/json.hpp>

#include "tools/http_client.h"
#include "tools/json_text.h"
#include "tools/visible_text.h"

namespace nmstore::tools {
namespace {

constexpr std::size_t kMaxShownMessage = 2000;

// The message of {"error":{"message":…}} (api/v1) or {"detail":…} (v0.3); "" if there is none.
std::string message_of(const std::string& body) {
    const auto parsed = parse_json(body);
    if (!parsed.ok() || !parsed.value().is_object()) return {};
    const auto& object = parsed.value();
    std::string message;
    if (object.contains("error") && object["error"].is_object())
        message = member_bytes(object["error"], "message");
    if (message.empty()) message = member_bytes(object, "detail");
    if (message.empty()) message = member_bytes(object, "message");
    return visible_text(message.substr(0, kMaxShownMessage));
}

// A few words that are no JSON: of a port that speaks TLS, or of something between.
std::string plain_words_of(const std::string& body) {
    constexpr std::size_t kMost = 200;
    const std::string line = body.substr(0, body.find_first_of("\r\n"));
    return line.empty() || line.size() > kMost || line.front() == '<' || line.front() == '{'
               ? ""
               : visible_text(line);
}

Code code_of(int status) {
    switch (status) {
        case 400:
            return Code::invalid_argument;
        case 404:
            return Code::not_found;
        case 409:
            return Code::conflict;
        case 413:
            return Code::too_large;
        case 422:
            return Code::limit_exceeded;
        case 501:
            return Code::unsupported;
        case 401:
        case 403:
            return Code::conflict;
        case 408:
        case 425:
        case 429:
            return Code::unavailable;
        default:
            return status < 500 ? Code::unsupported : Code::unavailable;
    }
}

}  // namespace

Error explain(const HttpAnswer& answer, const std::string& url) {
    std::string message = message_of(answer.body);
    if (message.empty() && answer.status == 400) message = plain_words_of(answer.body);
    const std::string behind = message.empty() ? "" : ": " + message;
    switch (answer.status) {
        case 401:
            return {Code::conflict, url + " does not know these credentials" + behind +
                                        " (give TOKEN:ACCOUNT in NM_TOKEN, or a file with --token-file)"};
        case 403:
            return {Code::conflict, url + " does not allow this with these credentials" + behind};
        case 404:
            if (message.empty())
                return {Code::not_found, url + " does not know this call: is it nm-stored, and new enough?"};
            return {Code::not_found, message};
        case 400:
        case 409:
        case 413:
        case 422:
            if (!message.empty()) return {code_of(answer.status), message};
            break;
        default:
            break;
    }
    if (answer.status >= 300 && answer.status < 400) {
        return {Code::unsupported, url + " sends elsewhere (status " + std::to_string(answer.status) +
                                       "): is this nm-stored's address?"};
    }
    return {code_of(answer.status), url + " answered with status " + std::to_string(answer.status) + behind};
}

}  // namespace nmstore::tools
