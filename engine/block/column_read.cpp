#include <algorithm>
#include <array>

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/summary.h"

namespace nmstore::block {
namespace {

constexpr std::size_t kMaxDigits = 20;  // of 64 bits

class Decoder {
  public:
    Decoder(Reader& reader, const ColumnContext& context, std::size_t max_bytes)
        : reader_(reader), context_(context), max_bytes_(max_bytes) {}

    void decode(std::size_t count, bool may_be_shared, ColumnValues& values) {
        values.reserve(count);
        const auto encoding = static_cast<Encoding>(reader_.byte());
        if (reader_.failed()) return;
        switch (encoding) {
            case Encoding::text_dictionary:
                return text_dictionary(count, values);
            case Encoding::fixed_text:
                return fixed_text(count, values);
            case Encoding::text:
                return texts(count, values);
            case Encoding::hex:
                return hex(count, values);
            case Encoding::clock:
                return clock(count, values);
            case Encoding::shared:
                return may_be_shared ? shared(count, values) : reader_.fail();
            default:
                break;
        }
        std::vector<std::uint64_t> numbers;
        const std::size_t width = plain_numbers(encoding, count, numbers);
        if (count > max_bytes_ / std::max(width, kMaxDigits)) reader_.fail();
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) values.add_number(numbers[i], width);
    }

    void decode_numbers(std::size_t count, bool may_be_shared, std::vector<std::uint64_t>& numbers) {
        const auto encoding = static_cast<Encoding>(reader_.byte());
        if (encoding == Encoding::clock) {
            ColumnValues values;
            clock(count, values);
            numbers.resize(count);
            for (std::size_t i = 0; i < count && !reader_.failed(); ++i)
                if (!parse_digits(values[i], numbers[i])) reader_.fail();
        } else if (encoding == Encoding::shared && may_be_shared) {
            shared_numbers(count, numbers);
        } else {
            (void)plain_numbers(encoding, count, numbers);
        }
    }

  private:
    // Each value passes here: what hostile input may make of a column stays bounded.
    void add(std::string_view value, ColumnValues& values) {
        if (value.size() > max_bytes_ - std::min(max_bytes_, values.bytes())) return reader_.fail();
        values.add(value);
    }

    // Their width.
    std::size_t plain_numbers(Encoding encoding, std::size_t count, std::vector<std::uint64_t>& numbers) {
        const std::size_t width = encoding == Encoding::moment ? 0 : reader_.size(kMaxNumberDigits);
        switch (encoding) {
            case Encoding::number:
            case Encoding::delta:
                above_first(count, encoding == Encoding::delta, numbers);
                break;
            case Encoding::number_dictionary:
                number_dictionary(count, numbers);
                break;
            case Encoding::moment:
                moments(count, numbers);
                break;
            default:
                reader_.fail();
        }
        return width;
    }

    void above_first(std::size_t count, bool delta, std::vector<std::uint64_t>& numbers) {
        std::uint64_t sum = reader_.varint();
        reader_.planes(count, numbers);
        for (std::uint64_t& number : numbers) {
            if (delta) {
                number = sum += static_cast<std::uint64_t>(unzigzag(number));
            } else {
                number += sum;
            }
        }
    }

    void number_dictionary(std::size_t count, std::vector<std::uint64_t>& numbers) {
        const std::size_t size = reader_.size(count);
        std::vector<std::uint64_t> known;
        reader_.planes(size, known);
        for (std::size_t i = 1; i < known.size(); ++i) known[i] += known[i - 1];
        reader_.planes(count, numbers);
        if (reader_.failed()) return;
        for (std::uint64_t& number : numbers) {
            if (number >= known.size()) return reader_.fail();
            number = known[number];
        }
    }

    void moments(std::size_t count, std::vector<std::uint64_t>& numbers) {
        const int unit = reader_.byte();
        const auto least = static_cast<std::uint64_t>(unzigzag(reader_.varint()));
        reader_.planes(count, numbers);
        if (unit >= kMomentUnits || count != context_.times_ms->size()) return reader_.fail();
        if (reader_.failed()) return;
        for (std::size_t i = 0; i < count; ++i)
            numbers[i] += least + moment_of((*context_.times_ms)[i], static_cast<MomentUnit>(unit));
    }

