#include "engine/block/packed_numbers.h"

#include <algorithm>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace nmstore::block {
namespace {

const unsigned char* planes_of(const PackedNumbers& packed) {
    return reinterpret_cast<const unsigned char*>(packed.bytes.data());
}

template <class Number, std::size_t kWidth>
Number number_at(const unsigned char* planes, std::size_t count, std::size_t i) {
    Number number = 0;
    for (std::size_t plane = 0; plane < kWidth; ++plane)
        number |= static_cast<Number>(static_cast<Number>(planes[plane * count + i]) << (8 * plane));
    return number;
}

#if defined(__SSE2__)
constexpr std::size_t kAtOnce = 16;

__m128i load(const unsigned char* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

std::uint32_t greatest_of(__m128i sixteen_bits_each) {
    std::uint16_t each[8];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(each), sixteen_bits_each);
    return *std::max_element(std::begin(each), std::end(each));
}

__m128i greater_of(__m128i a, __m128i b) {  // of 16 bits each
    return _mm_add_epi16(_mm_subs_epu16(a, b), b);
}

// Bytes that are all ones where something holds, counted.
class Counted {
  public:
    void add(__m128i holds) {
        bytes_ = _mm_sub_epi8(bytes_, holds);
        if (++added_ == 255) gather();
    }
    std::size_t count() {
        gather();
        std::uint64_t halves[2];
        _mm_storeu_si128(reinterpret_cast<__m128i*>(halves), sums_);
        return halves[0] + halves[1];
    }

  private:
    void gather() {
        sums_ = _mm_add_epi64(sums_, _mm_sad_epu8(bytes_, _mm_setzero_si128()));
        bytes_ = _mm_setzero_si128();
        added_ = 0;
    }
    __m128i bytes_ = _mm_setzero_si128();
    __m128i sums_ = _mm_setzero_si128();
    unsigned added_ = 0;
};

// Looks at as many as go by sixteen: how many.
std::size_t look_at_most(const PackedNumbers& packed, PackedFacts& facts) {
    if (packed.width != 1 && packed.width != 2) return 0;
    const unsigned char* const planes = planes_of(packed);
    const __m128i zero = _mm_setzero_si128();
    __m128i greatest = zero;
    Counted zeros;
    std::size_t i = 0;
    for (; i + kAtOnce <= packed.count; i += kAtOnce) {
        const __m128i low = load(planes + i);
        if (packed.width == 1) {
            zeros.add(_mm_cmpeq_epi8(low, zero));
            greatest = _mm_max_epu8(greatest, low);
            continue;
        }
        const __m128i high = load(planes + packed.count + i);
        zeros.add(_mm_cmpeq_epi8(_mm_or_si128(low, high), zero));
        greatest =
            greater_of(greatest, greater_of(_mm_unpacklo_epi8(low, high), _mm_unpackhi_epi8(low, high)));
    }
    if (packed.width == 1)
        greatest = greater_of(_mm_unpacklo_epi8(greatest, zero), _mm_unpackhi_epi8(greatest, zero));
    facts = {zeros.count(), greatest_of(greatest)};
    return i;
}

// Whether one of as many as go by sixteen is the number, and how many these are.
bool has_most(const PackedNumbers& packed, std::uint32_t number, std::size_t& done) {
    const unsigned char* const planes = planes_of(packed);
    for (; done + kAtOnce <= packed.count; done += kAtOnce) {
        __m128i is_it = _mm_set1_epi8(-1);
        for (std::size_t plane = 0; plane < packed.width; ++plane) {
            const __m128i wanted = _mm_set1_epi8(static_cast<char>(number >> (8 * plane)));
            is_it = _mm_and_si128(is_it, _mm_cmpeq_epi8(load(planes + plane * packed.count + done), wanted));
        }
        if (_mm_movemask_epi8(is_it) != 0) return true;
    }
    return false;
}

void store_four(__m128i numbers, std::uint32_t* to) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), numbers);
}
void store_four(__m128i numbers, std::uint64_t* to) {
    const __m128i zero = _mm_setzero_si128();
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_unpacklo_epi32(numbers, zero));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2), _mm_unpackhi_epi32(numbers, zero));
}

