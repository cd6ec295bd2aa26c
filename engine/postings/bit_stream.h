// Numbers of any number of bits, one behind the other, the lowest bit of a byte first (docs/index-format.md).
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/bytes.h"

namespace nmstore::postings {

class BitWriter {
  public:
    // `bits`: at most 56. The number has no others.
    void put(std::uint64_t number, unsigned bits) {
        held_ |= number << count_;
        count_ += bits;
        while (count_ >= 8) {
            out_.push_back(static_cast<char>(held_ & 0xff));
            held_ >>= 8;
            count_ -= 8;
        }
    }
    void put_rice(std::uint64_t number, unsigned parameter) {
        put_zeros(number >> parameter);
        put(1, 1);
        put(number & ((std::uint64_t{1} << parameter) - 1), parameter);
    }
    void put_gamma(std::uint64_t number) {  // >= 1, < 2^56
        const auto bits = static_cast<unsigned>(std::bit_width(number)) - 1;
        put_zeros(bits);
        put(1, 1);
        put(number & ((std::uint64_t{1} << bits) - 1), bits);
    }
    // Fills the last byte with zeros; the writer is empty then.
    std::string take() {
        if (count_ > 0) out_.push_back(static_cast<char>(held_));
        held_ = 0;
        count_ = 0;
        return std::exchange(out_, {});
    }

  private:
    void put_zeros(std::uint64_t zeros) {
        for (; zeros > 32; zeros -= 32) put(0, 32);
        put(0, static_cast<unsigned>(zeros));
    }

    std::string out_;
    std::uint64_t held_ = 0;
    unsigned count_ = 0;
};

// Takes what the writer wrote. Behind the end it gives zeros and has failed.
class BitReader {
  public:
    explicit BitReader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t get(unsigned bits) {  // at most 56
        fill();
        if (bits > count_) return fail();
        const std::uint64_t number = held_ & ((std::uint64_t{1} << bits) - 1);
        drop(bits);
        return number;
    }
    std::uint64_t get_rice(unsigned parameter) {
        const std::uint64_t quotient = get_zeros();
        return quotient << parameter | get(parameter);
    }
    std::uint64_t get_gamma() {
        const std::uint64_t bits = get_zeros();
        if (bits > 55) return fail();
        const std::uint64_t low = get(static_cast<unsigned>(bits));
        return failed_ ? 0 : std::uint64_t{1} << bits | low;
    }
    bool failed() const { return failed_; }
    std::uint64_t fail() {
        failed_ = true;
        rest_ = {};
        held_ = 0;
        count_ = 0;
        return 0;
    }

  private:
    void fill() {
        if (rest_.size() >= 8 && count_ < 56) {
            const auto next = bytes::read_little<std::uint64_t>(rest_);
            const unsigned taken = (63 - count_) / 8;
            held_ |= next << count_;
            rest_.remove_prefix(taken);
            count_ += taken * 8;
            held_ &= (std::uint64_t{1} << count_) - 1;
            return;
        }
        for (; count_ <= 56 && !rest_.empty(); count_ += 8) {
            held_ |= std::uint64_t{static_cast<unsigned char>(rest_.front())} << count_;
            rest_.remove_prefix(1);
        }
    }
    void drop(unsigned bits) {
        held_ >>= bits;
        count_ -= bits;
    }
    // And the 1 behind them.
    std::uint64_t get_zeros() {
        std::uint64_t zeros = 0;
        for (;;) {
            fill();
            if (held_ != 0) break;
            if (rest_.empty()) return fail();
            zeros += count_;
            count_ = 0;
        }
        const auto here = static_cast<unsigned>(std::countr_zero(held_));
        drop(here);
        drop(1);
        return zeros + here;
    }

    std::string_view rest_;
    std::uint64_t held_ = 0;  // `count_` bits, and no others
    unsigned count_ = 0;
    bool failed_ = false;
};

}  // namespace nmstore::postings
