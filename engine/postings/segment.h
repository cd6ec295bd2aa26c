// What a segment of the word index is (docs/index-format.md): which blocks it covers, and where a word stands
// in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/line.h"
#include "nmstore/result.h"

namespace nmstore::postings {

inline constexpr std::size_t kMaxBlocks = 1024;
inline constexpr std::size_t kMaxPostings = std::size_t{1} << 22;  // of more than one block
inline constexpr std::size_t kMaxPages = std::size_t{1} << 20;
inline constexpr unsigned kMaxFingerprintBits = 40;
inline constexpr unsigned kPlaceBits = 10;  // that are clear in a key

// A key of docs/index-format.md, of a word's hash in the filter of a block.
std::uint64_t posting_key(std::uint64_t word_hash);

struct SegmentBlock {
    RowId row = 0;
    std::uint64_t number = 0;
    bool operator==(const SegmentBlock&) const = default;
    auto operator<=>(const SegmentBlock&) const = default;
};

struct Segment {
    std::vector<SegmentBlock> blocks;  // rising
    std::size_t pages = 1;
    unsigned fingerprint_bits = 0;
    unsigned rice_bits = 0;
    std::uint64_t postings = 0;

    unsigned place_bits() const;
    std::size_t page_of(std::uint64_t key) const;
    std::uint64_t fingerprint_of(std::uint64_t key) const;
    // Sets pages and bits for so many different keys.
    void size_for(std::size_t keys);
};

std::string write_segment(const Segment& segment);
Result<Segment> parse_segment(std::string_view bytes);

// Places of a segment, as bits.
class PlaceSet {
  public:
    explicit PlaceSet(std::size_t places = 0) : words_((places + 63) / 64) {}
    void add(std::size_t place) { words_[place / 64] |= std::uint64_t{1} << (place % 64); }
    bool has(std::size_t place) const { return (words_[place / 64] >> (place % 64) & 1) != 0; }
    std::size_t count() const;

  private:
    std::vector<std::uint64_t> words_;
};

inline Error corrupt_index(const char* what) {
    return Error{Code::corruption, std::string("cannot read the word index: ") + what};
}

}  // namespace nmstore::postings
