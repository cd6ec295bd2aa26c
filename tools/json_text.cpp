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

// Collects the members of the outermost object.
class MemberReader : public nlohmann::json_sax<nlohmann::json> {
  public:
    Members members;
    bool is_object = false;

    bool null() override { return value({}); }
    bool boolean(bool on) override { return value(on ? "true" : "false"); }
    bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
    bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
    bool number_float(number_float_t, const string_t& text) override { return value(text); }
    bool string(string_t& text) override { return value(show_bytes(text)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override {
        if (depth_ == 0) is_object = true;
        return begin();
    }
    bool key(string_t& name) override {
        if (depth_ == 1) members.emplace_back(show_bytes(name), "");
        return true;
    }
    bool end_object() override { return end(); }
    bool start_array(std::size_t) override { return begin(); }
    bool end_array() override { return end(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
        return false;
    }

  private:
    bool value(std::string text) {
        if (depth_ == 1 && is_object && !members.empty()) members.back().second = std::move(text);
        return true;
    }
    bool begin() {
        ++depth_;
        return true;
    }
    bool end() {
        --depth_;
        return true;
    }
    std::size_t depth_ = 0;
};

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

Result<Members> parse_members(std::string_view text) {
    MemberReader reader;
    const bool plain = text.find("\\u") == std::string_view::npos;
    const bool parsed = plain ? nlohmann::json::sax_parse(text, &reader)
                              : nlohmann::json::sax_parse(hide_bytes(text), &reader);
    if (!parsed || !reader.is_object)
        return Error{Code::corruption, "this is no JSON object: " + printable(text)};
    return std::move(reader.members);
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
