// A sealed block as a searcher sees it: lines of one row as templates and columns (docs/block-format.md). A
// query looks at its filter, then at its templates, then at the columns that can matter, and puts together the
// text of only those lines that it shows; each part is read from the store when it is first asked for.
//
// What a word is, and how it is lower-cased: nmstore/words.h. A word that has an ASCII digit stands in a
// variable, a word without one in a pattern, except where lines are plain (then both stand in its one column).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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
};

namespace block {

// Where in a block a word is: in its directory (patterns and single values), or in a group of columns.
inline constexpr std::size_t kDirectoryWords = 0;
inline constexpr std::size_t group_words(std::size_t group) {
    return group + 1;
}
// The key of a word at a place, for BlockReader::may_have. `word` in any case: it is lower-cased first.
std::uint64_t word_key(std::string_view word, std::size_t place);

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

// Lines that differ only in their variables. A line is constants[0], its first variable, constants[1], … and
// where `fields` is set, what stands behind the last '\n' of that are its fields.
struct Template {
    std::string_view pattern;
    std::size_t lines = 0;
    bool fields = false;  // its lines have fields, behind the last '\n'
    bool plain = false;   // its one variable is the whole line
    struct Variable {
        bool single = false;  // all its values are `value`
        std::string_view value;
        std::size_t column = 0;  // else its place among the columns
    };
    std::vector<Variable> variables;
    std::vector<std::string> constants;  // one more than variables
};

// Values side by side in one string.
class ColumnValues {
  public:
    std::size_t size() const { return ends_.size(); }
    std::string_view operator[](std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::string_view(bytes_).substr(begin, ends_[i] - begin);
    }
    // All values, one behind the other: a value that has a text is found by looking here first.
    std::string_view all() const { return bytes_; }
    void add(std::string_view value) {
        bytes_.append(value);
        ends_.push_back(bytes_.size());
    }
    void add_number(std::uint64_t number, std::size_t width);
    std::size_t bytes() const { return bytes_.size(); }
    void reserve(std::size_t count) { ends_.reserve(count); }

  private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
};

// Reads one block, as little of it as is asked for. One thread at a time. Every call may fail with corruption,
// or as reading from the store fails.
class BlockReader {
  public:
    virtual ~BlockReader() = default;

    // ---- The filter alone: nothing else of the block is read for it.
    // `key`: word_key(word, place). false: the word is not at that place. true: it may be.
    virtual Result<bool> may_have(std::uint64_t key) = 0;

    // ---- The directory: templates by falling number of lines, plain ones last. Read by read_directory(), which
    // must have succeeded before anything below is called, and does nothing when called again.
    virtual Result<void> read_directory() = 0;
    virtual std::size_t lines() const = 0;
    virtual const std::vector<Template>& templates() const = 0;
    virtual std::size_t columns() const = 0;
    virtual std::size_t groups() const = 0;
    // The group that a column is in: columns of one group are decoded together.
    virtual std::size_t group_of(std::size_t column) const = 0;

    // ---- Each is decoded when first asked for, and kept. The pointers live as long as the reader.
    virtual Result<const std::vector<LineKey>*> ids() = 0;            // in rising order
    virtual Result<const std::vector<std::uint32_t>*> numbers() = 0;  // the template of each line
    // The place of each line among the lines of its template: where its values stand in the columns.
    virtual Result<const std::vector<std::uint32_t>*> ranks() = 0;
    virtual Result<const ColumnValues*> column(std::size_t column) = 0;
    virtual Result<std::string_view> extras() = 0;

    // Line `at` as it was added; the views live until the next call.
    virtual Result<BlockLine> line(std::size_t at) = 0;
};

}  // namespace block
}  // namespace nmstore
