#include "query/template_lines.h"

#include <cstring>
#include <utility>

namespace nmstore::query {

Result<TemplateLines> TemplateLines::open(block::BlockReader& block, std::size_t number, std::size_t first) {
    const block::Template& made = block.templates()[number];
    const auto& constants = block.constants(number);
    TemplateLines lines(made.fields);
    lines.last_ = constants[first];
    for (std::size_t i = first; i < made.variables.size(); ++i) {
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
    std::size_t size = last_.size();
    for (const Piece& piece : pieces_) size += piece.before.size() + (*piece.values)[rank].size();
    if (text_.size() < size) text_.resize(size * 2);
    char* to = text_.data();
    const auto put = [&to](std::string_view part) {
        std::memcpy(to, part.data(), part.size());
        to += part.size();
    };
    for (const Piece& piece : pieces_) {
        put(piece.before);
        put((*piece.values)[rank]);
    }
    put(last_);
    const std::string_view whole(text_.data(), size);
    line.text = whole;
    line.fields = {};
    if (!fields_) return {};
    const std::size_t newline = whole.rfind('\n');
    if (newline == std::string_view::npos)
        return Error{Code::corruption, "cannot read a block: a line has lost its fields"};
    line.text = whole.substr(0, newline);
    line.fields = whole.substr(newline + 1);
    return {};
}

}  // namespace nmstore::query
