// What is written together: cells of one family, lines, steps of counters. A Store hands batches out (nmstore/store.h);
// one that is let go without commit() has written nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "nmstore/result.h"

namespace nmstore {

struct CommitResult {
    std::uint64_t entries = 0;  // cells or lines or counter steps written
    bool repeated = false;      // a LineBatch whose (source, sequence) had been committed before: nothing written
};

// Cells for one family, written together or not at all. Not committed: discarded.
// Nothing is held twice: put() encodes straight into the batch that goes to disk.
class CellBatch {
  public:
    virtual ~CellBatch() = default;
    // Upserts a cell; within a batch the last one of the same row and column wins. ttl_seconds 0: never
    // expires. invalid_argument names what is wrong (empty or too long row key or column name, a name
    // that does not fit the comparator, a value that does not fit the column's declared type, a negative
    // or too great ttl); the batch goes on without that cell.
    virtual Result<void> put(std::string_view row, std::string_view column, std::string_view value,
                             std::int64_t ttl_seconds = 0) = 0;
    // Removes a row as it is when the batch is committed, and what the batch has put into it so far; cells put
    // afterwards stay. So a row can be replaced in one step. Removing what is not there succeeds.
    virtual Result<void> remove_row(std::string_view row) = 0;
    // Whether the cells that are put from now on stand with their values in the change that tells of this commit
    // (nmstore/change.h). At first they do not.
    virtual void tell_values(bool on) = 0;
    virtual std::size_t bytes() const = 0;  // size so far
    // May be called once. conflict if the family has been dropped meanwhile.
    virtual Result<CommitResult> commit() = 0;
};

struct NewLine {
    std::string_view client;  // not empty
    std::string_view log;     // a path or any name; not empty
    std::int64_t time_ms = 0;
    std::string_view text;    // without newline; over kMaxLineBytes it is cut with kCutMark, and counted
    std::string_view fields;  // "" or a JSON object
};

inline constexpr std::size_t kMaxSourceBytes = 256;
inline constexpr std::uint64_t kMaxSourceSequence = (std::uint64_t{1} << 63) - 1;

// Lines, appended to day rows of kTimeFamily together or not at all: two lines of the same millisecond are
// two entries, in the order of append(). Also notes client and log, with the time now, in the index rows
// `clients` and `{client}:logs` of kIndexFamily (at most every few seconds for each).
class LineBatch {
  public:
    virtual ~LineBatch() = default;
    virtual Result<void> append(const NewLine& line) = 0;  // invalid_argument: as for CellBatch::put
    virtual std::size_t bytes() const = 0;
    // Makes a repeated commit harmless: if `sequence` is not greater than the last one committed for `source`,
    // commit() writes nothing and says `repeated`. Over kMaxSourceSequence, or kMaxSourceBytes: commit() fails, invalid_argument.
    virtual void set_origin(std::string_view source, std::uint64_t sequence) = 0;
    virtual Result<CommitResult> commit() = 0;
};

// Steps of counters, committed together. Steps commute; nothing is read to write them. A counter wraps
// around in two's complement.
class CounterBatch {
  public:
    virtual ~CounterBatch() = default;
    virtual Result<void> add(std::string_view row, std::string_view column, std::int64_t delta) = 0;
    virtual Result<CommitResult> commit() = 0;
};

}  // namespace nmstore
