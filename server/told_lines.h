// Lines of posted cells of which a rule has been told lately. An agent that has heard no answer posts its
// cells again: they are the same cells, and no further lines.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "nmstore/line.h"

namespace nmstore::server {

class TellLinesOnce {
  public:
    static constexpr std::size_t kRemembered = 50'000;  // at least; at most twice as many

    // Whether a rule, by its number, has been told of the line as it stands. Another text is another line.
    bool has_been_told(std::uint64_t rule, const LineId& id, std::string_view text);

  private:
    std::unordered_set<std::uint64_t> told_, told_before_;  // hashes
};

}  // namespace nmstore::server
