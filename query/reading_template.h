// What the lines of a block's template are as readings: which constants and variables make the number of each
// field. A template is looked at once for all of its lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/sealed_block.h"
#include "query/reading_fields.h"

namespace nmstore::query {

// The text of a field's number: constants[0], a value of columns[0], constants[1], …
struct ReadingParts {
    std::string field;
    std::vector<std::string> constants;  // one more than columns; of the bytes that numbers have
    std::vector<std::size_t> columns;
};

// Keeps its memory from one template to the next.
class ReadingTemplate {
  public:
    // `constants`: as BlockReader gives them. Columns that have a single value count as constant text.
    void scan(const block::Template& made, const std::vector<std::string_view>& constants);

    // The template does not tell what its lines have: the name of a field is not the same in all of them, a
    // text has an escape beside a variable, or a line is kept whole. They must be read one by one.
    bool by_line() const { return by_line_; }
    // Else the fields that may have a number.
    const std::vector<ReadingParts>& fields() const { return fields_; }

  private:
    struct Mark {  // stands for a variable
        std::size_t at;
        std::size_t column;
    };
    bool has_mark(TextSpan span) const;
    bool take_parts(const ReadingField& field, ReadingParts& parts);

    std::string text_;  // of a line, with a digit for each variable
    std::vector<Mark> marks_;
    ReadingFields scanner_;
    std::vector<ReadingParts> fields_;
    bool by_line_ = false;
};

}  // namespace nmstore::query
