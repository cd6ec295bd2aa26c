#include <array>

#include "engine/block/column.h"

namespace nmstore::block {
namespace {

constexpr std::int64_t kMinuteMs = 60 * 1000;
constexpr std::int64_t kDaySeconds = 24 * 3600;

std::int64_t second_of_day(std::int64_t time_ms, std::int64_t zone_minutes) {
    // Unsigned sums wrap instead of overflowing; times so far off are on no clock anyway.
    const auto moved = static_cast<std::int64_t>(static_cast<std::uint64_t>(time_ms) +
                                                 static_cast<std::uint64_t>(zone_minutes) * kMinuteMs);
    const std::int64_t seconds = moved / 1000 - (moved % 1000 < 0 ? 1 : 0);
    return (seconds % kDaySeconds + kDaySeconds) % kDaySeconds;
}

class Decoder {
  public:
    Decoder(Reader& reader, const ColumnContext& context, std::size_t max_bytes, ColumnValues& values)
        : reader_(reader), context_(context), max_bytes_(max_bytes), values_(values) {}

    void decode(std::size_t count, bool may_be_shared) {
        const std::uint8_t encoding = reader_.byte();
        if (reader_.failed()) return;
        switch (static_cast<Encoding>(encoding)) {
            case Encoding::number:
                return numbers(count, false);
            case Encoding::delta:
                return numbers(count, true);
            case Encoding::number_dictionary:
                return number_dictionary(count);
            case Encoding::text_dictionary:
                return text_dictionary(count);
            case Encoding::fixed_text:
                return fixed_text(count);
            case Encoding::text:
                return texts(count);
            case Encoding::hex:
                return hex(count);
            case Encoding::clock:
                return clock(count);
            case Encoding::shared:
                if (may_be_shared) return shared(count);
                break;
        }
        reader_.fail();
    }

  private:
    // Each value passes here: what hostile input may make of a column stays bounded.
    bool room_for(std::size_t bytes) {
        if (bytes <= max_bytes_ - std::min(max_bytes_, values_.bytes())) return true;
        reader_.fail();
        return false;
    }
    void add(std::string_view value) {
        if (room_for(value.size())) values_.add(value);
    }
    void add_number(std::uint64_t number, std::size_t width) {
        if (room_for(20)) values_.add_number(number, width);
    }

    void numbers(std::size_t count, bool delta) {
        const std::size_t width = reader_.size(kMaxNumberDigits);
        const std::uint64_t first = reader_.varint();
        std::vector<std::uint64_t> planes;
        reader_.planes(count, planes);
        std::uint64_t sum = first;
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            if (delta) sum += static_cast<std::uint64_t>(unzigzag(planes[i]));
            add_number(delta ? sum : first + planes[i], width);
        }
    }

    void number_dictionary(std::size_t count) {
        const std::size_t width = reader_.size(kMaxNumberDigits);
        const std::size_t size = reader_.size(count);
        std::vector<std::uint64_t> numbers;
        reader_.planes(size, numbers);
        for (std::size_t i = 1; i < numbers.size(); ++i) numbers[i] += numbers[i - 1];
        std::vector<std::uint64_t> places;
        reader_.planes(count, places);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            if (places[i] >= numbers.size()) return reader_.fail();
            add_number(numbers[places[i]], width);
        }
    }

    void text_dictionary(std::size_t count) {
        const std::size_t size = reader_.size(count);
        std::vector<std::size_t> sizes(size);
        for (auto& one : sizes) one = reader_.size(max_bytes_);
        std::vector<std::string_view> texts;
        texts.reserve(size);
        for (const auto one : sizes) texts.push_back(reader_.bytes(one));
        std::vector<std::uint64_t> places;
        reader_.planes(count, places);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            if (places[i] >= texts.size()) return reader_.fail();
            add(texts[places[i]]);
        }
    }

    void fixed_text(std::size_t count) {
        const std::size_t size = reader_.size(max_bytes_);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) add(reader_.bytes(size));
    }

    void texts(std::size_t count) {
        std::vector<std::size_t> sizes(count);
        for (auto& size : sizes) size = reader_.size(max_bytes_);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) add(reader_.bytes(sizes[i]));
    }

    void hex(std::size_t count) {
        const std::size_t size = reader_.size(max_bytes_);
        if (size > max_bytes_ / std::max<std::size_t>(count, 1)) return reader_.fail();
        const std::string_view packed = reader_.bytes((size * count + 1) / 2);
        if (reader_.failed()) return;
        std::string value(size, '0');
        std::size_t at = 0;
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            for (char& c : value) {
                const auto byte = static_cast<unsigned char>(packed[at / 2]);
                c = "0123456789abcdef"[at % 2 == 0 ? byte >> 4 : byte & 15];
                ++at;
            }
            add(value);
        }
    }

    void clock(std::size_t count) {
        const int part = reader_.byte();
        if (part >= kClockParts || count != context_.times_ms->size()) return reader_.fail();
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            add(clock_text(part, (*context_.times_ms)[i], context_.zone_minutes));
        }
    }

    void shared(std::size_t count) {
        std::vector<std::uint64_t> places;
        reader_.planes(count, places);
        if (reader_.failed()) return;
        std::size_t rest_count = 0;
        for (const auto place : places) rest_count += place == 0 ? 1 : 0;
        ColumnValues rest;
        if (rest_count != 0) Decoder(reader_, context_, max_bytes_, rest).decode(rest_count, false);
        std::size_t next = 0;
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            if (places[i] > context_.shared->values.size()) return reader_.fail();
            add(places[i] == 0 ? rest[next++] : context_.shared->values[places[i] - 1]);
        }
    }

    Reader& reader_;
    const ColumnContext& context_;
    std::size_t max_bytes_;
    ColumnValues& values_;
};

}  // namespace

void ColumnValues::add_number(std::uint64_t number, std::size_t width) {
    std::array<char, 20> digits;
    std::size_t at = digits.size();
    do {
        digits[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    const std::size_t size = digits.size() - at;
    if (size < width) bytes_.append(width - size, '0');
    add({digits.data() + at, size});
}

std::string clock_text(int part, std::int64_t time_ms, std::int64_t zone_minutes) {
    const std::int64_t second = second_of_day(time_ms, zone_minutes);
    const std::array<std::int64_t, 3> parts{second / 3600, second / 60 % 60, second % 60};
    std::string text;
    for (int i = 0; i < 3; ++i) {
        if (part != i && part != 3) continue;
        text.push_back(static_cast<char>('0' + parts[static_cast<std::size_t>(i)] / 10));
        text.push_back(static_cast<char>('0' + parts[static_cast<std::size_t>(i)] % 10));
    }
    return text;
}

void decode_column(Reader& reader, std::size_t count, const ColumnContext& context, std::size_t max_bytes,
                   ColumnValues& values) {
    values.reserve(count);
    Decoder(reader, context, max_bytes, values).decode(count, true);
}

}  // namespace nmstore::block
