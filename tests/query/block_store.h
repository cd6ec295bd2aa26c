// A MemoryStore of whose lines some are in sealed blocks.
#pragma once

#include <atomic>
#include <map>
#include <random>
#include <set>

#include "engine/block/block.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

namespace nmstore::testing {

class BlockStore : public MemoryStore {
  public:
    // Moves all lines that are there into blocks, but for one in `fresh_in`; 0: all of them. Each run of
    // lines goes into one of two blocks by lot, so that blocks overlap.
    void seal(std::mt19937& random, std::size_t lines_per_block, std::size_t fresh_in) {
        const std::vector<LogRow> rows = log_rows({}).value();
        for (const LogRow& row : rows) {
            auto cursor = MemoryStore::lines(row, {INT64_MIN, INT64_MAX, Order::ascending, {}});
            Open open[2];
            while ((*cursor)->next().value()) {
                const Line& line = (*cursor)->line();
                if (sealed_.contains(line.id)) continue;
                if (fresh_in != 0 && random() % fresh_in == 0) continue;
                Open& one = open[random() % 2];
                if (one.info.lines == 0) one.info.first = line.id;
                one.info.last = line.id;
                one.info.text_bytes += line.text.size() + line.fields.size();
                ++one.info.lines;
                one.writer.add({line.id.time_ms, line.id.sequence, line.id.line, line.text, line.fields});
                sealed_.insert(line.id);
                if (one.info.lines == lines_per_block) close_block(one);
            }
            for (Open& one : open) close_block(one);
        }
    }

    mutable std::atomic<std::size_t> blocks_opened{0};

    Result<std::vector<BlockInfo>> blocks(const LogRow& row, const SnapshotPtr&) const override {
        std::vector<BlockInfo> found;
        const auto of_row = blocks_of_.find(row.id);
        if (of_row == blocks_of_.end()) return found;
        for (const std::uint64_t number : of_row->second) found.push_back(blocks_.at(number).info);
        std::sort(found.begin(), found.end(),
                  [](const BlockInfo& a, const BlockInfo& b) { return a.first < b.first; });
        return found;
    }
    Result<std::unique_ptr<block::BlockReader>> open_block(const LogRow&, const BlockInfo& info,
                                                           const SnapshotPtr&) const override {
        ++blocks_opened;
        return block::open_block(blocks_.at(info.number).bytes);
    }
    Result<std::unique_ptr<LineCursor>> fresh_lines(const LogRow& row, const LineRange& range,
                                                    const SnapshotPtr& snapshot) const override {
        NM_ASSIGN(auto all, MemoryStore::lines(row, range, snapshot));
        return std::unique_ptr<LineCursor>(new Fresh(std::move(all), sealed_));
    }

  private:
    struct Sealed {
        BlockInfo info;
        std::string bytes;
    };
    struct Open {
        BlockInfo info;
        block::BlockWriter writer;
    };
    class Fresh : public LineCursor {
      public:
        Fresh(std::unique_ptr<LineCursor> all, const std::set<LineId>& sealed)
            : all_(std::move(all)), sealed_(sealed) {}
        Result<bool> next() override {
            while (true) {
                NM_ASSIGN(const bool found, all_->next());
                if (!found || !sealed_.contains(all_->line().id)) return found;
            }
        }
        const Line& line() const override { return all_->line(); }

      private:
        std::unique_ptr<LineCursor> all_;
        const std::set<LineId>& sealed_;
    };

    void close_block(Open& one) {
        if (one.info.lines == 0) return;
        one.info.number = blocks_.size() + 1;
        blocks_[one.info.number] = {one.info, *one.writer.finish("", block::kFastLevel)};
        blocks_of_[one.info.first.row].push_back(one.info.number);
        one.info = BlockInfo();
    }

    std::map<std::uint64_t, Sealed> blocks_;
    std::map<RowId, std::vector<std::uint64_t>> blocks_of_;
    std::set<LineId> sealed_;
};

}  // namespace nmstore::testing
