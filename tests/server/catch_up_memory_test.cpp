// Readers that catch up take turns for the memory that is there for all of them.
#include "server/catch_up_memory.h"

#include <vector>

#include "tests/catch.h"

using namespace nmstore::server;

namespace {

constexpr std::chrono::hours kForEver{1};

struct Caller : CatchUpReader {
    void more() override { ++calls; }
    void let_go() override {
        ++asked;
        if (memory != nullptr) memory->change(this, held, 0);
    }
    int calls = 0, asked = 0;
    CatchUpMemory* memory = nullptr;  // where it gives back what it held
    std::size_t held = 0;
};

}  // namespace

TEST_CASE("turns come in the order in which they were asked for") {
    CatchUpMemory memory(100, kForEver);
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
    memory.change(first.get(), 60, 10);
    // Room is for those who wait, not for whoever asks first.
    CHECK_FALSE(memory.take(first, 60));
    memory.call_next(60);
    CHECK(third->calls == 1);
    CHECK(fourth->calls == 0);
    CHECK(memory.take(third, 60));
    CHECK_FALSE(memory.take(fourth, 60));
    memory.change(third.get(), 60, 0);
    memory.change(second.get(), 60, 0);
    memory.change(first.get(), 10, 0);
    memory.call_next(60);
    CHECK(memory.take(fourth, 60));
    CHECK(memory.take(first, 60));
    CHECK(memory.bytes() == 120);
}

TEST_CASE("who is called and does not come, or is gone, keeps nobody waiting") {
    CatchUpMemory memory(100, kForEver);
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
    memory.change(holder.get(), 100, 0);
    memory.call_next(50);  // there is room for two
    CHECK(stuck->calls == 1);
    CHECK(leaves->calls == 0);
    CHECK(last->calls == 1);
    CHECK(memory.take(last, 50));
    CHECK(memory.take(stuck, 50));
}

TEST_CASE("who is on the way is counted, and who comes too late goes before those who wait") {
    CatchUpMemory memory(100, kForEver);
    const auto holder = std::make_shared<Caller>();
    std::vector<std::shared_ptr<Caller>> waiting;
    REQUIRE(memory.take(holder, 100));
    for (int i = 0; i < 4; ++i) {
        waiting.push_back(std::make_shared<Caller>());
        CHECK_FALSE(memory.take(waiting.back(), 50));
    }
    memory.change(holder.get(), 100, 0);
    memory.call_next(50);
    memory.call_next(50);
    CHECK(waiting[1]->calls == 1);
    CHECK(waiting[2]->calls == 0);
    CHECK(memory.take(waiting[0], 100));
    CHECK_FALSE(memory.take(waiting[1], 50));
    CHECK(memory.waits() == 4);
    memory.change(waiting[0].get(), 100, 50);
    memory.call_next(50);
    CHECK(waiting[1]->calls == 2);
    CHECK(waiting[2]->calls == 0);
    CHECK(memory.take(waiting[1], 50));
}

TEST_CASE("what nobody takes is let go where others wait, no more of it than they need") {
    CatchUpMemory memory(100, std::chrono::milliseconds(0));
    std::vector<std::shared_ptr<Caller>> stuck;
    for (int i = 0; i < 4; ++i) {
        stuck.push_back(std::make_shared<Caller>());
        stuck.back()->held = 30;
        if (i != 0) stuck.back()->memory = &memory;  // the first cannot: it is being read for
        REQUIRE(memory.take(stuck.back(), 30));
    }
    memory.call_next(30);
    for (const auto& reader : stuck) CHECK(reader->asked == 0);  // nobody waits
    const auto next = std::make_shared<Caller>();
    CHECK_FALSE(memory.take(next, 30));
    memory.change(stuck[1].get(), 30, 30);  // as if some had been taken: it is the last now
    memory.call_next(30);
    CHECK(stuck[0]->asked == 1);
    CHECK(stuck[2]->asked == 1);
    CHECK(stuck[3]->asked == 0);
    CHECK(stuck[1]->asked == 0);
    CHECK(next->calls == 1);
    CHECK(memory.take(next, 30));
    CHECK(memory.bytes() == 120);

    SECTION("not before its time") {
        CatchUpMemory patient(10, kForEver);
        CHECK(patient.take(next, 10));
        CHECK_FALSE(patient.take(stuck[0], 10));
        patient.call_next(10);
        CHECK(next->asked == 0);
    }
    SECTION("those that are gone are not asked") {
        stuck.clear();
        const auto other = std::make_shared<Caller>();
        CHECK_FALSE(memory.take(other, 30));
        memory.call_next(30);
        CHECK(next->asked == 1);
        CHECK(other->calls == 0);
    }
}
