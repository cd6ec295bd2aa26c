// The text side of value types: what valid UTF-8 is, and how a wrong text is shown in an error.
#include <array>
#include <cstdio>

#include "nmstore/value_type.h"

namespace nmstore {

namespace {

constexpr std::size_t kPrintableBytes = 64;

// The length of the valid UTF-8 sequence at the beginning of `bytes`; 0 if there is none.
std::size_t utf8_sequence(std::string_view bytes) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const auto continues = [&](std::size_t i) { return i < bytes.size() && (at(i) & 0xc0) == 0x80; };
    const unsigned char lead = at(0);
    if (lead < 0x80) return 1;
    if (lead < 0xc2) return 0;  // a continuation, or overlong
    if (lead < 0xe0) return continues(1) ? 2 : 0;
    if (lead < 0xf0) {
        if (!continues(1) || !continues(2)) return 0;
        if (lead == 0xe0 && at(1) < 0xa0) return 0;   // overlong
        if (lead == 0xed && at(1) >= 0xa0) return 0;  // a surrogate
        return 3;
    }
    if (lead > 0xf4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xf0 && at(1) < 0x90) return 0;   // overlong
    if (lead == 0xf4 && at(1) >= 0x90) return 0;  // over U+10FFFF
    return 4;
}

void append_hex(unsigned char byte, std::string& out) {
    std::array<char, 5> text{};
    std::snprintf(text.data(), text.size(), "\\x%02x", byte);
    out += text.data();
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t size = utf8_sequence(bytes);
        if (size == 0) return false;
        bytes.remove_prefix(size);
    }
    return true;
}

std::string printable(std::string_view text) {
    std::string out;
    std::string_view rest = text;
    while (!rest.empty() && out.size() < kPrintableBytes) {
        const std::size_t size = utf8_sequence(rest);
        const auto first = static_cast<unsigned char>(rest.front());
        // C1 control characters are two bytes long: c2 80 to c2 9f.
        const bool control = first < 0x20 || first == 0x7f ||
                             (first == 0xc2 && size == 2 && static_cast<unsigned char>(rest[1]) < 0xa0);
        if (size == 0 || control) {
            for (std::size_t i = 0; i < (size == 0 ? 1 : size); ++i)
                append_hex(static_cast<unsigned char>(rest[i]), out);
        } else {
            out += rest.substr(0, size);
        }
        rest.remove_prefix(size == 0 ? 1 : size);
    }
    if (!rest.empty()) out += "…";
    return out;
}

}  // namespace nmstore
