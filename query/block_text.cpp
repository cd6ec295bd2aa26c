#include "query/block_text.h"

#include <algorithm>

namespace nmstore::query {

TemplateText::TemplateText(block::BlockReader& block, std::size_t number)
    : block_(block),
      number_(number),
      made_(block.templates()[number]),
      pattern_(plain_text(made_.pattern, made_.fields)) {}

void TemplateText::load() {
    if (constants_ != nullptr) return;
    constants_ = &block_.constants(number_);
    variables_ = made_.variables.size();
    last_ = constants_->back();
    if (!made_.fields) return;
    // The newline separates words, so it is in a constant.
    while (variables_ > 0 && (*constants_)[variables_].find('\n') == std::string_view::npos) --variables_;
    last_ = plain_text((*constants_)[variables_], true);
}

std::string_view plain_text(std::string_view line, bool fields) {
    return fields ? line.substr(0, std::min(line.size(), line.rfind('\n'))) : line;
}

}  // namespace nmstore::query
