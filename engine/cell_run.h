// Where a line of a row's cells may go on from one cell to the next, now or whenever some have expired.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/cell_text.h"
#include "engine/line_cursor.h"

namespace nmstore {

// What a cell does to the lines of the cells before and behind it. Without a text nothing: lines go on behind
// it.
struct CellEnd {
    bool has_text = false;
    bool has_newline = false;           // a half line before it ends in it
    bool half = false;                  // its own last line goes on behind it
    std::int64_t until_ms = INT64_MIN;  // that long it is there

    static CellEnd of(const CellText& text, std::int64_t expires_at_ms) {
        return {!text.empty(), !text.empty() && (text.size() > 1 || !text.half()), text.half(),
                expires_at_ms == 0 ? INT64_MAX : expires_at_ms};
    }
    bool forever() const { return until_ms == INT64_MAX; }
};

// Is told all cells of a row one after the other, from a place that no line crosses.
class OpenLines {
  public:
    void add(const CellEnd& cell) {
        if (!cell.has_text) return;
        fits_ = fits_ && !(after_half_ && !cell.forever()) && !(cell.half && !cell.forever());
        after_half_ = cell.half;
        if (cell.half) {
            if (!cell.forever() || !(cell.has_newline || alone_ != 0 || closed())) {
                alone_ = 0;
            } else {
                alone_ = cell.has_newline ? 1 : alone_ + 1;
            }
            open_until_ms_ = std::max(open_until_ms_, cell.until_ms);
        } else {
            alone_ = 0;
            if (cell.until_ms >= open_until_ms_) open_until_ms_ = INT64_MIN;
        }
    }
    // A cell of which nothing is known: it may end in half a line that never goes away.
    void add_unknown() {
        fits_ = false;
        after_half_ = true;
        alone_ = 0;
        open_until_ms_ = INT64_MAX;
    }
    // No line can ever go on behind here.
    bool closed() const { return open_until_ms_ == INT64_MIN; }
    // Nor behind the cell with a text that is kMaxJoinedCells such cells before the last one: these have no
    // newline, and never expire.
    bool decided() const { return alone_ > kMaxJoinedCells; }
    // Since the last begin(): each half line's cell and the next with a piece never expire.
    bool fits() const { return fits_; }
    void begin() { fits_ = true; }

  private:
    std::int64_t open_until_ms_ = INT64_MIN;  // that long a half line waits which no whole cell outlives
    std::size_t alone_ = 0;  // half cells that never expire at the end, none but the first with a newline
    bool after_half_ = false;
    bool fits_ = true;
};

// Is told the cells of a row one after the other, some of which have changed: how far a line may reach that
// was not there before, or ends elsewhere.
class ChangedLines {
  public:
    // A cell as it is now.
    void add(const CellEnd& cell) {
        if (!open() || !cell.has_text || cell.until_ms < until_ms_) return;
        if (cell.has_newline || ++behind_ == kMaxJoinedCells) until_ms_ = INT64_MIN;
    }
    // One that was `before`, or was not there.
    void add_changed(const CellEnd& before, const CellEnd& now) {
        add(now);
        if (now.half) reach(now.until_ms);
        // What its newline ended goes on, at the latest when it has expired; what was too far from a newline
        // comes nearer to it.
        const bool replaced =
            now.has_text && now.until_ms >= before.until_ms && (now.has_newline || !before.has_newline);
        if (before.has_text && !replaced) reach(before.until_ms);
    }
    void set_unknown() { reach(INT64_MAX); }
    bool open() const { return until_ms_ != INT64_MIN; }

  private:
    void reach(std::int64_t until_ms) {
        until_ms_ = std::max(until_ms_, until_ms);
        behind_ = 0;
    }

    std::int64_t until_ms_ = INT64_MIN;
    std::size_t behind_ = 0;  // cells without a newline that outlive it
};

}  // namespace nmstore
