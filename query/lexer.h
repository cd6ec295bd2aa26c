// The characters of a query: what begins at a place and how far it goes. What it means is told by parse.cpp.
// See docs/query-language.md, "Terms".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nmstore::query {

struct RegexToken {
    std::string pattern;  // "\/" already taken as "/"
    bool ignore_case = false;
};

enum class FieldOperator : unsigned char {
    colon,
    equals,
    not_equals,
    less,
    less_equal,
    greater,
    greater_equal
};

// `name:`, `name=` … `"odd name":`, with its operand right behind it.
struct FieldHead {
    std::string name;
    bool quoted = false;
    FieldOperator op = FieldOperator::colon;
};

// Walks over a text that must outlive it. Every take_… either takes what its name says, or leaves the
// position alone.
class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::size_t position() const { return position_; }
    bool at_end() const { return position_ >= text_.size(); }
    // The byte `ahead` of the position, '\0' behind the end.
    char peek(std::size_t ahead = 0) const {
        return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
    }
    void skip_blanks();
    bool take(char c);
    bool take(std::string_view literal);
    // A bare run that is exactly `word`: AND, OR, NOT, TO.
    bool at_keyword(std::string_view word) const;
    bool take_keyword(std::string_view word);
    // '-' or '!' that negates what follows, not one that is text (`-`, `--flag`, `->`, `!=`).
    bool take_negation();
    // Whether a term can begin here: not the end, ')' or '|'.
    bool at_term() const;

    // The run up to a blank, '(', ')', '"', '|', or one of `also`; may be empty.
    std::string_view take_bare(std::string_view also = {});
    // At '"': its text, unescaped. nullopt if it is never closed.
    std::optional<std::string> take_quoted();
    // At '/': nullopt if this is text such as a path.
    std::optional<RegexToken> take_regex();
    std::optional<FieldHead> take_field_head();
    // A source's name and ':' with nothing behind: a slip, not text.
    std::string_view source_without_operand() const;

  private:
    std::size_t bare_end(std::size_t from, std::string_view also = {}) const;
    std::size_t name_end() const;
    std::optional<FieldOperator> take_operator(std::size_t at, std::string_view bare_name);

    std::string_view text_;
    std::size_t position_ = 0;
};

bool is_blank(char c);

}  // namespace nmstore::query
