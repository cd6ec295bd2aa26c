#include "query/statement_lexer.h"

#include <charconv>

#include "nmstore/value_type.h"

namespace nmstore::query {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_bare(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return static_cast<unsigned char>(c) >= 0x80 ||
           (c != '\0' && std::string_view("_:.-/@%+#$&~^|").find(c) != std::string_view::npos);
}

std::string lower_ascii(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>> read() {
        std::vector<Token> tokens;
        do {
            while (at_ < text_.size() && is_space(text_[at_])) step();
            NM_ASSIGN(Token token, read_one());
            tokens.push_back(std::move(token));
        } while (tokens.back().kind != TokenKind::end);
        return tokens;
    }

  private:
    void step() {
        // Characters are counted where they begin: bytes inside of one do not count.
        ++at_;
        if (at_ >= text_.size() || (static_cast<unsigned char>(text_[at_]) & 0xc0) != 0x80) ++column_;
    }

    Result<Token> read_one() {
        Token token{TokenKind::end, "", column_};
        if (at_ == text_.size()) return token;
        const char c = text_[at_];
        if (c == '\'' || c == '"') return read_quoted(std::move(token));
        if (is_bare(c) && text_.substr(at_, 2) != "..") {
            token.kind = TokenKind::bare;
            while (at_ < text_.size() && is_bare(text_[at_]) && text_.substr(at_, 2) != "..") {
                token.text += text_[at_];
                step();
            }
            return token;
        }
        token.kind = TokenKind::mark;
        for (const std::string_view mark :
             {"..", "!=", "<>", "<=", ">=", "<", ">", "=", ",", "(", ")", "*", ";"}) {
            if (!text_.substr(at_).starts_with(mark)) continue;
            token.text = mark;
            for (std::size_t i = 0; i < mark.size(); ++i) step();
            return token;
        }
        return Error{Code::invalid_argument, "column " + std::to_string(column_) +
                                                 ": expected a name, a literal or an operator, not \"" +
                                                 printable(text_.substr(at_, 1)) +
                                                 "\" (quote it if it belongs to a literal)"};
    }

    Result<Token> read_quoted(Token token) {
        token.kind = TokenKind::quoted;
        const char quote = text_[at_];
        step();
        while (at_ < text_.size()) {
            if (text_[at_] == quote) {
                step();
                if (at_ == text_.size() || text_[at_] != quote) return token;
            }
            token.text += text_[at_];
            step();
        }
        return Error{Code::invalid_argument, "column " + std::to_string(token.column) +
                                                 ": expected a closing " + quote +
                                                 " for the literal that begins here"};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t column_ = 1;
};

}  // namespace

bool Token::is_word(std::string_view lower_case) const {
    return kind == TokenKind::bare && lower_ascii(text) == lower_case;
}

Result<std::vector<Token>> read_tokens(std::string_view text) {
    if (text.size() > kMaxStatementBytes)
        return Error{Code::too_large,
                     "a statement may have at most " + std::to_string(kMaxStatementBytes) + " bytes"};
    return Lexer(text).read();
}

Error expected_at(const Token& token, std::string_view expected) {
    const std::string found = token.kind == TokenKind::end ? "the end" : "\"" + printable(token.text) + "\"";
    return {Code::invalid_argument, "column " + std::to_string(token.column) + ": expected " +
                                        std::string(expected) + ", not " + found};
}

Token TokenReader::take() {
    Token token = tokens_[at_];
    if (token.kind != TokenKind::end) ++at_;
    return token;
}

bool TokenReader::take_mark(std::string_view mark) {
    if (!peek().is_mark(mark)) return false;
    ++at_;
    return true;
}

bool TokenReader::take_word(std::string_view lower_case) {
    if (!peek().is_word(lower_case)) return false;
    ++at_;
    return true;
}

Result<void> TokenReader::expect_mark(std::string_view mark) {
    if (take_mark(mark)) return {};
    return expected_at(peek(), "'" + std::string(mark) + "'");
}

Result<void> TokenReader::expect_word(std::string_view lower_case) {
    if (take_word(lower_case)) return {};
    std::string word(lower_case);
    for (char& c : word) c = static_cast<char>(c - 'a' + 'A');
    return expected_at(peek(), word);
}

Result<Token> TokenReader::expect_literal(std::string_view what) {
    if (peek().is_literal()) return take();
    return expected_at(peek(), what);
}

Result<std::uint64_t> TokenReader::expect_count(std::string_view what, std::uint64_t max) {
    const std::string& text = peek().text;
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (peek().kind != TokenKind::bare || error != std::errc() || end != text.data() + text.size() ||
        count < 1 || count > max)
        return expected_at(peek(), std::string(what) + ", 1 to " + std::to_string(max));
    take();
    return count;
}

}  // namespace nmstore::query
