#include "query/reading_number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

namespace nmstore::query {
namespace {

constexpr std::array<std::int64_t, kMaxReadingDigits + 1> kPowers = [] {
    std::array<std::int64_t, kMaxReadingDigits + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

constexpr std::int64_t kExactInDouble = std::int64_t{1} << 53;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The parts of a number's text.
struct Written {
    bool negative = false;
    std::string_view whole, fraction, exponent;  // exponent with its sign

    static std::optional<Written> read(std::string_view text) {
        Written out;
        std::size_t at = 0;
        const auto digits = [&] {
            const std::size_t begin = at;
            while (at < text.size() && is_digit(text[at])) ++at;
            return text.substr(begin, at - begin);
        };
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative = text[at++] == '-';
        out.whole = digits();
        if (at < text.size() && text[at] == '.') {
            ++at;
            out.fraction = digits();
        }
        if (out.whole.empty() && out.fraction.empty()) return std::nullopt;
        if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
            const std::size_t begin = ++at;
            if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
            if (digits().empty()) return std::nullopt;
            out.exponent = text.substr(begin, at - begin);
        }
        if (at != text.size()) return std::nullopt;
        return out;
    }
};

// What is too long for a decimal.
std::optional<Reading> parse_rounded(std::string_view text) {
    if (text.front() == '+') text.remove_prefix(1);
    Reading reading;
    reading.decimal = false;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), reading.rounded);
    if (problem == std::errc::result_out_of_range) {
        // Also what is too near to zero: strtod() tells the two apart.
        reading.rounded = std::strtod(std::string(text).c_str(), nullptr);
    } else if (problem != std::errc()) {
        return std::nullopt;
    }
    if (!std::isfinite(reading.rounded)) return std::nullopt;
    if (reading.rounded == 0) return Reading{};
    return reading;
}

}  // namespace

std::int64_t power_of_ten(int exponent) {
    return kPowers[static_cast<std::size_t>(exponent)];
}

// The same number gives the same double, however many zeros it was written with.
double decimal_value(std::int64_t digits, int scale) {
    for (; scale > 0 && digits % 10 == 0; --scale) digits /= 10;
    if (digits > -kExactInDouble && digits < kExactInDouble)
        return static_cast<double>(digits) / static_cast<double>(power_of_ten(scale));
    // A long double has the 64 bits that these need.
    return static_cast<double>(static_cast<long double>(digits) /
                               static_cast<long double>(power_of_ten(scale)));
}

double Reading::value() const {
    return decimal ? decimal_value(digits, scale) : rounded;
}

std::optional<Reading> parse_reading(std::string_view text) {
    const std::optional<Written> written = Written::read(text);
    if (!written) return std::nullopt;
    std::int64_t scale = static_cast<std::int64_t>(written->fraction.size());
    if (!written->exponent.empty()) {
        std::string_view exponent = written->exponent;
        if (exponent.front() == '+') exponent.remove_prefix(1);
        std::int64_t power = 0;
        const auto [end, problem] =
            std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
        constexpr std::int64_t kGreatExponent = 1'000'000;
        if (problem != std::errc() || power > kGreatExponent || power < -kGreatExponent)
            return parse_rounded(text);
        scale -= power;
    }
    std::int64_t digits = 0;
    int count = 0;  // of digits behind leading zeros
    for (const std::string_view part : {written->whole, written->fraction}) {
        for (const char c : part) {
            if (digits == 0 && c == '0') continue;
            if (++count > kMaxReadingDigits) return parse_rounded(text);
            digits = digits * 10 + (c - '0');
        }
    }
    if (digits == 0) return Reading{};
    while (scale > kMaxReadingScale && digits % 10 == 0) {
        digits /= 10;
        --scale;
    }
    while (scale < 0 && ++count <= kMaxReadingDigits) {
        digits *= 10;
        ++scale;
    }
    if (scale < 0 || scale > kMaxReadingScale) return parse_rounded(text);
    Reading reading;
    reading.digits = written->negative ? -digits : digits;
    reading.scale = static_cast<int>(scale);
    return reading;
}

}  // namespace nmstore::query
