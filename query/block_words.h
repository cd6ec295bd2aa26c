// One block while a plan is asked about it: its reader, and which of the plan's words may be where in it.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "nmstore/sealed_block.h"

namespace nmstore::query {

// The words that a plan asks blocks for, lower-cased, each once; numbered.
class PlanWords {
  public:
    std::size_t number_of(const std::string& word);
    const block::SoughtWord& operator[](std::size_t number) const { return sought_[number]; }
    std::size_t size() const { return words_.size(); }

  private:
    std::vector<std::string> words_;
    std::vector<block::SoughtWord> sought_;
};

// Which of the values that columns of a block share pass a test.
struct SharedHits {
    bool known = false;
    std::vector<bool> has;              // empty: none of them
    std::vector<std::uint32_t> places;  // of those that do

    bool none() const { return has.empty(); }
    bool has_place(std::size_t place) const { return !has.empty() && has[place]; }
};

// Used by one thread; the reader and the words must outlive it. Whether words may be anywhere may be asked
// before the directory is read.
class BlockWords {
  public:
    BlockWords(block::BlockReader& reader, const PlanWords& words, std::vector<bool> of_row)
        : reader_(reader), words_(words), of_row_(std::move(of_row)), known_(words.size()) {}

    block::BlockReader& reader() const { return reader_; }
    const block::Template& made(std::size_t number) const { return reader_.templates()[number]; }
    // What the filter's sources are for the row of the block.
    bool of_row(std::size_t source) const { return of_row_[source]; }

    const block::SoughtWord& word(std::size_t number) const { return words_[number]; }

    // Whether the word may be in the block, which is asked once; and in a column, as its summary says.
    Result<bool> may_be_anywhere(std::size_t word);
    Result<bool> may_be_in_column(std::size_t word, std::size_t column);

    // Of the test at this address, which must stay there.
    SharedHits& shared_hits(const void* test) { return shared_hits_[test]; }
    // Room for the column that is asked at the moment.
    block::ColumnForm& form() { return form_; }

  private:
    enum class Known : std::uint8_t { nothing, no, yes };

    block::BlockReader& reader_;
    const PlanWords& words_;
    std::vector<bool> of_row_;
    std::vector<Known> known_;  // by word
    std::unordered_map<const void*, SharedHits> shared_hits_;
    block::ColumnForm form_;
};

}  // namespace nmstore::query
