#include "query/digit_needle.h"

#include <algorithm>
#include <array>

namespace nmstore::query {
namespace {

constexpr std::size_t kMaxDigits = 18;  // of a number of a column

constexpr auto kPowers = [] {
    std::array<std::uint64_t, kMaxDigits + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

}  // namespace

DigitNeedle::DigitNeedle(std::string_view digits, bool from_start, bool to_end)
    : digits_(digits), from_start_(from_start), to_end_(to_end), zero_first_(digits[0] == '0') {
    if (digits_.size() > kMaxDigits) return;
    for (const char digit : digits_) number_ = number_ * 10 + static_cast<std::uint64_t>(digit - '0');
    if (from_start_ || to_end_) return;
    by_one_ = make_steps(1);
    by_two_ = make_steps(2);
}

// As Knuth, Morris and Pratt find a text, from its end on, a few digits at once.
DigitNeedle::Steps DigitNeedle::make_steps(int digits) const {
    const std::size_t size = digits_.size();
    const std::string backwards(digits_.rbegin(), digits_.rend());
    std::vector<std::array<std::uint8_t, 10>> next(size + 1);
    for (std::size_t met = 0; met <= size; ++met) {
        for (std::size_t digit = 0; digit < 10; ++digit) {
            const std::string seen = backwards.substr(0, met) + static_cast<char>('0' + digit);
            std::size_t longest = std::min(size, seen.size());
            while (!seen.ends_with(std::string_view(backwards).substr(0, longest))) --longest;
            next[met][digit] = static_cast<std::uint8_t>(met == size ? size : longest);
        }
    }
    Steps steps((size + 1) * kStep);
    for (std::size_t met = 0; met <= size; ++met) {
        for (std::size_t number = 0; number < (digits == 1 ? 10 : kStep); ++number) {
            std::uint8_t now = next[met][number % 10];
            if (digits == 2) now = next[now][number / 10];
            steps[met * kStep + number] = now;
        }
    }
    return steps;
}

// Whether a number of the range has the digits with `place` others behind them.
bool DigitNeedle::may_begin_at(const block::NumberRange& range, std::size_t place) const {
    const std::size_t digits = place + digits_.size();
    const std::uint64_t one = kPowers[place];
    const std::uint64_t first = number_ * one;  // the least number that has them there
    if (from_start_) {
        if (range.width != 0 ? digits != range.width : zero_first_ && digits > 1) return false;
        return first <= range.greatest && range.least < first + one;
    }
    const std::uint64_t period = kPowers[digits];
    std::uint64_t least = range.least;
    // Where no zeros lead, there must be a digit before a zero.
    if (range.width == 0 && zero_first_) {
        if (digits == 1 && least == 0) return true;
        least = std::max(least, period);
    }
    const std::uint64_t rest = least % period;
    if (rest < first) {
        least += first - rest;
    } else if (rest >= first + one) {
        least += period - rest + first;
    }
    return least <= range.greatest;
}

bool DigitNeedle::may_be_in(const block::NumberRange& range) const {
    if (range.greatest >= kPowers[kMaxDigits]) return true;
    const std::size_t longest = range.width != 0 ? range.width : kMaxDigits;
    if (digits_.size() > longest) return false;
    const std::size_t places = to_end_ ? 1 : longest - digits_.size() + 1;
    for (std::size_t place = 0; place < places; ++place) {
        if (range.width == 0 && place != 0 && kPowers[place + digits_.size() - 1] > range.greatest) break;
        if (may_begin_at(range, place)) return true;
    }
    return false;
}

bool DigitNeedle::is(std::uint64_t number, std::uint32_t width) const {
    if (width != 0 ? digits_.size() != width : zero_first_ && digits_.size() > 1) return false;
    return number == number_;
}

bool DigitNeedle::ends(std::uint64_t number, std::uint32_t width) const {
    const std::uint64_t period = kPowers[digits_.size()];
    if (number % period != number_) return false;
    if (width != 0) return digits_.size() <= width;
    return !zero_first_ || number >= period || (digits_.size() == 1 && number == 0);
}

bool DigitNeedle::begins(std::uint64_t number, std::uint32_t width) const {
    if (width != 0) return digits_.size() <= width && number / kPowers[width - digits_.size()] == number_;
    if (zero_first_) return digits_.size() == 1 && number == 0;
    while (number >= kPowers[digits_.size()]) number /= 10;
    return number == number_;
}

bool DigitNeedle::is_in(std::uint64_t number, std::uint32_t width) const {
    std::size_t met = 0;
    std::uint32_t taken = 0;
    for (; number >= kStep || taken + 2 <= width; taken += 2) {
        met = by_two_[met * kStep + number % kStep];
        number /= kStep;
    }
    // Zeros that do not stand there are no part of the text, so it is not to be met by them.
    if (width == 0) {
        met = number >= 10 ? by_two_[met * kStep + number] : by_one_[met * kStep + number];
    } else if (width > taken) {
        met = by_one_[met * kStep + number];
    }
    return met == digits_.size();
}

void DigitNeedle::find(std::span<const std::uint64_t> numbers, std::uint32_t width,
                     std::vector<std::uint32_t>& places) const {
    if (digits_.size() > kMaxDigits) return;
    const auto take = [&](const auto& holds) {
        for (std::size_t i = 0; i < numbers.size(); ++i)
            if (holds(numbers[i])) places.push_back(static_cast<std::uint32_t>(i));
    };
    if (from_start_ && to_end_) return take([&](std::uint64_t number) { return is(number, width); });
    if (to_end_) return take([&](std::uint64_t number) { return ends(number, width); });
    if (from_start_) return take([&](std::uint64_t number) { return begins(number, width); });
    // Mostly there is nothing to ask of zeros that lead, and all goes two digits at a time.
    if (zero_first_) return take([&](std::uint64_t number) { return is_in(number, width); });
    const std::uint8_t* const steps = by_two_.data();
    const std::size_t all = digits_.size();
    take([&](std::uint64_t number) {
        std::size_t met = 0;
        for (; number >= kStep; number /= kStep) met = steps[met * kStep + number % kStep];
        return steps[met * kStep + number] == all;
    });
}

}  // namespace nmstore::query
