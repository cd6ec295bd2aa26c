// unescape() against a plain reading of its definition, and as the way back of escape().
#include "nmstore/escape.h"

#include <cstdint>
#include <string>

#include "nmstore/result.h"
#include "nmstore/value_type.h"

namespace {

int hex(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) return -1;
    return static_cast<int>(std::stoul(std::string(text), nullptr, 16));
}

void append(std::uint32_t c, std::string& out) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
        out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                static_cast<char>(0x80 | (c & 63))};
    } else {
        out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
                static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
}

// A unit and what it was written with; unit -1 for a byte that is no escape.
int unit_at(std::string_view text, std::size_t& length) {
    length = 1;
    if (text.substr(0, 2) == "%u" && text.size() >= 6 && hex(text.substr(2, 4)) >= 0) {
        length = 6;
        return hex(text.substr(2, 4));
    }
    if (text.substr(0, 1) == "%" && text.size() >= 3 && hex(text.substr(1, 2)) >= 0) {
        length = 3;
        return hex(text.substr(1, 2));
    }
    return -1;
}

std::string reference(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        std::size_t length = 0;
        const int unit = unit_at(text, length);
        if (unit < 0) {
            out += text[0];
        } else if (unit >= 0xD800 && unit < 0xDC00) {
            std::size_t low_length = 0;
            const int low = unit_at(text.substr(length), low_length);
            if (low >= 0xDC00 && low < 0xE000) {
                append(static_cast<std::uint32_t>(0x10000 + (unit - 0xD800) * 0x400 + (low - 0xDC00)), out);
                length += low_length;
            } else {
                append(0xFFFD, out);
            }
        } else {
            append(unit >= 0xDC00 && unit < 0xE000 ? 0xFFFDu : static_cast<std::uint32_t>(unit), out);
        }
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::string out = "untouched";
    const bool changed = nmstore::unescape(text, out);
    NM_CHECK(out == (changed ? reference(text) : "untouched"));
    if (!changed) NM_CHECK(reference(text) == text);
    NM_CHECK(nmstore::unescape_fully(text) == reference(reference(text)));

    const std::string escaped = nmstore::escape(text);
    if (nmstore::is_valid_utf8(text)) NM_CHECK(reference(escaped) == text);
    NM_CHECK(escaped.find_first_of("\n\"\\{} ") == std::string::npos);
    return 0;
}
