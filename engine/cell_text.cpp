#include "engine/cell_text.h"

#include <algorithm>

#include "engine/agent_object.h"
#include "nmstore/escape.h"

namespace nmstore {
namespace {
constexpr int kPasses = 2;  // as unescape_fully()
}

void CellText::assign(RowKind kind, std::string_view value) {
    pieces_.clear();
    half_ = false;
    in_object_ = false;
    outer_passes_ = 0;
    inner_passes_ = 0;
    text_.assign(value);
    if (kind != RowKind::logs) {
        outer_passes_ = unescape_text(kPasses);
        pieces_.push_back({0, text_.size()});
        return;
    }
    // Looked for between the passes, not behind them: a pass too many would turn the %22 of a line's own text
    // into a quote that ends the JSON.
    bool whole = true;  // nothing says that the value is a part of a stream
    for (int passes = kPasses; passes >= 0; --passes) {
        if (find_returned(text_, spare_)) {
            text_.swap(spare_);
            inner_passes_ = unescape_text(passes);
            whole = false;
            break;
        }
        if (passes == 0 || !unescape(text_, spare_)) break;
        text_.swap(spare_);
        ++outer_passes_;
    }
    in_object_ = !whole;
    split();
    half_ = !whole && !text_.empty() && text_.back() != '\n';
}

int CellText::unescape_text(int passes) {
    int changed = 0;
    for (; changed < passes && unescape(text_, spare_); ++changed) text_.swap(spare_);
    return changed;
}

void CellText::split() {
    std::size_t begin = 0;
    while (begin < text_.size()) {
        const std::size_t end = std::min(text_.find('\n', begin), text_.size());
        pieces_.push_back({begin, end});
        begin = end + 1;
    }
}

}  // namespace nmstore
