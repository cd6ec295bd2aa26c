// Single commits, as agents make them when something happens: one cell, one line, one counter step.
#include <atomic>
#include <string>

#include "benchmarks/bench_store.h"
#include "benchmarks/raw_rocksdb.h"
#include "nmstore/escape.h"

namespace nmstore::benchmarks {

namespace {

const std::string& agent_value() {
    static const std::string value = escape(
        R"({"date":1767571200013,"returned":"Jan  5 00:00:00 node1 sshd[17194]: Failed password for invalid user root from 152.164.227.23 port 27166 ssh2\n"})");
    return value;
}

// One store for all threads of a benchmark; made before they start and gone when they have ended.
std::unique_ptr<Store> store;
std::unique_ptr<RawRocksDb> raw;
double raw_syncs = 1;  // a second, measured right before
std::atomic<std::int64_t> next_time{1'767'571'200'000};

SyncMode mode(const benchmark::State& state) {
    return state.range(0) != 0 ? SyncMode::always : SyncMode::off;
}

void open_store(const benchmark::State& state) {
    if (state.range(0) != 0) raw_syncs = measure_raw_syncs_per_second();
    store = new_store("put", mode(state));
}
void open_raw(const benchmark::State& state) {
    if (state.range(0) != 0) raw_syncs = measure_raw_syncs_per_second();
    raw = std::make_unique<RawRocksDb>(new_directory("raw-put"));
}
void close_store(const benchmark::State& /*state*/) {
    store.reset();
}
void close_raw(const benchmark::State& /*state*/) {
    raw.reset();
}

// A single thread that waits for the disk can do as well as the disk, more threads better.
template <class Commit>
void run(benchmark::State& state, Commit commit) {
    const RatioTo ratio(raw_syncs);
    for (auto _ : state) commit();
    state.SetItemsProcessed(state.iterations());
    if (state.range(0) != 0) ratio.report(state, "of_raw_syncs", static_cast<double>(state.iterations()));
}

void raw_sync(benchmark::State& state) {
    for (auto _ : state) state.SetIterationTime(1 / measure_raw_syncs_per_second());
    state.SetItemsProcessed(state.iterations());
}

void raw_rocksdb_put(benchmark::State& state) {
    run(state, [&] {
        const std::string key =
            "10.0.0.1:logs:_var_log_auth.log:2026:0:5" + std::to_string(next_time.fetch_add(1));
        raw->put(key, agent_value(), state.range(0) != 0);
    });
}

void put_cell(benchmark::State& state) {
    run(state, [&] {
        const auto batch = require(store->begin_cells(kIndexFamily));
        require(
            batch->put("clients", "10.0.0." + std::to_string(next_time.fetch_add(1) % 250), "1767571200000"));
        require(batch->commit());
    });
}

void put_log_cell(benchmark::State& state) {
    run(state, [&] {
        const auto batch = require(store->begin_cells(kTimeFamily));
        require(batch->put("10.0.0.1:logs:_var_log_auth.log:2026:0:5", std::to_string(next_time.fetch_add(1)),
                           agent_value()));
        require(batch->commit());
    });
}

void append_line(benchmark::State& state) {
    run(state, [&] {
        const auto batch = store->begin_lines();
        require(batch->append(
            {.client = "10.0.0.1",
             .log = "/var/log/auth.log",
             .time_ms = next_time.fetch_add(1),
             .text = "node1 sshd[17194]: Failed password for invalid user root from 152.164.227.23",
             .fields = {}}));
        require(batch->commit());
    });
}

void counter_step(benchmark::State& state) {
    run(state, [&] {
        const auto batch = store->begin_counters();
        require(batch->add("connections", "connections-total", 1));
        require(batch->commit());
    });
}

void each_mode(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgName("sync")->Arg(1)->Arg(0)->Threads(1)->Threads(16)->UseRealTime();
}

BENCHMARK(raw_sync)->UseManualTime()->Iterations(1);
BENCHMARK(raw_rocksdb_put)->Apply(each_mode)->Setup(open_raw)->Teardown(close_raw);
BENCHMARK(put_cell)->Apply(each_mode)->Setup(open_store)->Teardown(close_store);
BENCHMARK(put_log_cell)->Apply(each_mode)->Setup(open_store)->Teardown(close_store);
BENCHMARK(append_line)->Apply(each_mode)->Setup(open_store)->Teardown(close_store);
BENCHMARK(counter_step)->Apply(each_mode)->Setup(open_store)->Teardown(close_store);

}  // namespace

}  // namespace nmstore::benchmarks
