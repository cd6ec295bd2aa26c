// A text that is looked for in the lines of a block, template by template: a word, a phrase, a part of one.
//
// Words with a digit are variables there, all else is constant. So a text takes a shape of constants and
// variables of its own, and can stand in a line only where this shape fits the template's: its inner
// constants are whole constants of the template, its inner words whole values. Only a word at its end that
// may go on there leaves a choice: it may be a part of a constant or of a value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/block_text.h"
#include "query/block_value.h"

namespace nmstore::query {

class BlockPhrase {
  public:
    struct Form {
        Letters letters = Letters::any_case;
        // As Needle::Form.
        bool border_before = true;
        bool border_after = true;
    };
    // `text`: valid UTF-8, not empty. `words` gets the words that blocks are asked for.
    BlockPhrase(std::string_view text, Form form, PlanWords& words);

    // false: no line of the block has it, as far as the block's filter tells. Reads nothing else.
    Result<bool> may_be_in(BlockWords& block) const;

    // Exactly the lines of the template that have it (with Letters::regex_case: at least these); of lines
    // that are not in `within` anything may be said.
    Result<RankSet> in(BlockWords& block, std::size_t number, const RankSet& within) const;

  private:
    // One way to take the text: constants[0], a variable that passes values[0], constants[1] …
    struct Shape {
        std::vector<std::string> constants{1};
        std::vector<ValueTest> values;
        std::vector<std::size_t> words;        // that must be in the block's variables
        std::optional<Needle> pattern_needle;  // what a pattern must have, where there is more than one value
    };
    // Where in a template a shape may stand, beginning before the variable of that number.
    struct Place {
        const Shape* shape;
        std::size_t variable;
    };

    void add_shapes(PlanWords& words);
    void add_shape(const std::vector<struct PhraseWord>& found, bool first_varies, bool last_varies,
                   PlanWords& words);
    std::string_view comparable(std::string_view constant, std::string& lowered) const;
    bool constant_fits(const Shape& shape, std::size_t i, std::string_view constant) const;
    Result<bool> may_stand_at(BlockWords& block, TemplateText& text, const Place& place) const;
    static std::size_t first_place(BlockWords& block, const Shape& shape, const block::Template& made);
    Result<RankSet> in_plain(BlockWords& block, const block::Template& made, const RankSet& within) const;
    Result<bool> may_be_in_plain(BlockWords& block, const block::Template::Variable& variable) const;
    bool in_constants(TemplateText& text) const;

    std::string text_;  // lower-cased unless the case counts
    Form form_;
    Needle needle_;
    bool has_marks_;                        // bytes that are escaped in patterns
    bool may_be_constant_ = false;          // all of it may stand in one constant
    std::vector<Shape> shapes_;             // with variables
    std::vector<std::size_t> whole_words_;  // those that every line with the text has
};

}  // namespace nmstore::query
