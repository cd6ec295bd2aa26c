#include "query/opaque_text.h"

namespace nmstore::query {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int digit_of(char c) {
    const std::size_t at = kAlphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// false if the text has a foreign character, an impossible length, or bits behind its last byte.
bool decode_base64url(std::string_view text, std::string& bytes) {
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int digit = digit_of(c);
        if (digit < 0) return false;
        bits = (bits << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>(bits >> count & 0xff));
        }
    }
    return count < 6 && (bits & ((1U << count) - 1)) == 0;
}

}  // namespace

void OpaqueWriter::number(std::uint64_t value) {
    while (value >= 0x80) {
        bytes_.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    bytes_.push_back(static_cast<char>(value));
}

void OpaqueWriter::signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number(value < 0 ? ~(bits << 1) : bits << 1);
}

void OpaqueWriter::fixed(std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes_.push_back(static_cast<char>(value >> shift & 0xff));
}

std::string OpaqueWriter::text() const {
    std::string out;
    out.reserve((bytes_.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes_) {
        bits = (bits << 8 | static_cast<std::uint8_t>(c)) & 0xffffff;
        count += 8;
        while (count >= 6) {
            count -= 6;
            out.push_back(kAlphabet[bits >> count & 0x3f]);
        }
    }
    if (count > 0) out.push_back(kAlphabet[bits << (6 - count) & 0x3f]);
    return out;
}

OpaqueReader::OpaqueReader(std::string_view text) {
    good_ = decode_base64url(text, bytes_);
}

std::uint8_t OpaqueReader::byte() {
    if (!good_ || position_ == bytes_.size()) {
        good_ = false;
        return 0;
    }
    return static_cast<std::uint8_t>(bytes_[position_++]);
}

std::uint64_t OpaqueReader::number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        const std::uint8_t next = byte();
        if (shift == 63 && next > 1) break;          // more than 64 bits
        if (shift > 0 && next == 0 && good_) break;  // a longer form than the one that is written
        value |= std::uint64_t{next & 0x7fU} << shift;
        if (next < 0x80) return value;
    }
    good_ = false;
    return 0;
}

std::int64_t OpaqueReader::signed_number() {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits & 1) != 0 ? ~(bits >> 1) : bits >> 1);
}

std::uint64_t OpaqueReader::fixed() {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return value;
}

std::uint64_t fingerprint(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    return hash;
}

}  // namespace nmstore::query
