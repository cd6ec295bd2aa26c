// Counts of the matching lines over time, in one pass: where the span is not known beforehand, lines are
// counted in fine steps that grow with the span, and put together into round ones at the end.
#include <algorithm>
#include <unordered_map>

#include "query/block_series.h"
#include "query/histogram_step.h"
#include "query/line_scan.h"
#include "query/stop.h"

namespace nmstore::query {

namespace {

constexpr std::int64_t kMaxFineBuckets = 100 * kAboutBuckets;
constexpr std::size_t kBytesPerBucket = 48;

// Of two times; the greatest number where it does not fit.
std::int64_t span_of(std::int64_t from_ms, std::int64_t to_ms) {
    const std::uint64_t span = static_cast<std::uint64_t>(to_ms) - static_cast<std::uint64_t>(from_ms);
    return span > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(span);
}

struct Tally {
    std::unordered_map<std::int64_t, std::uint64_t> counts;  // by the beginning of the fine bucket
    std::uint64_t total = 0;
    std::int64_t last_start = 0;  // lines come in order, so most fall where the last one did
    std::uint64_t* last_count = nullptr;
};

class Counter {
  public:
    Counter(const Scope& scope, std::int64_t step_ms, Execution& execution)
        : scope_(scope), wanted_step_(step_ms), execution_(execution) {}

    Result<void> begin() {
        if (wanted_step_ < 0)
            return Error{Code::invalid_argument, "the step of a histogram must be greater than 0"};
        const bool closed = scope_.from_ms != INT64_MIN && scope_.to_ms != INT64_MAX;
        if (closed && scope_.from_ms < scope_.to_ms) {
            if (wanted_step_ == 0) wanted_step_ = round_step(span_of(scope_.from_ms, scope_.to_ms));
            NM_TRY(check_buckets(scope_.from_ms, scope_.to_ms - 1));
        }
        step_ = wanted_step_ != 0 ? wanted_step_ : kFinestStep;
        return {};
    }

    // Whether all lines of a block with these times count alike: the times of single ones need not be known.
    // This and the next: any thread.
    bool same_bucket(std::int64_t first_ms, std::int64_t last_ms) const {
        return first_ms >= scope_.from_ms && last_ms < scope_.to_ms && same_bucket_always(first_ms, last_ms);
    }
    // Whether lines of these times count alike whatever else comes.
    bool same_bucket_always(std::int64_t first_ms, std::int64_t last_ms) const {
        const std::int64_t step = wanted_step_ != 0 ? wanted_step_ : kFinestStep;
        return bucket_start(first_ms, step) == bucket_start(last_ms, step);
    }

    // `lines`: so many of them. false: over the memory limit.
    Result<bool> count(std::int64_t time_ms, std::string_view value, std::uint64_t lines = 1) {
        if (total_ == 0) first_ = last_ = time_ms;
        first_ = std::min(first_, time_ms);
        last_ = std::max(last_, time_ms);
        if (wanted_step_ != 0) {
            NM_TRY(check_buckets(first_, last_));
        } else {
            while (span_of(first_, last_) / step_ > kMaxFineBuckets && coarser_step(step_) != 0) coarsen();
        }
        Tally& tally = tally_of(value);
        const std::int64_t start = bucket_start(time_ms, step_);
        if (tally.last_count == nullptr || tally.last_start != start) {
            const auto [at, added] = tally.counts.try_emplace(start, 0);
            tally.last_start = start;
            tally.last_count = &at->second;
            if (added && !execution_.hold(kBytesPerBucket)) return false;
        }
        *tally.last_count += lines;
        tally.total += lines;
        total_ += lines;
        return true;
    }

    Result<Histogram> finish(bool by) {
        Histogram histogram;
        histogram.total = total_;
        const bool open = scope_.from_ms == INT64_MIN || scope_.to_ms == INT64_MAX;
        const std::int64_t from = scope_.from_ms != INT64_MIN ? scope_.from_ms : first_;
        const std::int64_t last = scope_.to_ms != INT64_MAX ? scope_.to_ms - 1 : last_;
        const bool empty = (open && total_ == 0) || scope_.from_ms >= scope_.to_ms;
        histogram.step_ms = wanted_step_ != 0 ? wanted_step_ : round_step(empty ? 0 : span_of(from, last));
        if (!empty) {
            NM_TRY(check_buckets(from, last, histogram.step_ms));
        }
        for (HistogramSeries& series : series_by_count(by)) {
            if (!empty) {
                NM_TRY(hold_memory(execution_, sizeof(Bucket) * bucket_count(from, last, histogram.step_ms)));
                series.buckets = all_buckets(series.buckets, from, last, histogram.step_ms);
            }
            histogram.series.push_back(std::move(series));
        }
        return histogram;
    }

  private:
    static std::uint64_t bucket_count(std::int64_t first, std::int64_t last, std::int64_t step) {
        return static_cast<std::uint64_t>(span_of(bucket_start(first, step), bucket_start(last, step))) /
                   static_cast<std::uint64_t>(step) +
               1;
    }

    Result<void> check_buckets(std::int64_t first, std::int64_t last, std::int64_t step = 0) const {
        if (step == 0) step = wanted_step_;
        if (bucket_count(first, last, step) <= kMaxBuckets) return {};
        return Error{Code::invalid_argument, "a step of " + std::to_string(step) + " ms makes more than " +
                                                 std::to_string(kMaxBuckets) +
                                                 " buckets: choose a greater one"};
    }

    Tally& tally_of(std::string_view value) {
        const auto at = tallies_.find(value);
        if (at != tallies_.end()) return at->second;
        execution_.hold(sizeof(Tally) + value.size());
        return tallies_.emplace(std::string(value), Tally{}).first->second;
    }

