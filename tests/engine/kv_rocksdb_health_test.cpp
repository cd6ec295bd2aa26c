// Writing from many threads, and writing when the disk is full.
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "engine/kv.h"
#include "tests/catch.h"
#include "tests/engine/kv_database.h"
#include "tests/engine/small_disk.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;
using kv::Space;

namespace {

bool wait_until_writable(const kv::Database& database) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!database.stats().writable) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

}  // namespace

TEST_CASE("kv: many threads write and wait, and syncs are shared") {
    constexpr int kThreads = 8;
    constexpr int kWrites = 200;
    TempDirectory directory;
    auto database = open_database(directory / "db");
    std::atomic<int> failures{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kWrites; ++i) {
                const auto batch = database->new_batch();
                batch->put(Space::entries, std::to_string(t), std::to_string(i), "v");
                batch->add("row", "c", 1);
                const auto ticket = database->apply(*batch);
                if (!ticket.ok() || !database->wait_durable(*ticket).ok()) failures.fetch_add(1);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(failures == 0);
    CHECK(database->stats().commits == kThreads * kWrites);
    CHECK(database->stats().syncs <= kThreads * kWrites);
    for (int round = 0; round < 2; ++round) {
        for (int t = 0; t < kThreads; ++t) {
            CHECK(keys(*database, Space::entries, std::to_string(t)).size() == std::size_t{kWrites});
        }
        CHECK(counter(*database, "row", "c") == kThreads * kWrites);
        database.reset();
        database = open_database(directory / "db");
    }
}

TEST_CASE("kv: a full disk makes the store read-only, and room makes it writable again") {
    TempDirectory directory;
    SmallDisk disk(directory / "disk");
    if (!disk.mounted()) {
        WARN("skipped: this process may not mount a small file system");
        return;
    }
    kv::Options options;
    options.memory_bytes = std::size_t{8} << 20;
    auto database = open_database(directory / "disk/db", options);
    write(*database, [](kv::Batch& batch) { batch.put(Space::cells, "p", "before", "v"); });
    fill_up(directory / "disk/filler");

    // What the log's file has room for already still goes through.
    int written = 0;
    Error error;
    for (; written < 100'000; ++written) {
        const auto batch = database->new_batch();
        batch->put(Space::cells, "p", std::to_string(written),
                   noise(1000, static_cast<std::uint64_t>(written)));
        const auto ticket = database->apply(*batch);
        const Result<void> durable =
            ticket.ok() ? database->wait_durable(*ticket) : Result<void>(ticket.error());
        if (durable.ok()) continue;
        error = durable.error();
        break;
    }
    INFO(error.message);
    REQUIRE(written < 100'000);
    CHECK(error.code == Code::unavailable);
    const auto stats = database->stats();
    CHECK_FALSE(stats.writable);
    CHECK_FALSE(stats.why_not_writable.empty());

    {
        const auto batch = database->new_batch();
        batch->put(Space::cells, "p", "while full", "v");
        const auto refused = database->apply(*batch);
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().code == Code::unavailable);
        CHECK(refused.error().message.starts_with("the store is read-only"));
    }
    CHECK(get(*database, Space::cells, "p", "before") == "v");
    for (int i = 0; i < written; ++i) REQUIRE(get(*database, Space::cells, "p", std::to_string(i)));

    std::filesystem::remove(directory / "disk/filler");
    REQUIRE(wait_until_writable(*database));
    CHECK(database->stats().why_not_writable.empty());
    write(*database, [](kv::Batch& after) { after.put(Space::cells, "p", "after", "v"); });
    database.reset();
    database = open_database(directory / "disk/db", options);
    for (int i = 0; i < written; ++i) REQUIRE(get(*database, Space::cells, "p", std::to_string(i)));
    CHECK(get(*database, Space::cells, "p", "before") == "v");
    CHECK(get(*database, Space::cells, "p", "after") == "v");
    CHECK_FALSE(get(*database, Space::cells, "p", "while full"));
    database.reset();
}

TEST_CASE("kv: many threads write while the disk fills up and has room again, time after time") {
    TempDirectory directory;
    SmallDisk disk(directory / "disk");
    if (!disk.mounted()) {
        WARN("skipped: this process may not mount a small file system");
        return;
    }
    constexpr int kThreads = 4;
    kv::Options options;
    options.memory_bytes = std::size_t{8} << 20;
    auto database = open_database(directory / "disk/db", options);
    std::array<std::vector<int>, kThreads> durable;
    for (int round = 0; round < 4; ++round) {
        fill_up(directory / "disk/filler");
        std::vector<std::thread> threads;
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&, t] {
                const std::string partition = std::to_string(t);
                for (int i = round * 100'000; i < (round + 1) * 100'000; ++i) {
                    const auto batch = database->new_batch();
                    batch->put(Space::entries, partition, std::to_string(i),
                               noise(1000, static_cast<std::uint64_t>(i)));
                    const auto ticket = database->apply(*batch);
                    if (!ticket.ok() || !database->wait_durable(*ticket).ok()) return;
                    durable[static_cast<std::size_t>(t)].push_back(i);
                }
            });
        }
        for (auto& thread : threads) thread.join();
        CHECK_FALSE(database->stats().writable);
        if (round % 2 == 1) {  // also when it is closed while the disk is full
            (void)database->close();
            std::filesystem::remove(directory / "disk/filler");
            database = open_database(directory / "disk/db", options);
        }
        std::filesystem::remove(directory / "disk/filler");
        REQUIRE(wait_until_writable(*database));
        for (int t = 0; t < kThreads; ++t) {
            const auto partition = std::to_string(t);
            for (const int i : durable[static_cast<std::size_t>(t)]) {
                REQUIRE(get(*database, Space::entries, partition, std::to_string(i)));
            }
            // Room for the next round.
            write(*database, [&](kv::Batch& batch) { batch.remove_partition(Space::entries, partition); });
            durable[static_cast<std::size_t>(t)].clear();
        }
        REQUIRE(database->compact({}).ok());
    }
    database.reset();
}
