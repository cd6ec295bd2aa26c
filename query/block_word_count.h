// The words of the lines of a block, with the number of lines that have each: those of constants once for all
// lines of a template, those of columns without making lines of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "query/block_plan.h"
#include "query/block_text.h"

namespace nmstore::query {

class BlockWordCount {
  public:
    // Counts the lines that are in `lines`, which must be decided.
    Result<void> add(block::BlockReader& block, const BlockLines& lines);

    std::uint64_t lines() const { return lines_; }
    // Calls each(word, count) for every word, in no order. Words are lower-cased.
    void for_each(const std::function<void(std::string_view word, std::uint64_t count)>& each) const;

  private:
    struct Word {
        std::uint64_t count = 0;
        std::uint64_t last_line = 0;  // so that a word counts once a line
        std::uint32_t last_template = 0;  // counted for all its lines
    };
    using Places = std::vector<std::uint32_t>;

    Result<void> add_template(block::BlockReader& block, std::size_t number, const RankSet& lines);
    Result<void> add_plain(block::BlockReader& block, std::size_t number, const RankSet& lines);
    Result<Places> words_of(block::BlockReader& block, std::size_t column, std::size_t lines);
    void add_to_all(std::string_view text, std::uint32_t number, std::uint64_t lines);

    // Where the word is among words_.
    std::uint32_t place_of_number(std::uint64_t number);
    std::uint32_t place_of_number(std::uint64_t number, std::uint32_t width);
    std::uint32_t place_of_text(std::string_view text);  // in any case
    std::uint32_t place_of_lower(std::string_view word);

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::vector<Word> words_;
    // Numbers without leading zeros, and all others.
    std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> texts_;
    std::uint64_t lines_ = 0;
    std::uint64_t line_ = 0;
    std::uint32_t templates_ = 0;
    block::ColumnForm form_;
    std::string lower_;
};

}  // namespace nmstore::query
