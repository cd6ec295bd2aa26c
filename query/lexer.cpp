#include "query/lexer.h"

#include <array>

namespace nmstore::query {
namespace {

constexpr std::array<std::string_view, 4> kSourceNames = {"client", "log", "kind", "level"};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool begins_name(char c) {
    return is_letter(c) || c == '_' || c == '@';
}
bool goes_on_name(char c) {
    return begins_name(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}
bool ends_term(char c) {
    return is_blank(c) || c == ')' || c == '|' || c == '\0';
}

}  // namespace

bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void Lexer::skip_blanks() {
    while (!at_end() && is_blank(text_[position_])) ++position_;
}

bool Lexer::take(char c) {
    if (at_end() || text_[position_] != c) return false;
    ++position_;
    return true;
}

bool Lexer::take(std::string_view literal) {
    if (text_.substr(position_, literal.size()) != literal) return false;
    position_ += literal.size();
    return true;
}

std::size_t Lexer::bare_end(std::size_t from, std::string_view also) const {
    std::size_t i = from;
    for (; i < text_.size(); ++i) {
        char c = text_[i];
        if (is_blank(c) || c == '(' || c == ')' || c == '"' || c == '|') break;
        if (also.find(c) != std::string_view::npos) break;
    }
    return i;
}

bool Lexer::at_keyword(std::string_view word) const {
    return text_.substr(position_, bare_end(position_) - position_) == word;
}

bool Lexer::take_keyword(std::string_view word) {
    if (!at_keyword(word)) return false;
    position_ += word.size();
    return true;
}

bool Lexer::take_negation() {
    char sign = peek();
    if (sign != '-' && sign != '!') return false;
    char next = peek(1);
    if (ends_term(next) || next == sign) return false;
    if (sign == '-' && next == '>') return false;
    if (sign == '!' && next == '=') return false;
    ++position_;
    return true;
}

bool Lexer::at_term() const {
    return !at_end() && peek() != ')' && peek() != '|';
}

std::string_view Lexer::take_bare(std::string_view also) {
    std::size_t end = bare_end(position_, also);
    std::string_view run = text_.substr(position_, end - position_);
    position_ = end;
    return run;
}

std::optional<std::string> Lexer::take_quoted() {
    std::string out;
    for (std::size_t i = position_ + 1; i < text_.size(); ++i) {
        char c = text_[i];
        if (c == '"') {
            position_ = i + 1;
            return out;
        }
        // Any other backslash is one: Windows paths need no doubling.
        if (c == '\\' && i + 1 < text_.size() && (text_[i + 1] == '"' || text_[i + 1] == '\\'))
            c = text_[++i];
        out += c;
    }
    return std::nullopt;
}

std::optional<RegexToken> Lexer::take_regex() {
    if (peek() != '/' || is_blank(peek(1))) return std::nullopt;
    RegexToken token;
    std::size_t i = position_ + 1;
    for (; i < text_.size() && text_[i] != '/'; ++i) {
        if (text_[i] == '\\' && i + 1 < text_.size()) {
            if (text_[i + 1] != '/') token.pattern += '\\';
            ++i;
        }
        token.pattern += text_[i];
    }
    if (i >= text_.size() || token.pattern.empty() || is_blank(text_[i - 1])) return std::nullopt;
    ++i;
    if (i < text_.size() && text_[i] == 'i') {
        token.ignore_case = true;
        ++i;
    }
    if (i < text_.size() && !ends_term(text_[i])) return std::nullopt;
    position_ = i;
    return token;
}

std::size_t Lexer::name_end() const {
    if (!begins_name(peek())) return position_;
    std::size_t end = position_ + 1;
    while (end < text_.size() && goes_on_name(text_[end])) ++end;
    if (text_[end - 1] == '-' || text_[end - 1] == '.') return position_;
    return end;
}

// `at`: where the operator would stand. An empty bare_name: the name was quoted.
std::optional<FieldOperator> Lexer::take_operator(std::size_t at, std::string_view bare_name) {
    auto byte = [this](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
    auto take_as = [this](FieldOperator op, std::size_t operand) -> std::optional<FieldOperator> {
        position_ = operand;
        return op;
    };
    const char sign = byte(at);
    const char next = byte(at + 1);
    if (sign == ':') {
        if (ends_term(next) || next == ':' || next == '=') return std::nullopt;
        if (next == '/' && byte(at + 2) == '/') return std::nullopt;                      // http://
        if (bare_name.size() == 1 && (next == '/' || next == '\\')) return std::nullopt;  // C:\dir
        return take_as(FieldOperator::colon, at + 1);
    }
    if (sign == '=') {
        if (ends_term(next) || next == '=' || next == '>' || next == '~') return std::nullopt;
        return take_as(FieldOperator::equals, at + 1);
    }
    if (sign == '!') {
        if (next != '=' || ends_term(byte(at + 2)) || byte(at + 2) == '=') return std::nullopt;
        return take_as(FieldOperator::not_equals, at + 2);
    }
    if (sign != '<' && sign != '>') return std::nullopt;
    const bool or_equal = next == '=';
    const std::size_t operand = at + (or_equal ? 2 : 1);
    const char first = byte(operand);
    if (ends_term(first) || first == '<' || first == '>' || first == '=' || first == '(') return std::nullopt;
    const std::size_t end = bare_end(operand);
    if (sign == '<' && end > operand && text_[end - 1] == '>') return std::nullopt;  // List<String>
    if (sign == '<') return take_as(or_equal ? FieldOperator::less_equal : FieldOperator::less, operand);
    return take_as(or_equal ? FieldOperator::greater_equal : FieldOperator::greater, operand);
}

std::optional<FieldHead> Lexer::take_field_head() {
    const std::size_t start = position_;
    FieldHead head;
    if (peek() == '"') {
        auto name = take_quoted();
        const std::size_t behind = position_;
        position_ = start;
        if (!name || name->empty()) return std::nullopt;
        auto op = take_operator(behind, {});
        if (!op) return std::nullopt;
        return FieldHead{std::move(*name), true, *op};
    }
    const std::size_t end = name_end();
    if (end == start) return std::nullopt;
    const std::string_view name = text_.substr(start, end - start);
    auto op = take_operator(end, name);
    if (!op) return std::nullopt;
    return FieldHead{std::string(name), false, *op};
}

std::string_view Lexer::source_without_operand() const {
    for (std::string_view name : kSourceNames) {
        std::string_view rest = text_.substr(position_);
        if (!rest.starts_with(name) || rest.size() == name.size() || rest[name.size()] != ':') continue;
        if (rest.size() == name.size() + 1 || ends_term(rest[name.size() + 1])) return name;
    }
    return {};
}

}  // namespace nmstore::query
