// A pattern of LIKE: '%' is any run of characters, '_' one character, a backslash takes the meaning from what
// follows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::query {

inline constexpr std::size_t kMaxLikeBytes = 1024;

class LikePattern {
  public:
    static Result<LikePattern> read(std::string_view text);  // too_large: over kMaxLikeBytes
    // The whole text must fit; case-sensitive. A character is a code point, or a byte that belongs to none.
    bool matches(std::string_view text) const;

  private:
    enum class Kind : std::uint8_t { byte, one, run };
    struct Step {
        Kind kind = Kind::byte;
        char byte = 0;
    };
    std::vector<Step> steps_;
};

}  // namespace nmstore::query
