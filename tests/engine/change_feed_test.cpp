// Changes: each commit once, in order, also over restarts and crashes, and with the lines that it brought.
#include <map>
#include <set>
#include <thread>

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kMorning = 1'308'700'800'000;
const std::string kDay = "c:logs:l:2011:5:22";

std::vector<Change> all_changes(const Store& store, ChangeNumber from = 0) {
    return must(store.read_changes(from, SIZE_MAX));
}

// Texts of the lines that a change tells of, by row and order of ids.
std::vector<std::string> lines_of(const Store& store, const Change& change) {
    std::map<LineId, std::string> out;
    for (const ChangedRow& changed : change.rows) {
        const auto row = must(store.log_row(changed.row));
        if (!row) continue;
        const auto cursor = must(store.changed_lines(change, changed, *row));
        while (must(cursor->next())) {
            const bool fresh = out.emplace(cursor->line().id, cursor->line().text).second;
            CHECK(fresh);
        }
    }
    std::vector<std::string> texts;
    for (auto& [id, text] : out) texts.push_back(std::move(text));
    return texts;
}

std::vector<std::string> lines_of_all(const Store& store, ChangeNumber from = 0) {
    std::vector<std::string> out;
    for (const Change& change : all_changes(store, from)) {
        for (std::string& line : lines_of(store, change)) out.push_back(std::move(line));
    }
    return out;
}

std::string log_value(const std::string& returned) {
    return R"({"date":1,"returned":")" + returned + "\"}";
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("each commit has a change, and lines are found by it") {
    OpenedStore store;
    CHECK(all_changes(*store).empty());
    CHECK(store->changes().first == store->changes().end);
    store.append("c", "l", kMorning + 5, "later");
    store.append("c", "l", kMorning, "earlier");
    {
        const auto batch = store->begin_lines();
        must(batch->append({"c", "l", kMorning + 5, "same time", {}}));
        must(batch->append({"d", "m", kMorning + 1, "other row", "{\"a\":1}"}));
        must(batch->commit());
    }
    store.put(std::string(kIndexFamily), "row", "column", "not told");
    const auto discarded = store->begin_lines();
    must(discarded->append({"c", "l", kMorning, "never committed", {}}));

    const std::vector<Change> changes = all_changes(*store);
    REQUIRE(changes.size() == 3);
    CHECK(lines_of(*store, changes[0]) == Texts{"later"});
    CHECK(lines_of(*store, changes[1]) == Texts{"earlier"});
    CHECK(lines_of(*store, changes[2]) == Texts{"other row", "same time"});
    CHECK(changes[0].number < changes[1].number);
    CHECK(changes[1].number < changes[2].number);
    CHECK(changes[0].time_ms == store.clock.now_ms());
    CHECK(store->changes().first <= changes[0].number);
    CHECK(store->changes().end == changes[2].number + 1);
    // From the middle, and some at a time.
    CHECK(all_changes(*store, changes[1].number).size() == 2);
    CHECK(must(store->read_changes(changes[1].number, 1)).size() == 1);
    CHECK(all_changes(*store, store->changes().end).empty());
}

TEST_CASE("a change's lines are the same once they are sealed, merged and compacted") {
    SealingOptions sealing;
    sealing.direct_bytes = 300;
    sealing.block_bytes = 1000;
    sealing.background = false;
    OpenedStore store(sealing);
    std::vector<Texts> expected;
    for (int commit = 0; commit < 30; ++commit) {
        const auto batch = store->begin_lines();
        std::map<std::pair<std::int64_t, int>, std::string> by_time;
        for (int i = 0; i < (commit % 4 == 0 ? 90 : commit % 3 + 1); ++i) {
            const std::int64_t time_ms = kMorning + (i * 7919 + commit * 31) % 1000;
            by_time[{time_ms, i}] = "commit " + std::to_string(commit) + " line " + std::to_string(i);
            must(batch->append({"c", "l", time_ms, by_time[{time_ms, i}], {}}));
        }
        must(batch->commit());
        Texts& texts = expected.emplace_back();
        for (auto& [when, text] : by_time) texts.push_back(text);
    }
    const auto check = [&] {
        const std::vector<Change> changes = all_changes(*store);
        REQUIRE(changes.size() == expected.size());
        for (std::size_t i = 0; i < changes.size(); ++i) CHECK(lines_of(*store, changes[i]) == expected[i]);
    };
    check();
    must(store->seal());
    check();
    must(store->compact());
    check();
    store.reopen();
    check();
}

