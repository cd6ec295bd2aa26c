#include "query/search.h"

#include "query/parse.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kNoon = 1321876800000;

Histogram count(const Store& store, const Scope& scope, std::int64_t step = 0, const std::string& by = "") {
    Execution execution;
    auto result = histogram(store, scope, step, by, execution);
    if (!result.ok()) FAIL(result.error().message);
    return std::move(result).value();
}

Code error_of(const Store& store, const Scope& scope, std::int64_t step) {
    Execution execution;
    const auto result = histogram(store, scope, step, "", execution);
    REQUIRE(!result.ok());
    return result.error().code;
}

// "value: time=count time=count", times from noon in minutes; without the zeros.
std::string show(const HistogramSeries& series) {
    std::string out = series.value + ":";
    for (const Bucket& bucket : series.buckets)
        if (bucket.count > 0)
            out +=
                " " + std::to_string((bucket.time_ms - kNoon) / kMinute) + "=" + std::to_string(bucket.count);
    return out;
}

}  // namespace

TEST_CASE("A histogram counts every step of its span, zeros too") {
    MemoryStore store;
    for (const int minute : {0, 0, 1, 5, 9}) store.add_line("a", "x", kNoon + minute * kMinute + 30, "l");
    const Scope scope{nullptr, kNoon, kNoon + 10 * kMinute, ""};
    const Histogram histogram = count(store, scope, kMinute);
    CHECK(histogram.step_ms == kMinute);
    CHECK(histogram.total == 5);
    REQUIRE(histogram.series.size() == 1);
    CHECK(histogram.series[0].buckets.size() == 10);
    CHECK(show(histogram.series[0]) == ": 0=2 1=1 5=1 9=1");
    // Steps begin at their multiples, whatever the span does.
    const Histogram odd = count(store, {nullptr, kNoon + 29, kNoon + 9 * kMinute + 30, ""}, 2 * kMinute);
    CHECK(show(odd.series.at(0)) == ": 0=3 4=1");
    CHECK(odd.series.at(0).buckets.size() == 5);
    CHECK(odd.series.at(0).buckets.at(0).time_ms == kNoon);
}

TEST_CASE("A histogram chooses its step, and open ends are those of the lines") {
    MemoryStore store;
    CHECK(count(store, {}).total == 0);
    CHECK(count(store, {}).series.at(0).buckets.empty());
    for (int i = 0; i < 3000; ++i) store.add_line("a", "x", kNoon + i * 1111, "l" + std::to_string(i));
    const std::int64_t last = kNoon + 2999 * 1111;
    for (const Scope& scope :
         {Scope{}, Scope{nullptr, kNoon, INT64_MAX, ""}, Scope{nullptr, INT64_MIN, last + 1, ""},
          Scope{nullptr, kNoon, last + 1, ""}}) {
        const Histogram histogram = count(store, scope);
        CHECK(histogram.step_ms == kMinute);
        CHECK(histogram.total == 3000);
        REQUIRE(histogram.series.size() == 1);
        CHECK(histogram.series[0].buckets.size() == 56);
        std::uint64_t sum = 0;
        for (const Bucket& bucket : histogram.series[0].buckets) {
            std::uint64_t expected = 0;
            for (int i = 0; i < 3000; ++i)
                if (kNoon + i * 1111 >= bucket.time_ms && kNoon + i * 1111 < bucket.time_ms + kMinute)
                    ++expected;
            CHECK(bucket.count == expected);
            sum += bucket.count;
        }
        CHECK(sum == 3000);
    }
    store.add_line("a", "x", -5, "before 1970");
    const Histogram years = count(store, {});
    CHECK(years.total == 3001);
    CHECK(years.series.at(0).buckets.size() <= 101);
    CHECK(years.series.at(0).buckets.front().count == 1);
    CHECK(years.series.at(0).buckets.front().time_ms < 0);
    CHECK(years.series.at(0).buckets.back().count == 3000);
}

