// What stands in the word index comes back as it went in, and no bytes that only look like it do harm.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/bytes.h"
#include "engine/key.h"
#include "engine/postings/page.h"
#include "engine/postings/ranges.h"
#include "engine/postings/segment_builder.h"

using namespace nmstore;
using namespace nmstore::postings;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

Segment shape_of(std::string_view bytes) {
    Segment segment;
    for (std::size_t i = 0; i < std::size_t{1} + static_cast<unsigned char>(bytes[0]); ++i)
        segment.blocks.push_back({1, i + 1});
    segment.pages = 1;
    segment.fingerprint_bits = static_cast<unsigned char>(bytes[1]) % (kMaxFingerprintBits + 1);
    segment.rice_bits = static_cast<unsigned char>(bytes[2]) % (kMaxFingerprintBits + 1);
    return segment;
}

void read_whatever_it_is(std::string_view bytes) {
    const auto head = parse_segment(bytes);
    if (head.ok()) require(parse_segment(write_segment(*head)).value().blocks == head->blocks);
    if (bytes.size() < 3) return;
    const Segment segment = shape_of(bytes);
    const std::string_view rest = bytes.substr(3);
    (void)parse_ranges(segment, rest);
    const auto page = parse_page(segment, rest);
    PlaceSet places(segment.blocks.size());
    const std::uint64_t sought = page.ok() && !page->empty() ? page->back().fingerprint : 7;
    const auto found = find_in_page(segment, rest, sought, places);
    if (!page.ok() || page->empty()) return;
    require(found.ok());
    for (const std::uint32_t place : page->back().places) require(places.has(place));
}

// Blocks divided by zero bytes; each two bytes are a word.
void write_and_read(std::string_view bytes) {
    SegmentBuilder builder;
    std::vector<block::WordKeys> blocks(1);
    for (std::size_t i = 0; i + 2 <= bytes.size() && blocks.size() < kMaxBlocks; i += 2) {
        const std::uint64_t hash = bytes::read_little<std::uint16_t>(bytes.substr(i));
        if (hash == 0) blocks.emplace_back();
        blocks.back().hashes.push_back(hash * 0x9e3779b97f4a7c15ULL);
    }
    for (std::size_t i = 0; i < blocks.size(); ++i) builder.add({1, i + 1}, blocks[i]);
    std::vector<std::string> pages;
    const auto segment = builder.finish([&](std::string_view key, std::string_view value) -> Result<void> {
        if (key::parse_segment_part(key).value().kind == key::SegmentPart::page) pages.emplace_back(value);
        return {};
    });
    require(segment.ok() && pages.size() == segment->pages);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        for (const std::uint64_t hash : blocks[i].hashes) {
            const std::uint64_t key = posting_key(hash);
            PlaceSet places(blocks.size());
            require(find_in_page(*segment, pages[segment->page_of(key)], segment->fingerprint_of(key), places)
                        .ok());
            require(places.has(i));
        }
    }
    for (const std::string& page : pages)
        require(write_page(*segment, parse_page(*segment, page).value()) == page);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_whatever_it_is(bytes);
    write_and_read(bytes);
    return 0;
}
