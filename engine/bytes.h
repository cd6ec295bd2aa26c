// Numbers as bytes: big-endian where the order of keys matters, little-endian in values. Readers take at
// least as many bytes as the number has; callers check the length first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "nmstore/result.h"

namespace nmstore::bytes {

template <class T>
void append_big(std::string& out, T number) {
    static_assert(std::is_unsigned_v<T>);
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>(static_cast<unsigned char>(number >> shift)));
    }
}

template <class T>
T read_big(std::string_view bytes) {
    static_assert(std::is_unsigned_v<T>);
    NM_CHECK(bytes.size() >= sizeof(T));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) number = (number << 8) | static_cast<unsigned char>(bytes[i]);
    return static_cast<T>(number);
}

template <class T>
void append_little(std::string& out, T number) {
    static_assert(std::is_unsigned_v<T>);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out.push_back(
            static_cast<char>(static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> (8 * i))));
    }
}

template <class T>
T read_little(std::string_view bytes) {
    static_assert(std::is_unsigned_v<T>);
    NM_CHECK(bytes.size() >= sizeof(T));
    std::uint64_t number = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) number = (number << 8) | static_cast<unsigned char>(bytes[i]);
    return static_cast<T>(number);
}

// Signed numbers whose byte order is their order: the sign bit is flipped.
inline void append_sortable(std::string& out, std::int64_t number) {
    append_big(out, static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63));
}

inline std::int64_t read_sortable(std::string_view bytes) {
    return static_cast<std::int64_t>(read_big<std::uint64_t>(bytes) ^ (std::uint64_t{1} << 63));
}

}  // namespace nmstore::bytes
