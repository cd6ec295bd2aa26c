// The words of a CQL or map/reduce statement: literals quoted or bare, and marks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::query {

inline constexpr std::size_t kMaxStatementBytes = 64 * 1024;

enum class TokenKind : std::uint8_t {
    bare,    // letters, digits, bytes over 0x7f and _ : . - / @ % + # $ & ~ ^ | but no ".."
    quoted,  // '…' or "…", a doubled quote inside is one
    mark,    // , ( ) * ; = != <> < > <= >= ..
    end,
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::string text;        // unquoted
    std::size_t column = 1;  // characters from 1

    bool is_mark(std::string_view mark) const { return kind == TokenKind::mark && text == mark; }
    bool is_word(std::string_view lower_case) const;  // a bare word, in any case
    bool is_literal() const { return kind == TokenKind::bare || kind == TokenKind::quoted; }
};

// The last token is `end`. invalid_argument names the column; too_large: over kMaxStatementBytes.
Result<std::vector<Token>> read_tokens(std::string_view text);

// invalid_argument: "column 7: expected …, not …".
Error expected_at(const Token& token, std::string_view expected);

// A place in a statement's tokens, for its parsers.
class TokenReader {
  public:
    explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    const Token& peek() const { return tokens_[at_]; }
    const Token& ahead() const { return tokens_[at_ + 1 < tokens_.size() ? at_ + 1 : at_]; }
    Token take();  // the end is not passed
    bool take_mark(std::string_view mark);
    bool take_word(std::string_view lower_case);
    Result<void> expect_mark(std::string_view mark);
    Result<void> expect_word(std::string_view lower_case);
    Result<Token> expect_literal(std::string_view what);
    // A whole number, 1 to `max`.
    Result<std::uint64_t> expect_count(std::string_view what, std::uint64_t max);

  private:
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

}  // namespace nmstore::query
