// Where a line that is too long is cut: so that with kCutMark behind it has at most kMaxLineBytes, and no
// character is cut in two.
#pragma once

#include <string_view>

#include "nmstore/line.h"

namespace nmstore {

inline bool is_too_long(std::string_view text) {
    return text.size() > kMaxLineBytes;
}

// What of a line that is too long stays before the mark.
inline std::string_view kept_of_line(std::string_view text) {
    std::size_t keep = kMaxLineBytes - kCutMark.size();
    constexpr int kMostContinuationBytes = 3;
    for (int i = 0; i < kMostContinuationBytes && (static_cast<unsigned char>(text[keep]) & 0xc0u) == 0x80u;
         ++i) {
        --keep;
    }
    return text.substr(0, keep);
}

}  // namespace nmstore
