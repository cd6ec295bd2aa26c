#include "tools/visible_text.h"

#include <algorithm>

#include "nmstore/value_type.h"
#include "nmstore/words.h"
#include "query/filter.h"

namespace nmstore::tools {
namespace {

constexpr char kHex[] = "0123456789abcdef";

struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0;  // 0: not valid UTF-8
};

CodePoint code_point_at(std::string_view text, std::size_t i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
    if (length == 0 || i + length > text.size() || !is_valid_utf8(text.substr(i, length))) return {};
    char32_t value = lead & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k)
        value = (value << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
    return {value, length};
}

bool formats_invisibly(char32_t c) {
    return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

void append_byte(unsigned char byte, std::string& out) {
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
}

void append_code_point(char32_t c, std::string& out) {
    out += "\\u{";
    int shift = 20;
    while (shift > 0 && (c >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 15U];
    out += '}';
}

void collect(const query::Filter& filter, std::vector<std::string>& out) {
    switch (filter.kind) {
        case query::FilterKind::word:
        case query::FilterKind::prefix:
        case query::FilterKind::substring:
        case query::FilterKind::exact:
            if (!filter.text.empty()) out.push_back(to_lower(filter.text));
            break;
        case query::FilterKind::both:
        case query::FilterKind::either:
            for (const auto& child : filter.children) collect(*child, out);
            break;
        default:
            break;
    }
}

bool same_ignoring_case(std::string_view text, std::string_view lower) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80 && (first | 0x20U) != (static_cast<unsigned char>(lower[0]) | 0x20U)) return false;
    return to_lower(text) == lower;
}

// The length of the needle that occurs at text[i]; the longest if several do.
std::size_t match_at(std::string_view text, std::size_t i, const std::vector<std::string>& needles) {
    std::size_t longest = 0;
    for (const auto& needle : needles) {
        if (needle.size() > longest && i + needle.size() <= text.size() &&
            same_ignoring_case(text.substr(i, needle.size()), needle)) {
            longest = needle.size();
        }
    }
    return longest;
}

}  // namespace

std::string visible_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const CodePoint point = code_point_at(text, i);
        const auto byte = static_cast<unsigned char>(text[i]);
        if (point.length == 0 || (point.length == 1 && byte != '\t' && (byte < 0x20 || byte == 0x7f))) {
            append_byte(byte, out);
            i += 1;
            continue;
        }
        if ((point.value >= 0x80 && point.value < 0xa0) || formats_invisibly(point.value)) {
            append_code_point(point.value, out);
        } else {
            out += text.substr(i, point.length);
        }
        i += point.length;
    }
    return out;
}

std::vector<std::string> highlight_texts(const query::Filter& filter) {
    std::vector<std::string> out;
    collect(filter, out);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::string highlighted_text(std::string_view text, const std::vector<std::string>& needles) {
    if (needles.empty()) return visible_text(text);
    std::string out;
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = match_at(text, i, needles);
        if (length == 0) {
            ++i;
            continue;
        }
        out += visible_text(text.substr(plain_from, i - plain_from));
        out += kMatch;
        out += visible_text(text.substr(i, length));
        out += kPlain;
        i += length;
        plain_from = i;
    }
    out += visible_text(text.substr(plain_from));
    return out;
}

}  // namespace nmstore::tools
