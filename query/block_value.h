// What a text asks of one variable of a line: that it is a word, begins or ends so, or has it inside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/block_ranks.h"
#include "query/block_words.h"
#include "query/digit_needle.h"
#include "query/needle.h"

namespace nmstore::query {

// How texts are compared.
enum class Letters : std::uint8_t {
    exact,
    any_case,
    // As any_case, and values with one of the letters beyond ASCII that regular expressions take for the
    // other case of `k` or `s` always pass.
    regex_case,
};

// Whether it has U+212A or U+017F.
bool has_regex_case(std::string_view text);

class ValueTest {
  public:
    // `text`: not empty, lower-cased unless the case counts. `word`: its number among the plan's words, if
    // the filter knows it in every form that is taken as equal. `whole`: the value must be it.
    struct Word {
        std::optional<std::size_t> number;
        bool whole = false;
    };
    ValueTest(std::string text, bool from_start, bool to_end, Letters letters, Word word);

    bool holds(std::string_view value) const;

    // Whether any value may pass, as far as the block's filter knows. Reads no column.
    Result<bool> may_hold(BlockWords& block, const block::Template::Variable& variable) const;
    // The same by what is known of the variable alone; of a word, whether the block may have it is not asked.
    bool may_be_one_of(BlockWords& block, const block::Template::Variable& variable) const;
    // Takes those ranks out of `ranks` (of a template with `lines` lines) that do not pass. Reads the column:
    // of dictionaries each value is asked once, numbers are asked as such.
    Result<void> narrow(BlockWords& block, const block::Template::Variable& variable, std::size_t lines,
                        RankSet& ranks) const;

  private:
    bool holds_as_it_is(std::string_view value) const;
    bool may_be_one_of(BlockWords& block, const block::ColumnSummary& column) const;
    bool may_be_in(const block::ColumnSummary& column) const;
    // A value of the column that passes has nothing besides the text.
    bool fills(const block::ColumnSummary& column) const;
    // The places of the values that pass, in order. `ascii`: all of them are.
    std::vector<std::uint32_t> find_in(const block::StoredValues& values, bool ascii) const;
    Result<const SharedHits*> shared_hits(BlockWords& block) const;

    std::string text_;
    bool from_start_, to_end_;
    Letters letters_;
    Word word_;
    std::uint8_t classes_;  // of the bytes of the text
    Needle inside_;
    std::optional<DigitNeedle> digits_;  // where the text is only that
};

}  // namespace nmstore::query
