// Retention on a real store.
#include "engine/retention.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kToday = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC

std::string noise(std::uint64_t seed, std::size_t bytes) {
    std::string text;
    for (std::uint64_t x = seed * 2 + 1; text.size() < bytes;
         x = x * 6364136223846793005ULL + 1442695040888963407ULL)
        text += static_cast<char>('a' + (x >> 33) % 26);
    return text;
}

// Lines of a day, `days` before today; blocks where the batch is large enough.
void append_day(OpenedStore& store, const std::string& client, const std::string& log, std::int64_t days,
                std::size_t lines, std::size_t line_bytes = 100) {
    const auto batch = store->begin_lines();
    for (std::size_t i = 0; i < lines; ++i) {
        const std::string text = noise(i + static_cast<std::uint64_t>(days) * 1000, line_bytes);
        must(batch->append({client, log, kToday - days * kDayMs + static_cast<std::int64_t>(i), text, {}}));
    }
    must(batch->commit());
}

std::vector<std::string> rows_of(OpenedStore& store) {
    return must(store->rows(kTimeFamily, "", "", 1000));
}

std::string text(const RetentionReport& report) {
    std::string out;
    for (const auto& row : report.rows) out += (out.empty() ? "" : " ") + row.key + (row.by_age ? "" : "!");
    return out;
}

std::uint64_t file_bytes(const OpenedStore& store) {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(store.data())) {
        if (entry.is_regular_file() && entry.path().extension() == ".sst") bytes += entry.file_size();
    }
    return bytes;
}

}  // namespace

TEST_CASE("retention: old days go with their counters, their blocks and entries, and nothing else does") {
    OpenedStore store(SealingOptions{.direct_bytes = 2000});
    append_day(store, "a", "/x", 40, 100);  // a block
    append_day(store, "a", "/x", 31, 3);    // entries
    append_day(store, "a", "/x", 30, 3);
    append_day(store, "b", "/y", 40, 3);
    append_day(store, "a", "/x", -3, 3);  // a clock that is ahead
    {
        const auto batch = must(store->begin_cells(kTimeFamily, true));
        must(batch->put("a:plugins:cpu:2011:3:1", "1301616000000", "1"));
        must(batch->put("alerts:2011:3:1", "1301616000000", "1"));
        must(batch->put("temperatures", "1301616000000", "1"));
        must(batch->commit());
    }
    must(store->begin_counters()->commit());
    RetentionPolicy policy;
    policy.keep_ms = 30 * kDayMs;
    policy.rules.push_back({[](const LogRow& row) { return row.client == "b"; }, 50 * kDayMs});
    policy.rules.push_back({[](const LogRow& row) { return row.kind == RowKind::alerts; }, std::nullopt});
    CHECK(must(store->counter("a:plugins:cpu:2011:3:1", "plugins")) == 1);

    const std::vector<std::string> before = rows_of(store);
    const RetentionReport would = must(store->retain(policy, true));
    CHECK(text(would) == "a:plugins:cpu:2011:3:1 a:logs:_x:2011:4:13 a:logs:_x:2011:4:22");
    CHECK(rows_of(store) == before);

    const RetentionReport report = must(store->retain(policy));
    CHECK(text(report) == text(would));
    CHECK(report.rows_by_age == 3);
    CHECK(report.rows_by_bytes == 0);
    CHECK(report.bytes > 0);
    CHECK(rows_of(store) == std::vector<std::string>{"a:logs:_x:2011:4:23", "a:logs:_x:2011:5:25",
                                                     "alerts:2011:3:1", "b:logs:_y:2011:4:13",
                                                     "temperatures"});
    CHECK(must(store->counter("a:plugins:cpu:2011:3:1", "plugins")) == 0);
    CHECK(store->stats().rows_dropped_by_age == 3);
    CHECK(store->stats().blocks == 0);
    store.check();

    // A day more, and the next goes; its name stays in the index rows.
    store.clock.advance(kDayMs);
    CHECK(must(store->retain(policy)).rows_by_age == 1);
    CHECK(must(store->retain(policy)).rows_by_age == 0);
    CHECK(must(store->get(kIndexFamily, "a:logs", "_x")).has_value());
    store.reopen();
    CHECK(rows_of(store).size() == 4);
    store.check();
}

