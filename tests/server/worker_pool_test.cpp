#include "server/worker_pool.h"

#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

TEST_CASE("jobs run, as many at a time as there are threads", "[pool]") {
    Metrics metrics;
    Gate gate;
    std::atomic<int> done{0};
    WorkerPool pool(2, 1, metrics);
    const auto job = [&] {
        gate.pass();
        ++done;
    };
    CHECK(pool.try_run(job));
    CHECK(pool.try_run(job));
    REQUIRE(eventually([&] { return gate.arrived() == 2; }));
    CHECK(pool.try_run(job));  // waits
    CHECK(metrics.queue_length == 1);
    CHECK_FALSE(pool.try_run(job));
    gate.open();
    CHECK(pool.close(kPatience));
    CHECK(done == 3);
    CHECK(metrics.queue_length == 0);
    CHECK_FALSE(pool.try_run(job));
}

TEST_CASE("a pool without a queue still gives work to free threads", "[pool]") {
    Metrics metrics;
    Gate gate;
    WorkerPool pool(1, 0, metrics);
    CHECK(pool.try_run([&] { gate.pass(); }));
    CHECK_FALSE(pool.try_run([] {}));
    gate.open();
    CHECK(pool.close(kPatience));
}

TEST_CASE("closing gives up on a job that does not end, and the destructor waits for it", "[pool]") {
    Metrics metrics;
    Gate gate;
    std::atomic<bool> done{false};
    {
        WorkerPool pool(1, 1, metrics);
        CHECK(pool.try_run([&] {
            gate.pass();
            done = true;
        }));
        CHECK_FALSE(pool.close(1ms));
        gate.open();
    }
    CHECK(done);
}
