// A filter's parts, ready to be asked about a line. Made by compile(); immutable, so any thread may ask.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/line.h"
#include "query/filter.h"
#include "query/needle.h"
#include "query/regex.h"

namespace nmstore::query {

// What is known of a condition from a line's row alone.
enum class Truth : std::uint8_t { no, yes, unknown };

// The line that a filter is asked about, with what was already found out about it. Lives for one call on one
// thread.
class Subject {
  public:
    Subject(const Line& line, const std::vector<Truth>* of_row)
        : line_(line), of_row_(of_row), haystack_(line.text) {}
    const Line& line() const { return line_; }
    const Haystack& haystack() const { return haystack_; }
    std::string_view level() const;
    Truth of_row(std::size_t source) const { return (*of_row_)[source]; }

  private:
    const Line& line_;
    const std::vector<Truth>* of_row_;
    Haystack haystack_;
    mutable std::optional<std::string_view> level_;
};

// How dear a condition is to ask, for the order of asking.
namespace cost {
inline constexpr unsigned kNothing = 0, kRow = 1, kNeedle = 10, kLowered = 40, kWildcard = 60, kRegex = 200,
                          kLevel = 300, kField = 500;
}

// What is asked of a text: a line's, or a field's value.
class TextCondition {
  public:
    virtual ~TextCondition() = default;
    virtual bool holds_in(const Haystack& haystack) const = 0;
    // false: it holds of no part of this text (that is written without escapes).
    virtual bool may_hold_inside(const Haystack&) const { return true; }
    virtual unsigned cost() const = 0;
};
using TextConditionPtr = std::unique_ptr<const TextCondition>;

class Condition {
  public:
    virtual ~Condition() = default;
    virtual bool holds(const Subject& subject) const = 0;
    // `of_row`: the truths of the filter's sources for the row.
    virtual Truth of_row(const std::vector<Truth>&) const { return Truth::unknown; }
    virtual unsigned cost() const = 0;
};
using ConditionPtr = std::unique_ptr<const Condition>;

// all, word, prefix, suffix, substring, wildcard, exact; a regex comes compiled.
TextConditionPtr make_text_condition(const Filter& filter);
TextConditionPtr make_regex_condition(Regex regex);

// `asked`: of the field's value, for `has`; else null.
ConditionPtr make_field_condition(const Filter& filter, TextConditionPtr asked);
ConditionPtr make_level_condition(const Filter& filter);

}  // namespace nmstore::query