TEST_CASE("A histogram of the ends of time") {
    MemoryStore store;
    store.add_line("a", "x", 0, "l");
    store.put("CFUTF8Type", "x", "y", "z");
    const Histogram wide = count(store, {nullptr, INT64_MIN + 1, INT64_MAX - 1, ""});
    CHECK(wide.total == 1);
    CHECK(wide.series.at(0).buckets.size() <= 202);
    CHECK(count(store, {nullptr, 5, 5, ""}).series.at(0).buckets.empty());
    CHECK(count(store, {nullptr, 5, 1, ""}, 1000).series.at(0).buckets.empty());
}

TEST_CASE("A histogram has a series for each value") {
    MemoryStore store;
    store.add_line("a", "x", kNoon, "ERROR: one", R"({"user":7})");
    store.add_line("a", "y", kNoon + kMinute, "two");
    store.add_line("b", "x", kNoon, "error three", R"({"user":8})");
    store.add_line("b", "p", kNoon, "4", "", RowKind::plugins);
    const auto by = [&store](const std::string& what) {
        std::string out;
        const Histogram histogram = count(store, {nullptr, kNoon, kNoon + 2 * kMinute, ""}, kMinute, what);
        CHECK(histogram.total == 4);
        for (const HistogramSeries& series : histogram.series) {
            CHECK(series.buckets.size() == 2);
            out += show(series) + "; ";
        }
        return out;
    };
    CHECK(by("client") == "a: 0=1 1=1; b: 0=2; ");
    CHECK(by("log") == "x: 0=2; p: 0=1; y: 1=1; ");
    CHECK(by("kind") == "logs: 0=2 1=1; plugins: 0=1; ");
    CHECK(by("level") == ": 0=1 1=1; error: 0=2; ");
    CHECK(by("user") == ": 0=1 1=1; 7: 0=1; 8: 0=1; ");
    Execution execution;
    const auto none = histogram(store, {nullptr, 0, 5, ""}, 1, "client", execution);
    CHECK(none->series.empty());
}

TEST_CASE("Beyond the greatest number of series the rest is one") {
    MemoryStore store;
    for (int client = 0; client < 60; ++client)
        for (int i = 0; i <= client; ++i) store.add_line("c" + std::to_string(client), "x", kNoon + i, "l");
    const Histogram histogram = count(store, {}, kMinute, "client");
    REQUIRE(histogram.series.size() == kMaxSeries + 1);
    CHECK(histogram.series.front().value == "c59");
    CHECK(histogram.series[kMaxSeries - 1].value == "c10");
    CHECK(show(histogram.series.back()) == "(other): 0=55");
    CHECK(histogram.total == 60 * 61 / 2);
}

TEST_CASE("A histogram refuses steps that make too many buckets, and keeps to its limits") {
    MemoryStore store;
    for (int i = 0; i < 200; ++i) store.add_line("a", "x", kNoon + i * kMinute, "l");
    CHECK(error_of(store, {nullptr, 0, 20'000'000, ""}, 1) == Code::invalid_argument);
    CHECK(error_of(store, {}, 1) == Code::invalid_argument);
    CHECK(error_of(store, {nullptr, 0, INT64_MAX, ""}, kMinute) == Code::invalid_argument);
    CHECK(error_of(store, {}, -1) == Code::invalid_argument);
    Limits limits;
    limits.lines = 100;
    Execution execution(limits);
    const auto partial = histogram(store, {}, kMinute, "", execution);
    REQUIRE(partial.ok());
    CHECK(partial->total == 100);
    CHECK(partial->series.at(0).buckets.front().time_ms == kNoon + 100 * kMinute);  // the newest
    CHECK(execution.stats.stopped_by == "query_max_lines");
    Execution cancelled;
    cancelled.cancel();
    CHECK(histogram(store, {}, 0, "", cancelled).error().code == Code::cancelled);
}
