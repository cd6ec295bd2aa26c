#include "query/block_text.h"

#include <algorithm>

namespace nmstore::query {

TemplateText::TemplateText(const block::Template& made)
    : made_(made), variables_(made.variables.size()), last_(made.constants.back()), pattern_(made.pattern) {
    if (!made.fields) return;
    pattern_ = plain_text(pattern_, true);
    // The newline separates words, so it is in a constant.
    while (variables_ > 0 && made.constants[variables_].find('\n') == std::string::npos) --variables_;
    last_ = plain_text(made.constants[variables_], true);
}

std::string_view plain_text(std::string_view line, bool fields) {
    return fields ? line.substr(0, std::min(line.size(), line.rfind('\n'))) : line;
}

}  // namespace nmstore::query
