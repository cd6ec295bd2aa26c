// Many entries in one commit: an agent's bulk post, and lines shipped in batches. Synced, as they are in
// service.
#include <string>

#include "benchmarks/bench_store.h"
#include "benchmarks/raw_rocksdb.h"
#include "nmstore/day_row.h"

namespace nmstore::benchmarks {

namespace {

constexpr std::size_t kLines = 200'000;
constexpr std::size_t kSmallLines = 2'000;

const std::vector<KeptLine>& lines() {
    return kept_lines(sized(kLines, kSmallLines));
}

// Walks over all lines, again and again, in batches.
class Walk {
  public:
    Walk() { lines(); }  // are made now, not while somebody looks at the clock
    const KeptLine& next() {
        if (position_ == lines().size()) {
            position_ = 0;
            ++round_;
        }
        return lines()[position_++];
    }
    // Later rounds write a day later each: nothing is overwritten.
    std::int64_t time_ms(const KeptLine& line) const { return line.time_ms + round_ * 86'400'000; }

  private:
    std::size_t position_ = 0;
    std::int64_t round_ = 0;
};

void raw_rocksdb_bulk(benchmark::State& state) {
    RawRocksDb raw(new_directory("raw-bulk"));
    Walk walk;
    std::int64_t bytes = 0;
    std::uint64_t number = 0;
    for (auto _ : state) {
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            const KeptLine& line = walk.next();
            raw.collect(
                line.client + line.log + std::to_string(walk.time_ms(line)) + std::to_string(++number),
                line.text);
            bytes += static_cast<std::int64_t>(line.text.size());
        }
        raw.write(true);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(bytes);
}

void bulk_lines(benchmark::State& state) {
    const auto store = new_store("bulk-lines", SyncMode::always);
    Walk walk;
    std::int64_t bytes = 0;
    for (auto _ : state) {
        const auto batch = store->begin_lines();
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            const KeptLine& line = walk.next();
            require(batch->append({line.client, line.log, walk.time_ms(line), line.text, {}}));
            bytes += static_cast<std::int64_t>(line.text.size());
        }
        require(batch->commit());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(bytes);
}

// Cells into day rows; count_entries: each new one is counted, as in a bulk post.
void bulk_cells(benchmark::State& state) {
    const auto store = new_store("bulk-cells", SyncMode::always);
    Walk walk;
    std::int64_t bytes = 0;
    for (auto _ : state) {
        const auto batch = require(store->begin_cells(kTimeFamily, /*count_entries=*/state.range(1) != 0));
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            const KeptLine& line = walk.next();
            const std::int64_t time_ms = walk.time_ms(line);
            const std::string row =
                format_day_row({line.client, RowKind::logs, log_key_name(line.log), day_of(time_ms)});
            require(batch->put(row, std::to_string(time_ms), line.text));
            bytes += static_cast<std::int64_t>(line.text.size());
        }
        require(batch->commit());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.SetBytesProcessed(bytes);
}

BENCHMARK(raw_rocksdb_bulk)
    ->ArgName("lines")
    ->Arg(1000)
    ->Arg(10'000)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(bulk_lines)->ArgName("lines")->Arg(1000)->Arg(10'000)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(bulk_cells)
    ->ArgNames({"cells", "counted"})
    ->Args({1000, 1})
    ->Args({10'000, 1})
    ->Args({10'000, 0})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace nmstore::benchmarks
