#include "query/reading_total.h"

#include <algorithm>
#include <cmath>

namespace nmstore::query {
namespace {

// So many numbers of this size fit into 64 bits together.
constexpr std::int64_t kSmall = std::int64_t{1} << 40;
constexpr std::size_t kSmallTogether = std::size_t{1} << 20;

Int128 sum_of(std::span<const std::int64_t> digits, bool small) {
    Int128 all = 0;
    while (!digits.empty()) {
        const auto part = digits.first(std::min(digits.size(), kSmallTogether));
        digits = digits.subspan(part.size());
        if (small) {
            std::int64_t sum = 0;
            for (const std::int64_t each : part) sum += each;
            all += sum;
        } else {
            for (const std::int64_t each : part) all += each;
        }
    }
    return all;
}

}  // namespace

void ReadingTotal::see(double least, double greatest) {
    min_ = count_ == 0 ? least : std::min(min_, least);
    max_ = count_ == 0 ? greatest : std::max(max_, greatest);
}

// Never too great for 128 bits: kMaxReadingDigits + kMaxReadingScale digits leave room for 10^11 readings.
void ReadingTotal::add_sum(Int128 digits, int scale) {
    if (scale > scale_) {
        digits_ *= power_of_ten(scale - scale_);
        scale_ = scale;
    }
    digits_ += digits * power_of_ten(scale_ - scale);
}

void ReadingTotal::add_rounded(double value) {
    const double sum = rounded_ + value;
    lost_ += std::abs(rounded_) >= std::abs(value) ? (rounded_ - sum) + value : (value - sum) + rounded_;
    rounded_ = sum;
}

void ReadingTotal::add(const Reading& reading) {
    add_repeated(reading, 1);
}

void ReadingTotal::add_repeated(const Reading& reading, std::uint64_t times) {
    if (times == 0) return;
    see(reading.value(), reading.value());
    count_ += times;
    if (reading.decimal) {
        add_sum(static_cast<Int128>(reading.digits) * static_cast<Int128>(times), reading.scale);
    } else {
        for (std::uint64_t i = 0; i < times; ++i) add_rounded(reading.rounded);
    }
}

void ReadingTotal::add_decimals(std::span<const std::int64_t> digits, int scale) {
    if (digits.empty()) return;
    std::int64_t least = digits.front(), greatest = digits.front();
    for (const std::int64_t each : digits) {
        least = std::min(least, each);
        greatest = std::max(greatest, each);
    }
    see(decimal_value(least, scale), decimal_value(greatest, scale));
    count_ += digits.size();
    add_sum(sum_of(digits, least > -kSmall && greatest < kSmall), scale);
}

void ReadingTotal::add(const ReadingTotal& other) {
    if (other.count_ == 0) return;
    see(other.min_, other.max_);
    count_ += other.count_;
    add_sum(other.digits_, other.scale_);
    add_rounded(other.rounded_);
    lost_ += other.lost_;
}

double ReadingTotal::mean() const {
    const long double decimals =
        static_cast<long double>(digits_) / static_cast<long double>(power_of_ten(scale_));
    const long double others = static_cast<long double>(rounded_) + static_cast<long double>(lost_);
    const auto mean = static_cast<double>((decimals + others) / static_cast<long double>(count_));
    return std::clamp(mean, min_, max_);
}

}  // namespace nmstore::query
