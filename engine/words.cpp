#include "nmstore/words.h"

#include <utf8proc.h>

#include <array>

namespace nmstore {
namespace {

constexpr std::array<bool, 128> make_ascii_words() {
    std::array<bool, 128> words{};
    for (std::size_t c = '0'; c <= '9'; ++c) words[c] = true;
    for (std::size_t c = 'a'; c <= 'z'; ++c) words[c] = true;
    for (std::size_t c = 'A'; c <= 'Z'; ++c) words[c] = true;
    return words;
}
constexpr auto kAsciiWords = make_ascii_words();

struct CodePoint {
    utf8proc_int32_t value = -1;  // -1: the byte is not valid UTF-8
    std::size_t length = 1;
};

CodePoint decode(std::string_view text, std::size_t at) {
    utf8proc_int32_t value = -1;
    const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                         static_cast<utf8proc_ssize_t>(text.size() - at), &value);
    if (length <= 0) return {};
    return {value, static_cast<std::size_t>(length)};
}

bool is_word(utf8proc_int32_t code_point) {
    if (code_point < 0) return false;
    switch (utf8proc_category(code_point)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO:
            return true;
        default:
            return false;
    }
}

// How many bytes of a word start at text[at]; 0 if it is no letter and no digit there. `skip` is how many
// bytes to pass over then.
std::size_t word_bytes(std::string_view text, std::size_t at, std::size_t& skip) {
    const auto byte = static_cast<unsigned char>(text[at]);
    skip = 1;
    if (byte < 0x80) return kAsciiWords[byte] ? 1 : 0;
    const CodePoint point = decode(text, at);
    skip = point.length;
    return is_word(point.value) ? point.length : 0;
}

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
bool is_ascii_word(char c) {
    return kAsciiWords[static_cast<unsigned char>(c)];
}

// Appends the lower case of the code point, or the invalid byte, at `at`; the offset behind it.
std::size_t append_lower_code_point(std::string_view text, std::size_t at, std::string& out) {
    const CodePoint point = decode(text, at);
    const auto lower = point.value < 0 ? point.value : utf8proc_tolower(point.value);
    if (lower == point.value) {
        out.append(text, at, point.length);
    } else {
        std::array<utf8proc_uint8_t, 4> bytes{};
        const auto length = utf8proc_encode_char(lower, bytes.data());
        out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
    }
    return at + point.length;
}

}  // namespace

bool WordScanner::next(WordAt& word) {
    const std::string_view text = text_;
    std::size_t at = position_;
    std::size_t skip = 0;
    std::size_t length = 0;
    // Nearly all bytes are ASCII: those are looked up right here.
    for (;; at += skip) {
        while (at < text.size() && is_ascii(text[at]) && !is_ascii_word(text[at])) ++at;
        if (at >= text.size()) {
            position_ = at;
            return false;
        }
        length = word_bytes(text, at, skip);
        if (length != 0) break;
    }
    word.begin = at;
    do {
        at += length;
        while (at < text.size() && is_ascii(text[at]) && is_ascii_word(text[at])) ++at;
    } while (at < text.size() && !is_ascii(text[at]) && (length = word_bytes(text, at, skip)) != 0);
    word.end = position_ = at;
    return true;
}

void append_lower(std::string_view text, std::string& out) {
    out.reserve(out.size() + text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t run = at;
        while (run < text.size() && is_ascii(text[run])) ++run;
        const std::size_t written = out.size();
        out.append(text, at, run - at);
        for (std::size_t i = written; i < out.size(); ++i) {
            const auto letter = static_cast<unsigned char>(out[i] - 'A');
            out[i] = static_cast<char>(out[i] + (letter < 26 ? 'a' - 'A' : 0));
        }
        if (run == text.size()) return;
        at = append_lower_code_point(text, run, out);
    }
}

std::string to_lower(std::string_view text) {
    std::string out;
    append_lower(text, out);
    return out;
}

bool is_word_at(std::string_view text, std::size_t i) {
    std::size_t skip = 0;
    return i < text.size() && word_bytes(text, i, skip) > 0;
}

bool is_word_before(std::string_view text, std::size_t i) {
    if (i == 0 || i > text.size()) return false;
    if (static_cast<unsigned char>(text[i - 1]) < 0x80)
        return kAsciiWords[static_cast<unsigned char>(text[i - 1])];
    // Back over the continuation bytes to where the code point starts; it must end exactly here.
    for (std::size_t length = 2; length <= 4 && length <= i; ++length) {
        const auto byte = static_cast<unsigned char>(text[i - length]);
        if (byte >= 0x80 && byte < 0xC0) continue;
        const CodePoint point = decode(text.substr(0, i), i - length);
        return point.length == length && is_word(point.value);
    }
    return false;
}

}  // namespace nmstore
