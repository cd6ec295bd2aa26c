#include "engine/time_cell.h"

#include "engine/cell_text.h"
#include "nmstore/line.h"
#include "nmstore/posted_form.h"

namespace nmstore {

void TimeCell::clear() {
    *this = TimeCell();
}

void TimeCell::set_posted(std::string_view value, std::int64_t expires_at_ms) {
    has_posted_ = true;
    posted_ = value;
    expires_at_ms_ = expires_at_ms;
}

void TimeCell::add_line(std::string_view text) {
    ++lines_;
    if (cut_) return;
    if (text_.size() + text.size() > kMaxTimeCellBytes) {
        cut_ = true;
        text = kCutMark;
    }
    text_ += text;
    text_ += '\n';
}

std::string TimeCell::value(RowKind kind, std::int64_t time_ms) const {
    if (lines_ == 0) return posted_;
    if (!has_posted_) return posted_form(time_ms, text_);
    CellText posted;
    posted.assign(kind, posted_);
    std::string returned;
    for (std::size_t i = 0; i < posted.size(); ++i) {
        returned += posted[i];
        returned += '\n';
    }
    return posted_form(time_ms, returned + text_);
}

}  // namespace nmstore
