#include "query/block_jobs.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

BlockInfo block_of_number(std::uint64_t number) {
    BlockInfo block;
    block.number = number;
    return block;
}

// An answer that can be told from others by its error.
Result<BlockAnswer> answer_of(std::uint64_t number) {
    return Error{Code::io, std::to_string(number)};
}

}  // namespace

TEST_CASE("Answers are taken in any order, each its own") {
    const LogRow row;
    BlockPool pool(3);
    BlockJobs jobs(pool, [](const LogRow&, const BlockInfo& block) { return answer_of(block.number); });
    std::vector<BlockJobs::Job*> added;
    for (std::uint64_t i = 0; i < 200; ++i) added.push_back(jobs.add(row, block_of_number(i)));
    CHECK(jobs.size() == 200);
    for (std::size_t i = 0; i < added.size(); ++i) {
        const std::size_t at = i * 7 % added.size();
        CHECK(jobs.take(added[at]).error().message == std::to_string(at));
    }
    CHECK(jobs.size() == 0);
}

TEST_CASE("Without threads the taker reads the blocks itself") {
    const LogRow row;
    BlockPool pool(0);
    BlockJobs jobs(pool, [](const LogRow&, const BlockInfo& block) { return answer_of(block.number); });
    BlockJobs::Job* const first = jobs.add(row, block_of_number(1));
    BlockJobs::Job* const second = jobs.add(row, block_of_number(2));
    CHECK(jobs.take(second).error().message == "2");
    CHECK(jobs.take(first).error().message == "1");
}

TEST_CASE("What waits is forgotten with its query, and what is being read is waited for") {
    const LogRow row;
    constexpr int kMany = 20'000;
    BlockPool pool(1);
    std::atomic<int> begun{0}, ended{0};
    std::atomic<bool> go_on{false};
    std::thread letter;
    {
        BlockJobs jobs(pool, [&](const LogRow&, const BlockInfo&) {
            ++begun;
            while (!go_on) std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));  // all of them would take very long
            ++ended;
            return Result<BlockAnswer>(BlockAnswer());
        });
        for (int i = 0; i < kMany; ++i) jobs.add(row, block_of_number(static_cast<std::uint64_t>(i)));
        while (begun == 0) std::this_thread::yield();
        letter = std::thread([&] { go_on = true; });
    }
    CHECK(begun == ended);
    CHECK(begun < kMany);
    letter.join();
    BlockJobs jobs(pool, [](const LogRow&, const BlockInfo&) { return answer_of(1); });
    CHECK(!jobs.take(jobs.add(row, block_of_number(1))).ok());
    CHECK(begun == ended);
}

TEST_CASE("What the pool still holds of a query that has ended holds nothing of the store") {
    const LogRow row;
    BlockPool pool(0);  // its turns are never taken
    auto snapshot = std::make_shared<const Snapshot>();
    const std::weak_ptr<const Snapshot> held = snapshot;
    {
        BlockJobs jobs(pool,
                       [snapshot](const LogRow&, const BlockInfo& block) { return answer_of(block.number); });
        jobs.add(row, block_of_number(1));
        snapshot.reset();
        CHECK_FALSE(held.expired());
    }
    CHECK(held.expired());
}