// Of up to 4 planes, as many as go by sixteen: how many.
template <class Number, std::size_t kWidth>
std::size_t unpack_most(const unsigned char* planes, std::size_t count, Number* to) {
    std::size_t i = 0;
    for (; i + kAtOnce <= count; i += kAtOnce) {
        const auto plane = [&](std::size_t at) {
            return at < kWidth ? load(planes + at * count + i) : _mm_setzero_si128();
        };
        const __m128i low = _mm_unpacklo_epi8(plane(0), plane(1));
        const __m128i high = _mm_unpackhi_epi8(plane(0), plane(1));
        const __m128i low_upper = _mm_unpacklo_epi8(plane(2), plane(3));
        const __m128i high_upper = _mm_unpackhi_epi8(plane(2), plane(3));
        store_four(_mm_unpacklo_epi16(low, low_upper), to + i);
        store_four(_mm_unpackhi_epi16(low, low_upper), to + i + 4);
        store_four(_mm_unpacklo_epi16(high, high_upper), to + i + 8);
        store_four(_mm_unpackhi_epi16(high, high_upper), to + i + 12);
    }
    return i;
}
#else
std::size_t look_at_most(const PackedNumbers&, PackedFacts&) {
    return 0;
}
bool has_most(const PackedNumbers&, std::uint32_t, std::size_t&) {
    return false;
}
template <class Number, std::size_t kWidth>
std::size_t unpack_most(const unsigned char*, std::size_t, Number*) {
    return 0;
}
#endif

template <class Number, std::size_t kWidth>
void join(const PackedNumbers& packed, Number* to) {
    const unsigned char* const planes = planes_of(packed);
    for (std::size_t i = unpack_most<Number, kWidth>(planes, packed.count, to); i < packed.count; ++i)
        to[i] = number_at<Number, kWidth>(planes, packed.count, i);
}

template <class Number>
void unpack_numbers(const PackedNumbers& packed, std::vector<Number>& numbers) {
    if (packed.width == 0) return std::fill(numbers.begin(), numbers.end(), Number{0});
    if (packed.width == 1) return join<Number, 1>(packed, numbers.data());
    if (packed.width == 2) return join<Number, 2>(packed, numbers.data());
    if (packed.width == 3) return join<Number, 3>(packed, numbers.data());
    join<Number, 4>(packed, numbers.data());
    for (std::size_t plane = 4; plane < packed.width; ++plane) {
        const unsigned char* next = planes_of(packed) + plane * packed.count;
        for (Number& number : numbers)
            number |= static_cast<Number>(static_cast<std::uint64_t>(*next++) << (8 * plane));
    }
}

template <std::size_t kWidth>
void look_at_rest(const PackedNumbers& packed, std::size_t from, PackedFacts& facts) {
    for (std::size_t i = from; i < packed.count; ++i) {
        const auto number = number_at<std::uint32_t, kWidth>(planes_of(packed), packed.count, i);
        facts.zeros += number == 0 ? 1U : 0U;
        facts.greatest = std::max(facts.greatest, number);
    }
}

}  // namespace

PackedFacts look_at(const PackedNumbers& packed) {
    PackedFacts facts;
    if (packed.width == 0) return {packed.count, 0};
    const std::size_t done = look_at_most(packed, facts);
    if (packed.width == 1) look_at_rest<1>(packed, done, facts);
    if (packed.width == 2) look_at_rest<2>(packed, done, facts);
    if (packed.width == 3) look_at_rest<3>(packed, done, facts);
    if (packed.width == 4) look_at_rest<4>(packed, done, facts);
    return facts;
}

void unpack(const PackedNumbers& packed, std::vector<std::uint32_t>& numbers) {
    unpack_numbers(packed, numbers);
}
void unpack(const PackedNumbers& packed, std::vector<std::uint64_t>& numbers) {
    unpack_numbers(packed, numbers);
}

bool ColumnForm::has_place(std::uint32_t place) const {
    const PackedNumbers& packed = packed_places;
    if (packed.width < sizeof(place) && place >> (8 * packed.width) != 0) return false;
    std::size_t i = 0;
    if (has_most(packed, place, i)) return true;
    for (; i < packed.count; ++i) {
        std::uint32_t number = 0;
        for (std::size_t plane = 0; plane < packed.width; ++plane)
            number |= std::uint32_t{planes_of(packed)[plane * packed.count + i]} << (8 * plane);
        if (number == place) return true;
    }
    return false;
}

void ColumnForm::unpack_places() {
    if (lines == Lines::in_order) return;
    places.resize(packed_places.count);
    unpack(packed_places, places);
}

}  // namespace nmstore::block
