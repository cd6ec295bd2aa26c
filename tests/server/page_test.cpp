#include "server/page.h"

#include "tests/server/hub.h"

using namespace nmstore;
using server::read_page_limit;
using server::read_slice;
using testing::Hub;

TEST_CASE("a page has a limit, 1000 unless one is asked for") {
    CHECK(read_page_limit("").value() == 1000);
    CHECK(read_page_limit("1").value() == 1);
    CHECK(read_page_limit("100000").value() == 100000);
    for (const std::string text : {"0", "100001", "-5", "many"}) CHECK(!read_page_limit(text).ok());
}

TEST_CASE("a slice ends early where its bytes reach the limit, but has at least one cell") {
    Hub hub;
    std::string body;
    for (int i = 10; i < 60; ++i)
        body += std::to_string(i) + "=" + std::string(98, 'x') + "&";  // 100 bytes a cell
    REQUIRE(hub.post("/v0.3/DATA/CFLongType/r", body).status == 200);
    struct Case {
        std::size_t limit, max_bytes, cells;
        bool more;
    };
    for (const Case& expected :
         {Case{1000, 5000, 50, false}, Case{1000, 4999, 49, true}, Case{10, 5000, 10, true},
          Case{50, 5000, 50, false}, Case{1000, 1, 1, true}, Case{1, 1, 1, true}}) {
        for (const bool reversed : {false, true}) {
            SliceRange range;
            range.limit = expected.limit;
            range.reversed = reversed;
            const Slice slice = read_slice(hub.store(), "CFLongType", "r", range, expected.max_bytes).value();
            INFO(expected.limit << " cells, " << expected.max_bytes << " bytes");
            CHECK(slice.cells.size() == expected.cells);
            CHECK(slice.more == expected.more);
            CHECK(slice.cells.front().column == (reversed ? "59" : "10"));
        }
    }
}
