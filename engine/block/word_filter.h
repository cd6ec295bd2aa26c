// Which words may be in a block: a filter over keys of words, and ranges of numbers that stand for all words
// that are numbers in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/block/filter.h"
#include "engine/block/key_set.h"
#include "nmstore/block_column.h"
#include "nmstore/result.h"
#include "nmstore/sealed_block.h"

namespace nmstore::block {

// Whether the numbers of a column (in the order of its lines) are rather told as their range: where they
// leave few of it out, or rise with time, a filter would tell little more at nine bits for each. `distinct`:
// how many of them are.
bool better_as_range(const std::vector<std::uint64_t>& numbers, std::size_t distinct,
                     const NumberRange& range);
// For who does not know how many are distinct.
bool better_as_range(const std::vector<std::uint64_t>& numbers, const NumberRange& range);

// The words of a block: numbers in a range are told by the range, all others by their hashes.
struct WordKeys {
    std::vector<NumberRange> ranges;  // by width and least; apart from each other
    std::vector<std::uint64_t> hashes;  // each once, in no order
};

// Gathers the words of a block: first all ranges, then the words, of which those in a range take no room.
class WordGatherer {
  public:
    void add_range(const NumberRange& range) { ranges_.push_back(range); }
    void close_ranges();

    bool covers(const NumberRange& range) const;
    void add_word(std::string_view word);
    // The same of a word of which it is known whether it is a number (parse_digits), and which.
    void add_word(std::string_view word, bool is_number, std::uint64_t number);
    // There will be about so many words.
    void expect(std::size_t words) { keys_.expect(words); }
    void add_words_of(std::string_view text);
    // The gatherer is empty then, as after take().
    WordKeys take_keys();
    // The section.
    std::string take();

  private:
    bool in_range(std::uint64_t number, std::uint32_t width) const;

    std::vector<NumberRange> ranges_;  // by width and least; apart from each other once they are closed
    KeySet keys_;
};

// Looks into the bytes of a section, which must outlive it. A default one has no word.
class WordFilter {
  public:
    WordFilter() = default;
    static Result<WordFilter> open(std::string_view bytes);  // corruption: none
    bool may_have(const SoughtWord& word) const;
    FilterFacts facts() const { return {filter_.room(), ranges_}; }

  private:
    std::vector<NumberRange> ranges_;
    Filter filter_;
};

}  // namespace nmstore::block
