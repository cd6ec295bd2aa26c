#include "engine/cell_style.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstring>

namespace nmstore {
namespace {

constexpr std::string_view kSmallDigits = "0123456789abcdef";
constexpr std::string_view kCapitalDigits = "0123456789ABCDEF";

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Besides letters and digits: of escape(), encodeURIComponent(), encodeURI().
constexpr std::array<std::string_view, style::kAllowedSets> kAllowed{"@*_+-./", "-_.!~*'()",
                                                                     ";,/?:@&=+$#-_.!~*'()"};

// The code point at the front of `text` and its length; an invalid byte is a character of its own.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 1;
    bool valid = false;
};
CodePoint first_code_point(std::string_view text) {
    utf8proc_int32_t value = 0;
    const auto length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4)), &value);
    if (length <= 0) return {static_cast<unsigned char>(text[0]), 1, false};
    return {static_cast<std::uint32_t>(value), static_cast<std::size_t>(length), true};
}

void append_hex(std::uint32_t number, int digits, std::string_view of, std::string& out) {
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.push_back(of[number >> shift & 15]);
}

void append_unit(std::uint32_t unit, std::string_view digits, std::string& out) {
    out += unit > 0xFF ? "%u" : "%";
    append_hex(unit, unit > 0xFF ? 4 : 2, digits, out);
}

// The one or two UTF-16 units of a code point, each handed to `each`.
template <class Each>
void for_units(std::uint32_t code_point, const Each& each) {
    if (code_point < 0x10000) return each(code_point);
    each(0xD800 + ((code_point - 0x10000) >> 10));
    each(0xDC00 + ((code_point - 0x10000) & 0x3FF));
}

}  // namespace

CellStyle::CellStyle(std::uint32_t bits) : bits_(bits) {
    std::string out;
    for (std::size_t i = 0; i < ascii_.size(); ++i) {
        const char c = static_cast<char>(i);
        out.clear();
        write({&c, 1}, out);
        Written& written = ascii_[i];
        written.size = static_cast<std::uint8_t>(std::min(out.size(), written.bytes.size()));
        std::copy_n(out.begin(), written.size, written.bytes.begin());
    }
}

void CellStyle::append(std::string_view text, std::string& out) const {
    std::size_t at = 0;
    while (at < text.size()) {
        constexpr std::size_t kStep = 256;
        const std::size_t begin = out.size();
        const std::size_t step = std::min(kStep, text.size() - at);
        out.resize(begin + step * sizeof(Written));
        char* to = out.data() + begin;
        const std::size_t end = at + step;
        while (at < end && static_cast<unsigned char>(text[at]) < 0x80) {
            const Written& written = ascii_[static_cast<unsigned char>(text[at])];
            std::memcpy(to, written.bytes.data(), sizeof(written.bytes));
            to += written.size;
            ++at;
        }
        out.resize(static_cast<std::size_t>(to - out.data()));
        while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80) {
            const std::size_t length = first_code_point(text.substr(at)).length;
            write(text.substr(at, length), out);
            at += length;
        }
    }
}

void CellStyle::append_around(std::string_view text, std::string& out) const {
    std::string passed(text);
    pass_all(style::outer(bits_), passed);
    out += passed;
}

void CellStyle::write(std::string_view character, std::string& out) const {
    std::string text(character);
    pass_all(style::inner(bits_), text);
    if ((bits_ & style::kJson) != 0) {
        std::string json;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t length = first_code_point(std::string_view(text).substr(at)).length;
            write_json(std::string_view(text).substr(at, length), json);
            at += length;
        }
        text.swap(json);
    }
    pass_all(style::outer(bits_), text);
    out += text;
}

void CellStyle::pass_all(std::uint32_t passes, std::string& text) const {
    for (std::uint32_t i = 0; i < passes; ++i) pass(text);
}

void CellStyle::pass(std::string& text) const {
    const std::string_view digits = (bits_ & style::kSmallHex) != 0 ? kSmallDigits : kCapitalDigits;
    const std::string_view allowed = kAllowed[bits_ >> style::kAllowedShift & 3];
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint found = first_code_point(std::string_view(text).substr(at));
        const bool ascii = found.valid && found.length == 1;
        const bool kept =
            ascii ? is_letter_or_digit(text[at]) || allowed.find(text[at]) != std::string_view::npos
                  : (bits_ & style::kKeepBytes) != 0;
        if (kept) {
            out.append(text, at, found.length);
        } else {
            for_units(found.value, [&](std::uint32_t unit) { append_unit(unit, digits, out); });
        }
        at += found.length;
    }
    text.swap(out);
}

void CellStyle::write_json(std::string_view character, std::string& out) const {
    const auto c = static_cast<unsigned char>(character[0]);
    const auto digits = (bits_ & style::kJsonCapitalHex) != 0 ? kCapitalDigits : kSmallDigits;
    const auto escaped = [&](std::uint32_t unit) {
        out += "\\u";
        append_hex(unit, 4, digits, out);
    };
    if (c >= 0x80) {
        const CodePoint found = first_code_point(character);
        if (!found.valid || (bits_ & style::kJsonAscii) == 0) {
            out += character;
        } else {
            for_units(found.value, escaped);
        }
        return;
    }
    constexpr std::string_view kNamed = "\n\t\r\"\\";
    constexpr std::string_view kNames = "ntr\"\\";
    constexpr std::string_view kNamedControls = "\b\f";
    constexpr std::string_view kControlNames = "bf";
    if (const auto at = kNamed.find(character[0]); at != std::string_view::npos) {
        (out += '\\') += kNames[at];
    } else if (const auto control = kNamedControls.find(character[0]);
               control != std::string_view::npos && (bits_ & style::kJsonLongControls) == 0) {
        (out += '\\') += kControlNames[control];
    } else if (c == '/' && (bits_ & style::kJsonSlash) != 0) {
        out += "\\/";
    } else if (c < 0x20) {
        escaped(c);
    } else {
        out += character;
    }
}

}  // namespace nmstore
