// What goes on while the disk is full: reading, and whatever makes room.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/engine/kv_database.h"
#include "tests/engine/open_store.h"
#include "tests/engine/small_disk.h"
#include "tests/eventually.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr std::int64_t kDayMs = std::int64_t{24} * 3600 * 1000;
constexpr std::int64_t kToday = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

std::uint64_t bytes_in(const std::string& directory) {
    std::uint64_t bytes = 0;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code gone;
        const std::uint64_t size = entry->file_size(gone);
        if (!gone) bytes += size;
    }
    return bytes;
}

// A disk that is as large as it says, and holds the store and what others have put there.
struct PretendedDisk {
    static constexpr std::uint64_t kSize = 100 * kMiB;  // a reserve of 2 MiB, a ballast of 5

    void of(OpenedStore& store) {
        directory = store.data();
        store.options.ballast_bytes = 64 * kMiB;
        store.options.disk_room = [this] {
            const std::uint64_t used = bytes_in(directory) + others;
            return DiskRoom{used < kSize ? kSize - used : 0, kSize};
        };
        store.reopen();
    }
    void fill() { others = kSize - bytes_in(directory); }

    std::string directory;
    std::atomic<std::uint64_t> others{0};
};

// One long word; about half of it is left when it is compressed.
std::string line_text(std::int64_t day, std::uint64_t number) {
    const std::string bytes = noise(1000, static_cast<std::uint64_t>(day + 100) * 100'000 + number);
    std::string text;
    for (const char byte : bytes) {
        for (const int shift : {0, 4})
            text += "0123456789abcdef"[(static_cast<unsigned char>(byte) >> shift) & 15];
    }
    return text;
}

// In blocks.
void append_day(OpenedStore& store, std::int64_t days_ago, std::uint64_t lines) {
    const auto batch = store->begin_lines();
    for (std::uint64_t i = 0; i < lines; ++i) {
        must(batch->append({"c",
                            "l",
                            kToday - days_ago * kDayMs + static_cast<std::int64_t>(i),
                            line_text(days_ago, i),
                            {}}));
    }
    must(batch->commit());
}

void check_day(OpenedStore& store, std::int64_t days_ago, std::uint64_t lines) {
    RowSelection selection;
    selection.from_ms = kToday - days_ago * kDayMs;
    selection.to_ms = selection.from_ms + kDayMs;
    LineRange range;
    range.order = Order::ascending;
    const std::vector<LogRow> rows = must(store->log_rows(selection));
    REQUIRE(rows.size() == 1);
    const std::vector<std::string> texts = store.lines(rows[0], range);
    REQUIRE(texts.size() == lines);
    for (std::uint64_t i = 0; i < lines; ++i) REQUIRE(texts[i] == line_text(days_ago, i));
}

// Writes until it is told that the disk is full. The number of lines that were taken.
std::uint64_t write_until_full(OpenedStore& store, std::int64_t days_ago) {
    std::uint64_t written = 0;
    REQUIRE(eventually([&] {
        const auto batch = store->begin_lines();
        const std::string text = line_text(days_ago, written);
        const auto appended = batch->append(
            {"c", "l", kToday - days_ago * kDayMs + static_cast<std::int64_t>(written), text, {}});
        if (!appended.ok()) return appended.error().code == Code::unavailable;
        const auto committed = batch->commit();
        if (!committed.ok()) return committed.error().code == Code::unavailable;
        ++written;
        return false;
    }));
    return written;
}

RetentionPolicy keep_days(std::int64_t days) {
    RetentionPolicy policy;
    policy.keep_ms = days * kDayMs;
    return policy;
}

}  // namespace

TEST_CASE("full disk: retention gives room, and the store can be written to again by itself") {
    OpenedStore store;
    PretendedDisk disk;
    disk.of(store);
    CHECK(store->stats().ballast_bytes == PretendedDisk::kSize / 20);
    for (int day = 9; day >= 1; --day) append_day(store, day, 3000);
    must(store->compact());
    disk.fill();
    const std::uint64_t today = write_until_full(store, 0);
    CHECK_FALSE(store->stats().writable);
    CHECK(store->stats().disk_free_bytes == 0);
    CHECK(store->stats().why_not_writable.find("the disk is full") != std::string::npos);
    check_day(store, 1, 3000);

    CHECK(must(store->retain(keep_days(5), true)).rows_by_age == 4);
    CHECK_FALSE(store->stats().writable);
    CHECK(must(store->retain(keep_days(5))).rows_by_age == 4);
    CHECK(store->stats().ballast_given_up >= 1);
    REQUIRE(eventually([&] { return store->stats().writable; }));
    CHECK(store->stats().ballast_bytes == PretendedDisk::kSize / 20);
    append_day(store, -1, 10);
    for (int day = 5; day >= 1; --day) check_day(store, day, 3000);
    if (today > 0) check_day(store, 0, today);
    check_day(store, -1, 10);
    store.check();
    store.reopen();
    check_day(store, 1, 3000);
    CHECK(must(store->log_rows({})).size() == (today > 0 ? 7u : 6u));
    store.check();
}

