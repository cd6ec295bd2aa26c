// Digits in numbers compared with the same digits in their texts.
#include "query/digit_needle.h"

#include <algorithm>
#include <random>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

std::string text_of(std::uint64_t number, std::uint32_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min<std::size_t>(width, digits.size()), '0') + digits;
}

bool holds(const std::string& text, const std::string& digits, bool from_start, bool to_end) {
    if (from_start && to_end) return text == digits;
    if (from_start) return text.starts_with(digits);
    if (to_end) return text.ends_with(digits);
    return text.find(digits) != std::string::npos;
}

std::vector<std::uint32_t> expected(const std::vector<std::uint64_t>& numbers, std::uint32_t width,
                                    const std::string& digits, bool from_start, bool to_end) {
    std::vector<std::uint32_t> places;
    for (std::uint32_t i = 0; i < numbers.size(); ++i)
        if (holds(text_of(numbers[i], width), digits, from_start, to_end)) places.push_back(i);
    return places;
}

}  // namespace

TEST_CASE("Digits are found in numbers as they are in texts, and no range that has them is denied") {
    std::mt19937_64 random(7);
    std::size_t found_in_all = 0;
    for (int i = 0; i < 60'000; ++i) {
        std::string digits;
        for (std::size_t size = 1 + random() % (random() % 4 == 0 ? 7 : 3); size > 0; --size)
            digits += static_cast<char>('0' + random() % (random() % 2 == 0 ? 3 : 10));
        const bool from_start = random() % 3 == 0, to_end = random() % 3 == 0;
        const auto width = static_cast<std::uint32_t>(random() % 2 == 0 ? 0 : 1 + random() % 18);
        std::uint64_t limit = 1;
        for (std::size_t size = width != 0 ? width : 1 + random() % 18; size > 0; --size) limit *= 10;
        const std::uint64_t base = random() % limit;
        std::vector<std::uint64_t> numbers;
        for (std::size_t count = 1 + random() % 9; count > 0; --count)
            numbers.push_back(random() % 2 == 0 ? random() % limit : std::min(limit - 1, base + random() % 50));
        const auto wanted = expected(numbers, width, digits, from_start, to_end);
        found_in_all += wanted.size();
        INFO(digits << " width " << width << " start " << from_start << " end " << to_end << " first "
                    << numbers.front());
        const DigitNeedle test(digits, from_start, to_end);
        std::vector<std::uint32_t> found;
        test.find(numbers, width, found);
        REQUIRE(found == wanted);
        const auto [least, greatest] = std::minmax_element(numbers.begin(), numbers.end());
        const block::NumberRange range{*least, *greatest, width};
        if (!wanted.empty()) REQUIRE(test.may_be_in(range));
        if (*greatest - *least > 300) continue;
        // What it says of a range is exact.
        std::vector<std::uint64_t> all;
        for (std::uint64_t number = *least; number <= *greatest; ++number) all.push_back(number);
        REQUIRE(test.may_be_in(range) == !expected(all, width, digits, from_start, to_end).empty());
    }
    CHECK(found_in_all > 10'000);
}

TEST_CASE("Zeros that do not stand in a number are not found there") {
    const auto found = [](const std::string& digits, std::uint64_t number, std::uint32_t width) {
        std::vector<std::uint32_t> places;
        DigitNeedle(digits, false, false).find(std::vector<std::uint64_t>{number}, width, places);
        return !places.empty();
    };
    CHECK_FALSE(found("07", 7, 0));
    CHECK_FALSE(found("012", 12345, 0));
    CHECK(found("012", 12345, 6));
    CHECK(found("012", 80125, 0));
    CHECK(found("0", 0, 0));
    CHECK_FALSE(found("00", 0, 0));
    CHECK(found("000", 0, 3));
    CHECK(found("123456789012345678", 123456789012345678, 0));
    CHECK_FALSE(found("1234567890123456789", 123456789012345678, 0));
}
