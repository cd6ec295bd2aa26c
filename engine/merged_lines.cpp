#include "engine/merged_lines.h"

#include "engine/block_lines.h"
#include "engine/line_cursor.h"

namespace nmstore {
namespace {

class MergedLines final : public LineCursor {
  public:
    MergedLines(const LogRow& row, Order order, std::unique_ptr<LineCursor> fresh, BlockLines sealed)
        : row_(row),
          ascending_(order == Order::ascending),
          fresh_(std::move(fresh)),
          sealed_(std::move(sealed)) {
        sealed_line_.row = &row_;
    }

    Result<bool> next() override {
        if (fresh_ != nullptr && line_ != &sealed_line_) {
            NM_ASSIGN(has_fresh_, fresh_->next());
        }
        if (line_ == nullptr || line_ == &sealed_line_) {
            NM_ASSIGN(has_sealed_, sealed_.next());
            if (has_sealed_) {
                sealed_line_.id = sealed_.id();
                sealed_line_.text = sealed_.text();
                sealed_line_.fields = sealed_.fields();
            }
        }
        if (!has_fresh_ && !has_sealed_) return false;
        const bool take_fresh =
            has_fresh_ && (!has_sealed_ || (ascending_ ? fresh_->line().id < sealed_line_.id
                                                       : sealed_line_.id < fresh_->line().id));
        line_ = take_fresh ? &fresh_->line() : &sealed_line_;
        return true;
    }

    const Line& line() const override { return *line_; }

  private:
    const LogRow& row_;
    const bool ascending_;
    const std::unique_ptr<LineCursor> fresh_;  // null: there are none
    BlockLines sealed_;
    bool has_fresh_ = false;
    bool has_sealed_ = false;
    Line sealed_line_;
    const Line* line_ = nullptr;  // the current one; of whose source the next one is still to be found
};

std::unique_ptr<LineCursor> merge(const Core& core, const LogRow& row, const LineRange& range,
                                  const SnapshotPtr& snapshot, std::unique_ptr<LineCursor> fresh,
                                  std::vector<BlockInfo> blocks) {
    const BlockRange inclusive{range.from_ms, range.to_ms - 1, range.order, range.after};
    return std::make_unique<MergedLines>(row, range.order, std::move(fresh),
                                         BlockLines(core, std::move(blocks), inclusive, snapshot));
}

}  // namespace

Result<std::unique_ptr<LineCursor>> new_merged_cursor(const Core& core, const LogRow& row,
                                                      const LineRange& range, const SnapshotPtr& at) {
    // Blocks and entries must be of the same moment.
    const SnapshotPtr snapshot = at ? at : core.database->snapshot();
    NM_ASSIGN(auto fresh, new_line_cursor(core, row, range, snapshot));
    NM_ASSIGN(std::vector<BlockInfo> blocks, list_blocks(core, row.id, snapshot));
    if (blocks.empty() || range.to_ms == INT64_MIN) return fresh;
    return merge(core, row, range, snapshot, std::move(fresh), std::move(blocks));
}

std::unique_ptr<LineCursor> new_block_cursor(const Core& core, const LogRow& row, const BlockInfo& block,
                                             const LineRange& range, const SnapshotPtr& snapshot) {
    std::vector<BlockInfo> blocks;
    if (range.to_ms != INT64_MIN) blocks.push_back(block);
    return merge(core, row, range, snapshot, nullptr, std::move(blocks));
}

}  // namespace nmstore
