#include "engine/postings/segment.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/block/stream.h"
#include "engine/key.h"
#include "engine/postings/page.h"
#include "engine/postings/segment_builder.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::postings;

namespace {

struct Written {
    Segment segment;
    std::map<std::string, std::string> values;
};

Written build(const std::vector<block::WordKeys>& blocks) {
    SegmentBuilder builder;
    for (std::size_t i = 0; i < blocks.size(); ++i) builder.add({i / 3, 10 + i}, blocks[i]);
    Written out;
    auto segment = builder.finish([&](std::string_view key, std::string_view value) -> Result<void> {
        REQUIRE(out.values.emplace(key, value).second);
        return {};
    });
    REQUIRE(segment.ok());
    CHECK(builder.empty());
    out.segment = *std::move(segment);
    return out;
}

std::set<std::size_t> places_of(const Written& written, std::uint64_t hash) {
    const std::uint64_t key = posting_key(hash);
    const std::string& page = written.values.at(key::segment_page(written.segment.page_of(key)));
    PlaceSet places(written.segment.blocks.size());
    REQUIRE(find_in_page(written.segment, page, written.segment.fingerprint_of(key), places).ok());
    std::set<std::size_t> out;
    for (std::size_t i = 0; i < written.segment.blocks.size(); ++i) {
        if (places.has(i)) out.insert(i);
    }
    CHECK(places.count() == out.size());
    return out;
}

}  // namespace

TEST_CASE("a segment names every block of every word, and few others", "[postings]") {
    const auto [blocks, words] = GENERATE(table<std::size_t, std::size_t>(
        {{1, 0}, {1, 1}, {1, 5000}, {2, 700}, {3, 1}, {64, 300}, {65, 40}, {1024, 50}}));
    std::mt19937_64 random(blocks * 1000 + words);
    std::vector<std::uint64_t> common(200);
    for (auto& hash : common) hash = random();
    std::vector<block::WordKeys> of_blocks(blocks);
    std::map<std::uint64_t, std::set<std::size_t>> expected;
    for (std::size_t i = 0; i < blocks; ++i) {
        std::set<std::uint64_t> hashes;
        for (std::size_t k = 0; k < words; ++k)
            hashes.insert(random() % 3 == 0 ? common[random() % common.size()] : random());
        for (const std::uint64_t hash : hashes) expected[hash].insert(i);
        of_blocks[i].hashes.assign(hashes.begin(), hashes.end());
        std::shuffle(of_blocks[i].hashes.begin(), of_blocks[i].hashes.end(), random);
    }
    const Written written = build(of_blocks);
    for (const auto& [hash, places] : expected) {
        const auto found = places_of(written, hash);
        REQUIRE(std::includes(found.begin(), found.end(), places.begin(), places.end()));
    }
    std::size_t wrong = 0;
    constexpr std::size_t kTries = 4000;
    for (std::size_t i = 0; i < kTries; ++i) wrong += places_of(written, random()).empty() ? 0 : 1;
    CHECK(wrong <= kTries / 8);  // one in sixteen, about
}

TEST_CASE("a head comes back", "[postings]") {
    Segment segment;
    segment.blocks = {{1, 5}, {1, 9}, {2, 1}, {70000, std::uint64_t{1} << 40}};
    segment.size_for(100000);
    segment.postings = 123456;
    const auto back = parse_segment(write_segment(segment));
    REQUIRE(back.ok());
    CHECK(back->blocks == segment.blocks);
    CHECK(back->pages == segment.pages);
    CHECK(back->fingerprint_bits == segment.fingerprint_bits);
    CHECK(back->rice_bits == segment.rice_bits);
    CHECK(back->postings == segment.postings);
}

TEST_CASE("what is no head is corruption", "[postings]") {
    Segment segment;
    segment.blocks = {{1, 5}, {2, 1}};
    segment.size_for(10);
    const std::string good = write_segment(segment);
    for (std::size_t i = 0; i < good.size(); ++i) CHECK_FALSE(parse_segment(good.substr(0, i)).ok());
    CHECK_FALSE(parse_segment(good + "x").ok());
    segment.blocks = {{2, 1}, {2, 1}};
    CHECK_FALSE(parse_segment(write_segment(segment)).ok());
    segment.blocks = {{2, 1}};
    segment.pages = kMaxPages + 1;
    CHECK_FALSE(parse_segment(write_segment(segment)).ok());
}

TEST_CASE("ranges of numbers stand by width and place", "[postings]") {
    std::vector<block::WordKeys> blocks(3);
    blocks[0].ranges = {{5, 9, 0}, {100, 200, 0}, {7, 7, 4}};
    blocks[2].ranges = {{1, 6, 0}};
    const Written written = build(blocks);
    const auto plain = parse_ranges(written.segment, written.values.at(key::segment_ranges(0)));
    REQUIRE(plain.ok());
    REQUIRE(plain->size() == 3);
    CHECK((*plain)[1].least == 100);
    CHECK((*plain)[1].greatest == 200);
    CHECK((*plain)[2].place == 2);
    CHECK((*plain)[2].least == 1);
    CHECK(written.values.contains(key::segment_ranges(4)));
    CHECK_FALSE(written.values.contains(key::segment_ranges(5)));
    const std::string bytes = written.values.at(key::segment_ranges(0));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        CHECK_FALSE(parse_ranges(written.segment, bytes.substr(0, i)).ok());
}

TEST_CASE("a builder closes a segment when it is full, but for one great block", "[postings]") {
    SegmentBuilder builder;
    CHECK(builder.has_room(kMaxPostings * 2));
    block::WordKeys words;
    words.hashes.resize(kMaxPostings - 10);
    for (std::size_t i = 0; i < words.hashes.size(); ++i) words.hashes[i] = i;
    builder.add({1, 1}, words);
    CHECK(builder.has_room(10));
    CHECK_FALSE(builder.has_room(11));
}
