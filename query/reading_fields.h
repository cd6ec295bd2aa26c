// Finds the members of an agent's value that may be readings, and where their numbers stand.
//
// A value is an object, {"date":1321900000000,"value":"93","disk":{"used":12}}, or nothing but a number. It
// is read by a scanner of our own that is as lenient inside of values as the agents are careless: what is
// neither text, object nor list is taken as it stands up to the next `,`, bracket or blank and may be
// anything. The structure must be right: else the value has no readings. The same scanner reads templates, in
// which a mark stands for each variable (reading_template.h): it looks at quotes, backslashes, brackets, `:`,
// `,` and blanks only, none of which can be in a variable.
//
// Of several members of one name the last counts, as in JavaScript, be it a number or not; likewise where a
// nested name and one with a dot in it come to the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/reading_number.h"

namespace nmstore::query {

inline constexpr std::string_view kBareField = "value";    // of a value that is nothing but a number
inline constexpr std::size_t kMaxReadingMembers = 10'000;  // a value with more has no readings

struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
    bool has(std::size_t at) const { return at >= begin && at < end; }
};

struct ReadingField {
    std::string_view name;  // "value", "disk.used"; escapes decoded
    TextSpan number;        // where its number is, if it is one; of a text, what is between its quotes
    bool quoted = false;
    // Where its name stands, and that of the member which it is nested in; empty where there is none.
    TextSpan own_name, outer_name;
};

// Keeps its memory from one value to the next.
class ReadingFields {
  public:
    // fields() are then those of `text`, which they look into; none if it is no such value. Any bytes are
    // taken.
    void scan(std::string_view text);
    const std::vector<ReadingField>& fields() const { return fields_; }

  private:
    enum class Kind : std::uint8_t { scalar, quoted, other };
    struct Member {
        TextSpan name;
        TextSpan value;
        Kind kind = Kind::other;
        std::size_t outer = 0;  // 1 + the member that it is in; 0: none
    };

    bool scan_object(std::size_t outer);
    bool scan_value(std::size_t outer, Member& member);
    bool scan_text(TextSpan& inside);
    bool skip_brackets();
    void skip_blanks();
    char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c);

    void name_members();
    void keep_last();

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Member> members_;
    std::vector<std::uint32_t> order_;
    std::string names_;  // of the members, decoded, one behind the other
    std::vector<TextSpan> own_,
        full_;  // in names_: the member's own, and with that of the outer one before it
    std::vector<bool> dead_;
    std::vector<ReadingField> fields_;
};

// The number of a field: `raw` is what its span has. Quotes may have blanks inside, as what a program printed
// has, and escapes.
std::optional<Reading> reading_of(std::string_view raw, bool quoted);

// A value's leading and trailing blanks, as JSON and agents have them.
std::string_view without_blanks(std::string_view text);

}  // namespace nmstore::query