TEST_CASE("posted cells are told with all lines that they bring, complete, or go on with") {
    OpenedStore store;
    const auto post = [&](std::int64_t time_ms, const std::string& returned) {
        store.put(std::string(kTimeFamily), kDay, std::to_string(time_ms), log_value(returned));
    };
    post(kMorning, "one\\ntwo\\nhal");
    CHECK(lines_of(*store, all_changes(*store).back()) == Texts{"one", "two", "hal"});
    post(kMorning + 10, "f\\nnext\\n");
    CHECK(lines_of(*store, all_changes(*store).back()) == Texts{"half", "next"});
    post(kMorning + 20, "whole\\n");
    CHECK(lines_of(*store, all_changes(*store).back()) == Texts{"whole"});
    // Late, between the halves: what they were halves of is another line now.
    post(kMorning + 5, "loud\\n");
    CHECK(lines_of(*store, all_changes(*store).back()) == Texts{"halloud"});
    // Overwritten.
    post(kMorning + 20, "changed\\n");
    CHECK(lines_of(*store, all_changes(*store).back()) == Texts{"changed"});
    // Several in one commit, with others between them.
    const auto batch = must(store->begin_cells(kTimeFamily));
    must(batch->put(kDay, std::to_string(kMorning + 30), log_value("last\\n")));
    must(batch->put(kDay, std::to_string(kMorning + 15), log_value("middle\\n")));
    must(batch->put("c:plugins:df:2011:5:22", std::to_string(kMorning), "{\"date\":1,\"value\":\"93\"}"));
    must(batch->commit());
    CHECK(lines_of(*store, all_changes(*store).back()) ==
          Texts{"{\"date\":1,\"value\":\"93\"}", "middle", "last"});
    // A half line at the end says so.
    post(kMorning + 40, "cut o");
    const Change last = all_changes(*store).back();
    const auto row = must(store->log_row(last.rows.at(0).row));
    const auto cursor = must(store->changed_lines(last, last.rows.at(0), *row));
    REQUIRE(must(cursor->next()));
    CHECK(cursor->line().half);
}

TEST_CASE("lines of cells are told by their changes when they stand in blocks") {
    SealingOptions sealing;
    sealing.background = false;
    OpenedStore store(sealing);
    for (int i = 0; i < 40; ++i) {
        store.put(std::string(kTimeFamily), kDay, std::to_string(kMorning + i * 10),
                  log_value(i % 2 == 0 ? "a" + std::to_string(i) + "\\nbegun" : " ended\\nb\\n"));
    }
    must(store->seal());
    must(store->compact());
    const std::vector<Change> changes = all_changes(*store);
    REQUIRE(changes.size() == 40);
    CHECK(lines_of(*store, changes[20]) == Texts{"a20", "begun ended"});
    // The line that its first piece ends is not this cell's own.
    CHECK(lines_of(*store, changes[21]) == Texts{"begun ended", "b"});
}

