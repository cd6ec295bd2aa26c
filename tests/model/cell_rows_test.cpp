// Posted cells of agents of every kind, written, overwritten, removed and expiring in any order, while they
// go into blocks, out of them, and from blocks into others.
#include <barrier>
#include <thread>

#include "tests/model/cell_run.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

SealingOptions tiny(std::size_t block_bytes) {
    SealingOptions sealing;
    sealing.background = false;
    sealing.block_bytes = block_bytes;
    sealing.direct_bytes = block_bytes;
    return sealing;
}

void try_agent(AgentKind agent, bool expiring, std::uint64_t seed, std::size_t block_bytes,
               std::size_t steps_of_run) {
    const std::vector<CellStep> steps = CellSteps(seed, agent, expiring).make(steps_of_run);
    INFO("seed " << seed);
    const std::string wrong = CellRun(tiny(block_bytes)).run(steps);
    if (!wrong.empty()) FAIL_CHECK(wrong << "\nshortened:\n" << shortened(steps, tiny(block_bytes)));
}

}  // namespace

TEST_CASE("cells are what was posted, sealed or not") {
    const auto agent = GENERATE(AgentKind::lines, AgentKind::tails, AgentKind::endless, AgentKind::numbers,
                                AgentKind::hostile);
    const auto expiring = GENERATE(false, true);
    const auto block_bytes = GENERATE(std::size_t{60}, std::size_t{1500});
    try_agent(agent, expiring, 1000 + block_bytes, block_bytes, 120);
}

// For hours of leisure.
TEST_CASE("cells are what was posted, however often it is tried", "[.]") {
    std::mt19937_64 random(std::random_device{}());
    for (int i = 0; i < 400; ++i) {
        const auto agent = static_cast<AgentKind>(random() % 5);
        const bool expiring = random() % 3 == 0;
        const std::size_t block_bytes = random() % 3 == 0 ? 60 : 200 + random() % 4000;
        CAPTURE(static_cast<int>(agent), expiring, block_bytes);
        try_agent(agent, expiring, random(), block_bytes, 300);
    }
}

TEST_CASE("so they are to their writers and readers while the background seals and merges") {
    SealingOptions sealing = tiny(400);
    sealing.background = true;
    sealing.idle_bytes = 1;
    sealing.idle_ms = 0;
    sealing.settle_ms = 0;
    OpenedStore store(sealing);
    constexpr std::size_t kWriters = 4;
    constexpr int kRounds = 20;
    std::vector<std::string> wrong(kWriters);
    std::barrier together(kWriters, [&]() noexcept { store.clock.advance(700); });
    const auto write = [&](std::size_t writer) {
        CellRowModel row({"CFLongType", "c" + std::to_string(writer) + ":logs:l:2011:5:22"});
        const auto agent = writer % 2 == 0 ? AgentKind::tails : AgentKind::endless;
        CellSteps values(writer + 1, agent, true);
        std::mt19937_64 random(writer);
        for (int round = 0; round < kRounds; ++round) {
            const std::int64_t now_ms = store.clock.now_ms();
            for (int i = 0; i < 12 && wrong[writer].empty(); ++i) {
                const bool late = random() % 10 == 0;
                const std::int64_t time_ms =
                    kCellsDayMs +
                    static_cast<std::int64_t>(late ? random() % 2400
                                                   : static_cast<std::uint64_t>(round * 12 + i) * 10);
                if (random() % 15 == 0) {
                    if (!store->remove_cell(row.name().family, row.name().key, std::to_string(time_ms)).ok())
                        wrong[writer] = "remove failed";
                    row.content.posted.erase(time_ms);
                } else {
                    const std::int64_t ttl =
                        random() % 8 == 0 ? static_cast<std::int64_t>(1 + random() % 9) : 0;
                    const std::string value = values.value(time_ms, false);
                    auto batch = store->begin_cells(row.name().family, true);
                    if (!batch.ok() ||
                        !batch.value()->put(row.name().key, std::to_string(time_ms), value, ttl).ok() ||
                        !batch.value()->commit().ok())
                        wrong[writer] = "put failed";
                    const auto there = row.content.posted.find(time_ms);
                    if (there == row.content.posted.end() || !there->second.live(now_ms)) ++row.counted;
                    row.content.posted[time_ms] = {value, ttl == 0 ? 0 : now_ms + ttl * 1000};
                }
                try {
                    if (wrong[writer].empty() && i % 4 == 0)
                        wrong[writer] = row.ask(*store, now_ms, random());
                } catch (const std::runtime_error& error) {
                    wrong[writer] = error.what();
                }
            }
            together.arrive_and_wait();
        }
    };
    std::vector<std::thread> writers;
    for (std::size_t i = 0; i < kWriters; ++i) writers.emplace_back(write, i);
    for (std::thread& writer : writers) writer.join();
    for (const std::string& each : wrong) CHECK(each.empty());
    for (const std::string& each : wrong) CHECK(each == "");
    CHECK(store->stats().sealing_failures == 0);
    CHECK(store->stats().last_sealing_error.empty());
    store.check();
}
