// The events of a change, taken in steps of any size, are those that it gives at once.
#include "server/event_subject.h"

#include "tests/query/oracle_query.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

std::vector<EventSubjectPtr> subjects() {
    std::vector<EventSubjectPtr> out;
    for (const char* query : {"*", "error", "-error", "/[0-9]+/"})
        out.push_back(new_tail(must(query::parse(query))));
    out.push_back(new_messages());
    out.push_back(new_channel("", kTimeFamily, "*"));
    return out;
}

std::vector<std::string> in_steps(EventMaker& maker, const Change& change, std::size_t most_bytes) {
    std::vector<std::string> out;
    EventId after = EventId::before(change.number);
    for (bool all = false; !all;) {
        std::vector<EventPtr> events;
        all = must(maker.events(change, after, most_bytes, events));
        if (!all) REQUIRE_FALSE(events.empty());
        std::size_t bytes = 0;
        for (const EventPtr& event : events) {
            CHECK(bytes < most_bytes);
            REQUIRE(after < event->id);
            after = event->id;
            bytes += event->json.size();
            out.push_back(event->json);
        }
    }
    return out;
}

std::size_t lines_of(const Store& store, const Change& change) {
    std::size_t lines = 0;
    for (const ChangedRow& changed : change.rows) {
        const auto row = must(store.log_row(changed.row));
        if (!row) continue;
        const auto cursor = must(store.changed_lines(change, changed, *row));
        while (must(cursor->next())) ++lines;
    }
    return lines;
}

// Gives how many events there were of the first subject, which is every line.
std::size_t compare_steps(const Store& store) {
    std::size_t lines = 0;
    const auto all = subjects();
    for (const Change& change : must(store.read_changes(0, SIZE_MAX))) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            EventMaker maker(all[i], store);
            must(maker.open());
            const auto at_once = in_steps(maker, change, SIZE_MAX);
            INFO("change " << change.number << ", subject " << i);
            if (i == 0) REQUIRE(at_once.size() == lines_of(store, change));
            if (i == 0) lines += at_once.size();
            for (const std::size_t most : {1, 700, 5000}) REQUIRE(in_steps(maker, change, most) == at_once);
        }
    }
    return lines;
}

SealingOptions small_blocks(OracleRandom& random) {
    SealingOptions sealing;
    sealing.background = false;
    static constexpr std::size_t kBlocks[] = {300, 2000, 1 << 20};
    static constexpr std::size_t kDirect[] = {40, 200, 1 << 17};
    sealing.block_bytes = oracle_pick(random, kBlocks);
    sealing.direct_bytes = oracle_pick(random, kDirect);
    return sealing;
}

}  // namespace

TEST_CASE("events taken in small steps are those of a change at once, of lines and cells in any form") {
    std::size_t lines = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        INFO("seed " << seed);
        OracleRandom random(seed);
        OracleWriter writer(random);
        OracleStore world(small_blocks(random));
        for (int round = 0; round < 3; ++round) {
            std::vector<OracleStep> steps;
            writer.write(steps, 15);
            for (const OracleStep& step : steps) world.apply(step);
            world.finish();
            if (round == 1) must(world.store->seal());
            lines += compare_steps(*world.store);
        }
    }
    CHECK(lines > 500);
}

TEST_CASE("events of a commit to many rows with overlapping blocks are the same in small steps") {
    SealingOptions sealing;
    sealing.background = false;
    sealing.block_bytes = 600;
    sealing.direct_bytes = 100;
    OpenedStore store(sealing);
    const auto batch = store->begin_lines();
    for (int i = 0; i < 300; ++i)
        must(batch->append({"c",
                            "log" + std::to_string(i % 5),
                            1'308'700'800'000 + i * 7 % 31,
                            std::to_string(i) + (i % 3 == 0 ? " error" : " fine"),
                            {}}));
    must(batch->commit());
    CHECK(compare_steps(*store) == 300);
    must(store->seal());
    CHECK(compare_steps(*store) == 300);
}

TEST_CASE("told values and the lines of a posted row are the same in small steps") {
    OpenedStore store;
    const auto batch = must(store->begin_cells(kTimeFamily));
    batch->tell_values(true);
    for (int row = 0; row < 3; ++row) {
        for (int i = 0; i < 60; ++i) {
            // Some lines go on into the next cell.
            const std::string text = "line " + std::to_string(i) + (i % 4 == 0 ? " to be" : " done\\n");
            must(batch->put("c:logs:l" + std::to_string(row) + ":2011:5:22",
                            std::to_string(1'308'700'800'000 + i), "{\"returned\":\"" + text + "\"}"));
        }
    }
    must(batch->commit());
    CHECK(compare_steps(*store) > 100);
}

TEST_CASE("a step reads what it gives, not the change from its beginning") {
    OpenedStore store;
    const auto batch = store->begin_lines();
    for (int i = 0; i < 3000; ++i) must(batch->append({"c", "l", 1'308'700'800'000, std::to_string(i), {}}));
    must(batch->commit());
    const Change change = must(store->read_changes(0, SIZE_MAX)).at(0);
    const auto row = must(store->log_row(change.rows.at(0).row));
    REQUIRE(row);
    std::vector<LineId> ids;
    const auto all = must(store->changed_lines(change, change.rows[0], *row));
    while (must(all->next())) ids.push_back(all->line().id);
    REQUIRE(ids.size() == 3000);
    std::size_t given = 0, asked = 0;
    query::LineWindow window;
    window.after = ids[2000];
    window.wants = [&](const LineId& id) { return ++asked, id <= ids[2010]; };
    must(query::each_changed_line(*store, change, change.rows[0], *row, window,
                                  [&](const Line& line) { CHECK(line.id == ids[2001 + given++]); }));
    CHECK(given == 10);
    CHECK(asked < 20);
}
