// The values of a column's lines, made of its form.
#include <algorithm>
#include <array>

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
    ColumnForm form;
    if (!read_form(column, count, context, max_bytes, form)) return false;
    if (form.lines == Lines::in_order && !form.values.number) {
        values = ColumnValues(std::string(form.values.bytes), std::move(form.values.ends));
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
