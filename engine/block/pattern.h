// Splits a line into its constant text (the pattern) and its variables, and puts them together again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/block/byte_marks.h"

namespace nmstore::block {

inline constexpr char kVariableMark = '\x01';
inline constexpr char kEscapeMark = '\x02';
inline constexpr std::string_view kPlainPattern{"\x02\x00", 2};  // stands for a whole line
inline constexpr std::size_t kMaxVariables = 512;

// Keeps its memory from one line to the next.
class Splitter {
  public:
    // pattern() and variables() are then of this text; the variables are views into it. false: more than
    // kMaxVariables.
    bool split(std::string_view text);
    std::string_view pattern() const { return pattern_; }
    const std::vector<std::string_view>& variables() const { return variables_; }

  private:
    bool mark(std::string_view text);
    std::size_t far_begin(std::size_t i) const;
    std::size_t far_end(std::size_t i) const;
    bool split_marked(std::string_view text);
    bool split_any(std::string_view text);
    void take_constant(std::string_view text);

    std::vector<ByteMarks> marks_;
    std::vector<char> room_;  // for the pattern
    std::string escaped_;     // likewise, of a text with rare bytes
    std::string_view pattern_;
    std::vector<std::string_view> variables_;
};

// The constant parts of a pattern, without marks and escapes: variables + 1 of them. Views: of the pattern,
// or of `unescaped` where it has escapes. false: not a pattern of so many variables.
bool parse_pattern(std::string_view pattern, std::size_t variables, std::vector<std::string_view>& constants,
                   std::string& unescaped);

}  // namespace nmstore::block
