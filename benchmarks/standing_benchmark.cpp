// What a line costs that none of very many standing filters match: the rules of alerts, and tails.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "benchmarks/bench_store.h"
#include "benchmarks/log_generator.h"
#include "query/parse.h"
#include "query/standing.h"

namespace {

using namespace nmstore;
using namespace nmstore::benchmarks;

std::vector<std::string> some_lines() {
    std::vector<std::string> lines;
    LogGenerator generator(GeneratorOptions{});
    for (std::size_t i = 0; i < 20'000; ++i) lines.emplace_back(generator.next().text);
    return lines;
}

// Filters as people write them for alerts; none of them matches a line of the generator.
std::string filter_text(std::size_t number) {
    const std::string n = std::to_string(number);
    switch (number % 5) {
        case 0:
            return "nosuchword" + n;
        case 1:
            return "\"out of memory in unit" + n + "\"";
        case 2:
            return "error timeout" + n;
        case 3:
            return "client:nobody" + n + " *fail*";
        default:
            return "(panic" + n + " OR oops" + n + ") -debug";
    }
}

void lines_that_match_none(benchmark::State& state) {
    const std::vector<std::string> lines = some_lines();
    query::StandingQueries standing;
    for (std::size_t i = 0; i < static_cast<std::size_t>(state.range(0)); ++i) {
        const auto parsed = query::parse(filter_text(i));
        if (!parsed.ok() || !standing.add(i, *parsed->filter).ok()) {
            state.SkipWithError("a filter cannot be used");
            return;
        }
    }
    LogRow row;
    row.id = 1;
    row.kind = RowKind::logs;
    row.client = "10.0.0.1";
    row.log = "_var_log_syslog";
    Line line;
    line.row = &row;
    std::size_t at = 0, matches = 0;
    for (auto _ : state) {
        line.text = lines[at++ % lines.size()];
        standing.match(line, [&](auto) { ++matches; });
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["matches"] = static_cast<double>(matches);
}
BENCHMARK(lines_that_match_none)->Arg(1)->Arg(50)->Arg(1000)->Arg(10'000);

}  // namespace
