#include "query/template_lines.h"

#include <utility>

namespace nmstore::query {

Result<TemplateLines> TemplateLines::open(block::BlockReader& block, std::size_t number) {
    const block::Template& made = block.templates()[number];
    const auto& constants = block.constants(number);
    TemplateLines lines(made.fields);
    lines.last_ = constants[0];
    for (std::size_t i = 0; i < made.variables.size(); ++i) {
        const auto& variable = made.variables[i];
        if (variable.single) {
            lines.last_ += variable.value;
        } else {
            NM_ASSIGN(const auto* values, block.column(variable.column));
            lines.pieces_.push_back({std::exchange(lines.last_, std::string()), values});
        }
        lines.last_ += constants[i + 1];
    }
    return lines;
}

Result<void> TemplateLines::put(std::size_t rank, Line& line) {
    text_.clear();
    for (const Piece& piece : pieces_) text_.append(piece.before).append((*piece.values)[rank]);
    text_ += last_;
    line.text = text_;
    line.fields = {};
    if (!fields_) return {};
    const std::size_t newline = text_.rfind('\n');
    if (newline == std::string::npos)
        return Error{Code::corruption, "cannot read a block: a line has lost its fields"};
    line.text = std::string_view(text_).substr(0, newline);
    line.fields = std::string_view(text_).substr(newline + 1);
    return {};
}

}  // namespace nmstore::query
