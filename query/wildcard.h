// Texts with '*' in them: how the parser puts them together, and how the matcher takes them apart again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/filter.h"

namespace nmstore::query {

// Collects the pieces of a term such as pre*, *mid*, "a b"*c.
class WildcardText {
  public:
    void add_text(std::string_view text);
    void add_star();  // several in a row are one

    // word, prefix, suffix, substring, all (nothing but '*'), or wildcard.
    FilterKind kind() const;
    // As Filter::text holds it for that kind.
    std::string text() const;

  private:
    std::vector<std::string> pieces_{1};  // with a '*' between each two; the first and the last may be empty
};

// The pieces of a wildcard's Filter::text, and back; a '*' stands between each two.
std::vector<std::string> wildcard_pieces(std::string_view text);
std::string wildcard_text(const std::vector<std::string>& pieces);

}  // namespace nmstore::query