TEST_CASE("full disk: rows, families, cells and counters can be removed, and their room comes back") {
    OpenedStore store;
    PretendedDisk disk;
    disk.of(store);
    must(store->create_family("big", ValueType::utf8));
    for (int i = 0; i < 10; ++i)
        store.put("big", "row", "c" + std::to_string(i),
                  noise(1 * kMiB, 1000 + static_cast<std::uint64_t>(i)));
    append_day(store, 1, 10'000);
    append_day(store, 2, 100);
    store.put("CFUTF8Type", "r", "a", "1");
    store.put("CFUTF8Type", "r", "b", "2");
    {
        const auto steps = store->begin_counters();
        must(steps->add("r", "c", 1));
        must(steps->commit());
    }
    must(store->compact());
    disk.fill();
    write_until_full(store, 0);
    must(store->remove_cell("CFUTF8Type", "r", "a"));
    must(store->remove_counters("r", std::nullopt));
    CHECK(store.cells("CFUTF8Type", "r") == "b=2");
    CHECK(must(store->counter("r", "c")) == 0);
    CHECK(code_of(store->create_family("another", ValueType::utf8)) == Code::unavailable);
    const std::uint64_t before = bytes_in(store.data());
    SECTION("a family") {
        must(store->drop_family("big"));
        CHECK(code_of(store->family("big")) == Code::not_found);
    }
    SECTION("a row") {
        must(store->remove_row(kTimeFamily, "c:logs:l:2011:5:21"));
    }
    REQUIRE(eventually([&] { return store->stats().writable; }));
    CHECK(bytes_in(store.data()) < before - 1 * kMiB);
    check_day(store, 2, 100);
    store.check();
    store.reopen();
    CHECK(store.cells("CFUTF8Type", "r") == "b=2");
    check_day(store, 2, 100);
    store.check();
}

TEST_CASE("full disk: what a reader holds of a removed row gives its room back when the reader has gone") {
    OpenedStore store;
    PretendedDisk disk;
    disk.of(store);
    append_day(store, 1, 20'000);
    append_day(store, 2, 100);
    must(store->compact());
    disk.fill();
    write_until_full(store, 0);
    SnapshotPtr reader = store->snapshot();
    const std::vector<LogRow> rows = must(store->log_rows({}, reader));
    const auto removed = std::find_if(rows.begin(), rows.end(),
                                      [](const LogRow& row) { return row.key == "c:logs:l:2011:5:21"; });
    REQUIRE(removed != rows.end());
    const std::uint64_t before = bytes_in(store.data());
    must(store->remove_row(kTimeFamily, removed->key));
    {
        const auto cursor = must(store->lines(*removed, {}, reader));
        std::uint64_t lines = 0;
        while (must(cursor->next())) ++lines;
        CHECK(lines == 20'000);
    }
    CHECK_FALSE(store->stats().writable);
    reader.reset();
    REQUIRE(eventually([&] { return store->stats().writable; }));
    CHECK(bytes_in(store.data()) < before - 5 * kMiB);
    check_day(store, 2, 100);
    append_day(store, -1, 10);
    store.check();
}

TEST_CASE("full disk: what is not enough leaves the store as it is") {
    OpenedStore store;
    PretendedDisk disk;
    disk.of(store);
    for (int day = 3; day >= 1; --day) append_day(store, day, 100);
    must(store->compact());
    disk.fill();
    disk.others += 10 * kMiB;
    write_until_full(store, 0);
    CHECK(must(store->retain(keep_days(2))).rows_by_age == 1);
    CHECK_FALSE(store->stats().writable);
    for (int day = 2; day >= 1; --day) check_day(store, day, 100);
    // Opened again it is no different; and nothing is lost when there is room.
    store.reopen();
    write_until_full(store, 0);
    CHECK(must(store->retain(keep_days(1))).rows_by_age == 1);
    CHECK_FALSE(store->stats().writable);
    check_day(store, 1, 100);
    disk.others = 0;
    REQUIRE(eventually([&] { return store->stats().writable; }));
    append_day(store, -1, 10);
    check_day(store, 1, 100);
    store.check();
}

TEST_CASE("full disk: on a real one the log's failed write, retention by the ballast, and the way back") {
    TempDirectory directory;
    SmallDisk disk(directory / "disk", "100m");
    if (!disk.mounted()) {
        WARN("skipped: this process may not mount a small file system");
        return;
    }
    FakeClock clock;
    StoreOptions options;
    options.directory = directory / "disk/data";
    options.clock = &clock;
    options.memory_bytes = 8 * kMiB;
    options.ballast_bytes = 64 * kMiB;
    auto store = must(Store::open(options));
    CHECK(store->stats().ballast_bytes == 100 * kMiB / 20);
    const auto append = [&](std::int64_t days_ago, std::uint64_t first, std::uint64_t lines) {
        const auto batch = store->begin_lines();
        for (std::uint64_t i = first; i < first + lines; ++i) {
            must(batch->append({"c",
                                "l",
                                kToday - days_ago * kDayMs + static_cast<std::int64_t>(i),
                                line_text(days_ago, i),
                                {}}));
        }
        return batch->commit();
    };
    const auto lines_of = [&](std::int64_t days_ago) {
        RowSelection selection;
        selection.from_ms = kToday - days_ago * kDayMs;
        selection.to_ms = selection.from_ms + kDayMs;
        const std::vector<LogRow> rows = must(store->log_rows(selection));
        std::vector<std::string> texts;
        if (rows.empty()) return texts;
        LineRange range;
        range.order = Order::ascending;
        const auto cursor = must(store->lines(rows[0], range));
        while (must(cursor->next())) texts.emplace_back(cursor->line().text);
        return texts;
    };
    for (int day = 8; day >= 1; --day) must(append(day, 0, 3000));
    must(store->compact());
    fill_up(directory / "disk/filler");
    std::uint64_t today = 0;
    REQUIRE(eventually([&] {
        const auto committed = append(0, today, 1);
        today += committed.ok() ? 1 : 0;
        return !committed.ok();
    }));
    bool closed = false;
    SECTION("at once") {}
    SECTION("also if it is opened on the full disk") {
        (void)store->close();
        store = must(Store::open(options));
        closed = true;
    }
    CHECK(must(store->retain(keep_days(4))).rows_by_age == 4);
    REQUIRE(eventually([&] { return store->stats().writable; }));
    for (int day = 4; day >= 1; --day) {
        const auto texts = lines_of(day);
        REQUIRE(texts.size() == 3000);
        for (std::uint64_t i = 0; i < texts.size(); ++i) REQUIRE(texts[i] == line_text(day, i));
    }
    CHECK(lines_of(8).empty());
    const auto texts = lines_of(0);
    REQUIRE(texts.size() >= today);  // the one that was not promised may be there
    REQUIRE(texts.size() <= today + 1);
    must(append(0, 100'000, 10));
    CHECK((closed || store->stats().ballast_given_up >= 1));
    CHECK(store->stats().ballast_bytes == 100 * kMiB / 20);
    CHECK(must(store->verify()).problem_count == 0);
    must(store->close());
    store = must(Store::open(options));
    CHECK(lines_of(0).size() == texts.size() + 10);
    CHECK(must(store->verify()).problem_count == 0);
    store.reset();
}

namespace {

// A store with a journal, on a pretended disk.
struct JournalOnDisk {
    JournalOnDisk() {
        store.options.journal.on = true;
        store.options.memory_bytes = 8 * kMiB;
        disk.of(store);
    }
    // Half a MiB, of which the journal alone keeps anything once there is the next.
    bool write(std::uint64_t number) {
        const auto batch = must(store->begin_cells("CFUTF8Type"));
        must(batch->put("r", "c", noise(512 << 10, number)));
        const auto committed = batch->commit();
        CHECK((committed.ok() || committed.error().code == Code::unavailable));
        return committed.ok();
    }

    OpenedStore store;
    PretendedDisk disk;
};

}  // namespace

TEST_CASE_METHOD(JournalOnDisk, "the journal is let go before the disk is full of it, and writes go on") {
    // Twice the disk.
    for (std::uint64_t i = 0; i < 400; ++i) REQUIRE(eventually([&] { return write(i); }));
    const JournalRange range = store->journal();
    CHECK(range.let_go_bytes > 50 * kMiB);
    CHECK(range.bytes < PretendedDisk::kSize);
    const auto last = must(store->read_journal(range.end - 1, 1));
    REQUIRE(last.size() == 1);
    CHECK(last.front().bytes.find(noise(512 << 10, 399)) != std::string::npos);
}

TEST_CASE_METHOD(JournalOnDisk, "full disk: what was refused does not count as kept in the journal") {
    for (std::uint64_t i = 0; i < 8; ++i) REQUIRE(write(i));
    disk.others = PretendedDisk::kSize;
    REQUIRE(eventually([&] { return !write(9); }));
    const std::uint64_t taken = store->journal().bytes;  // before the room was looked at
    for (int i = 0; i < 20; ++i) CHECK_FALSE(write(9));
    CHECK(store->journal().bytes <= taken);
    disk.others = 0;
    REQUIRE(eventually([&] { return write(10); }));
    CHECK(store->journal().let_go_bytes == 0);  // what is left while the room is short is more than that
}

TEST_CASE_METHOD(JournalOnDisk, "full disk: the journal is let go also while nobody writes any more") {
    for (std::uint64_t i = 0; i < 80; ++i) REQUIRE(eventually([&] { return write(i); }));
    must(store->compact());
    disk.fill();
    REQUIRE(eventually([&] { return !write(80); }));
    REQUIRE(eventually([&] { return store->stats().writable; }));
    CHECK(store->journal().let_go_bytes > 0);
    CHECK(store->stats().ballast_bytes == PretendedDisk::kSize / 20);
    REQUIRE(eventually([&] { return write(81); }));
}