    void text_dictionary(std::size_t count, ColumnValues& values) {
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
            add(texts[places[i]], values);
        }
    }

    void fixed_text(std::size_t count, ColumnValues& values) {
        const std::size_t size = reader_.size(max_bytes_);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) add(reader_.bytes(size), values);
    }

    void texts(std::size_t count, ColumnValues& values) {
        std::vector<std::size_t> sizes(count);
        for (auto& size : sizes) size = reader_.size(max_bytes_);
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) add(reader_.bytes(sizes[i]), values);
    }

    void hex(std::size_t count, ColumnValues& values) {
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
            add(value, values);
        }
    }

    void clock(std::size_t count, ColumnValues& values) {
        const int part = reader_.byte();
        if (part >= kClockParts || count != context_.times_ms->size()) return reader_.fail();
        std::string text;
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i) {
            set_clock_text(part, (*context_.times_ms)[i], context_.zone_minutes, text);
            add(text, values);
        }
    }

    // Which values are shared, and how many are not.
    std::size_t shared_places(std::size_t count, std::vector<std::uint64_t>& places) {
        reader_.planes(count, places);
        std::size_t rest = 0;
        for (const auto place : places) {
            rest += place == 0 ? 1U : 0U;
            if (place > context_.shared->values.size()) reader_.fail();
        }
        return rest;
    }

    void shared(std::size_t count, ColumnValues& values) {
        std::vector<std::uint64_t> places;
        const std::size_t rest_count = shared_places(count, places);
        ColumnValues rest;
        if (rest_count != 0 && !reader_.failed()) decode(rest_count, false, rest);
        std::size_t next = 0;
        for (std::size_t i = 0; i < count && !reader_.failed(); ++i)
            add(places[i] == 0 ? rest[next++] : context_.shared->values[places[i] - 1], values);
    }

    void shared_numbers(std::size_t count, std::vector<std::uint64_t>& numbers) {
        const std::size_t rest_count = shared_places(count, numbers);
        std::vector<std::uint64_t> rest;
        if (rest_count != 0 && !reader_.failed()) decode_numbers(rest_count, false, rest);
        if (reader_.failed()) return;
        const SharedDictionary& shared = *context_.shared;
        std::size_t next = 0;
        for (std::uint64_t& number : numbers) {
            const std::size_t place = number;
            if (place == 0) {
                number = rest[next++];
            } else if (place <= shared.numbers.size()) {
                number = shared.numbers[place - 1];
            } else if (!parse_digits(shared.values[place - 1], number)) {
                return reader_.fail();
            }
        }
    }

    Reader& reader_;
    const ColumnContext& context_;
    std::size_t max_bytes_;
};

bool starts_with(std::string_view column, Encoding encoding) {
    return !column.empty() && column[0] == static_cast<char>(encoding);
}

}  // namespace

std::uint64_t moment_of(std::int64_t time_ms, MomentUnit unit) {
    const auto time = static_cast<std::uint64_t>(time_ms);
    if (unit == MomentUnit::milliseconds) return time;
    if (unit == MomentUnit::microseconds) return time * 1000;
    return static_cast<std::uint64_t>(time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0));
}

void ColumnValues::add_number(std::uint64_t number, std::size_t width) {
    std::array<char, kMaxDigits> digits;
    std::size_t at = digits.size();
    do {
        digits[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    const std::size_t size = digits.size() - at;
    if (size < width) bytes_.append(width - size, '0');
    add({digits.data() + at, size});
}

bool needs_times(std::string_view column) {
    return starts_with(column, Encoding::clock) || starts_with(column, Encoding::moment);
}

bool needs_shared(std::string_view column) {
    return starts_with(column, Encoding::shared);
}

bool decode_column(std::string_view column, std::size_t count, const ColumnContext& context,
                   std::size_t max_bytes, ColumnValues& values) {
    Reader reader(column);
    Decoder(reader, context, max_bytes).decode(count, true, values);
    return !reader.failed() && reader.at_end();
}

bool decode_numbers(std::string_view column, std::size_t count, const ColumnContext& context,
                    std::vector<std::uint64_t>& numbers) {
    Reader reader(column);
    Decoder(reader, context, kMaxSectionBytes).decode_numbers(count, true, numbers);
    return !reader.failed() && reader.at_end() && numbers.size() == count;
}

}  // namespace nmstore::block