TEST_CASE("retention: a dropped row may be written again") {
    OpenedStore store;
    append_day(store, "a", "/x", 40, 3);
    RetentionPolicy policy;
    policy.keep_ms = kDayMs;
    CHECK(must(store->retain(policy)).rows_by_age == 1);
    append_day(store, "a", "/x", 40, 2);
    CHECK(must(store->slice(kTimeFamily, "a:logs:_x:2011:4:13", {})).cells.size() == 2);
    store.check();
}

TEST_CASE("retention: of the room that is too much the oldest days go, and no more") {
    OpenedStore store(SealingOptions{.direct_bytes = 2000});
    constexpr int kDays = 10;
    for (int day = kDays; day >= 1; --day) {
        append_day(store, "a", "/blocks", day, 1000);
        // Each of these is too small to be a block.
        for (int i = 0; i < 50; ++i)
            store.append("a", "/entries", kToday - day * kDayMs + i, noise(day * 100 + i, 1000));
    }
    must(store->compact());
    const std::uint64_t full = file_bytes(store);
    RetentionPolicy policy;
    policy.max_bytes = full * 3;
    CHECK(must(store->retain(policy)).rows.empty());

    policy.max_bytes = full / 2;
    const RetentionReport would = must(store->retain(policy, true));
    const RetentionReport report = must(store->retain(policy));
    CHECK(text(would) == text(report));
    CHECK(report.over_bytes == 0);
    CHECK(report.store_bytes <= policy.max_bytes);
    CHECK(report.rows_by_age == 0);
    // Half of it went, in order, and not much more.
    INFO(text(report));
    CHECK(report.rows_by_bytes >= 9);
    CHECK(report.rows_by_bytes <= 13);
    CHECK(report.rows.front().key == "a:logs:_blocks:2011:5:12");
    CHECK(std::is_sorted(report.rows.begin(), report.rows.end(), [](const auto& a, const auto& b) {
        return parse_day_row(a.key)->day < parse_day_row(b.key)->day;
    }));
    // The room came back by itself, and what was dropped is not counted again.
    CHECK(file_bytes(store) < full * 6 / 10);
    CHECK(must(store->retain(policy)).rows.empty());
    store.check();
    store.reopen();
    CHECK(must(store->retain(policy)).rows.empty());
}

TEST_CASE("retention: files that hold what was removed drop nothing for room") {
    OpenedStore store;
    for (int i = 0; i < 300; ++i) store.append("a", "/x", kToday - 2 * kDayMs + i, noise(i, 1000));
    for (int i = 0; i < 300; ++i) store.append("a", "/y", kToday - kDayMs + i, noise(1000 + i, 1000));
    must(store->compact());
    RetentionPolicy policy;
    policy.max_bytes = file_bytes(store) * 3 / 4;
    must(store->remove_row(kTimeFamily, "a:logs:_y:2011:5:21"));
    CHECK(must(store->retain(policy)).rows.empty());
    CHECK(rows_of(store).size() == 1);
}

