// A set of 64-bit keys that is asked only whether a key is in it, and may be wrong in one of 256 cases when
// it is not: nine bits a key. It is a binary fuse filter with three places a key (T. M. Graf, D. Lemire,
// "Binary Fuse Filters: Fast and Smaller Than Xor Filters", 2022): a key is in the set if the fingerprints at
// its three places, xor-ed, are its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::block {

inline constexpr std::size_t kMaxFilterKeys = std::size_t{1} << 24;

// The bytes of a filter over these keys (repeated ones count once; at most kMaxFilterKeys). The same keys
// give the same bytes.
std::string make_filter(std::vector<std::uint64_t> keys);
// The same of keys that are all different. Their order does not matter.
std::string make_filter_of_distinct(const std::vector<std::uint64_t>& keys);

// Looks into the bytes of a filter, which must outlive it. A default one, and one over no keys, has nothing
// in it.
class Filter {
  public:
    Filter() = default;
    static Result<Filter> open(std::string_view bytes);  // corruption: not a filter
    bool may_have(std::uint64_t key) const;
    // What it was made for: as many keys as it has, or more.
    std::size_t room() const { return room_; }

  private:
    friend std::string make_filter_of_distinct(const std::vector<std::uint64_t>& keys);
    struct Places {
        std::size_t at[3];
    };
    Places places_of(std::uint64_t hash) const;
    bool set_size(std::size_t keys);

    std::size_t room_ = 0;
    std::uint64_t seed_ = 0;
    std::size_t segment_bytes_ = 0;  // a power of two
    std::size_t segments_ = 0;       // that a key's first place may be in
    std::string_view fingerprints_;
};

}  // namespace nmstore::block
