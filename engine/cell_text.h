// What a searcher sees of a cell that an agent posted: the value taken apart into lines.
//
// A log cell is an agent's JSON, {"date":ms,"returned":"line\nline\nhal"}, escape()d once as a rule: it holds
// several lines and perhaps the beginning of one that goes on in the row's next cell. Every other cell is one
// line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/day_row.h"

namespace nmstore {

// Owns its text and keeps its memory from one value to the next: use one for a whole row. Copies are
// independent. Any bytes are taken, and none can make it fail: what is not an agent's object is shown as it
// stands.
class CellText {
  public:
    // Takes `value`, of a cell in a row of this kind, apart; what it held before is gone.
    //
    // Kind logs: the value is unescape()d pass by pass, at most twice, until it is a JSON object with a text
    // `returned`; the passes left over are for that text, which is then split at '\n'. A value that never
    // becomes such an object is split at '\n' itself, and is not half. Other kinds: the unescaped value is
    // one piece, even if it is empty.
    void assign(RowKind kind, std::string_view value);

    // The lines, without their '\n'. A newline at the end begins no further one: `returned` "" is no line,
    // "\n" is one that is empty.
    std::size_t size() const { return pieces_.size(); }
    bool empty() const { return pieces_.empty(); }
    std::string_view operator[](std::size_t i) const {
        return std::string_view(text_).substr(pieces_[i].begin, pieces_[i].end - pieces_[i].begin);
    }

    // The last piece has no newline at its end: the first piece of the row's next cell belongs to the same
    // line. Never true without a piece.
    bool half() const { return half_; }

    // ---- For who writes the value again (engine/cell_form.h)
    // All pieces with what divides them: all that was text.
    std::string_view text() const { return text_; }
    // The text is the string `returned` of an object.
    bool in_object() const { return in_object_; }
    int outer_passes() const { return outer_passes_; }  // of unescape() that changed the whole value
    int inner_passes() const { return inner_passes_; }  // that changed the text of the object afterwards

  private:
    struct Piece {
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    int unescape_text(int passes);  // how many passes changed something
    void split();

    std::string text_;   // what the pieces are made of
    std::string spare_;  // the other side of an unescape pass
    std::vector<Piece> pieces_;
    bool half_ = false;
    bool in_object_ = false;
    int outer_passes_ = 0;
    int inner_passes_ = 0;
};

}  // namespace nmstore