    void coarsen() {
        step_ = coarser_step(step_);
        for (auto& [value, tally] : tallies_) {
            std::unordered_map<std::int64_t, std::uint64_t> counts;
            for (const auto& [start, count] : tally.counts) counts[bucket_start(start, step_)] += count;
            tally.counts = std::move(counts);
            tally.last_count = nullptr;
        }
    }

    // Each with its fine buckets, in no order.
    std::vector<HistogramSeries> series_by_count(bool by) const {
        std::vector<std::pair<std::string_view, const Tally*>> order;
        for (const auto& [value, tally] : tallies_) order.emplace_back(value, &tally);
        std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
            return a.second->total != b.second->total ? a.second->total > b.second->total : a.first < b.first;
        });
        std::vector<HistogramSeries> series;
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (i <= kMaxSeries)
                series.push_back({std::string(i < kMaxSeries ? order[i].first : kOtherSeries), {}});
            for (const auto& [start, count] : order[i].second->counts)
                series.back().buckets.push_back({start, count});
        }
        if (series.empty() && !by) series.push_back({});
        return series;
    }

    static std::vector<Bucket> all_buckets(const std::vector<Bucket>& fine, std::int64_t from,
                                           std::int64_t last, std::int64_t step) {
        const std::int64_t first = bucket_start(from, step);
        std::vector<Bucket> buckets(bucket_count(from, last, step));
        for (std::size_t i = 0; i < buckets.size(); ++i)
            buckets[i].time_ms = first + static_cast<std::int64_t>(i) * step;
        for (const Bucket& bucket : fine) {
            const auto at =
                static_cast<std::size_t>(span_of(first, bucket_start(bucket.time_ms, step)) / step);
            buckets[std::min(at, buckets.size() - 1)].count += bucket.count;
        }
        return buckets;
    }

    const Scope& scope_;
    std::int64_t wanted_step_;
    std::int64_t step_ = kFinestStep;  // in which lines are counted
    Execution& execution_;
    std::map<std::string, Tally, std::less<>> tallies_;
    std::int64_t first_ = 0, last_ = 0;
    std::uint64_t total_ = 0;
};

// So many lines of a block at about one time.
struct LinesAt {
    std::int64_t time_ms = 0;
    std::uint32_t value = 0;  // its place among the values
    std::uint64_t lines = 0;
};

struct TimesTally final : BlockTally {
    std::vector<std::string> values;
    std::vector<LinesAt> times;
};

// Counts whole blocks by what their templates and columns tell.
class BlockCounter final : public BlockTaker {
  public:
    BlockCounter(Counter& counter, const std::string& by, Execution& execution)
        : counter_(counter), by_(by), execution_(execution) {}

    Result<std::unique_ptr<BlockTally>> tally(const LogRow& row, const BlockInfo& block,
                                              BlockCursor& lines) const override {
        auto tally = std::make_unique<TimesTally>();
        NM_TRY(lines.decide());
        NM_ASSIGN(auto series, BlockSeries::of(lines.block(), row, by_, lines.lines()));
        if (counter_.same_bucket(block.first.time_ms, block.last.time_ms)) {
            const auto counts = series.count(lines.block(), lines.lines());
            for (std::uint32_t value = 0; value < counts.size(); ++value)
                if (counts[value] != 0) tally->times.push_back({block.first.time_ms, value, counts[value]});
        } else {
            NM_TRY(add_times(lines, series, tally->times));
        }
        tally->values = series.take_values();
        return std::unique_ptr<BlockTally>(std::move(tally));
    }

    // Over the memory limit the execution stops the scan.
    Result<void> take(const LogRow&, BlockTally& tally) override {
        const auto& taken = static_cast<const TimesTally&>(tally);
        for (const LinesAt& at : taken.times) {
            execution_.stats.lines_matched += at.lines;
            NM_TRY(counter_.count(at.time_ms, taken.values[at.value], at.lines));
        }
        return {};
    }

  private:
    Result<void> add_times(BlockCursor& lines, const BlockSeries& series, std::vector<LinesAt>& times) const {
        constexpr std::size_t kNone = SIZE_MAX;
        std::vector<std::size_t> last(series.values().size(), kNone);  // of each value among the times
        return lines.for_each_place([&](std::int64_t time_ms, std::size_t number, std::size_t rank) {
            const std::uint32_t value = series.of(number, rank);
            std::size_t& at = last[value];
            if (at == kNone || !counter_.same_bucket_always(times[at].time_ms, time_ms)) {
                at = times.size();
                times.push_back({time_ms, value, 0});
            }
            ++times[at].lines;
        });
    }

    Counter& counter_;
    const std::string& by_;
    Execution& execution_;
};

}  // namespace

Result<Histogram> histogram(const Store& store, const Scope& scope, std::int64_t step_ms,
                            const std::string& by, Execution& execution) {
    Counter counter(scope, step_ms, execution);
    NM_TRY(counter.begin());
    BlockCounter blocks(counter, by, execution);
    NM_ASSIGN(auto scan, LineScan::open(store, scope, Order::descending, std::nullopt, execution, &blocks));
    while (true) {
        NM_ASSIGN(const bool found, scan->next());
        if (!found) break;
        NM_ASSIGN(const bool fits, counter.count(scan->line().id.time_ms, series_value(scan->line(), by)));
        if (!fits) break;
    }
    NM_ASSIGN(Histogram histogram, counter.finish(!by.empty()));
    execution.finish();
    return histogram;
}

}  // namespace nmstore::query
