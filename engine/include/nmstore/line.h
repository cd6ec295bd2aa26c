// Lines: what a time family's entries are to a searcher. A line has a time, a client, a log and a text.
// A cell that an agent posted may hold several lines, or half of one; a line appended by itself is one.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/day_row.h"
#include "nmstore/result.h"

namespace nmstore {

inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;  // longer lines are cut, with a mark
inline constexpr std::string_view kCutMark = "…[cut]";              // ends a line that was cut

using RowId = std::uint64_t;  // of a row of any family; never used again for another row key

// Names one line for ever, and orders all lines of a store: by time, then row, then sequence, then line.
struct LineId {
    std::int64_t time_ms = 0;
    RowId row = 0;
    std::uint64_t sequence = 0;  // 0: from the cell at this time; else the number of the appended line
    std::uint32_t line = 0;      // the position among the lines of a cell
    auto operator<=>(const LineId&) const = default;
};

// A row of a time family, as a searcher selects it.
struct LogRow {
    RowId id = 0;
    std::string family;
    std::string key;
    RowKind kind = RowKind::other;
    std::string client;  // "" where the key does not tell
    std::string log;     // name of the log or plugin; for kind other, the row key itself
    std::int64_t min_time_ms = 0;  // no entry of the row is outside [min, max]; the bounds may be wider
    std::int64_t max_time_ms = 0;
};

// Views are valid until the cursor that gave them moves.
struct Line {
    LineId id;
    const LogRow* row = nullptr;
    std::string_view text;    // what the searcher sees: unescaped, without its newline
    std::string_view fields;  // "" or a JSON object of the other fields that came with an appended line
    // Of a line of posted cells that are not in a block: the cell in which it ends, if that is a later one (else
    // INT64_MIN); and whether a later cell may go on with it.
    std::int64_t ends_in_ms = INT64_MIN;
    bool half = false;
};

enum class Order : std::uint8_t { ascending, descending };

struct LineRange {
    std::int64_t from_ms = INT64_MIN;  // inclusive
    std::int64_t to_ms = INT64_MAX;    // exclusive
    Order order = Order::descending;
    std::optional<LineId> after;  // start strictly behind this one, in `order`
};

// Goes through the lines of one row in LineId order (or against it). Owned and used by one thread.
class LineCursor {
  public:
    virtual ~LineCursor() = default;
    // Moves to the first or next line. false at the end; an Error only if stored bytes cannot be read.
    virtual Result<bool> next() = 0;
    virtual const Line& line() const = 0;  // after a next() that was true
};

}  // namespace nmstore
