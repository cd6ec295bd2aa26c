#include "engine/block/word_gathering.h"
#include "engine/block/block.h"
#include "engine/block/section.h"

namespace nmstore::block {
namespace {

Result<void> gather_column(BlockReader& reader, std::size_t column, bool plain, WordGatherer& words) {
    if (reader.summary(column).number && words.covers(reader.summary(column).range)) return {};
    NM_ASSIGN(const ColumnValues* values, reader.column(column));
    for (std::size_t i = 0; i < values->size(); ++i)
        plain ? words.add_words_of((*values)[i]) : words.add_word((*values)[i]);
    return {};
}

}  // namespace

Result<WordGatherer> gather_words(BlockReader& reader) {
    WordGatherer words;
    for (std::size_t column = 0; column < reader.columns(); ++column) {
        const ColumnSummary& summary = reader.summary(column);
        if (!summary.number) continue;
        NM_ASSIGN(const auto* numbers, reader.column_numbers(column));
        if (better_as_range(*numbers, summary.range)) words.add_range(summary.range);
    }
    words.close_ranges();
    for (const Template& made : reader.templates()) {
        if (!made.plain) words.add_words_of(made.pattern);
        for (const auto& variable : made.variables) {
            if (!variable.single) {
                NM_TRY(gather_column(reader, variable.column, made.plain, words));
            } else {
                made.plain ? words.add_words_of(variable.value) : words.add_word(variable.value);
            }
        }
    }
    return words;
}

Result<std::string> rebuild_filter(BlockReader& reader, int level) {
    NM_ASSIGN(WordGatherer words, gather_words(reader));
    return compress_section(words.take(), level);
}

}  // namespace nmstore::block
