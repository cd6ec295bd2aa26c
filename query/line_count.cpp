// How many lines match, and nothing else about them: blocks tell most of it by their templates.
#include "query/line_scan.h"
#include "query/search.h"

namespace nmstore::query {
namespace {

struct CountTally final : BlockTally {
    std::uint64_t lines = 0;
};

class BlockCounter final : public BlockTaker {
  public:
    BlockCounter(const Scope& scope, Execution& execution) : scope_(scope), execution_(execution) {}

    Result<std::unique_ptr<BlockTally>> tally(const LogRow&, const BlockInfo& block,
                                              BlockCursor& lines) const override {
        auto tally = std::make_unique<CountTally>();
        if (block.first.time_ms >= scope_.from_ms && block.last.time_ms < scope_.to_ms) {
            NM_TRY(lines.decide());
            tally->lines = lines.lines().count(lines.block());
        } else {
            NM_TRY(lines.for_each_place([&](auto, auto, auto) { ++tally->lines; }));
        }
        return std::unique_ptr<BlockTally>(std::move(tally));
    }

    Result<void> take(const LogRow&, BlockTally& tally) override {
        const std::uint64_t lines = static_cast<const CountTally&>(tally).lines;
        execution_.stats.lines_matched += lines;
        total_ += lines;
        return {};
    }

    std::uint64_t total() const { return total_; }

  private:
    const Scope& scope_;
    Execution& execution_;
    std::uint64_t total_ = 0;
};

}  // namespace

Result<std::uint64_t> count_lines(const Store& store, const Scope& scope, Execution& execution) {
    BlockCounter blocks(scope, execution);
    NM_ASSIGN(auto scan, LineScan::open(store, scope, Order::descending, std::nullopt, execution, &blocks));
    std::uint64_t lines = 0;
    for (;;) {
        NM_ASSIGN(const bool found, scan->next());
        if (!found) break;
        ++lines;
    }
    execution.finish();
    return lines + blocks.total();
}

}  // namespace nmstore::query
