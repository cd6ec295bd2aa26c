#include "nmstore/posted_form.h"

#include "nmstore/escape.h"

namespace nmstore {
namespace {

// As JSON's string would write it; bytes that are not ASCII stay.
void append_json_text(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20) {
            out += "\\u00";
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
}

}  // namespace

std::string posted_form(std::int64_t time_ms, std::string_view returned) {
    std::string json = "{\"date\":" + std::to_string(time_ms) + ",\"returned\":\"";
    append_json_text(json, returned);
    json += "\"}";
    return escape(json);
}

}  // namespace nmstore
