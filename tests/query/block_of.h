// Blocks of lines for tests, and what a plan says of them.
#pragma once

#include <string>
#include <vector>

#include "engine/block/block.h"
#include "query/block_plan.h"
#include "tests/catch.h"

namespace nmstore::testing {

struct BlockText {
    std::string text;
    std::string fields;
};

inline std::string block_of(const std::vector<BlockText>& lines) {
    block::BlockWriter writer;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        writer.add({1'700'000'000'000 + static_cast<std::int64_t>(i) * 500, i + 1, 0, lines[i].text,
                    lines[i].fields});
    }
    auto block = writer.finish("", block::kFastLevel);
    REQUIRE(block.ok());
    return *block;
}

// For each line of the block, whether it matches.
inline std::vector<bool> matching_lines(block::BlockReader& block, const LogRow& row,
                                        const query::Filter& filter, const query::ClientNames& names = {}) {
    auto plan = query::BlockPlan::make(filter, names);
    auto matcher = query::compile(filter, names);
    REQUIRE((plan.ok() && matcher.ok()));
    auto lines = (*plan)->lines(block, row);
    REQUIRE(lines.ok());
    REQUIRE((*plan)->decide(block, row, **matcher, *lines).ok());
    const auto* numbers = *block.numbers();
    const auto* ranks = *block.ranks();
    std::vector<bool> matching;
    std::size_t count = 0;
    for (std::size_t at = 0; at < block.lines(); ++at) {
        matching.push_back((*lines)[(*numbers)[at]].matching.has((*ranks)[at]));
        count += matching.back() ? 1 : 0;
    }
    CHECK(lines->count(block) == count);
    return matching;
}

}  // namespace nmstore::testing
