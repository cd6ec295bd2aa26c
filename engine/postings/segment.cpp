#include "engine/postings/segment.h"

#include <algorithm>
#include <bit>

#include "engine/block/stream.h"

namespace nmstore::postings {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kKeysOfPage = 512;
constexpr unsigned kSparseness = 4;  // one fingerprint of 2^4 is there

__extension__ using Wide = unsigned __int128;

}  // namespace

// The finaliser of MurmurHash3 (A. Appleby): a word's own hash leaves the upper bits of short words alike.
std::uint64_t posting_key(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    hash ^= hash >> 33;
    return hash >> kPlaceBits << kPlaceBits;
}

unsigned Segment::place_bits() const {
    return static_cast<unsigned>(std::bit_width(blocks.size() - 1));
}

std::size_t Segment::page_of(std::uint64_t key) const {
    return static_cast<std::size_t>(Wide{key} * pages >> 64);
}

std::uint64_t Segment::fingerprint_of(std::uint64_t key) const {
    return fingerprint_bits == 0 ? 0 : key * pages >> (64 - fingerprint_bits);
}

void Segment::size_for(std::size_t keys) {
    pages = std::clamp<std::size_t>(keys / kKeysOfPage, 1, kMaxPages);
    const std::size_t of_page = std::max<std::size_t>(keys / pages, 1);
    fingerprint_bits = static_cast<unsigned>(std::bit_width(of_page)) + kSparseness;
    const std::uint64_t gap = (std::uint64_t{1} << fingerprint_bits) / of_page;
    // The best parameter is about log2 of 0.69 times the mean gap.
    rice_bits = static_cast<unsigned>(std::bit_width(gap * 11 / 16)) - 1;
}

std::string write_segment(const Segment& segment) {
    std::string out;
    for (const std::uint64_t number :
         {kVersion, std::uint64_t{segment.blocks.size()}, std::uint64_t{segment.pages},
          std::uint64_t{segment.fingerprint_bits}, std::uint64_t{segment.rice_bits}, segment.postings})
        block::put_varint(out, number);
    SegmentBlock last;
    for (const SegmentBlock& at : segment.blocks) {
        block::put_varint(out, at.row - last.row);
        block::put_varint(out, at.row == last.row ? at.number - last.number : at.number);
        last = at;
    }
    return out;
}

Result<Segment> parse_segment(std::string_view bytes) {
    block::Reader reader(bytes);
    if (reader.varint() != kVersion) return corrupt_index("a segment has another version");
    Segment out;
    const std::size_t blocks = reader.size(kMaxBlocks);
    out.pages = reader.size(kMaxPages);
    out.fingerprint_bits = static_cast<unsigned>(reader.size(kMaxFingerprintBits));
    out.rice_bits = static_cast<unsigned>(reader.size(kMaxFingerprintBits));
    out.postings = reader.varint();
    SegmentBlock last;
    for (std::size_t i = 0; i < blocks && !reader.failed(); ++i) {
        SegmentBlock at;
        at.row = last.row + reader.varint();
        at.number = reader.varint();
        if (at.row == last.row) at.number += last.number;
        if (at <= last) reader.fail();
        out.blocks.push_back(at);
        last = at;
    }
    if (reader.failed() || !reader.at_end() || out.blocks.empty() || out.pages == 0)
        return corrupt_index("the head of a segment does not add up");
    return out;
}

std::size_t PlaceSet::count() const {
    std::size_t count = 0;
    for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
    return count;
}

}  // namespace nmstore::postings
