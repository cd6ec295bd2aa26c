// The `where` of a job: which cells it selects.
//   condition = condition OR condition | condition AND condition | NOT condition | ( condition )
//             | operand (= != <> < <= > >=) operand | operand [NOT] LIKE 'pattern' | operand IS [NOT] NULL
//   operand   = a part of the cell by its name | 'text' | "text" | a number
// Compared as numbers where a side is a bare number or the table says that it is one (what is no number then
// fits nothing), else byte by byte. LIKE looks at a value as it is stored and also unescape()d.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/like_pattern.h"
#include "query/map_reduce_names.h"

namespace nmstore::query {

inline constexpr std::size_t kMaxWhereDepth = 100;

class Where {
  public:
    // Empty text selects everything. invalid_argument: "where: column 7: expected …".
    static Result<Where> parse(std::string_view text, const TableInfo& table);

    bool selects(const TableCell& cell) const;
    // The one row key that a selected cell can have; nullopt: any.
    std::optional<std::string> only_row() const;

    struct Operand {
        std::optional<CellPart> part;  // else a constant
        std::string text;
        bool number = false;  // compare as numbers
    };
    enum class Kind : std::uint8_t { always, both, either, negation, compare, like };
    enum class Comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
    struct Condition {
        Kind kind = Kind::always;
        Comparison comparison = Comparison::equal;
        Operand left, right;
        LikePattern pattern;
        std::vector<Condition> children;
    };

  private:
    Condition root_;
};

}  // namespace nmstore::query
