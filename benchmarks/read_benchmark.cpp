// Pages of rows, single cells, counters, and all lines of a store from end to end.
#include <cstring>
#include <string>

#include "benchmarks/bench_store.h"
#include "benchmarks/raw_rocksdb.h"

namespace nmstore::benchmarks {

namespace {

constexpr std::string_view kRow = "10.0.0.1:logs:_var_log_auth.log:2026:0:5";
constexpr std::size_t kLinesAtOnce = 1000;

std::size_t cells() {
    return sized(200'000, 3'000);
}
const std::vector<KeptLine>& lines() {
    return kept_lines(sized(200'000, 2'000));
}

// One row with many cells in a time family, and the same row in a family of names; compacted, as after a
// quiet time.
Store& filled_store() {
    static const std::unique_ptr<Store> store = [] {
        auto made = new_store("read", SyncMode::off);
        for (const std::string_view family : {kTimeFamily, kIndexFamily}) {
            for (std::size_t i = 0; i < cells();) {
                const auto batch = require(made->begin_cells(family));
                for (const std::size_t end = std::min(cells(), i + kLinesAtOnce); i < end; ++i) {
                    require(batch->put(kRow, std::to_string(1'767'571'200'000 + i * 400),
                                       lines()[i % lines().size()].text));
                }
                require(batch->commit());
            }
        }
        for (std::size_t i = 0; i < cells() / 100; ++i) {
            const auto batch = made->begin_counters();
            for (int step = 0; step < 3; ++step) require(batch->add("connections", std::to_string(i), 1));
            require(batch->commit());
        }
        require(made->compact());
        return made;
    }();
    return *store;
}

RawRocksDb& filled_raw() {
    static RawRocksDb raw(new_directory("raw-read"));
    static const bool filled = [] {
        for (std::size_t i = 0; i < cells(); ++i) {
            raw.collect(std::to_string(1'767'571'200'000 + i * 400), lines()[i % lines().size()].text);
            if (i % kLinesAtOnce == 0) raw.write(false);
        }
        raw.write(false);
        return true;
    }();
    (void)filled;
    return raw;
}

std::string somewhere(Random& random) {
    return std::to_string(1'767'571'200'000 + random.below(cells()) * 400);
}

void raw_rocksdb_page(benchmark::State& state) {
    const RawRocksDb& raw = filled_raw();
    Random random(1);
    for (auto _ : state) benchmark::DoNotOptimize(raw.read(somewhere(random), kDefaultPage));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kDefaultPage));
}

void slice_page(benchmark::State& state) {
    Store& store = filled_store();
    const std::string_view family = state.range(0) != 0 ? kTimeFamily : kIndexFamily;
    Random random(1);
    std::int64_t found = 0;
    for (auto _ : state) {
        const Slice slice = require(store.slice(
            family, kRow, {.from = somewhere(random), .to = {}, .reversed = state.range(1) != 0}));
        found += static_cast<std::int64_t>(slice.cells.size());
    }
    state.SetItemsProcessed(found);
}

void get_cell(benchmark::State& state) {
    Store& store = filled_store();
    Random random(1);
    for (auto _ : state) benchmark::DoNotOptimize(require(store.get(kIndexFamily, kRow, somewhere(random))));
    state.SetItemsProcessed(state.iterations());
}

void get_counter(benchmark::State& state) {
    Store& store = filled_store();
    Random random(1);
    for (auto _ : state)
        benchmark::DoNotOptimize(
            require(store.counter("connections", std::to_string(random.below(cells() / 100)))));
    state.SetItemsProcessed(state.iterations());
}

// What no search can beat by reading: looking for the ends of lines in the same text, in memory.
void raw_memchr(benchmark::State& state) {
    std::string text;
    for (const auto& line : lines()) text += line.text + "\n";
    for (auto _ : state) {
        std::size_t count = 0;
        const char* end = text.data() + text.size();
        for (const char* at = text.data();
             (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) !=
             nullptr;
             ++at)
            ++count;
        benchmark::DoNotOptimize(count);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lines().size()));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

Store& store_of_lines() {
    static const std::unique_ptr<Store> store = [] {
        auto made = new_store("scan", SyncMode::off);
        for (std::size_t i = 0; i < lines().size();) {
            const auto batch = made->begin_lines();
            for (const std::size_t end = std::min(lines().size(), i + kLinesAtOnce); i < end; ++i) {
                const KeptLine& line = lines()[i];
                require(batch->append({line.client, line.log, line.time_ms, line.text, {}}));
            }
            require(batch->commit());
        }
        require(made->compact());
        return made;
    }();
    return *store;
}

void scan_lines(benchmark::State& state) {
    const Store& store = store_of_lines();
    std::int64_t count = 0;
    std::int64_t bytes = 0;
    for (auto _ : state) {
        for (const LogRow& row : require(store.log_rows({}))) {
            const auto cursor = require(store.lines(
                row, {.order = state.range(0) != 0 ? Order::descending : Order::ascending, .after = {}}));
            while (require(cursor->next())) {
                ++count;
                bytes += static_cast<std::int64_t>(cursor->line().text.size() + 1);
            }
        }
    }
    state.SetItemsProcessed(count);
    state.SetBytesProcessed(bytes);
    state.counters["disk_bytes_per_line"] =
        static_cast<double>(store.stats().disk_bytes - store.stats().log_bytes) /
        static_cast<double>(lines().size());
}

BENCHMARK(raw_rocksdb_page)->Unit(benchmark::kMicrosecond);
BENCHMARK(slice_page)
    ->ArgNames({"time_family", "reversed"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({0, 0})
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(get_cell);
BENCHMARK(get_counter);
BENCHMARK(raw_memchr)->Unit(benchmark::kMillisecond);
BENCHMARK(scan_lines)->ArgName("reversed")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace nmstore::benchmarks
