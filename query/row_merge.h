// The matching lines of many rows as one sequence in the order of their ids, oldest or newest first.
//
// A row waits as one entry of a heap, under the earliest id (in this order) that its next line can have, and
// is opened only when the sequence gets there: the newest page of a store with years of rows opens those of
// today. An open row is read some lines ahead, the more the longer it goes on: going from one row to another
// for each line would cost several times as much as reading it.
//
// Of more rows than there is memory to have open, a row is closed again once it is known where its next line
// stands, and opened anew when the sequence comes there: a row costs next to nothing then, and a page comes
// on however many there are.
//
// What a row has in sealed blocks waits in the same heap, as one for all of them (BlockRun) until the
// sequence comes to the next block and its filter tells that it may have matching lines: then by itself. A
// query that turns out to be a long one has the blocks that come next read by other threads meanwhile
// (BlockJobs).
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/store.h"
#include "query/block_cursor.h"
#include "query/block_jobs.h"
#include "query/block_run.h"
#include "query/execution.h"

namespace nmstore::query {

// Takes whole blocks as the sequence comes to them, so that their lines are not given out one by one.
class BlockTaker {
  public:
    virtual ~BlockTaker() = default;
    // What the matching lines of a block come to. Any thread.
    virtual Result<std::unique_ptr<BlockTally>> tally(const LogRow& row, const BlockInfo& block,
                                                      BlockCursor& lines) const = 0;
    // On the query's thread, in order.
    virtual Result<void> take(const LogRow& row, BlockTally& tally) = 0;
};

// Blocks that are open rest when all together take more than one part of so many of the query's memory.
inline constexpr std::size_t kRestShare = 4;
// What is open is closed when no more is left of it than one part of so many; of lines no more than one is
// read ahead with half of that.
inline constexpr std::size_t kCloseShare = 2;

// Strictly behind it, in the order of the range, is everything that the row may have in it; nullopt: that is
// nothing.
std::optional<LineId> place_before(const LogRow& row, const LineRange& range);

// A block's reader may take no more.
inline bool is_over_memory(const Error& error) {
    return error.code == Code::limit_exceeded;
}

// Owned and used by one thread; the store, the filter, the taker and the execution must outlive it.
class RowMerge {
  public:
    // `rows` are the rows to look into, `range` the part of them; all is read as of `snapshot`. taker null:
    // the lines of blocks are given out as all others.
    RowMerge(const Store& store, std::vector<LogRow> rows, const LineRange& range, SnapshotPtr snapshot,
             FilterForms filter, Execution& execution, BlockTaker* taker = nullptr);

    // What is behind this place is not known: the sequence stops there, as one does that has used up its
    // memory. Before the first next().
    void end_at(const LineId& place) { end_ = place; }

    // Moves to the first or next line. false at the end, or when the execution must stop (see stopped()).
    Result<bool> next();
    const Line& line() const { return line_; }  // after a next() that was true; valid until the next call
    // Whether there is a line behind the present one, which is gone by asking.
    Result<bool> more();

    // What has been read ahead is given out before.
    bool stopped() const { return stopped_; }
    // Strictly behind it (in order) is everything that has not been given out or passed over. Nothing: all
    // is.
    const std::optional<LineId>& place() const { return place_; }
    // No line is before it.
    const std::optional<LineId>& first_place() const { return first_place_; }

  private:
    struct Read {
        LineId id;
        std::string text, fields;
    };
    static std::size_t memory_of(const Read& read) {
        return sizeof(Read) + read.text.size() + read.fields.size();
    }
    // The fresh lines of a row, its blocks to come, or a block that it has come to.
    struct Source {
        const LogRow* row = nullptr;
        std::unique_ptr<BlockRun> run;
        std::optional<BlockInfo> block;
        std::optional<BlockInfo> gaps;  // a block in which something has expired: its lines are as fresh ones
        std::unique_ptr<block::BlockReader> reader;  // of the block, if it has been opened
        BlockJobs::Job* job = nullptr;               // that reads the block ahead
        std::unique_ptr<LineCursor> cursor;          // null: not open (yet, or any more)
        std::size_t held = 0;                        // memory that it is counted as while it is open
        std::optional<LineId> resume;                // it has been closed, and goes on strictly behind this
        std::vector<Read> ahead;                     // matching lines that have been read
        std::size_t used = 0;                        // so many of them have been given out
        std::size_t chunk = 1;                       // lines to read when they are used up

