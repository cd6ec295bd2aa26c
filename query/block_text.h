// The text of a template's lines, without the fields that came with them: what conditions on the text are
// asked of.
#pragma once

#include <string_view>

#include "nmstore/sealed_block.h"

namespace nmstore::query {

// Not for templates of plain lines, whose text is in the one variable. Looks into the block's; takes the
// constants apart only when they are asked for.
class TemplateText {
  public:
    TemplateText(block::BlockReader& block, std::size_t number);

    std::size_t variables() {
        if (!made_.fields) return made_.variables.size();
        load();
        return variables_;
    }
    block::Template::Variable variable(std::size_t i) const { return made_.variables[i]; }
    // Before variable i; that of number variables() ends the text.
    std::string_view constant(std::size_t i) {
        load();
        return i == variables_ ? last_ : (*constants_)[i];
    }
    // With a mark in place of each variable; 01 and 02 in the text are escaped.
    std::string_view pattern() const { return pattern_; }

  private:
    void load();

    block::BlockReader& block_;
    const std::size_t number_;
    const block::Template& made_;
    std::string_view pattern_;
    const std::vector<std::string_view>* constants_ = nullptr;
    std::size_t variables_ = 0;
    std::string_view last_;
};

// The text of a plain line that is stored with its fields behind it.
std::string_view plain_text(std::string_view line, bool fields);

}  // namespace nmstore::query
