#include <algorithm>

#include "engine/value_type_codec.h"
#include "nmstore/value_type.h"

namespace nmstore {

namespace {

constexpr char kNegative = '\x00';
constexpr char kZero = '\x01';
constexpr char kPositive = '\x02';
constexpr std::size_t kHeaderBytes = 3;  // the sign and the number of digits
static_assert(kMaxIntegerDigits <= 0xffff, "the number of digits has two bytes");

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void turn_over(std::string& key, std::size_t from) {
    for (std::size_t i = from; i < key.size(); ++i) key[i] = static_cast<char>(~key[i]);
}

}  // namespace

void append_big_endian(std::uint64_t value, std::string& out) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
}

std::uint64_t read_big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    return value;
}

std::optional<std::string> encode_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    std::string_view digits = negative ? text.substr(1) : text;
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) return std::string(1, kZero);
    if (digits.size() > kMaxIntegerDigits) return std::nullopt;

    std::string key(1, negative ? kNegative : kPositive);
    key.reserve(kHeaderBytes + (digits.size() + 1) / 2);
    key += static_cast<char>(digits.size() >> 8);
    key += static_cast<char>(digits.size() & 0xff);
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = digits[i] - '0';
        const int low = i + 1 < digits.size() ? digits[i + 1] - '0' : 0;
        key += static_cast<char>(high << 4 | low);
    }
    if (negative) turn_over(key, 1);
    return key;
}

std::optional<std::string> decode_integer(std::string_view key) {
    if (key == std::string_view(&kZero, 1)) return "0";
    if (key.size() <= kHeaderBytes || (key[0] != kNegative && key[0] != kPositive)) return std::nullopt;
    std::string plain(key);
    if (key[0] == kNegative) turn_over(plain, 1);
    const std::size_t count =
        std::size_t{static_cast<unsigned char>(plain[1])} << 8 | static_cast<unsigned char>(plain[2]);
    if (count == 0 || count > kMaxIntegerDigits || plain.size() != kHeaderBytes + (count + 1) / 2)
        return std::nullopt;

    std::string digits;
    digits.reserve(count + 1);
    for (std::size_t i = kHeaderBytes; i < plain.size(); ++i) {
        const auto byte = static_cast<unsigned char>(plain[i]);
        if (byte >> 4 > 9 || (byte & 0xf) > 9) return std::nullopt;
        digits += static_cast<char>('0' + (byte >> 4));
        digits += static_cast<char>('0' + (byte & 0xf));
    }
    if (digits.front() == '0') return std::nullopt;
    if (digits.size() > count) {
        if (digits.back() != '0') return std::nullopt;
        digits.pop_back();
    }
    return key[0] == kNegative ? "-" + digits : digits;
}

}  // namespace nmstore
