#include "query/wildcard.h"

namespace nmstore::query {

void WildcardText::add_text(std::string_view text) {
    pieces_.back() += text;
}

void WildcardText::add_star() {
    if (pieces_.size() > 1 && pieces_.back().empty()) return;
    pieces_.emplace_back();
}

FilterKind WildcardText::kind() const {
    const bool open_below = pieces_.front().empty();
    const bool open_above = pieces_.back().empty();
    switch (pieces_.size()) {
        case 1:
            return FilterKind::word;
        case 2:
            if (open_below && open_above) return FilterKind::all;
            if (open_below) return FilterKind::suffix;
            return open_above ? FilterKind::prefix : FilterKind::wildcard;
        case 3:
            return open_below && open_above ? FilterKind::substring : FilterKind::wildcard;
        default:
            return FilterKind::wildcard;
    }
}

std::string WildcardText::text() const {
    if (kind() == FilterKind::wildcard) return wildcard_text(pieces_);
    std::string text;
    for (const auto& piece : pieces_) text += piece;  // all but one are empty
    return text;
}

std::vector<std::string> wildcard_pieces(std::string_view text) {
    std::vector<std::string> pieces(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '*') {
            pieces.emplace_back();
            continue;
        }
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        pieces.back() += text[i];
    }
    return pieces;
}

std::string wildcard_text(const std::vector<std::string>& pieces) {
    std::string text;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0) text += '*';
        for (char c : pieces[i]) {
            if (c == '*' || c == '\\') text += '\\';
            text += c;
        }
    }
    return text;
}

}  // namespace nmstore::query
