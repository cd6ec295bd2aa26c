// The parts of a block that its readers share: read and taken apart, or at least decompressed, once, then
// immutable, for any number of readers and threads.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/block/directory.h"
#include "engine/block/word_filter.h"
#include "nmstore/result.h"

namespace nmstore::block {

// Both hold the bytes that their views look into, so they are made in place and stay there.
struct OpenedFilter {
    static Result<std::shared_ptr<const OpenedFilter>> open(std::string bytes);
    // In place of one that could not be opened: every word may be there.
    static std::shared_ptr<const OpenedFilter> damaged(Error why);
    std::size_t memory_bytes() const { return sizeof(*this) + bytes.capacity(); }
    bool may_have(const SoughtWord& word) const { return damage || words.may_have(word); }

    std::optional<Error> damage;
    std::string bytes;
    WordFilter words;
};

struct OpenedDirectory {
    static Result<std::shared_ptr<const OpenedDirectory>> open(std::string bytes);
    std::size_t memory_bytes() const;

    std::string bytes;
    Directory directory;
};

// Where the readers of one block find what others have opened, and leave what they have. Any thread.
class SharedParts {
  public:
    virtual ~SharedParts() = default;
    // true: the word is not in the block, which is known without its filter. Asked before that is read.
    virtual bool lacks_word(const SoughtWord&) { return false; }
    // Null: nobody has left it, or it was forgotten.
    virtual std::shared_ptr<const OpenedFilter> filter() = 0;
    virtual std::shared_ptr<const OpenedDirectory> directory() = 0;
    virtual std::shared_ptr<const std::string> section(std::size_t place) = 0;  // its raw bytes
    virtual void keep(std::shared_ptr<const OpenedFilter> filter) = 0;
    virtual void keep(std::shared_ptr<const OpenedDirectory> directory) = 0;
    virtual void keep(std::size_t place, std::shared_ptr<const std::string> section) = 0;
};

}  // namespace nmstore::block
