// Gathers appended lines of one row until they become a block, or are written one by one because they are too
// few for one. Belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/block.h"
#include "engine/core.h"
#include "engine/stored_block.h"

namespace nmstore {

class BlockBuilder {
  public:
    // Limits besides the text: what lines without text come to.
    static constexpr std::size_t kMaxLines = std::size_t{1} << 16;

    // Whether a line can stand in a block: fields over several lines cannot.
    static bool fits(std::string_view fields) { return fields.find('\n') == std::string_view::npos; }

    // Copies. The line must fit.
    void add(std::int64_t time_ms, std::uint64_t sequence, std::string_view text, std::string_view fields);
    std::size_t bytes() const { return bytes_; }  // of texts and fields
    std::size_t lines() const { return lines_.size(); }
    bool empty() const { return lines_.empty(); }
    bool full(std::size_t block_bytes) const { return bytes() >= block_bytes || lines() >= kMaxLines; }

    // The block of all lines, in order of time and sequence; the builder is empty then. `level`: of zstd.
    Result<BuiltBlock> build(Core& core, RowId row, int level);

    struct GatheredLine {
        std::int64_t time_ms;
        std::uint64_t sequence;
        std::string_view text;
        std::string_view fields;
    };
    GatheredLine operator[](std::size_t i) const;
    void clear();  // and lets its memory go

  private:
    struct Place {
        std::int64_t time_ms;
        std::uint64_t sequence;
        std::size_t begin;
        std::uint32_t text_bytes;
        std::uint32_t field_bytes;
    };
    block::BlockWriter gather();

    std::string text_;  // as BlockWriter::adopt() takes it
    std::size_t bytes_ = 0;
    std::vector<Place> lines_;
    bool sorted_ = true;
};

}  // namespace nmstore
