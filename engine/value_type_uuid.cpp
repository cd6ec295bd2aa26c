#include <array>

#include "engine/value_type_codec.h"

namespace nmstore {

namespace {

constexpr std::size_t kTextBytes = 36;  // 8-4-4-4-12
constexpr int kTimeVersion = 1;
constexpr std::string_view kHexDigits = "0123456789abcdef";

struct Uuid {
    std::uint64_t high = 0;  // the first 8 bytes, big-endian
    std::uint64_t low = 0;   // the last 8

    int version() const { return static_cast<int>(high >> 12 & 0xf); }
};

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_dash(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != kTextBytes) return std::nullopt;
    Uuid uuid;
    for (std::size_t i = 0; i < kTextBytes; ++i) {
        if (is_dash(i)) {
            if (text[i] != '-') return std::nullopt;
            continue;
        }
        const int value = hex_value(text[i]);
        if (value < 0) return std::nullopt;
        std::uint64_t& half = i < 18 ? uuid.high : uuid.low;
        half = half << 4 | static_cast<std::uint64_t>(value);
    }
    return uuid;
}

std::string format_uuid(const Uuid& uuid) {
    std::string text;
    text.reserve(kTextBytes);
    for (const std::uint64_t half : {uuid.high, uuid.low}) {
        for (int shift = 60; shift >= 0; shift -= 4) {
            if (is_dash(text.size())) text += '-';
            text += kHexDigits[half >> shift & 0xf];
        }
    }
    return text;
}

// The time of a version 1 UUID is scattered over its first half: low 32 bits, middle 16, version, high 12.
std::uint64_t uuid_time(const Uuid& uuid) {
    return (uuid.high & 0x0fff) << 48 | (uuid.high >> 16 & 0xffff) << 32 | uuid.high >> 32;
}

std::uint64_t high_of_time(std::uint64_t time) {
    return time << 32 | (time >> 32 & 0xffff) << 16 | std::uint64_t{kTimeVersion} << 12 |
           (time >> 48 & 0x0fff);
}

std::string encode_time(const Uuid& uuid) {
    std::string key;
    append_big_endian(uuid_time(uuid), key);
    append_big_endian(uuid.low, key);
    return key;
}

}  // namespace

std::optional<std::string> encode_time_uuid(std::string_view text) {
    const auto uuid = parse_uuid(text);
    if (!uuid || uuid->version() != kTimeVersion) return std::nullopt;
    return encode_time(*uuid);
}

std::optional<std::string> decode_time_uuid(std::string_view key) {
    if (key.size() != 16) return std::nullopt;
    const std::uint64_t time = read_big_endian(key);
    if (time >> 60 != 0) return std::nullopt;
    return format_uuid({high_of_time(time), read_big_endian(key.substr(8))});
}

std::optional<std::string> encode_uuid(std::string_view text) {
    const auto uuid = parse_uuid(text);
    if (!uuid) return std::nullopt;
    std::string key(1, static_cast<char>(uuid->version()));
    if (uuid->version() == kTimeVersion) return key + encode_time(*uuid);
    append_big_endian(uuid->high, key);
    append_big_endian(uuid->low, key);
    return key;
}

std::optional<std::string> decode_uuid(std::string_view key) {
    if (key.size() != 17) return std::nullopt;
    if (key[0] == kTimeVersion) return decode_time_uuid(key.substr(1));
    const Uuid uuid{read_big_endian(key.substr(1)), read_big_endian(key.substr(9))};
    if (uuid.version() != static_cast<unsigned char>(key[0])) return std::nullopt;
    return format_uuid(uuid);
}

}  // namespace nmstore
