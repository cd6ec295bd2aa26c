// Several times of a row that go in one commit, as another hub's journal may tell: what stood beside them in
// their blocks stays, once.
#include "engine/journal_record.h"
#include "nmstore/value_type.h"
#include "tests/engine/copying.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("lines of several times of one block are removed together") {
    Hub hub;
    std::vector<std::string> kept;
    {
        const auto batch = hub->begin_lines();
        for (int i = 0; i < 3000; ++i) {
            const std::string text = "a line that stands in a block with others, number " + std::to_string(i);
            must(batch->append({"c", "l", kMorning + i, text, ""}));
            if (i != 5 && i != 1700 && i != 2999) kept.push_back(text);
        }
        must(batch->commit());
    }
    REQUIRE(hub->stats().blocks == 1);
    JournalSteps steps;
    const std::string row = must(hub->log_rows({})).front().key;
    steps.turn_to(must(hub->family(kTimeFamily)), row);
    for (const int i : {1700, 5, 2999})
        steps.remove_cell(must(encode_sortable(ValueType::long_, std::to_string(kMorning + i))));
    const std::string record = format_journal_record((std::uint64_t{kMorning} + 9999) << 20, nullptr, steps);
    must(hub->apply_journal({std::string(32, 'a'), ""}, {{1, record}}, 2));
    std::sort(kept.begin(), kept.end());
    CHECK(lines_of(hub) == kept);
    CHECK(must(hub->verify()).problems.empty());
}
