// Takes a column apart as far as a searcher needs it: dictionaries and numbers stay what they are.
#include <algorithm>
#include <array>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/packed_numbers.h"
#include "engine/block/summary.h"

namespace nmstore::block {
namespace {

using Lines = ColumnForm::Lines;

// Both digits of a byte, the high one first.
constexpr std::array<std::array<char, 2>, 256> make_hex_digits() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte)
        pairs[byte] = {digits[byte >> 4], digits[byte & 15]};
    return pairs;
}
constexpr auto kHexDigits = make_hex_digits();

// Sixteen bytes at a time where the machine can: how many were done. Moves `to` behind their digits.
std::size_t put_hex(std::string_view bytes, char*& to) {
    std::size_t done = 0;
#if defined(__SSE2__)
    constexpr std::size_t kAtOnce = 16;
    const __m128i nine = _mm_set1_epi8(9);
    const __m128i half = _mm_set1_epi8(15);
    const auto digits_of = [&](__m128i halves) {
        const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(halves, nine), _mm_set1_epi8('a' - '0' - 10));
        return _mm_add_epi8(_mm_add_epi8(halves, _mm_set1_epi8('0')), letter);
    };
    for (; done + kAtOnce <= bytes.size(); done += kAtOnce) {
        const __m128i packed = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes.data() + done));
        const __m128i high = digits_of(_mm_and_si128(_mm_srli_epi16(packed, 4), half));
        const __m128i low = digits_of(_mm_and_si128(packed, half));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_unpacklo_epi8(high, low));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + kAtOnce), _mm_unpackhi_epi8(high, low));
        to += 2 * kAtOnce;
    }
#endif
    return done;
}

class FormReader {
  public:
    FormReader(Reader& reader, const ColumnContext& context, std::size_t max_bytes, ColumnForm& form)
        : reader_(reader), context_(context), max_bytes_(max_bytes), form_(form), values_(form.values) {}

    void read(std::size_t count, bool may_be_shared) {
        const auto encoding = static_cast<Encoding>(reader_.byte());
        if (reader_.failed()) return;
        form_.lines = Lines::in_order;
        values_.number = false;
        switch (encoding) {
            case Encoding::number:
            case Encoding::delta:
                return above_first(count, encoding == Encoding::delta);
            case Encoding::number_dictionary:
                return number_dictionary(count);
            case Encoding::moment:
                return moments(count);
            case Encoding::text_dictionary:
                return text_dictionary(count);
            case Encoding::fixed_text:
                return set_fixed_size(count,
                                      [&](std::size_t bytes) { values_.bytes = reader_.bytes(bytes); });
            case Encoding::text:
                values_.ends.resize(count);
                values_.bytes = reader_.texts(values_.ends, max_bytes_);
                return;
            case Encoding::hex:
                return set_fixed_size(count, [&](std::size_t bytes) { hex(bytes); });
            case Encoding::clock:
                return clock(count);
            case Encoding::shared:
                if (may_be_shared) return shared(count);
                break;
        }
        reader_.fail();
    }

  private:
    void begin_numbers() {
        values_.number = true;
        values_.width = static_cast<std::uint32_t>(reader_.size(kMaxNumberDigits));
    }

    void above_first(std::size_t count, bool delta) {
        begin_numbers();
        std::uint64_t sum = reader_.varint();
        reader_.planes(count, values_.numbers);
        for (std::uint64_t& number : values_.numbers) {
            if (delta) {
                number = sum += static_cast<std::uint64_t>(unzigzag(number));
            } else {
                number += sum;
            }
        }
    }

    void number_dictionary(std::size_t count) {
        begin_numbers();
        const std::size_t size = reader_.size(count);
        reader_.planes(size, values_.numbers);
        for (std::size_t i = 1; i < size; ++i) values_.numbers[i] += values_.numbers[i - 1];
        read_places(count, size);
    }

