#include "nmstore/escape.h"

#include <utf8proc.h>

#include <array>
#include <cstdint>

namespace nmstore {
namespace {

constexpr int kPasses = 2;  // agents escape a value once, alerts sometimes twice
constexpr std::uint32_t kReplacement = 0xFFFD;

constexpr std::array<std::int8_t, 256> make_hex_digits() {
    std::array<std::int8_t, 256> digits{};
    for (auto& digit : digits) digit = -1;
    for (int i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
    for (int i = 0; i < 6; ++i) {
        digits[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(10 + i);
        digits[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
    }
    return digits;
}
constexpr auto kHexDigits = make_hex_digits();

constexpr std::array<bool, 256> make_unescaped() {
    std::array<bool, 256> kept{};
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@*_+-./"))
        kept[static_cast<unsigned char>(c)] = true;
    return kept;
}
constexpr auto kUnescaped = make_unescaped();

// The number that `count` hexadecimal digits at `at` make, or -1.
std::int32_t hex_number(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < count || at > text.size() - count) return -1;
    std::int32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const int digit = kHexDigits[static_cast<unsigned char>(text[at + i])];
        if (digit < 0) return -1;
        number = number * 16 + digit;
    }
    return number;
}

// An escape at a '%': its unit and its length; length 0 if it is only a '%'.
struct Escape {
    std::uint32_t unit = 0;
    std::size_t length = 0;
};

Escape escape_at(std::string_view text, std::size_t at) {
    if (at + 1 < text.size() && text[at + 1] == 'u') {
        const auto number = hex_number(text, at + 2, 4);
        if (number < 0) return {};
        return {static_cast<std::uint32_t>(number), 6};
    }
    const auto number = hex_number(text, at + 1, 2);
    if (number < 0) return {};
    return {static_cast<std::uint32_t>(number), 3};
}

// The first '%' from `at` on that starts an escape; npos if there is none.
std::size_t find_escape(std::string_view text, std::size_t at) {
    while ((at = text.find('%', at)) != std::string_view::npos) {
        if (escape_at(text, at).length > 0) return at;
        ++at;
    }
    return at;
}

bool is_high_surrogate(std::uint32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(std::uint32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

void append_utf8(std::uint32_t code_point, std::string& out) {
    if (code_point < 0x80) {
        out.push_back(static_cast<char>(code_point));
        return;
    }
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
    out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

void append_escape(std::uint32_t unit, std::string& out) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    out.push_back('%');
    if (unit > 0xFF) {
        out.push_back('u');
        out.push_back(kDigits[unit >> 12 & 15]);
        out.push_back(kDigits[unit >> 8 & 15]);
    }
    out.push_back(kDigits[unit >> 4 & 15]);
    out.push_back(kDigits[unit & 15]);
}

}  // namespace

bool unescape(std::string_view text, std::string& out) {
    std::size_t at = find_escape(text, 0);
    if (at == std::string_view::npos) return false;
    out.clear();
    out.reserve(text.size());
    std::size_t copied = 0;
    while (at != std::string_view::npos) {
        out.append(text, copied, at - copied);
        Escape escape = escape_at(text, at);
        // Escapes stand in rows, so look for the next one right here before searching.
        while (escape.length > 0) {
            at += escape.length;
            std::uint32_t code_point = escape.unit;
            const Escape following = at < text.size() && text[at] == '%' ? escape_at(text, at) : Escape{};
            if (is_high_surrogate(code_point) && is_low_surrogate(following.unit)) {
                code_point = 0x10000 + ((code_point - 0xD800) << 10) + (following.unit - 0xDC00);
                at += following.length;
                append_utf8(code_point, out);
                escape = at < text.size() && text[at] == '%' ? escape_at(text, at) : Escape{};
                continue;
            }
            if (code_point >= 0xD800 && code_point < 0xE000) code_point = kReplacement;
            append_utf8(code_point, out);
            escape = following;
        }
        copied = at;
        at = find_escape(text, at);
    }
    out.append(text, copied, text.size() - copied);
    return true;
}

std::string unescape_fully(std::string_view text) {
    std::string current(text);
    std::string next;
    for (int pass = 0; pass < kPasses && unescape(current, next); ++pass) current.swap(next);
    return current;
}

std::string escape(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 2);
    std::size_t at = 0;
    while (at < text.size()) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte < 0x80) {
            if (kUnescaped[byte]) {
                out.push_back(static_cast<char>(byte));
            } else {
                append_escape(byte, out);
            }
            ++at;
            continue;
        }
        utf8proc_int32_t code_point = 0;
        const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                             static_cast<utf8proc_ssize_t>(text.size() - at), &code_point);
        if (length <= 0) {
            append_escape(byte, out);
            ++at;
            continue;
        }
        const auto unit = static_cast<std::uint32_t>(code_point);
        if (unit >= 0x10000) {
            append_escape(0xD800 + ((unit - 0x10000) >> 10), out);
            append_escape(0xDC00 + ((unit - 0x10000) & 0x3FF), out);
        } else {
            append_escape(unit, out);
        }
        at += static_cast<std::size_t>(length);
    }
    return out;
}

}  // namespace nmstore
