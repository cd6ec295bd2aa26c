#include "query/block_text.h"

#include <algorithm>

namespace nmstore::query {

TemplateText::TemplateText(block::BlockReader& block, std::size_t number)
    : made_(block.templates()[number]),
      constants_(block.constants(number)),
      variables_(made_.variables.size()),
      last_(constants_.back()),
      pattern_(made_.pattern) {
    if (!made_.fields) return;
    pattern_ = plain_text(pattern_, true);
    // The newline separates words, so it is in a constant.
    while (variables_ > 0 && constants_[variables_].find('\n') == std::string_view::npos) --variables_;
    last_ = plain_text(constants_[variables_], true);
}

std::string_view plain_text(std::string_view line, bool fields) {
    return fields ? line.substr(0, std::min(line.size(), line.rfind('\n'))) : line;
}

}  // namespace nmstore::query
