#include "engine/block_merge.h"

#include "tests/catch.h"

using namespace nmstore;

namespace {

std::string chosen(const std::vector<int>& sizes, MergeWhen when) {
    std::vector<BlockInfo> blocks;
    for (const int size : sizes) {
        BlockInfo block;
        block.text_bytes = static_cast<std::uint64_t>(size);
        block.lines = 1;
        blocks.push_back(block);
    }
    const MergeChoice choice = choose_blocks(blocks, 1000, when);
    if (choice.begin == choice.end) return "";
    return std::to_string(choice.begin) + "-" + std::to_string(choice.end);
}

}  // namespace

TEST_CASE("small blocks beside each other are merged when there are enough of a size") {
    const auto when = MergeWhen::worth_it;
    CHECK(chosen({}, when).empty());
    CHECK(chosen({1, 1, 1, 1, 1, 1, 1}, when).empty());
    CHECK(chosen({1, 1, 1, 1, 1, 1, 1, 1}, when) == "0-8");
    CHECK(chosen({100, 1, 1, 1, 1, 1, 1, 1, 1, 900}, when) == "1-9");
    CHECK(chosen({8, 1, 1, 1, 1, 1, 1, 1}, when).empty());
    CHECK(chosen({240, 240}, when).empty());
    CHECK(chosen({240, 240, 240, 240, 240}, when) == "0-5");
    CHECK(chosen({240, 240, 240, 240, 240, 240, 240}, when) == "0-6");
    CHECK(chosen({249, 249, 249, 249, 250, 249}, when).empty());  // 250 can wait until nobody writes
}

TEST_CASE("while nobody writes smaller gains are enough, and at last any") {
    CHECK(chosen({60, 20}, MergeWhen::quiet) == "0-2");
    CHECK(chosen({400, 400, 400, 400}, MergeWhen::quiet) == "0-3");
    CHECK(chosen({499, 500, 499, 499}, MergeWhen::quiet) == "2-4");  // 500 is large enough
    CHECK(chosen({60, 19}, MergeWhen::quiet).empty());
    CHECK(chosen({60, 1}, MergeWhen::for_good) == "0-2");
    CHECK(chosen({600, 1, 600}, MergeWhen::for_good).empty());
    CHECK(chosen({1}, MergeWhen::for_good).empty());
}

TEST_CASE("a line is rewritten a few times only, however many small blocks come") {
    std::vector<BlockInfo> blocks;
    std::uint64_t rewritten = 0, written = 0;
    for (int i = 0; i < 5000; ++i) {
        BlockInfo fresh;
        fresh.text_bytes = 5;
        fresh.lines = 1;
        blocks.push_back(fresh);
        written += 5;
        for (;;) {
            const MergeChoice choice = choose_blocks(blocks, 1000, MergeWhen::worth_it);
            if (choice.begin == choice.end) break;
            BlockInfo merged;
            for (std::size_t b = choice.begin; b < choice.end; ++b) {
                merged.text_bytes += blocks[b].text_bytes;
                merged.lines += blocks[b].lines;
            }
            rewritten += merged.text_bytes;
            blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(choice.begin) + 1,
                         blocks.begin() + static_cast<std::ptrdiff_t>(choice.end));
            blocks[choice.begin] = merged;
        }
        REQUIRE(blocks.size() < 25 + written / 250);
    }
    CHECK(rewritten <= 6 * written);
    CHECK(blocks.size() <= 25000 / 250 + 20);
}
