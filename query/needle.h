// One text that is looked for in many lines: prepared once, then found at about the speed of memory.
// Two rare bytes of it are compared with 16 places of the line at once; only where both stand is the rest
// compared.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmstore::query {

// A line, or the value of a field, and its lower-cased form once somebody needs that.
class Haystack {
  public:
    explicit Haystack(std::string_view text) : text_(text) {}
    std::string_view text() const { return text_; }
    std::string_view lower() const;

  private:
    std::string_view text_;
    mutable std::string lower_;
    mutable bool lowered_ = false;
};

class Needle {
  public:
    static constexpr std::size_t kNone = std::string_view::npos;
    struct Form {
        bool ignore_case = true;
        // Wants a word border at that end, if there is a letter or digit at that end of the needle.
        bool border_before = true;
        bool border_after = true;
    };
    // `text` is not empty.
    Needle(std::string_view text, Form form);

    bool is_in(const Haystack& haystack) const;
    // Where it first begins at `from` or behind; kNone. `text` is compared as it is: of a needle that ignores
    // case only ASCII letters are taken as equal, so other texts are to be handed over lower-cased.
    std::size_t find(std::string_view text, std::size_t from = 0) const;

    bool ascii() const { return ascii_; }
    std::size_t size() const { return text_.size(); }

  private:
    bool stands_at(std::string_view text, std::size_t at) const;

    std::string text_;  // lower-cased if case is ignored
    bool ignore_case_;
    bool ascii_ = true;
    bool border_before_, border_after_;
    bool has_odd_lower_ = false;  // has an ASCII letter that is the lower case of a letter beyond ASCII, too
    // The two bytes that are looked for: where they are in text_, and the bit that makes a letter of either
    // case lower.
    std::size_t first_at_ = 0, second_at_ = 0;
    unsigned char first_fold_ = 0, second_fold_ = 0;
};

}  // namespace nmstore::query
