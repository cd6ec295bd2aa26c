// How much one call of apply_journal() does.
#include <atomic>

#include "tests/engine/hubs.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

// Each time that it is asked for what has passed it is 400 ms later.
class HurryingClock : public Clock {
  public:
    std::int64_t now_ms() const override { return kMorning; }
    std::int64_t elapsed_ms() const override { return elapsed_ms_ += hurries ? 400 : 0; }

    std::atomic<bool> hurries{false};

  private:
    mutable std::atomic<std::int64_t> elapsed_ms_{0};
};

}  // namespace

TEST_CASE("a call that takes long ends behind a record, and the next one goes on there") {
    Hub a, b;
    for (int i = 0; i < 10; ++i) a.count("n", "x", 1);
    HurryingClock clock;
    b.options.clock = &clock;
    b.open();
    clock.hurries = true;
    const JournalLink link{a->hub_id(), ""};
    ChangeNumber position = 0;
    std::size_t calls = 0;
    while (position < a->journal().end) {
        const std::vector<JournalRecord> records = must(a->read_journal(position, SIZE_MAX));
        std::vector<JournalRecordView> views;
        for (const JournalRecord& record : records) views.push_back({record.number, record.bytes});
        const AppliedJournal applied = must(b->apply_journal(link, views, a->journal().end));
        REQUIRE(applied.position > position);
        position = applied.position;
        CHECK(must(b->journal_position(link)) == position);
        ++calls;
    }
    CHECK(calls > 2);
    CHECK(calls < 10);
    CHECK(must(b->counter("n", "x")) == 10);
    clock.hurries = false;
}

TEST_CASE("of many values that are refused the first are told, and the others counted") {
    Hub a, b;
    must(b->declare_column(kIndexFamily, "c", ValueType::long_, std::nullopt));
    const std::string row(60'000, 'r');
    const std::string value(5000, 'v');
    const std::size_t many = AppliedJournal::kMaxRefused + 7;
    for (std::size_t i = 0; i < 7; ++i) a.put(row + std::to_string(i), "c", value);
    const auto batch = must(a->begin_cells(std::string(kIndexFamily)));
    for (std::size_t i = 7; i < many; ++i) must(batch->put(std::to_string(i), "c", "no number"));
    must(batch->commit());
    const AppliedJournal applied = send(a, b);
    REQUIRE(applied.refused.size() == AppliedJournal::kMaxRefused);
    CHECK(applied.refused_more == 7);
    CHECK(applied.refused[0].what == (std::string(kIndexFamily) + "/" + row).substr(0, 512));
    CHECK(applied.refused[0].value == value.substr(0, AppliedJournal::kMaxRefusedValue));
    CHECK(applied.refused[7].value == "no number");
}
