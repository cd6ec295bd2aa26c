// A sealed block as a searcher sees it: lines of one row as templates and columns (docs/block-format.md). A
// query looks at its filter, then at its templates, then at the columns that can matter, and puts together
// the text of only those lines that it shows; each part is read from the store when it is first asked for.
//
// What a word is, and how it is lower-cased: nmstore/words.h. A word that has an ASCII digit stands in a
// variable, a word without one in a pattern, except where lines are plain (then both stand in its one
// column).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/block_column.h"
#include "nmstore/block_template.h"
#include "nmstore/line.h"
#include "nmstore/result.h"

namespace nmstore {

// What the store knows of a block without opening it.
struct BlockInfo {
    std::uint64_t number = 0;  // names the block in the whole store, for ever
    LineId first;              // of its lines, in the order of ids
    LineId last;
    std::uint64_t lines = 0;
    std::uint64_t text_bytes = 0;    // of its lines and their fields
    std::uint64_t stored_bytes = 0;  // on disk
    std::uint32_t sections = 0;      // parts that are read by themselves
    bool tight = false;              // compressed as well as can be: not to be rewritten for its size

    // A block of posted cells; 0: its lines were appended.
    std::uint64_t cells = 0;
    std::int64_t first_cell_ms = 0;    // cells may have no line of their own, so the range of their times
    std::int64_t last_cell_ms = 0;     // may be wider than that of the lines
    // Not before last_cell_ms. That its last half lines stay as they are was decided by the cells up to here.
    std::int64_t decided_to_ms = 0;
    std::int64_t first_expiry_ms = 0;  // of the cell that expires first; 0: none ever does
    std::int64_t last_expiry_ms = 0;   // of the last one; INT64_MAX: some never do; 0: none ever does

    // Something of it had expired when Store::blocks() gave this: it is read with Store::block_lines only,
    // which gives the lines that are left.
    bool has_gaps = false;

    bool has_expired(std::int64_t now_ms) const { return first_expiry_ms != 0 && first_expiry_ms <= now_ms; }
    // Nothing of it is there any more.
    bool all_expired(std::int64_t now_ms) const { return last_expiry_ms != 0 && last_expiry_ms <= now_ms; }
};

namespace block {

struct BlockLine {
    std::int64_t time_ms = 0;
    std::uint64_t sequence = 0;
    std::uint32_t line = 0;
    std::string_view text;
    std::string_view fields;  // "" or what came with it; without '\n'
};

struct LineKey {
    std::int64_t time_ms = 0;
    std::uint64_t sequence = 0;
    std::uint32_t line = 0;
};

// What a block's filter is made of.
struct FilterFacts {
    std::size_t keys = 0;                 // of words, or a few more: what decides its size
    std::span<const NumberRange> ranges;  // that stand for all numbers in them
};

// Reads one block, as little of it as is asked for. One thread at a time. Every call may fail with
// corruption, or as reading from the store fails. What it gives pointers and views of lives as long as the
// reader, unless let_go() is called.
class BlockReader {
  public:
    virtual ~BlockReader() = default;

    // ---- The filter alone: nothing else of the block is read for it.
    // false: the word is nowhere in the block. true: it may be (one wrong yes in 256, more for numbers). Of a
    // filter that is damaged it is true for every word: a query reads more then, and loses no line.
    virtual Result<bool> may_have_word(const SoughtWord& word) = 0;
    Result<bool> may_have_word(std::string_view word) { return may_have_word(SoughtWord(word)); }
    // For those who want to know. corruption: it is damaged.
    virtual Result<FilterFacts> filter_facts() = 0;

    // ---- The directory: templates by falling number of lines, plain ones last. Read by read_directory(),
    // which must have succeeded before anything below is called, and does nothing when called again.
    virtual Result<void> read_directory() = 0;
    virtual std::size_t lines() const = 0;
    virtual const std::vector<Template>& templates() const = 0;
    // What stands before, between and behind the variables of a template: one more than it has variables.
    // Taken out of the pattern when first asked for.
    virtual const std::vector<std::string_view>& constants(std::size_t number) = 0;
    virtual std::size_t columns() const = 0;
    virtual ColumnSummary summary(std::size_t column) const = 0;
    virtual std::size_t template_of(std::size_t column) const = 0;

    // ---- Each is decoded when first asked for, and kept.
    virtual Result<const std::vector<std::int64_t>*> times() = 0;     // of the lines, in ms; in rising order
    virtual Result<const std::vector<LineKey>*> ids() = 0;            // in rising order
    virtual Result<const std::vector<std::uint32_t>*> numbers() = 0;  // the template of each line
    // The place of each line among the lines of its template: where its values stand in the columns.
    virtual Result<const std::vector<std::uint32_t>*> ranks() = 0;
    // The values of one column. Columns that lie side by side share the work of reading, not of decoding.
    virtual Result<const ColumnValues*> column(std::size_t column) = 0;
    // The same of a column whose summary says that it has numbers (NM_CHECK), without making text of them.
    virtual Result<const std::vector<std::uint64_t>*> column_numbers(std::size_t column) = 0;
    // The column as it is stored, which is not kept; `form` is good as long as the reader, or until let_go().
    virtual Result<void> column_form(std::size_t column, ColumnForm& form) = 0;
    // What forms of ColumnForm::Lines::shared name.
    virtual Result<const SharedValues*> shared_values() = 0;
    virtual Result<std::string_view> extras() = 0;

    // Line `at` as it was added; the views live until the next call.
    virtual Result<BlockLine> line(std::size_t at) = 0;

    // ---- For those who keep readers.
    // About how much memory it has taken.
    virtual std::size_t memory_bytes() const = 0;
    // Forgets everything but filter and directory; what is asked for again is read again.
    virtual void let_go() = 0;
    // From now on a call that makes it hold more than this fails with limit_exceeded, having held the one
    // part too many.
    virtual void limit_memory(std::size_t bytes) = 0;
};

}  // namespace block
}  // namespace nmstore