    void moments(std::size_t count) {
        values_.number = true;
        values_.width = 0;
        const int unit = reader_.byte();
        const auto least = static_cast<std::uint64_t>(unzigzag(reader_.varint()));
        reader_.planes(count, values_.numbers);
        if (unit >= kMomentUnits || count != context_.times_ms->size()) reader_.fail();
        if (reader_.failed()) return;
        for (std::size_t i = 0; i < count; ++i)
            values_.numbers[i] += least + moment_of((*context_.times_ms)[i], static_cast<MomentUnit>(unit));
    }

    void text_dictionary(std::size_t count) {
        values_.ends.resize(reader_.size(count));
        values_.bytes = reader_.texts(values_.ends, max_bytes_);
        read_places(count, values_.ends.size());
    }

    void read_places(std::size_t count, std::size_t below) {
        form_.lines = Lines::by_place;
        form_.packed_places = reader_.packed_planes(count);
        if (count != 0 && look_at(form_.packed_places).greatest >= below) reader_.fail();
    }

    // Texts of one size, whose bytes `read` sets.
    void set_fixed_size(std::size_t count, const auto& read) {
        const std::size_t size = reader_.size(max_bytes_);
        if (size > max_bytes_ / std::max<std::size_t>(count, 1)) return reader_.fail();
        values_.ends.resize(count);
        for (std::size_t i = 0; i < count; ++i) values_.ends[i] = static_cast<std::uint32_t>((i + 1) * size);
        read(count * size);
    }

    void hex(std::size_t digits) {
        const std::string_view packed = reader_.bytes((digits + 1) / 2);
        if (reader_.failed()) return;
        form_.made.resize(packed.size() * 2);
        char* to = form_.made.data();
        for (const char byte : packed.substr(put_hex(packed, to))) {
            const auto& pair = kHexDigits[static_cast<unsigned char>(byte)];
            *to++ = pair[0];
            *to++ = pair[1];
        }
        form_.made.resize(digits);
        values_.bytes = form_.made;
    }

    void clock(std::size_t count) {
        const int part = reader_.byte();
        if (part >= kClockParts || count != context_.times_ms->size()) return reader_.fail();
        form_.made.clear();
        values_.ends.clear();
        std::string text;
        for (const std::int64_t time_ms : *context_.times_ms) {
            set_clock_text(part, time_ms, context_.zone_minutes, text);
            form_.made += text;
            values_.ends.push_back(static_cast<std::uint32_t>(form_.made.size()));
        }
        if (form_.made.size() > max_bytes_) reader_.fail();
        values_.bytes = form_.made;
    }

    void shared(std::size_t count) {
        const PackedNumbers places = reader_.packed_planes(count);
        const auto [rest, greatest] = look_at(places);
        if (greatest > context_.shared_values->size()) reader_.fail();
        values_.numbers.clear();
        values_.ends.clear();
        values_.bytes = {};
        if (rest != 0 && !reader_.failed()) read(rest, false);
        if (form_.lines == Lines::by_place && !reader_.failed()) lay_out();
        form_.lines = Lines::shared;
        form_.packed_places = places;
    }

    // The values of a dictionary in the order of lines.
    void lay_out() {
        form_.unpack_places();
        StoredValues laid;
        laid.number = values_.number;
        laid.width = values_.width;
        form_.made.clear();
        for (const std::uint32_t place : form_.places) {
            if (values_.number) {
                laid.numbers.push_back(values_.numbers[place]);
                continue;
            }
            const std::string_view text = values_.text(place);
            if (text.size() > max_bytes_ - form_.made.size()) return reader_.fail();
            form_.made += text;
            laid.ends.push_back(static_cast<std::uint32_t>(form_.made.size()));
        }
        laid.bytes = form_.made;
        values_ = std::move(laid);
    }

    Reader& reader_;
    const ColumnContext& context_;
    const std::size_t max_bytes_;
    ColumnForm& form_;
    StoredValues& values_;
};

}  // namespace

bool read_form(std::string_view column, std::size_t count, const ColumnContext& context,
               std::size_t max_bytes, ColumnForm& form) {
    Reader reader(column);
    FormReader(reader, context, max_bytes, form).read(count, true);
    return !reader.failed() && reader.at_end();
}

}  // namespace nmstore::block
