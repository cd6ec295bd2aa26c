// What 64 bytes of a text are, as bits: the lowest bit is the first byte.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace nmstore::block {

inline constexpr std::size_t kMarkedBytes = 64;

struct ByteMarks {
    std::uint64_t words = 0;   // ASCII letters and digits
    std::uint64_t digits = 0;  // 0 to 9
    bool rare = false;         // some byte is 01, 02, or not ASCII
    bool operator==(const ByteMarks&) const = default;
};

// One byte after the other: where there is nothing better, and to test by.
inline ByteMarks plain_marks_of(const char* bytes) {
    ByteMarks marks;
    for (std::size_t i = 0; i < kMarkedBytes; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        const auto digit = static_cast<std::uint64_t>(byte >= '0' && byte <= '9');
        const auto letter = static_cast<std::uint64_t>((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
        marks.digits |= digit << i;
        marks.words |= (digit | letter) << i;
        marks.rare = marks.rare || byte >= 0x80 || byte == 1 || byte == 2;
    }
    return marks;
}

// `bytes`: kMarkedBytes of them.
inline ByteMarks marks_of(const char* bytes) {
#if defined(__SSE2__)
    const auto below = [](__m128i values, char first,
                          char count) {  // first <= value < first + count, unsigned
        const __m128i moved = _mm_add_epi8(values, _mm_set1_epi8(static_cast<char>(-128 - first)));
        return _mm_cmplt_epi8(moved, _mm_set1_epi8(static_cast<char>(-128 + count)));
    };
    const auto bits = [](__m128i values) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(values)));
    };
    ByteMarks marks;
    __m128i rare = _mm_setzero_si128();
    for (std::size_t i = 0; i < kMarkedBytes; i += 16) {
        const __m128i values = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i));
        const __m128i digits = below(values, '0', 10);
        const __m128i letters = below(_mm_or_si128(values, _mm_set1_epi8(0x20)), 'a', 26);
        // The sign bit is what counts: bytes that are not ASCII have it themselves.
        rare = _mm_or_si128(rare, _mm_or_si128(values, below(values, 1, 2)));
        marks.digits |= bits(digits) << i;
        marks.words |= bits(_mm_or_si128(digits, letters)) << i;
    }
    marks.rare = _mm_movemask_epi8(rare) != 0;
    return marks;
#else
    return plain_marks_of(bytes);
#endif
}

}  // namespace nmstore::block
