#include "query/utf8_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "nmstore/value_type.h"

namespace nmstore::query {

bool is_ascii(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
    if (text.size() < sizeof(std::uint64_t)) {
        for (char c : text) {
            if (static_cast<unsigned char>(c) >= 0x80) return false;
        }
        return true;
    }
    auto word_at = [text](std::size_t i) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, sizeof word);
        return word;
    };
    std::size_t i = 0;
    for (; i + 32 <= text.size(); i += 32) {
        if (((word_at(i) | word_at(i + 8) | word_at(i + 16) | word_at(i + 24)) & high_bits) != 0)
            return false;
    }
    std::uint64_t rest = word_at(text.size() - 8);  // overlaps what was looked at
    for (; i + 8 <= text.size(); i += 8) rest |= word_at(i);
    return (rest & high_bits) == 0;
}

namespace {

// The bytes of the character at text[i]; 0 if it is none.
std::size_t valid_bytes(std::string_view text, std::size_t i) {
    const std::size_t longest = std::min<std::size_t>(4, text.size() - i);
    for (std::size_t bytes = 1; bytes <= longest; ++bytes) {
        if (is_valid_utf8(text.substr(i, bytes))) return bytes;
    }
    return 0;
}

}  // namespace

std::size_t invalid_utf8_at(std::string_view text) {
    if (is_valid_utf8(text)) return text.size();
    std::size_t i = 0;
    while (const std::size_t bytes = valid_bytes(text, i)) i += bytes;
    return i;
}

bool replace_invalid_utf8(std::string_view text, std::string& out) {
    if (is_ascii(text) || is_valid_utf8(text)) return false;
    out.clear();
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t bytes = valid_bytes(text, i);
        out += bytes > 0 ? text.substr(i, bytes) : std::string_view("\xEF\xBF\xBD");
        i += std::max<std::size_t>(bytes, 1);
    }
    return true;
}

}  // namespace nmstore::query
