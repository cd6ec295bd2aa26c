// Numbers that look random and are the same everywhere for the same seed: the standard library's
// distributions differ between machines.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace nmstore::benchmarks {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x1234567u) {}

    std::uint64_t bits() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t limit) { return bits() % limit; }
    std::uint64_t between(std::uint64_t first, std::uint64_t last) { return first + below(last - first + 1); }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    double unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

    // Few of the small numbers below `limit` make up most of what comes, as with users, pages or addresses.
    std::uint64_t skewed(std::uint64_t limit) {
        const double u = unit();
        return static_cast<std::uint64_t>(static_cast<double>(limit) * u * u * u);
    }
    std::string_view pick(std::span<const std::string_view> texts) { return texts[skewed(texts.size())]; }

  private:
    std::uint64_t state_;
};

}  // namespace nmstore::benchmarks
