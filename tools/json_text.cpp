#include "tools/json_text.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "nmstore/value_type.h"

namespace nmstore::tools {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The unit of a \uXXXX escape that starts at text[i]; -1 if there is none.
int escape_unit(std::string_view text, std::size_t i) {
    if (i + 6 > text.size() || text[i] != '\\' || text[i + 1] != 'u') return -1;
    int unit = 0;
    for (std::size_t k = i + 2; k < i + 6; ++k) {
        const int digit = hex_digit(text[k]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

// In parsed strings NUL announces a byte as two hex digits; a NUL of the text itself is NUL "00".
std::string hide_bytes(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 16);
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] != '\\') {
            out += text[i++];
            continue;
        }
        const int unit = escape_unit(text, i);
        if (unit < 0) {  // \n, \\ and their like: the pair at once, so that "\\u" is not taken for an escape
            out += text.substr(i, 2);
            i += 2;
        } else if (unit == 0 || (unit >= 0xdc80 && unit <= 0xdcff)) {
            const auto byte = static_cast<unsigned>(unit) & 0xffU;
            out += "\\u0000";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
            i += 6;
        } else {
            const bool high = unit >= 0xd800 && unit <= 0xdbff;
            const std::size_t length = high && escape_unit(text, i + 6) >= 0xdc00 ? 12 : 6;
            out += text.substr(i, length);
            i += length;
        }
    }
    return out;
}

std::string show_bytes(const std::string& text) {
    if (text.find('\0') == std::string::npos) return text;
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0' && i + 2 < text.size()) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// The length of the valid UTF-8 sequence at text[i]; 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || i + length > text.size()) return 0;
    return length == 1 || is_valid_utf8(text.substr(i, length)) ? length : 0;
}

void append_unit(unsigned unit, std::string& out) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15U];
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
    const bool plain = text.find("\\u") == std::string_view::npos;
    auto value = plain ? nlohmann::json::parse(text, nullptr, false)
                       : nlohmann::json::parse(hide_bytes(text), nullptr, false);
    if (value.is_discarded()) return Error{Code::corruption, "this is not JSON: " + printable(text)};
    return value;
}

std::string bytes_of(const nlohmann::json& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return show_bytes(value.get_ref<const std::string&>());
    return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string member_bytes(const nlohmann::json& object, const char* name) {
    if (!object.is_object()) return {};
    const auto found = object.find(name);
    return found == object.end() ? std::string{} : bytes_of(*found);
}

std::int64_t member_number(const nlohmann::json& object, const char* name, std::int64_t otherwise) {
    if (!object.is_object()) return otherwise;
    const auto found = object.find(name);
    return found != object.end() && found->is_number() ? found->get<std::int64_t>() : otherwise;
}

void append_json_string(std::string_view bytes, std::string& out) {
    out += '"';
    for (std::size_t i = 0; i < bytes.size();) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        const std::size_t length = sequence_length(bytes, i);
        if (length == 0) {
            append_unit(0xdc00U + byte, out);
            i += 1;
        } else if (byte == '"' || byte == '\\') {
            out += '\\';
            out += bytes[i++];
        } else if (byte < 0x20 || byte == 0x7f) {
            if (byte == '\n') {
                out += "\\n";
            } else if (byte == '\t') {
                out += "\\t";
            } else {
                append_unit(byte, out);
            }
            i += 1;
        } else {
            out += bytes.substr(i, length);
            i += length;
        }
    }
    out += '"';
}

std::string json_string(std::string_view bytes) {
    std::string out;
    append_json_string(bytes, out);
    return out;
}

}  // namespace nmstore::tools
