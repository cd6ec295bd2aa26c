#include "server/half_lines.h"

#include <catch2/catch.hpp>

using namespace nmstore;
using namespace nmstore::server;

namespace {

LineId piece(std::int64_t time_ms, RowId row = 1, std::uint32_t line = 0) {
    return {time_ms, row, 0, line};
}

}  // namespace

TEST_CASE("a whole line is known by any of its pieces") {
    struct Case {
        std::vector<LineId> pieces;
        LineId line;
        std::int64_t ends_in_ms;
        bool had;
        std::size_t left;
    };
    const std::vector<Case> cases{
        {{piece(10)}, piece(10), 30, true, 0},                   // the first piece
        {{piece(20)}, piece(10), 30, true, 0},                   // the middle one
        {{piece(10), piece(20)}, piece(10), 30, true, 0},        // both
        {{piece(10), piece(30, 1, 2)}, piece(10), 30, true, 1},  // and one of the next line
        {{piece(30, 1, 2)}, piece(10), 30, false, 1},            // of the next line only
        {{piece(10)}, piece(20), 30, false, 0},                  // a later line: that one had an end
        {{piece(20)}, piece(10), INT64_MIN, false, 1},           // an earlier one
        {{piece(20)}, piece(20), INT64_MIN, true, 0},            // whole where it begins
        {{piece(10, 2)}, piece(10), 30, false, 1},               // of another row
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        INFO("case " << i);
        HalfLines lines;
        for (const LineId& id : cases[i].pieces) CHECK_FALSE(lines.add(id, 0));
        CHECK(lines.end(cases[i].line, cases[i].ends_in_ms) == cases[i].had);
        CHECK(lines.size() == cases[i].left);
    }
}

TEST_CASE("the oldest lines in pieces make room for new ones, and none is kept for ever") {
    HalfLines lines;
    for (RowId row = 0; row < HalfLines::kMost; ++row) CHECK_FALSE(lines.add(piece(1, row), 0));
    CHECK(lines.add(piece(1, 0), 0));  // the youngest now
    CHECK_FALSE(lines.add(piece(1, HalfLines::kMost), 0));
    CHECK(lines.size() == HalfLines::kMost);
    CHECK(lines.has(piece(1, 0)));
    CHECK_FALSE(lines.has(piece(1, 1)));
    HalfLines kept;
    for (const HalfLines::Half& half : lines.all()) kept.add(half);
    CHECK(kept.size() == lines.size());
    CHECK_FALSE(kept.add(piece(1, HalfLines::kMost + 1), 0));
    CHECK_FALSE(kept.has(piece(1, 2)));
    CHECK(kept.has(piece(1, 0)));
    CHECK_FALSE(kept.add(piece(2, 1), HalfLines::kKeptMs));
    CHECK(kept.size() == 1);
}
