// How a merge of rows comes to the lines of their blocks.
#include <algorithm>
#include <utility>

#include "query/row_merge.h"

namespace nmstore::query {
namespace {

std::size_t memory_of_block(const BlockInfo& block) {
    return kOpenBlockBytes + static_cast<std::size_t>(block.text_bytes + block.lines * kOpenLineBytes);
}

}  // namespace

// The query's memory is used up.
void RowMerge::stop_for_memory() {
    (void)execution_.hold(execution_.left() + 1);
    stopping_ = true;
}

Result<bool> RowMerge::open(Source& source) {
    if (source.job == nullptr) {
        source.held = source.block ? memory_of_block(*source.block) : kOpenRowBytes;
        hold(source.held);
        if (stopping_) return false;
    }
    if (source.block) return open_block(source);
    if (source.gaps) {
        NM_ASSIGN(source.cursor, store_.block_lines(*source.row, *source.gaps, rest_of(source), snapshot_));
        return true;
    }
    NM_ASSIGN(source.cursor, store_.fresh_lines(*source.row, rest_of(source), snapshot_));
    if (source.resume) return true;
    ++execution_.stats.rows_opened;
    NM_TRY(add_blocks(*source.row));
    return true;
}

Result<bool> RowMerge::open_block(Source& source) {
    if (execution_.elapsed() >= help_after()) NM_TRY(read_ahead());
    BlockJobs::Job* const job = std::exchange(source.job, nullptr);
    auto read = job != nullptr ? jobs_->take(job) : read_now(source);
    // With others at the same time there was less memory than there is now.
    if (job != nullptr && !read.ok() && is_over_memory(read.error())) read = read_now(source);
    if (!read.ok() && is_over_memory(read.error())) {
        close(source);
        stop_for_memory();
        return false;
    }
    NM_ASSIGN(BlockAnswer answer, std::move(read));
    if (answer.opened && !source.resume) {
        execution_.stats.lines_scanned += source.block->lines;
        execution_.stats.bytes_scanned += source.block->text_bytes;
    }
    if (answer.tally != nullptr) NM_TRY(taker_->take(*source.row, *answer.tally));
    source.cursor = std::move(answer.cursor);
    if (source.cursor != nullptr) {
        // Its lines may need more than finding them did.
        static_cast<BlockCursor&>(*source.cursor).block().limit_memory(most_bytes(source));
        hold_open_block(source);
    } else {
        close(source);
        (void)may_go_on();
    }
    return true;
}

// What the block takes now: what it was counted as before was an estimate. When much is open, it lets go what
// it can read again: of many rows most are not asked for more than the lines that have been read ahead.
void RowMerge::hold_open_block(Source& source) {
    auto& cursor = static_cast<BlockCursor&>(*source.cursor);
    if (held_ > execution_.limits().memory_bytes / kRestShare) cursor.rest();
    const std::size_t taken = kOpenBlockBytes + cursor.memory_bytes();
    held_ -= source.held;
    source.held = taken;
    hold(taken);
}

// What the block's reader may take now, when nobody else takes more.
std::size_t RowMerge::most_bytes(const Source& source) const {
    return source.held + left();
}

Result<BlockAnswer> RowMerge::read_now(Source& source) {
    return read_block(*source.row, *source.block, rest_of(source), std::move(source.reader),
                      {false, most_bytes(source)});
}

// Any thread. reader: null, or what has been opened of it.
Result<BlockAnswer> RowMerge::read_block(const LogRow& row, const BlockInfo& block, const LineRange& range,
                                         std::unique_ptr<block::BlockReader> reader, Reading how) const {
    if (reader == nullptr) {
        NM_ASSIGN(reader, store_.open_block(row, block, snapshot_));
    }
    reader->limit_memory(how.most_bytes);
    NM_ASSIGN(auto cursor, BlockCursor::open(std::move(reader), row, range, filter_));
    BlockAnswer answer;
    if (cursor == nullptr) return answer;
    answer.opened = true;
    if (taker_ != nullptr) {
        NM_ASSIGN(answer.tally, taker_->tally(row, block, *cursor));
        return answer;
    }
    if (how.ahead) NM_TRY(cursor->decide());
    answer.cursor = std::move(cursor);
    return answer;
}

// A query that is to read columns of all its blocks is known to be a long one.
std::chrono::microseconds RowMerge::help_after() const {
    const bool is_long = taker_ != nullptr && filter_.plan != nullptr && filter_.plan->reads_columns();
    return execution_.help_after / (is_long ? kSoonerShare : 1);
}

// Has the blocks that wait next read by others, as far as there is memory.
Result<void> RowMerge::read_ahead() {
    if (jobs_ == nullptr) {
        jobs_ = std::make_unique<BlockJobs>(BlockPool::shared(), [this](const auto& row, const auto& block) {
            return read_block(row, block, range_, nullptr, {true, memory_of_block(block)});
        });
    }
    // What a taker gets of a block takes no room.
    const std::size_t each = taker_ != nullptr ? kBlocksAheadOfTaker : kBlocksAhead;
    const std::size_t most = each * (BlockPool::shared().threads() + 1);
    if (jobs_->size() * 2 > most) return {};
    std::vector<std::size_t> runs;
    std::vector<Waiting> waiting;
    for (const Waiting& one : heap_) {
        const Source& source = sources_[one.source];
        if (source.run != nullptr) runs.push_back(one.source);
        const bool is_new = source.cursor == nullptr && source.job == nullptr && !source.resume;
        if (source.block && is_new && !source.has_line()) waiting.push_back(one);
    }
    std::sort(waiting.begin(), waiting.end(),
              [this](const Waiting& a, const Waiting& b) { return before(a.key, b.key); });
    for (const Waiting& one : waiting) {
        if (jobs_->size() == most || !read_ahead_of(one.source)) return {};
    }
    for (std::size_t looked = 0; looked < kBlocksPerCheck && jobs_->size() < most; ++looked) {
        const std::optional<std::size_t> index = next_run(runs);
        if (!index) return {};
        BlockRun& run = *sources_[*index].run;
        NM_ASSIGN(const auto reader, open_candidate(run));
        if (reader == nullptr && !run.next().has_gaps) {
            run.pass();
            continue;
        }
        const Waiting taken = take_block(run);
        push(taken);
        if (sources_[taken.source].block && !read_ahead_of(taken.source)) return {};
    }
    return {};
}

// false: there is no memory for it.
bool RowMerge::read_ahead_of(std::size_t index) {
    Source& source = sources_[index];
    const std::size_t held = held_ + memory_of_block(*source.block);
    if (held > most_held_ && !execution_.can_spare(held - most_held_)) return false;
    source.held = memory_of_block(*source.block);
    hold(source.held);
    source.reader.reset();  // the job has one of its own
    source.job = jobs_->add(*source.row, *source.block);
    return true;
}

// The one whose next block comes first.
std::optional<std::size_t> RowMerge::next_run(const std::vector<std::size_t>& runs) const {
    std::optional<std::size_t> next;
    for (const std::size_t index : runs) {
        const BlockRun& run = *sources_[index].run;
        if (!run.empty() && (!next || before(run.key(), sources_[*next].run->key()))) next = index;
    }
    return next;
}

// The next block of the run; null: its filter tells that no line matches, or it is not read by itself.
Result<std::unique_ptr<block::BlockReader>> RowMerge::open_candidate(const BlockRun& run) const {
    std::unique_ptr<block::BlockReader> none;
    if (run.next().has_gaps) return none;
    NM_ASSIGN(auto reader, store_.open_block(run.row(), run.next(), snapshot_));
    if (filter_.plan != nullptr) {
        NM_ASSIGN(const bool may_match, filter_.plan->may_match(*reader, run.row()));
        if (!may_match) return none;
    }
    return reader;
}

// Makes a source of the next block.
RowMerge::Waiting RowMerge::take_block(BlockRun& run) {
    const Waiting taken{run.key(), sources_.size()};
    Source& source = sources_.emplace_back();
    source.row = &run.row();
    (run.next().has_gaps ? source.gaps : source.block) = run.next();
    hold(sizeof(Source));
    run.pass();
    return taken;
}

Result<void> RowMerge::add_blocks(const LogRow& row) {
    NM_ASSIGN(std::vector<BlockInfo> blocks, store_.blocks(row, snapshot_));
    auto run = std::make_unique<BlockRun>(row, std::move(blocks), range_);
    if (run->empty()) return {};
    hold(run->memory_bytes() + sizeof(Source));
    push({run->key(), sources_.size()});
    Source& source = sources_.emplace_back();
    source.row = &row;
    source.run = std::move(run);
    return {};
}

}  // namespace nmstore::query
