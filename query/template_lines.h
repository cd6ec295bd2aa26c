// Lines of one template as texts, one after the other: what decides where nothing else can. The template is
// taken apart once, so that a line costs little more than its bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/line.h"
#include "nmstore/sealed_block.h"

namespace nmstore::query {

// Looks into the block, which must not let_go() meanwhile. Used by one thread.
class TemplateLines {
  public:
    // Reads the template's columns. `first`: of each line only what begins with the constant before that
    // variable, so the columns of those before it are not read; if its lines have fields, the newline before
    // these must be in that rest.
    static Result<TemplateLines> open(block::BlockReader& block, std::size_t number, std::size_t first = 0);

    // Sets text and fields of `line`, which are good until the next call. corruption: it has lost its fields.
    Result<void> put(std::size_t rank, Line& line);

  private:
    explicit TemplateLines(bool fields) : fields_(fields) {}

    // A text that all lines have, and the values behind it.
    struct Piece {
        std::string before;
        const block::ColumnValues* values = nullptr;
    };
    std::vector<Piece> pieces_;
    std::string last_;
    const bool fields_;
    std::string text_;
};

}  // namespace nmstore::query
