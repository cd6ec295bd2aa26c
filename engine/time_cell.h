// Appended lines in the form of a cell, for those who read a time row as cells: as an agent would have posted
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/day_row.h"

namespace nmstore {

// A cell of a great many lines of one millisecond is cut here, with kCutMark.
inline constexpr std::size_t kMaxTimeCellBytes = std::size_t{16} << 20;

// Collects what stands at one time of a row, in order of sequence, and says it as one cell's value.
class TimeCell {
  public:
    void clear();
    bool empty() const { return !has_posted_ && lines_ == 0; }
    void set_posted(std::string_view value, std::int64_t expires_at_ms);
    void add_line(std::string_view text);

    // A posted cell alone: byte for byte. With lines: their posted_form(), the posted cell's own lines first
    // (what else its object held does not show).
    std::string value(RowKind kind, std::int64_t time_ms) const;
    std::int64_t expires_at_ms() const { return lines_ == 0 ? expires_at_ms_ : 0; }

  private:
    bool has_posted_ = false;
    std::string posted_;
    std::int64_t expires_at_ms_ = 0;
    std::size_t lines_ = 0;
    bool cut_ = false;
    std::string text_;  // of the lines, each with its newline
};

}  // namespace nmstore
