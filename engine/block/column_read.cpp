// The values of a column's lines, made of its form.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/block/block.h"
#include "engine/block/column.h"
#include "engine/block/summary.h"

namespace nmstore::block {
namespace {

using Lines = ColumnForm::Lines;

constexpr std::size_t kMaxDigits = 20;  // of 64 bits

bool starts_with(std::string_view column, Encoding encoding) {
    return !column.empty() && column[0] == static_cast<char>(encoding);
}

constexpr std::array<std::array<char, 2>, 100> make_pairs() {
    std::array<std::array<char, 2>, 100> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i)
        pairs[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
    return pairs;
}
constexpr auto kPairs = make_pairs();

// Writes at least `width` digits (kMaxDigits at most) before `end`; where they begin.
char* write_digits(std::uint64_t number, std::size_t width, char* end) {
    char* at = end;
    for (; number >= 100; number /= 100) {
        const auto& pair = kPairs[number % 100];
        *--at = pair[1];
        *--at = pair[0];
    }
    *--at = kPairs[number][1];
    if (number >= 10) *--at = kPairs[number][0];
    while (static_cast<std::size_t>(end - at) < width) *--at = '0';
    return at;
}

// The texts of numbers in the order of lines. Made at once, which is several times as fast as one by one.
ColumnValues texts_of(const std::vector<std::uint64_t>& numbers, std::size_t width) {
    std::array<char, kMaxDigits> digits;
    char* const digits_end = digits.data() + digits.size();
    std::uint64_t greatest = 0;
    for (const std::uint64_t number : numbers) greatest = std::max(greatest, number);
    const auto longest = static_cast<std::size_t>(digits_end - write_digits(greatest, width, digits_end));
    std::string bytes(numbers.size() * longest, '\0');
    std::vector<std::uint32_t> ends(numbers.size());
    std::size_t size = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const char* const begin = write_digits(numbers[i], width, digits_end);
        std::memcpy(bytes.data() + size, begin, static_cast<std::size_t>(digits_end - begin));
        size += static_cast<std::size_t>(digits_end - begin);
        ends[i] = static_cast<std::uint32_t>(size);
    }
    bytes.resize(size);
    return {std::move(bytes), std::move(ends)};
}

// Calls number(value, width) or text(value) for each line, in order, until one says false.
template <class Number, class Text>
bool for_each_line(const ColumnForm& form, std::size_t count, const SharedValues* shared,
                   const Number& number, const Text& text) {
    const auto take = [&](const StoredValues& values, std::size_t i) {
        return values.number ? number(values.numbers[i], values.width) : text(values.text(i));
    };
    if (form.lines == Lines::in_order) {
        for (std::size_t i = 0; i < count; ++i)
            if (!take(form.values, i)) return false;
        return true;
    }
    if (form.lines == Lines::by_place) {
        for (const std::uint32_t place : form.places)
            if (!take(form.values, place)) return false;
        return true;
    }
    const std::size_t numbers = shared->numbers.size();
    std::size_t next = 0;
    for (const std::uint32_t place : form.places) {
        const bool taken = place == 0         ? take(form.values, next++)
                           : place <= numbers ? take(shared->numbers, place - 1)
                                              : take(shared->texts, place - 1 - numbers);
        if (!taken) return false;
    }
    return true;
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
    char* const end = digits.data() + digits.size();
    const char* const begin = write_digits(number, width, end);
    bytes_.append(begin, static_cast<std::size_t>(end - begin));
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

bool needs_times(std::string_view column) {
    return starts_with(column, Encoding::clock) || starts_with(column, Encoding::moment);
}

bool needs_shared(std::string_view column) {
    return starts_with(column, Encoding::shared);
}

bool decode_column(std::string_view column, std::size_t count, const ColumnContext& context,
                   std::size_t max_bytes, ColumnValues& values) {
    ColumnForm form;
    if (!read_form(column, count, context, max_bytes, form)) return false;
    form.unpack_places();
    if (form.lines == Lines::in_order && !form.values.number) {
        if (form.values.bytes.size() > max_bytes) return false;
        values = ColumnValues(std::string(form.values.bytes), std::move(form.values.ends));
        return true;
    }
    if (form.lines == Lines::in_order && count <= max_bytes / kMaxDigits) {
        values = texts_of(form.values.numbers, form.values.width);
        return true;
    }
    values.reserve(count);
    // What hostile input may make of a column stays bounded.
    return for_each_line(
        form, count, context.shared_values,
        [&](std::uint64_t number, std::size_t width) {
            if (std::max(width, kMaxDigits) > max_bytes - std::min(max_bytes, values.bytes())) return false;
            values.add_number(number, width);
            return true;
        },
        [&](std::string_view text) {
            if (text.size() > max_bytes - std::min(max_bytes, values.bytes())) return false;
            values.add(text);
            return true;
        });
}

bool decode_numbers(std::string_view column, std::size_t count, const ColumnContext& context,
                    std::vector<std::uint64_t>& numbers) {
    ColumnForm form;
    if (!read_form(column, count, context, kMaxSectionBytes, form)) return false;
    form.unpack_places();
    if (form.lines == Lines::in_order && form.values.number) {
        numbers = std::move(form.values.numbers);
        return true;
    }
    numbers.reserve(count);
    return for_each_line(
        form, count, context.shared_values,
        [&](std::uint64_t number, std::size_t) {
            numbers.push_back(number);
            return true;
        },
        [&](std::string_view text) { return parse_digits(text, numbers.emplace_back()); });
}

}  // namespace nmstore::block