TEST_CASE("retention: today and what is kept for ever stays, however much it is; the rest is told") {
    OpenedStore store(SealingOptions{.direct_bytes = 2000});
    append_day(store, "a", "/x", 0, 1000);
    append_day(store, "keep", "/x", 9, 1000);
    append_day(store, "a", "/x", 1, 1000);
    RetentionPolicy policy;
    policy.max_bytes = 1000;
    policy.rules.push_back({[](const LogRow& row) { return row.client == "keep"; }, std::nullopt});
    const RetentionReport report = must(store->retain(policy));
    CHECK(text(report) == "a:logs:_x:2011:5:21!");
    CHECK(report.over_bytes > 50'000);
    CHECK(report.store_bytes == report.over_bytes + 1000);
}

TEST_CASE("retention: names of which nothing is left are forgotten if that is asked for") {
    OpenedStore store;
    append_day(store, "gone", "/var/log/x", 40, 1);
    append_day(store, "here", "/var/log/x", 40, 1);
    append_day(store, "here", "/var/log/y", 1, 1);
    store.put(std::string(kIndexFamily), "gone:plugins", "cpu", "1");
    store.put(std::string(kIndexFamily), "client-tags", "gone", "tag");
    RetentionPolicy policy;
    policy.keep_ms = 30 * kDayMs;
    policy.forget_names = true;
    SECTION("but not those that were seen lately") {
        CHECK(must(store->retain(policy)).names == 0);
        CHECK(store.cells(std::string(kIndexFamily), "clients") == "gone=1308700800000 here=1308700800000");
    }
    SECTION("and only those") {
        store.clock.advance(2 * kDayMs);
        CHECK(must(store->retain(policy)).names == 3);
        CHECK(store.cells(std::string(kIndexFamily), "clients") == "here=1308700800000");
        CHECK(store.cells(std::string(kIndexFamily), "gone:logs").empty());
        CHECK(store.cells(std::string(kIndexFamily), "here:logs") == "_var_log_y=1308700800000");
        CHECK(store.cells(std::string(kIndexFamily), "gone:plugins") == "cpu=1");
        CHECK(store.cells(std::string(kIndexFamily), "client-tags") == "gone=tag");
    }
    store.check();
}

TEST_CASE("retention: stops when told, and goes on the next time") {
    OpenedStore store;
    for (int i = 0; i < 200; ++i) append_day(store, "c" + std::to_string(i), "/x", 40, 1);
    RetentionPolicy policy;
    policy.keep_ms = 30 * kDayMs;
    int reports = 0;
    const auto stopped = store->retain(policy, false, [&](const ProgressReport&) { return ++reports < 3; });
    CHECK(code_of(stopped) == Code::cancelled);
    CHECK(rows_of(store).size() < 200);
    CHECK(rows_of(store).size() > 0);
    CHECK(must(store->retain(policy)).rows_by_age > 0);
    CHECK(rows_of(store).empty());
    CHECK(store->stats().rows == 0 + must(store->rows(kIndexFamily, "", "", 10000)).size());
    store.check();
}

TEST_CASE("retention: one at a time, and none in a store that is only read") {
    OpenedStore store;
    append_day(store, "a", "/x", 40, 1);
    RetentionPolicy policy;
    policy.keep_ms = kDayMs;
    Code second = Code::io;
    must(store->retain(policy, true, [&](const ProgressReport&) {
        second = code_of(store->retain(policy, true));
        return true;
    }));
    CHECK(second == Code::busy);
    const std::string data = store.data();
    store.close();
    StoreOptions options;
    options.directory = data;
    options.read_only = true;
    options.clock = &store.clock;
    const auto reader = must(Store::open(options));
    CHECK(must(reader->retain(policy, true)).rows_by_age == 1);
    CHECK(code_of(reader->retain(policy)) == Code::unavailable);
}

TEST_CASE("retention: writers go on meanwhile, and a row written at the same time is whole or gone") {
    OpenedStore store(SealingOptions{.direct_bytes = 2000});
    RetentionPolicy policy;
    policy.keep_ms = kDayMs;
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        for (std::uint64_t i = 0; !stop; ++i) append_day(store, "w", "/x", 40, i % 2 == 0 ? 40 : 2);
    });
    std::uint64_t dropped = 0;
    for (int i = 0; i < 10'000'000 && dropped < 20; ++i) dropped += must(store->retain(policy)).rows_by_age;
    stop = true;
    writer.join();
    CHECK(dropped >= 20);
    store.check();
    must(store->retain(policy));
    CHECK(rows_of(store).empty());
    CHECK(store->stats().blocks == 0);
    CHECK(store->stats().block_stored_bytes == 0);
    store.check();
}

TEST_CASE("retention: what a crash leaves behind is whole") {
    OpenedStore store(SealingOptions{.direct_bytes = 2000});
    for (int i = 0; i < 100; ++i) append_day(store, "c" + std::to_string(i), "/x", 40, 30);
    RetentionPolicy policy;
    policy.keep_ms = kDayMs;
    int reports = 0;
    (void)store->retain(policy, false, [&](const ProgressReport&) { return ++reports < 2; });
    store.reopen_after_crash();
    store.check();
    must(store->retain(policy));
    store.reopen_after_crash();
    CHECK(rows_of(store).empty());
    store.check();
}
