// One block while a plan is asked about it: its reader, and which of the plan's words may be where in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nmstore/sealed_block.h"

namespace nmstore::query {

// The words that a plan asks blocks for, lower-cased, each once; numbered.
class PlanWords {
  public:
    std::size_t number_of(const std::string& word);
    const std::string& operator[](std::size_t number) const { return words_[number]; }
    std::size_t size() const { return words_.size(); }

  private:
    std::vector<std::string> words_;
};

// Used by one thread; the reader (its directory read) and the words must outlive it.
class BlockWords {
  public:
    BlockWords(block::BlockReader& reader, const PlanWords& words, std::vector<bool> of_row)
        : reader_(reader), words_(words), of_row_(std::move(of_row)), known_(words.size() * places()) {}

    block::BlockReader& reader() const { return reader_; }
    const block::Template& made(std::size_t number) const { return reader_.templates()[number]; }
    // What the filter's sources are for the row of the block.
    bool of_row(std::size_t source) const { return of_row_[source]; }

    // Whether the word may be in a column, or in what the directory has; asked of the block once.
    Result<bool> may_be_in_column(std::size_t word, std::size_t column) {
        return may_be_at(word, block::group_words(reader_.group_of(column)));
    }
    Result<bool> may_be_in_directory(std::size_t word) { return may_be_at(word, block::kDirectoryWords); }
    Result<bool> may_be_anywhere(std::size_t word);

  private:
    enum class Known : std::uint8_t { nothing, no, yes };
    std::size_t places() const { return reader_.groups() + 1; }
    Result<bool> may_be_at(std::size_t word, std::size_t place);

    block::BlockReader& reader_;
    const PlanWords& words_;
    std::vector<bool> of_row_;
    std::vector<Known> known_;  // by word, then by place
};

}  // namespace nmstore::query
