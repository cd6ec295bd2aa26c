// Hashes of byte strings for tables in memory. They are never stored, and are others in each process, so that
// nobody can send texts that all meet in one place of a table.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace nmstore::block {

// Of this process.
std::uint64_t text_hash_seed();

namespace text_hash_detail {

// Odd, with as many ones as zeros.
inline constexpr std::uint64_t kFirstFactor = 0x9e3779b97f4a7c15ULL;
inline constexpr std::uint64_t kSecondFactor = 0xd1b54a32d192ed03ULL;

inline std::uint64_t eight(const char* at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
}
inline std::uint64_t four(const char* at) {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
}
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace text_hash_detail

// Up to kMaxEnds bytes as two numbers: with the size they tell the text exactly.
inline constexpr std::size_t kMaxEnds = 16;
struct TextEnds {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool operator==(const TextEnds&) const = default;
};
inline TextEnds ends_of(const char* at, std::size_t size) {
    using namespace text_hash_detail;
    if (size >= 8) return {eight(at), eight(at + size - 8)};
    if (size >= 4) return {four(at), four(at + size - 4)};
    if (size == 0) return {};
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint64_t>(static_cast<unsigned char>(at[i]));
    };
    return {byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16, 0};
}

inline std::uint64_t text_hash(std::string_view text, std::uint64_t seed) {
    using namespace text_hash_detail;
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t hash = seed ^ (left * kFirstFactor);
    for (; left > kMaxEnds; left -= 16, at += 16)
        hash = fold(eight(at) ^ kSecondFactor, eight(at + 8) ^ hash);
    const TextEnds ends = ends_of(at, left);
    return fold(fold(ends.first ^ kSecondFactor, ends.last ^ hash), hash ^ kFirstFactor);
}

}  // namespace nmstore::block
