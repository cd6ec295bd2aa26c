// Regular expressions of the query language: RE2, so that no pattern can make a search take exponential time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::query {

inline constexpr std::size_t kMaxRegexes = 64;                        // of one query
inline constexpr std::size_t kMaxRegexMemory = std::size_t{8} << 20;  // bytes, for each
inline constexpr std::size_t kMinRegexMemory = std::size_t{1} << 20;  // a pattern that needs more is refused
inline constexpr std::size_t kMaxRegexMemoryOfQuery = std::size_t{64} << 20;

// A compiled pattern; safe to use from several threads.
class Regex {
  public:
    // invalid_argument, with RE2's own words and the part that it minds; and of what does not fit into
    // kMinRegexMemory, as it would take seconds. So it does not depend on memory_bytes what is refused.
    static Result<void> check(const std::string& pattern, bool ignore_case);
    // Errors as check().
    static Result<Regex> compile(const std::string& pattern, bool ignore_case,
                                 std::size_t memory_bytes = kMaxRegexMemory);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    // Whether it matches anywhere in the text. A byte that is not valid UTF-8 counts as U+FFFD, one
    // character.
    bool matches(std::string_view text) const;

    // Whether a text matches wherever a part of it does: it asks nothing of what stands around the match.
    bool matches_parts() const;

    // ASCII letters and digits with which every match begins, as the pattern has them (in any case if it
    // ignores that). Empty: none are known.
    const std::string& head() const;

    // Texts that matching texts have, in sets: a text that has none of these sets whole cannot match. ASCII,
    // lower-cased; the text has them in any case, where U+212A counts as `k` and U+017F as `s`. Empty:
    // nothing is known.
    std::vector<std::vector<std::string>> needed() const;

  private:
    struct Compiled;
    explicit Regex(std::unique_ptr<Compiled> compiled);
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace nmstore::query
