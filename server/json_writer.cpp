#include "server/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

namespace nmstore::server {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

bool is_continuation(unsigned char byte) {
    return (byte & 0xc0) == 0x80;
}

// The length of the valid UTF-8 sequence of two bytes or more that starts at text[i]; 0 if there is none.
std::size_t sequence_length(std::string_view text, std::size_t i) {
    const auto byte = [&](std::size_t k) -> unsigned char {
        return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0;
    };
    const unsigned char first = byte(0), second = byte(1);
    if (first >= 0xc2 && first <= 0xdf) return is_continuation(second) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        if (first == 0xe0 && second < 0xa0) return 0;  // overlong
        if (first == 0xed && second > 0x9f) return 0;  // a surrogate
        return is_continuation(second) && is_continuation(byte(2)) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if (first == 0xf0 && second < 0x90) return 0;  // overlong
        if (first == 0xf4 && second > 0x8f) return 0;  // over U+10FFFF
        return is_continuation(second) && is_continuation(byte(2)) && is_continuation(byte(3)) ? 4 : 0;
    }
    return 0;
}

void append_unit(std::string_view prefix, unsigned char byte, std::string& out) {
    out += prefix;
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 0xf];
}

void append_control(unsigned char byte, std::string& out) {
    switch (byte) {
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            append_unit("\\u00", byte, out);
    }
}

bool is_plain(unsigned char byte) {
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

template <class Number>
void append_number(Number number, std::string& out) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end.ptr);
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
    out += '"';
    std::size_t i = 0;
    while (i < text.size()) {
        const std::size_t begin = i;
        while (i < text.size() && is_plain(static_cast<unsigned char>(text[i]))) ++i;
        out.append(text, begin, i - begin);
        if (i == text.size()) break;
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x80) {
            const std::size_t length = sequence_length(text, i);
            if (length == 0) {
                append_unit("\\udc", byte, out);
                ++i;
            } else {
                out.append(text, i, length);
                i += length;
            }
            continue;
        }
        if (byte < 0x20) {
            append_control(byte, out);
        } else {
            out += '\\';
            out += text[i];
        }
        ++i;
    }
    out += '"';
}

void JsonWriter::separate() {
    if (comma_) out_ += ',';
    comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(name, out_);
    out_ += ':';
    comma_ = false;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    append_json_string(text, out_);
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t number) {
    separate();
    append_number(number, out_);
    return *this;
}

JsonWriter& JsonWriter::natural(std::uint64_t number) {
    separate();
    append_number(number, out_);
    return *this;
}

JsonWriter& JsonWriter::real(double number) {
    if (!std::isfinite(number)) return null();
    separate();
    append_number(number, out_);
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
    return *this;
}

JsonWriter& JsonWriter::null() {
    separate();
    out_ += "null";
    return *this;
}

JsonWriter& JsonWriter::json(std::string_view text) {
    separate();
    for (const char c : text) {
        if (c != '\n' && c != '\r') out_ += c;
    }
    return *this;
}

}  // namespace nmstore::server
