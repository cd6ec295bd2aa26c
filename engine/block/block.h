// A block: lines of one row, compressed together, as templates and columns (docs/block-format.md).
//
// A BlockWriter gathers lines and makes the bytes; a BlockReader (nmstore/sealed_block.h) takes them apart,
// as little of them as is asked for. Neither may be used by two threads at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

inline constexpr std::size_t kMaxBlockLines = std::size_t{1} << 20;
inline constexpr std::size_t kMaxSectionBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxTemplates = 4096;    // besides those of plain lines
inline constexpr std::size_t kGroupBytes = 16 << 10;  // a column group is closed when it has this many
inline constexpr std::size_t kMinSharedBytes = 5;     // shorter values do not go into the shared dictionary
inline constexpr std::size_t kMaxSharedValues = 1 << 16;
inline constexpr int kFastLevel = 1;    // of zstd
inline constexpr int kTightLevel = 12;  // for blocks that are not expected to change again

class BlockWriter {
  public:
    // Copies the line. The caller keeps to kMaxBlockLines and to a text of about 1 MiB in all.
    void add(const BlockLine& line);
    // Instead, without a copy: all lines as they are to stand, one behind the other, each with its fields (if
    // it has any) behind a newline. First the text, then where each line ends.
    void adopt(std::string text) { text_ = std::move(text); }
    void add_adopted(const LineKey& id, std::size_t end, bool fields) {
        ids_.push_back(id);
        places_.push_back({end, fields});
    }
    void reserve(std::size_t lines) {
        ids_.reserve(lines);
        places_.reserve(lines);
    }
    std::size_t lines() const { return ids_.size(); }
    std::size_t text_bytes() const { return text_.size(); }

    // The block of what was added (at least one line), with `extras` kept beside it; the writer is empty
    // then. too_large: more than a block can hold.
    Result<std::string> finish(std::string_view extras, int level);
    // The same, each section by itself: for a source of its own.
    Result<std::vector<std::string>> finish_sections(std::string_view extras, int level);

  private:
    Result<std::vector<std::string>> encode(std::string_view extras);

    struct Place {
        std::size_t end;  // of its text in text_
        bool fields;
    };
    friend class BlockEncoder;

    std::string text_;
    std::vector<LineKey> ids_;
    std::vector<Place> places_;
};

// Places of the sections that every block has.
enum SectionPlace : std::size_t { kDirectory, kNumbers, kIds, kExtras, kFilter, kShared, kFirstGroup };

// Where a reader gets its sections from, raw, each once at most.
class SectionSource {
  public:
    virtual ~SectionSource() = default;
    virtual std::size_t size() const = 0;
    virtual Result<std::string> read(std::size_t section) = 0;
};

// Reads the directory at once. `block` must outlive the reader. corruption: not a block.
Result<std::unique_ptr<BlockReader>> open_block(std::string_view block);
// Reads nothing yet. `shared` null: it shares nothing.
class SharedParts;
std::unique_ptr<BlockReader> open_block(std::unique_ptr<SectionSource> sections,
                                        std::unique_ptr<SharedParts> shared = nullptr);

// The filter of a block, made anew from its words: section kFilter, as it is stored. It is the same that the
// writer made. The reader's directory must have been read.
Result<std::string> rebuild_filter(BlockReader& reader, int level);

}  // namespace nmstore::block
