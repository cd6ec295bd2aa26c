#include "server/body_memory.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("shares are given while there is room, first come first served", "[bodies]") {
    Metrics metrics;
    BodyMemory memory(100, metrics);
    int woken_b = 0;
    int woken_c = 0;
    BodyMemory::Share b(memory, [&] { ++woken_b; });
    BodyMemory::Share c(memory, [&] { ++woken_c; });
    {
        BodyMemory::Share a(memory, [] {});
        CHECK(a.grow_to(60));
        CHECK(a.grow_to(50));
        CHECK(a.bytes() == 60);
        CHECK_FALSE(b.grow_to(50));
        CHECK_FALSE(c.grow_to(10));  // would fit, but b was first
        CHECK(a.grow_to(60));
        CHECK(metrics.bodies_memory_bytes == 60);
    }
    CHECK(woken_b == 1);
    CHECK(woken_c == 0);
    CHECK_FALSE(c.grow_to(10));
    CHECK(b.grow_to(50));
    CHECK(woken_c == 1);
    CHECK(c.grow_to(50));
    CHECK(metrics.bodies_memory_bytes == 100);
}

TEST_CASE("who gives up waiting lets the next one try", "[bodies]") {
    Metrics metrics;
    BodyMemory memory(100, metrics);
    int woken = 0;
    BodyMemory::Share a(memory, [] {});
    BodyMemory::Share c(memory, [&] { ++woken; });
    CHECK(a.grow_to(60));
    {
        BodyMemory::Share b(memory, [] {});
        CHECK_FALSE(b.grow_to(50));
        CHECK_FALSE(c.grow_to(10));
    }
    CHECK(woken == 1);
    CHECK(c.grow_to(10));
    CHECK_FALSE(c.grow_to(1000));
    c.stop_waiting();
    CHECK(metrics.bodies_memory_bytes == 70);
}
