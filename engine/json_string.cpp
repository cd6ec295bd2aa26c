#include "engine/json_string.h"

#include <cstdint>

namespace nmstore {
namespace {

// The four hexadecimal digits of \uXXXX at `at`, or -1.
std::int32_t hex_unit(std::string_view raw, std::size_t at) {
    if (raw.size() < at + 4) return -1;
    std::int32_t unit = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const char c = raw[i];
        int digit = 0;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

void append_utf8(std::uint32_t code_point, std::string& out) {
    const auto push = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        push(code_point);
    } else if (code_point < 0x800) {
        push(0xC0 | code_point >> 6);
        push(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        push(0xE0 | code_point >> 12);
        push(0x80 | (code_point >> 6 & 0x3F));
        push(0x80 | (code_point & 0x3F));
    } else {
        push(0xF0 | code_point >> 18);
        push(0x80 | (code_point >> 12 & 0x3F));
        push(0x80 | (code_point >> 6 & 0x3F));
        push(0x80 | (code_point & 0x3F));
    }
}

// Appends the \uXXXX whose backslash is at `at`, with the second half of a pair if it follows. The bytes
// used; 0 if it is none.
std::size_t append_unicode_escape(std::string_view raw, std::size_t at, std::string& out) {
    const std::int32_t first = hex_unit(raw, at + 2);
    if (first < 0) return 0;
    auto code_point = static_cast<std::uint32_t>(first);
    if (code_point < 0xD800 || code_point >= 0xE000) {
        append_utf8(code_point, out);
        return 6;
    }
    const bool pair_may_follow = code_point < 0xDC00 && raw.substr(at + 6, 2) == "\\u";
    const std::int32_t second = pair_may_follow ? hex_unit(raw, at + 8) : -1;
    if (second >= 0xDC00 && second < 0xE000) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (static_cast<std::uint32_t>(second) - 0xDC00);
        append_utf8(code_point, out);
        return 12;
    }
    if (code_point >= 0xDC80 && code_point <= 0xDCFF) {
        out.push_back(static_cast<char>(code_point - 0xDC00));
    } else {
        append_utf8(0xFFFD, out);
    }
    return 6;
}

// What a backslash and `c` stand for; 0 if JSON knows no such escape.
char simple_escape(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'r':
            return '\r';
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case '"':
        case '\\':
        case '/':
            return c;
        default:
            return 0;
    }
}

}  // namespace

std::size_t find_string_end(std::string_view text, std::size_t begin) {
    std::size_t at = begin;
    while ((at = text.find('"', at)) != std::string_view::npos) {
        std::size_t backslashes = 0;
        while (at - backslashes > begin && text[at - backslashes - 1] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return at;
        ++at;  // this quote belongs to the string
    }
    return at;
}

bool decode_json_string(std::string_view raw, std::string& out) {
    out.clear();
    out.reserve(raw.size());
    bool known = true;
    std::size_t copied = 0;
    std::size_t at = 0;
    while ((at = raw.find('\\', copied)) != std::string_view::npos) {
        out.append(raw, copied, at - copied);
        const char c = at + 1 < raw.size() ? raw[at + 1] : '\0';
        std::size_t used = c == 'u' ? append_unicode_escape(raw, at, out) : 0;
        if (used == 0) {
            const char meaning = simple_escape(c);
            known = known && meaning != 0;
            out.push_back(meaning == 0 ? '\\' : meaning);
            used = meaning == 0 ? 1 : 2;
        }
        copied = at + used;
    }
    out.append(raw, copied, std::string_view::npos);
    return known;
}

}  // namespace nmstore
