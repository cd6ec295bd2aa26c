// Where a line of a row's cells may go on from one cell to the next, now or whenever some have expired.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/cell_text.h"

namespace nmstore {

// Is told all cells of a row one after the other, from a place that no line crosses.
class OpenLines {
  public:
    void add(const CellText& text, std::int64_t expires_at_ms) {
        if (text.empty()) return;  // lines go on behind it
        const std::int64_t until_ms = expires_at_ms == 0 ? INT64_MAX : expires_at_ms;
        fits_ = fits_ && !(after_half_ && expires_at_ms != 0) && !(text.half() && expires_at_ms != 0);
        after_half_ = text.half();
        if (text.half()) {
            open_until_ms_ = std::max(open_until_ms_, until_ms);
        } else if (until_ms >= open_until_ms_) {
            open_until_ms_ = INT64_MIN;
        }
    }
    // No line can ever go on behind here.
    bool closed() const { return open_until_ms_ == INT64_MIN; }
    // Since the last begin(): each half line's cell and the next with a piece never expire.
    bool fits() const { return fits_; }
    void begin() { fits_ = true; }

  private:
    std::int64_t open_until_ms_ = INT64_MIN;  // that long a half line waits which no whole cell outlives
    bool after_half_ = false;
    bool fits_ = true;
};

}  // namespace nmstore
