#include "engine/time_cell.h"

#include "engine/cell_text.h"
#include "nmstore/escape.h"
#include "nmstore/line.h"

namespace nmstore {
namespace {

// As JSON's string would write it; bytes that are not ASCII stay.
void append_json_text(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20) {
            out += "\\u00";
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        } else {
            out.push_back(c);
        }
    }
}

}  // namespace

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
    std::string json = "{\"date\":" + std::to_string(time_ms) + ",\"returned\":\"";
    if (has_posted_) {
        CellText posted;
        posted.assign(kind, posted_);
        for (std::size_t i = 0; i < posted.size(); ++i) {
            append_json_text(json, posted[i]);
            json += "\\n";
        }
    }
    append_json_text(json, text_);
    json += "\"}";
    return escape(json);
}

}  // namespace nmstore
