// A block: lines of one row, compressed together, as templates and columns (docs/block-format.md).
//
// A BlockWriter gathers lines and makes the bytes; a BlockReader takes them apart, as little of them as is
// asked for. Neither may be used by two threads at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/column.h"
#include "engine/block/filter.h"
#include "engine/block/word_key.h"
#include "nmstore/result.h"

namespace nmstore::block {

inline constexpr std::size_t kMaxBlockLines = std::size_t{1} << 20;
inline constexpr std::size_t kMaxSectionBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxTemplates = 4096;    // besides those of plain lines
inline constexpr std::size_t kGroupBytes = 16 << 10;  // a column group is closed when it has this many
inline constexpr std::size_t kMinSharedBytes = 5;     // shorter values do not go into the shared dictionary
inline constexpr std::size_t kMaxSharedValues = 1 << 16;
inline constexpr int kFastLevel = 1;    // of zstd
inline constexpr int kTightLevel = 12;  // for blocks that are not expected to change again

struct BlockLine {
    std::int64_t time_ms = 0;
    std::uint64_t sequence = 0;
    std::uint32_t line = 0;
    std::string_view text;
    std::string_view fields;  // "" or what came with it; without '\n'
};

class BlockWriter {
  public:
    // Copies the line. The caller keeps to kMaxBlockLines and to a text of about 1 MiB in all.
    void add(const BlockLine& line);
    std::size_t lines() const { return ids_.size(); }
    std::size_t text_bytes() const { return text_.size(); }

    // The block of what was added (at least one line), with `extras` kept beside it; the writer is empty
    // then. too_large: more than a block can hold.
    Result<std::string> finish(std::string_view extras, int level);

  private:
    struct Id {
        std::int64_t time_ms;
        std::uint64_t sequence;
        std::uint32_t line;
        std::size_t end;  // of its text in text_
        bool fields;
    };
    friend class BlockEncoder;

    std::string text_;
    std::vector<Id> ids_;
};

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
};

struct LineKey {
    std::int64_t time_ms = 0;
    std::uint64_t sequence = 0;
    std::uint32_t line = 0;
};

class BlockReader {
  public:
    // `block` must outlive the reader. Reads the directory only. corruption: not a block.
    static Result<std::unique_ptr<BlockReader>> open(std::string_view block);
    virtual ~BlockReader() = default;

    virtual std::size_t lines() const = 0;
    virtual const std::vector<Template>& templates() const = 0;
    virtual std::size_t columns() const = 0;
    // The group that a column is in: columns of one group are decoded together.
    virtual std::size_t group_of(std::size_t column) const = 0;

    // Each is decoded when first asked for, and kept. The pointers live as long as the reader.
    virtual Result<const std::vector<LineKey>*> ids() = 0;
    virtual Result<const std::vector<std::uint32_t>*> numbers() = 0;  // the template of each line
    virtual Result<const ColumnValues*> column(std::size_t column) = 0;
    virtual Result<std::string_view> extras() = 0;
    // Has word_key(word, place) for every word of every place: a word whose key is not in it is not there.
    virtual Result<const Filter*> filter() = 0;

    // Line `at` as it was added; the views live until the next call.
    virtual Result<BlockLine> line(std::size_t at) = 0;
};

}  // namespace nmstore::block