        bool has_line() const { return used < ahead.size(); }
        const Read& line() const { return ahead[used]; }
    };
    struct Waiting {
        LineId key;  // of the line that comes next, or not behind it
        std::size_t source = 0;
    };

    bool before(const LineId& a, const LineId& b) const {
        return range_.order == Order::ascending ? a < b : b < a;
    }
    void push(Waiting waiting);
    Waiting pop();
    Result<bool> settle();            // finds the next line (ready_); false at the end or when stopped
    Result<void> fetch(Waiting top);  // reads on in the row that the sequence has come to
    Result<void> fetch_run(std::size_t index);
    Result<void> fetch_lines(Waiting top);
    std::size_t left() const;  // that may be held beside what is held now
    bool is_scarce() const { return left() < execution_.limits().memory_bytes / kCloseShare; }
    LineId before_line(const LineId& id) const;
    LineRange rest_of(const Source& source) const;
    void close_at(std::size_t index, const LineId& place);
    void go_on_behind(const LineId& place, std::size_t index);
    bool is_at_end(const LineId& key) const { return end_ && !before(key, *end_); }
    Result<LineId> read_chunk(Source& source, LineId last);  // the id of the last line read
    Result<bool> open(Source& source);                       // false: over the memory limit
    Result<bool> open_block(Source& source);                 // the same
    struct Reading {
        bool ahead = false;          // while the query does other things
        std::size_t most_bytes = 0;  // that the reader may take
    };
    Result<BlockAnswer> read_block(const LogRow& row, const BlockInfo& block, const LineRange& range,
                                   std::unique_ptr<block::BlockReader> reader, Reading how) const;
    Result<BlockAnswer> read_now(Source& source);
    std::size_t most_bytes(const Source& source) const;
    Result<std::unique_ptr<block::BlockReader>> open_candidate(const BlockRun& run) const;
    Waiting take_block(BlockRun& run);
    std::chrono::microseconds help_after() const;
    Result<void> read_ahead();
    bool read_ahead_of(std::size_t index);
    std::optional<std::size_t> next_run(const std::vector<std::size_t>& runs) const;
    void hold_open_block(Source& source);
    void stop_for_memory();
    Result<void> add_blocks(const LogRow& row);
    void close(Source& source);
    bool may_go_on();
    void come_to(const LineId& key);
    void pass_over_all_before(const LineId& key);
    void hold(std::size_t bytes);
    void drop_given();

    const Store& store_;
    std::vector<LogRow> rows_;
    std::deque<Source> sources_;  // blocks are added while others are in use
    LineRange range_;
    SnapshotPtr snapshot_;
    FilterForms filter_;
    Execution& execution_;
    BlockTaker* taker_;
    std::vector<Waiting> heap_;
    std::optional<std::size_t> given_;  // whose first line ahead has been given out
    std::optional<Waiting> ready_;  // the line that comes next, taken out of the heap (or never put there)
    Line line_;
    std::optional<LineId> place_, first_place_, end_;
    std::size_t held_ = 0, most_held_ = 0;  // memory of open rows and of what has been read ahead
    std::uint64_t next_check_ = 0;
    bool stopping_ = false;  // nothing more may be read
    bool stopped_ = false;
    std::unique_ptr<BlockJobs> jobs_;  // once the query is a long one; goes first, it uses the others
};

// What an open row is counted as, for the memory limit: its cursor, and what that pins and has read ahead. An
// open block is counted as its cursor, its text, and so much for each line, which is hardly ever too little;
// once it is open, as what its reader has really taken, if that is more.
inline constexpr std::size_t kOpenRowBytes = std::size_t{16} << 10;
inline constexpr std::size_t kOpenBlockBytes = std::size_t{8} << 10;
inline constexpr std::size_t kOpenLineBytes = 64;
inline constexpr std::size_t kMaxLinesAhead = 64;
inline constexpr std::size_t kMaxBytesAhead = std::size_t{16}
                                              << 10;  // no further line is read ahead beyond it
// So many blocks are read ahead, for each thread that reads them.
inline constexpr std::size_t kBlocksAhead = 2;
inline constexpr std::size_t kBlocksAheadOfTaker = 4;
// Of Execution::help_after, for queries that are known to be long.
inline constexpr int kSoonerShare = 16;
// So many lines are read, or blocks are passed over by what their filters tell, before the execution is asked
// again.
inline constexpr std::uint64_t kLinesPerCheck = 64;
inline constexpr std::size_t kBlocksPerCheck = 64;

}  // namespace nmstore::query
