// Readers that catch up take turns for the memory that is there for all of them.
#include "server/catch_up_memory.h"

#include "tests/catch.h"

using namespace nmstore::server;

namespace {

struct Caller : TopicReader {
    void more() override { ++calls; }
    int calls = 0;
};

}  // namespace

TEST_CASE("turns come in the order in which they were asked for") {
    CatchUpMemory memory(100);
    const auto first = std::make_shared<Caller>(), second = std::make_shared<Caller>(),
               third = std::make_shared<Caller>(), fourth = std::make_shared<Caller>();
    CHECK(memory.take(first, 60));
    CHECK(memory.take(second, 60));  // over it by no more than one takes
    CHECK_FALSE(memory.take(third, 60));
    CHECK_FALSE(memory.take(fourth, 60));
    CHECK_FALSE(memory.take(third, 60));
    CHECK(memory.waits() == 2);
    memory.call_next(60);
    CHECK(third->calls == 0);
    memory.change(60, 10);
    // Room is for those who wait, not for whoever asks first.
    CHECK_FALSE(memory.take(first, 60));
    memory.call_next(60);
    CHECK(third->calls == 1);
    CHECK(fourth->calls == 0);
    CHECK(memory.take(third, 60));
    CHECK_FALSE(memory.take(fourth, 60));
    memory.change(70, 0);
    memory.change(60, 0);
    memory.call_next(60);
    CHECK(memory.take(fourth, 60));
    CHECK(memory.take(first, 60));
    CHECK(memory.bytes() == 120);
}

TEST_CASE("who is called and does not come, or is gone, keeps nobody waiting") {
    CatchUpMemory memory(100);
    const auto holder = std::make_shared<Caller>(), stuck = std::make_shared<Caller>(),
               leaves = std::make_shared<Caller>(), last = std::make_shared<Caller>();
    auto gone = std::make_shared<Caller>();
    REQUIRE(memory.take(holder, 100));
    CHECK_FALSE(memory.take(stuck, 50));
    CHECK_FALSE(memory.take(gone, 50));
    CHECK_FALSE(memory.take(leaves, 50));
    CHECK_FALSE(memory.take(last, 50));
    gone.reset();
    memory.leave(leaves.get());
    memory.change(100, 0);
    memory.call_next(50);  // there is room for two
    CHECK(stuck->calls == 1);
    CHECK(leaves->calls == 0);
    CHECK(last->calls == 1);
    CHECK(memory.take(last, 50));
    CHECK(memory.take(stuck, 50));
}
