// What is looked at in records of hubs that nobody answers for.
#include "nmstore/journal_check.h"

#include "engine/journal_record.h"
#include "engine/record.h"
#include "engine/stored_block.h"
#include "tests/engine/hubs.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

Result<void> check(std::string_view record, std::uint64_t text_left = UINT64_MAX) {
    return check_journal_lines(
        record, [](std::string_view fields) { return fields.starts_with('{'); }, text_left);
}

class OfLines {
  protected:
    static std::string text(int i) {
        return "a line of a bulk body, number " + std::to_string(i) +
               " user=" + std::to_string(i * 7919 % 1000);
    }
    // The record of one commit; of many lines it has a block.
    JournalRecord lines(int count, const std::string& fields = "") {
        const auto batch = hub->begin_lines();
        for (int i = 0; i < count; ++i) must(batch->append({"c", "l", kMorning + i, text(i), fields}));
        must(batch->commit());
        return must(hub->read_journal(0, SIZE_MAX)).back();
    }
    // Of one block, as `change` leaves its head.
    template <class Change>
    std::string with_head(const JournalRecord& record, const Change& change) {
        JournalReader reader = must(JournalReader::open(record.bytes));
        JournalStep step;
        while (step.kind != JournalStep::Kind::block) REQUIRE(must(reader.next(step)));
        BuiltBlock made;
        made.info = must(record::parse_block_head(1, 0, reader.block_head()));
        made.sections.assign(reader.block_sections().begin(), reader.block_sections().end());
        change(made.info);
        JournalSteps steps;
        steps.turn_to(must(hub->family(kTimeFamily)), step.row);
        steps.block(made);
        return format_journal_record(std::uint64_t{kMorning} << 20, nullptr, steps);
    }

    Hub hub;
};

}  // namespace

TEST_CASE_METHOD(OfLines, "lines of a record are sound if they and their blocks are") {
    for (const int count : {1, 3000}) {
        const JournalRecord record = lines(count, R"({"a":1})");
        CHECK(check(record.bytes).ok());
        std::uint64_t bytes = 0;
        for (int i = 0; i < count; ++i) bytes += text(i).size() + 7;
        CHECK(check(record.bytes, bytes).ok());
        CHECK(code_of(check(record.bytes, bytes - 1)) == Code::too_large);
    }
}

TEST_CASE_METHOD(OfLines, "a block whose head tells another thing than it holds is none") {
    const JournalRecord record = lines(3000);
    CHECK(check(with_head(record, [](BlockInfo&) {})).ok());
    const auto is_found = [&](auto change) {
        return code_of(check(with_head(record, change))) == Code::invalid_argument;
    };
    CHECK(is_found([](BlockInfo& info) { ++info.text_bytes; }));
    CHECK(is_found([](BlockInfo& info) { info.last.time_ms += 1; }));
    CHECK(is_found([](BlockInfo& info) { info.lines -= 1; }));
    const auto great = with_head(record, [](BlockInfo& info) { info.text_bytes = std::uint64_t{1} << 40; });
    CHECK(code_of(check(great)) == Code::too_large);
}

TEST_CASE_METHOD(OfLines, "fields that may not be given out are found, in blocks and beside them") {
    for (const int count : {1, 3000}) {
        CHECK(code_of(check(lines(count, "\xff{").bytes)) == Code::invalid_argument);
    }
}