TEST_CASE("cells that are no more than the middle or the end of a line tell of it, also from blocks") {
    SealingOptions sealing;
    sealing.background = false;
    OpenedStore store(sealing);
    const auto post = [&](std::int64_t at, const std::string& returned, std::int64_t ttl = 0) {
        store.put(std::string(kTimeFamily), kDay, std::to_string(kMorning + at), log_value(returned), ttl);
    };
    post(0, "before\\nbe");
    post(10, "gun ");
    post(20, "and ");
    store.append("c", "l", kMorning + 25, "appended between");
    post(30, "ended\\n");
    post(40, "whole\\n");
    post(50, "", 1);  // says nothing, and what does not last
    post(60, "la");
    {
        const auto batch = must(store->begin_cells(kTimeFamily));
        must(batch->put(kDay, std::to_string(kMorning + 70), log_value("st ")));
        must(batch->put(kDay, std::to_string(kMorning + 80), log_value("line\\n")));
        must(batch->commit());
    }
    post(90, "\\n");
    const auto check = [&] {
        const std::vector<Change> changes = all_changes(*store);
        REQUIRE(changes.size() == 10);
        CHECK(lines_of(*store, changes[0]) == Texts{"before", "begun and ended"});
        CHECK(lines_of(*store, changes[1]) == Texts{"begun and ended"});
        CHECK(lines_of(*store, changes[2]) == Texts{"begun and ended"});
        CHECK(lines_of(*store, changes[3]) == Texts{"appended between"});
        CHECK(lines_of(*store, changes[4]) == Texts{"begun and ended"});
        CHECK(lines_of(*store, changes[5]) == Texts{"whole"});
        CHECK(lines_of(*store, changes[6]).empty());
        CHECK(lines_of(*store, changes[7]) == Texts{"last line"});
        CHECK(lines_of(*store, changes[8]) == Texts{"last line"});
        CHECK(lines_of(*store, changes[9]) == Texts{""});
    };
    check();
    must(store->seal());
    REQUIRE(store->stats().blocks != 0);
    check();
    store.clock.advance(2'000);
    check();
    must(store->compact());
    check();
}

TEST_CASE("values are told as they were put, and only while that is asked for") {
    OpenedStore store;
    const auto batch = must(store->begin_cells(kIndexFamily));
    must(batch->put("r", "before", "1"));
    batch->tell_values(true);
    must(batch->put("r", "a", "1"));
    must(batch->put("gone", "a", "2"));
    must(batch->remove_row("gone"));
    must(batch->put("r", "a", "3"));
    batch->tell_values(false);
    must(batch->put("r", "behind", "1"));
    must(batch->commit());
    const auto times = must(store->begin_cells(kTimeFamily));
    times->tell_values(true);
    must(times->put("t", "007", "x"));
    must(times->commit());
    const std::vector<Change> changes = all_changes(*store);
    REQUIRE(changes.size() == 2);
    CHECK(changes[0].rows.empty());
    CHECK(changes[0].values == std::vector<ToldValue>{{std::string(kIndexFamily), "r", "a", "1"},
                                                      {std::string(kIndexFamily), "r", "a", "3"}});
    CHECK(changes[1].values == std::vector<ToldValue>{{std::string(kTimeFamily), "t", "7", "x"}});
    CHECK(changes[1].rows.at(0).cells_ms == std::vector<std::int64_t>{7});
    // A family that is gone has nothing to tell any more.
    must(store->drop_family(kIndexFamily));
    CHECK(all_changes(*store).at(0).values.empty());
}

TEST_CASE(
    "changes are there after a restart and after a crash, and numbers go on above all that were given") {
    OpenedStore store;
    store.append("c", "l", kMorning, "first");
    const ChangeNumber first = all_changes(*store).at(0).number;
    store.reopen();
    store.append("c", "l", kMorning, "second");
    store.reopen_after_crash();
    store.append("c", "l", kMorning, "third");
    const std::vector<Change> changes = all_changes(*store);
    REQUIRE(changes.size() == 3);
    CHECK(changes[0].number == first);
    CHECK(changes[1].number > first);
    CHECK(changes[2].number > changes[1].number + 1);
    CHECK(lines_of_all(*store) == Texts{"first", "second", "third"});
    CHECK(store->changes().end == changes[2].number + 1);
    store.check();
}

TEST_CASE("old changes are forgotten by size and by age, and the range says so") {
    OpenedStore store;
    store.options.changes.keep_bytes = 64 * 200;
    store.reopen();
    for (int i = 0; i < 400; ++i) store.append("c", "l", kMorning + i, "line " + std::to_string(i));
    ChangeRange range = store->changes();
    std::vector<Change> changes = all_changes(*store);
    CHECK(changes.size() < 400);
    CHECK(changes.size() > 100);
    CHECK(range.first <= changes.front().number);
    CHECK(lines_of(*store, changes.back()) == Texts{"line 399"});
    store.reopen();
    CHECK(store->changes().first == range.first);
    CHECK(all_changes(*store).size() == changes.size());
    // Time.
    store.clock.advance(store.options.changes.keep_ms + 1);
    store.append("c", "l", kMorning, "new");
    CHECK(lines_of_all(*store) ==
          Texts{"new"});  // what comes after a long silence does not go with what was before
    range = store->changes();
    CHECK(range.first <= all_changes(*store).front().number);
    store.clock.advance(1 + store.options.changes.keep_ms / 64);
    store.append("c", "l", kMorning, "newer");
    CHECK(lines_of_all(*store) == Texts{"new", "newer"});
    range = store->changes();
    CHECK(range.first <= all_changes(*store).front().number);
    CHECK(range.first > changes.back().number);
}

TEST_CASE("a clock that is ahead for a moment makes no change old") {
    OpenedStore store;
    store.append("c", "l", kMorning, "before");
    const bool reopened = GENERATE(false, true);
    const std::int64_t ahead_ms = 2 * store.options.changes.keep_ms;
    store.clock.set_ahead(ahead_ms);
    if (reopened) store.reopen();
    store.append("c", "l", kMorning, "meanwhile");
    store.append("c", "l", kMorning, "and on");
    CHECK(lines_of_all(*store) == Texts{"before", "meanwhile", "and on"});
    SECTION("and is set right") {
        store.clock.set_ahead(-ahead_ms);
        store.append("c", "l", kMorning, "after");
        CHECK(lines_of_all(*store) == Texts{"before", "meanwhile", "and on", "after"});
    }
    SECTION("or is believed") {
        store.clock.advance(3600 * 1000);
        store.append("c", "l", kMorning, "after");
        CHECK(lines_of_all(*store) == Texts{"meanwhile", "and on", "after"});
    }
}

TEST_CASE("a change that is larger than all that is kept stays until as much has come behind it") {
    OpenedStore store;
    store.options.changes.keep_bytes = 10'000;
    store.reopen();
    const auto batch = store->begin_lines();
    for (int i = 0; i < 3000; ++i)
        must(batch->append({"c", "l" + std::to_string(i), kMorning + i, "line", {}}));
    must(batch->commit());
    store.append("c", "l", kMorning, "one more");
    CHECK(lines_of_all(*store).size() == 3001);
    for (int i = 0; i < 300; ++i) store.append("c", "l", kMorning + i, "next");
    CHECK(lines_of_all(*store).size() < 300);
}

TEST_CASE("many writers: a follower gets every commit once, and each row's in its order") {
    OpenedStore store;
    constexpr int kWriters = 6;
    constexpr int kCommits = 120;
    std::atomic<bool> failed{false};
    std::vector<std::thread> writers;
    for (int w = 0; w < kWriters; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; i < kCommits; ++i) {
                const auto batch = store->begin_lines();
                const std::string text = std::to_string(w) + " " + std::to_string(i);
                const bool fine = batch->append({"shared", "l", kMorning + i, text, {}}).ok() &&
                                  batch->append({"own", std::to_string(w), kMorning + i, text, {}}).ok() &&
                                  batch->commit().ok();
                if (!fine) failed = true;
            }
        });
    }
    std::map<int, int> next;
    ChangeNumber from = store->changes().first;
    std::size_t told = 0;
    while (told < std::size_t{kWriters} * kCommits && !failed) {
        const ChangeNumber end = store->wait_for_change(from, std::chrono::seconds(20));
        for (const Change& change : all_changes(*store, from)) {
            if (change.number >= end) break;
            const Texts lines = lines_of(*store, change);
            REQUIRE(lines.size() == 2);
            CHECK(lines[0] == lines[1]);
            const int writer = std::stoi(lines[0]);
            CHECK(lines[0] == std::to_string(writer) + " " + std::to_string(next[writer]++));
            ++told;
        }
        from = end;
    }
    for (std::thread& writer : writers) writer.join();
    CHECK_FALSE(failed);
    CHECK(told == std::size_t{kWriters} * kCommits);
}

TEST_CASE("who waits for a change is let go when the store is closed") {
    OpenedStore store;
    const ChangeNumber end = store->changes().end;
    CHECK(store->wait_for_change(end + 1, std::chrono::seconds(20)) == end);
    CHECK(store->wait_for_change(end, std::chrono::milliseconds(1)) == end);
    std::thread waiter([&] { (void)store->wait_for_change(end, std::chrono::minutes(5)); });
    must(store->close());
    waiter.join();
}
