#include "engine/block_builder.h"

#include "tests/catch.h"

using namespace nmstore;

TEST_CASE("a builder keeps lines apart, and says when it has enough") {
    BlockBuilder builder;
    CHECK(builder.empty());
    builder.add(5, 1, "text", "{}");
    builder.add(3, 2, "", "");
    builder.add(3, 3, "last", "");
    CHECK(builder.lines() == 3);
    CHECK(builder.bytes() == 10);
    CHECK(builder[0].text == "text");
    CHECK(builder[0].fields == "{}");
    CHECK(builder[1].text.empty());
    CHECK(builder[2].text == "last");
    CHECK(builder[2].fields.empty());
    CHECK(builder.full(10));
    CHECK_FALSE(builder.full(11));
    builder.clear();
    CHECK(builder.empty());
    for (std::size_t i = 0; i < BlockBuilder::kMaxLines; ++i) builder.add(0, i + 1, "", "");
    CHECK(builder.full(SIZE_MAX));
}

TEST_CASE("fields of several lines do not fit into a block") {
    CHECK(BlockBuilder::fits(""));
    CHECK(BlockBuilder::fits(R"({"a":1})"));
    CHECK_FALSE(BlockBuilder::fits("{\n}"));
}
