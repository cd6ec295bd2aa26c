#include "server/alert.h"

#include <openssl/evp.h>

#include <array>
#include <nlohmann/json.hpp>

#include "nmstore/value_type.h"

namespace nmstore::server {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

std::string_view alert_state_name(AlertStateKind state) {
    switch (state) {
        case AlertStateKind::firing:
            return "firing";
        case AlertStateKind::resolved:
            return "resolved";
        case AlertStateKind::reset:
            break;
    }
    return "reset";
}

void Alert::seal() {
    const std::string what = rule->id + '\n' + group + '\n' + std::string(alert_state_name(state)) + '\n' +
                             std::to_string(since_ms) + '\n' + std::to_string(time_ms) + '\n' +
                             std::to_string(change);
    id = hex_digest(what);
}

std::string alert_value(const Alert& alert) {
    Json object = Json::object();
    object["date"] = alert.time_ms;
    object["value"] = alert.text;
    object["rule"] = alert.rule->id;
    object["state"] = alert_state_name(alert.state);
    object["since"] = alert.since_ms;
    if (!alert.client.empty()) object["client"] = alert.client;
    if (!alert.log.empty()) object["log"] = alert.log;
    if (!alert.field.empty()) object["field"] = alert.field;
    if (alert.count > 0) object["count"] = alert.count;
    if (alert.reading) object["reading"] = *alert.reading;
    if (!alert.sample.empty()) object["line"] = alert.sample;
    object["id"] = alert.id;
    std::string value;
    for (const char c : object.dump(-1, ' ', false, Json::error_handler_t::replace)) {
        if (c == '%') {
            value += "\\u0025";
        } else {
            value += c;
        }
    }
    return value;
}

std::string alert_id_of(std::string_view value) {
    const Json object = Json::parse(value, nullptr, false);
    if (!object.is_object() || !object.contains("id") || !object["id"].is_string()) return {};
    return object["id"].get<std::string>();
}

std::string hex_digest(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    NM_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    std::string out;
    for (std::size_t i = 0; i < 16; ++i) {
        out += kDigits[digest[i] >> 4];
        out += kDigits[digest[i] & 15];
    }
    return out;
}

std::string valid_text(std::string_view text, std::size_t most) {
    if (text.size() > most) {
        while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
        text = text.substr(0, most);
    }
    if (is_valid_utf8(text)) return std::string(text);
    const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return Json::parse(quoted).get<std::string>();
}

}  // namespace nmstore::server
