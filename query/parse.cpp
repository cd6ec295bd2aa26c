#include "query/parse.h"

#include <algorithm>
#include <utility>

#include "query/lexer.h"
#include "query/regex.h"
#include "query/source.h"
#include "query/utf8_text.h"
#include "query/wildcard.h"

namespace nmstore::query {
namespace {

constexpr std::string_view kExpectedTerm = "a word, a phrase, a /regex/, a field or '('";

// What the operands inside of `client:( … )` or `field:( … )` are asked of.
struct Scoped {
    enum class Of : std::uint8_t { line, source, field } of = Of::line;
    Source source = Source::client;
    std::string field;
};

// Recursive descent over the grammar of docs/query-language.md. A function that finds a problem notes the
// first one and returns null; its callers pass that on.
class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

    FilterPtr parse_query();
    const std::optional<ParseProblem>& problem() const { return problem_; }
    bool at_pipe() const { return at_pipe_; }

  private:
    FilterPtr parse_either(const Scoped& scope, std::size_t depth);
    FilterPtr parse_both(const Scoped& scope, std::size_t depth);
    FilterPtr parse_unary(const Scoped& scope, std::size_t depth);
    FilterPtr parse_group(const Scoped& scope, std::size_t depth);
    FilterPtr parse_primary(const Scoped& scope, std::size_t depth);
    FilterPtr parse_text();
    FilterPtr parse_pattern(std::size_t start);
    FilterPtr parse_regex(std::size_t start);
    FilterPtr parse_source(Source source, std::size_t start);
    FilterPtr parse_field(FieldHead head, std::size_t start, std::size_t depth);
    FilterPtr parse_field_operand(const std::string& field, std::size_t start);
    FilterPtr parse_range(const std::string& field, std::size_t start);
    FilterPtr compared(const std::string& field, Comparison comparison, std::size_t start);
    bool take_operand(std::string& out, std::string_view also, std::string_view expected);

    FilterPtr node(FilterKind kind, std::size_t start);
    FilterPtr joined(FilterKind kind, std::vector<FilterPtr> parts, std::size_t start);
    FilterPtr fail(std::size_t at, std::string expected);
    std::size_t column(std::size_t at) const;

    std::string_view text_;
    Lexer lexer_;
    std::size_t nodes_ = 0;
    std::size_t regexes_ = 0;
    std::optional<ParseProblem> problem_;
    bool at_pipe_ = false;
};

std::size_t Parser::column(std::size_t at) const {
    auto begins_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    auto before = text_.substr(0, at);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), begins_character));
}

FilterPtr Parser::fail(std::size_t at, std::string expected) {
    if (!problem_) {
        problem_ = ParseProblem{column(at), std::move(expected)};
        at_pipe_ = at < text_.size() && text_[at] == '|';
    }
    return nullptr;
}

FilterPtr Parser::node(FilterKind kind, std::size_t start) {
    if (++nodes_ > kMaxQueryNodes) return fail(start, "at most " + std::to_string(kMaxQueryNodes) + " terms");
    auto made = std::make_unique<Filter>();
    made->kind = kind;
    made->column = start;
    return made;
}

// One part is itself; parts of the same kind (from parentheses that change nothing) are taken in.
FilterPtr Parser::joined(FilterKind kind, std::vector<FilterPtr> parts, std::size_t start) {
    if (parts.size() == 1) return std::move(parts.front());
    auto made = node(kind, start);
    if (!made) return nullptr;
    for (auto& part : parts) {
        if (part->kind == kind) {
            std::move(part->children.begin(), part->children.end(), std::back_inserter(made->children));
        } else {
            made->children.push_back(std::move(part));
        }
    }
    return made;
}

FilterPtr Parser::parse_query() {
    if (text_.size() > kMaxQueryBytes) return fail(0, "at most " + std::to_string(kMaxQueryBytes) + " bytes");
    if (auto at = invalid_utf8_at(text_); at < text_.size()) return fail(at, "valid UTF-8");
    lexer_.skip_blanks();
    FilterPtr filter;
    if (lexer_.at_end() || lexer_.peek() == '|') {
        filter = node(FilterKind::all, lexer_.position());
    } else {
        filter = parse_either({}, 0);
    }
    if (!filter) return nullptr;
    if (lexer_.peek() == '|') return fail(lexer_.position(), "the end of the filter");
    if (!lexer_.at_end()) return fail(lexer_.position(), "a term or the end, not a ')' that nothing opened");
    return filter;
}

FilterPtr Parser::parse_either(const Scoped& scope, std::size_t depth) {
    const std::size_t start = lexer_.position();
    std::vector<FilterPtr> parts;
    do {
        auto part = parse_both(scope, depth);
        if (!part) return nullptr;
        parts.push_back(std::move(part));
        lexer_.skip_blanks();
    } while (lexer_.take_keyword("OR"));
    return joined(FilterKind::either, std::move(parts), start);
}

FilterPtr Parser::parse_both(const Scoped& scope, std::size_t depth) {
    lexer_.skip_blanks();
    const std::size_t start = lexer_.position();
    std::vector<FilterPtr> parts;
    do {
        auto part = parse_unary(scope, depth);
        if (!part) return nullptr;
        parts.push_back(std::move(part));
        lexer_.skip_blanks();
    } while (lexer_.take_keyword("AND") || (lexer_.at_term() && !lexer_.at_keyword("OR")));
    return joined(FilterKind::both, std::move(parts), start);
}

FilterPtr Parser::parse_unary(const Scoped& scope, std::size_t depth) {
    lexer_.skip_blanks();
    const std::size_t start = lexer_.position();
    if (!lexer_.at_term() || lexer_.at_keyword("AND") || lexer_.at_keyword("OR")) {
        return fail(start, std::string(kExpectedTerm));
    }
    if (!lexer_.take_keyword("NOT") && !lexer_.take_negation()) return parse_primary(scope, depth);
    if (depth >= kMaxQueryDepth) return fail(start, "at most " + std::to_string(kMaxQueryDepth) + " levels");
    auto negation = node(FilterKind::negation, start);
    if (!negation) return nullptr;
    auto negated = parse_unary(scope, depth + 1);
    if (!negated) return nullptr;
    negation->children.push_back(std::move(negated));
    return negation;
}

FilterPtr Parser::parse_group(const Scoped& scope, std::size_t depth) {
    const std::size_t start = lexer_.position();
    if (depth >= kMaxQueryDepth) return fail(start, "at most " + std::to_string(kMaxQueryDepth) + " levels");
    lexer_.take('(');
    lexer_.skip_blanks();
    if (lexer_.peek() == ')' && !lexer_.at_end()) {
        return fail(lexer_.position(),
                    "a term between the parentheses (text that has parentheses needs quotes)");
    }
    auto inner = parse_either(scope, depth + 1);
    if (!inner) return nullptr;
    if (!lexer_.take(')')) {
        return fail(lexer_.position(), "')' for the '(' of column " + std::to_string(column(start)));
    }
    return inner;
}

FilterPtr Parser::parse_primary(const Scoped& scope, std::size_t depth) {
    const std::size_t start = lexer_.position();
    if (lexer_.peek() == '(') return parse_group(scope, depth);
    if (scope.of == Scoped::Of::source) return parse_source(scope.source, start);
    if (scope.of == Scoped::Of::field) return parse_field_operand(scope.field, start);
    if (auto name = lexer_.source_without_operand(); !name.empty()) {
        return fail(start + name.size() + 1, std::string(source_operands(*source_named(name))) +
                                                 " right behind \"" + std::string(name) +
                                                 ":\" (to find that text, put it in quotes)");
    }
    if (auto head = lexer_.take_field_head()) return parse_field(std::move(*head), start, depth);
    return parse_text();
}

FilterPtr Parser::parse_text() {
    const std::size_t start = lexer_.position();
    if (lexer_.peek() == 'c' && lexer_.peek(1) == '"') {
        lexer_.take('c');
        auto quoted = lexer_.take_quoted();
        if (!quoted)
            return fail(text_.size(), "'\"' to close the one of column " + std::to_string(column(start + 1)));
        if (quoted->empty()) return fail(start + 2, "text between the quotes");
        if (lexer_.peek() == '*') return fail(lexer_.position(), "a blank: there is no '*' beside c\"…\"");
        auto made = node(FilterKind::exact, start);
        if (made) made->text = std::move(*quoted);
        return made;
    }
    if (lexer_.peek() == '/') {
        if (auto made = parse_regex(start); made || problem_) return made;
    }
    return parse_pattern(start);
}

FilterPtr Parser::parse_regex(std::size_t start) {
    auto token = lexer_.take_regex();
    if (!token) return nullptr;
    if (++regexes_ > kMaxRegexes) {
        return fail(start, "at most " + std::to_string(kMaxRegexes) + " regular expressions");
    }
    const auto checked = Regex::check(token->pattern, token->ignore_case);
    if (!checked.ok())
        return fail(start, "a regular expression that can be used: " + checked.error().message);
    auto made = node(FilterKind::regex, start);
    if (!made) return nullptr;
    made->text = std::move(token->pattern);
    made->ignore_case = token->ignore_case;
    return made;
}

// Bare and quoted pieces with '*' between them, glued: pre*, *"in the middle"*, "a b"*c.
FilterPtr Parser::parse_pattern(std::size_t start) {
    WildcardText pattern;
    for (bool after_star = true;;) {
        if (lexer_.take('*')) {
            pattern.add_star();
            after_star = true;
        } else if (lexer_.peek() == '"' && after_star) {
            const std::size_t quote = lexer_.position();
            auto quoted = lexer_.take_quoted();
            if (!quoted)
                return fail(text_.size(), "'\"' to close the one of column " + std::to_string(column(quote)));
            if (quoted->empty()) return fail(quote + 1, "text between the quotes");
            pattern.add_text(*quoted);
            after_star = false;
            if (lexer_.peek() != '*') break;
        } else {
            auto run = lexer_.take_bare("*");
            if (run.empty()) break;
            pattern.add_text(run);
            after_star = false;
        }
    }
    auto made = node(pattern.kind(), start);
    if (made) made->text = pattern.text();
    return made;
}

FilterPtr Parser::parse_source(Source source, std::size_t start) {
    const std::size_t at = lexer_.position();
    std::string operand;
    if (!take_operand(operand, {}, source_operands(source))) return nullptr;
    if (!normal_source_operand(source, operand)) return fail(at, std::string(source_operands(source)));
    auto made = node(FilterKind::source, start);
    if (!made) return nullptr;
    made->source = source;
    made->text = std::move(operand);
    return made;
}

FilterPtr Parser::parse_field(FieldHead head, std::size_t start, std::size_t depth) {
    std::optional<Source> source;
    if (!head.quoted) source = source_named(head.name);
    switch (head.op) {
        case FieldOperator::colon: {
            const bool group = lexer_.peek() == '(';
            if (source && group) return parse_group({Scoped::Of::source, *source, {}}, depth);
            if (source) return parse_source(*source, start);
            if (group) return parse_group({Scoped::Of::field, Source::client, head.name}, depth);
            return parse_field_operand(head.name, start);
        }
        case FieldOperator::equals:
            return compared(head.name, Comparison::equals, start);
        case FieldOperator::less:
            return compared(head.name, Comparison::less, start);
        case FieldOperator::less_equal:
            return compared(head.name, Comparison::less_equal, start);
        case FieldOperator::greater:
            return compared(head.name, Comparison::greater, start);
        case FieldOperator::greater_equal:
            return compared(head.name, Comparison::greater_equal, start);
        case FieldOperator::not_equals:
            break;
    }
    auto negation = node(FilterKind::negation, start);
    if (!negation) return nullptr;
    auto equal = compared(head.name, Comparison::equals, start);
    if (!equal) return nullptr;
    negation->children.push_back(std::move(equal));
    return negation;
}

FilterPtr Parser::parse_field_operand(const std::string& field, std::size_t start) {
    if (lexer_.take(">=")) return compared(field, Comparison::greater_equal, start);
    if (lexer_.take("<=")) return compared(field, Comparison::less_equal, start);
    if (lexer_.take('>')) return compared(field, Comparison::greater, start);
    if (lexer_.take('<')) return compared(field, Comparison::less, start);
    if (lexer_.peek() == '[' || lexer_.peek() == '{') return parse_range(field, start);
    auto asked = parse_text();
    if (!asked) return nullptr;
    auto made = node(FilterKind::field, start);
    if (!made) return nullptr;
    made->field = field;
    made->children.push_back(std::move(asked));
    return made;
}

FilterPtr Parser::compared(const std::string& field, Comparison comparison, std::size_t start) {
    auto made = node(FilterKind::field, start);
    if (!made) return nullptr;
    made->field = field;
    made->comparison = comparison;
    if (!take_operand(made->text, {}, "a value")) return nullptr;
    return made;
}

// An end that is a bare '*' is open, and what is left of the range is a comparison.
FilterPtr Parser::parse_range(const std::string& field, std::size_t start) {
    const std::string hint = " (a range is [5 TO 9] or {5 TO 9}; text that has brackets needs quotes)";
    auto take_end = [&](std::string& out, bool& open) {
        lexer_.skip_blanks();
        open = lexer_.peek() == '*' &&
               (is_blank(lexer_.peek(1)) || lexer_.peek(1) == ']' || lexer_.peek(1) == '}');
        if (open) return lexer_.take('*');
        return take_operand(out, "]}", "a value or '*'" + hint);
    };
    auto made = node(FilterKind::field, start);
    if (!made) return nullptr;
    made->field = field;
    made->comparison = Comparison::range;
    bool open_below = false, open_above = false;
    made->lower_inclusive = !lexer_.take('{');
    if (made->lower_inclusive) lexer_.take('[');
    if (!take_end(made->text, open_below)) return nullptr;
    lexer_.skip_blanks();
    if (!lexer_.take_keyword("TO")) return fail(lexer_.position(), "TO" + hint);
    if (!take_end(made->upper, open_above)) return nullptr;
    lexer_.skip_blanks();
    made->upper_inclusive = !lexer_.take('}');
    if (made->upper_inclusive && !lexer_.take(']')) return fail(lexer_.position(), "']' or '}'" + hint);
    if (open_below && open_above) {
        made->comparison = Comparison::has;
        made->children.push_back(node(FilterKind::all, start));
        if (!made->children.back()) return nullptr;
    } else if (open_above) {
        made->comparison = made->lower_inclusive ? Comparison::greater_equal : Comparison::greater;
    } else if (open_below) {
        made->comparison = made->upper_inclusive ? Comparison::less_equal : Comparison::less;
        made->text = std::move(made->upper);
        made->upper.clear();
    }
    if (made->comparison != Comparison::range) made->lower_inclusive = made->upper_inclusive = true;
    return made;
}

// A quoted text, a bare run, or several of them glued; quotes protect blanks only.
bool Parser::take_operand(std::string& out, std::string_view also, std::string_view expected) {
    const std::size_t start = lexer_.position();
    for (;;) {
        if (lexer_.peek() == '"') {
            const std::size_t quote = lexer_.position();
            auto quoted = lexer_.take_quoted();
            if (!quoted) {
                fail(text_.size(), "'\"' to close the one of column " + std::to_string(column(quote)));
                return false;
            }
            out += *quoted;
            continue;
        }
        auto run = lexer_.take_bare(also);
        if (run.empty()) break;
        out += run;
    }
    if (lexer_.position() != start) return true;
    fail(start, std::string(expected));
    return false;
}

}  // namespace

Result<Query> parse(std::string_view text, ParseProblem* problem) {
    Parser parser(text);
    FilterPtr filter = parser.parse_query();
    if (filter) return Query{std::move(filter)};
    const ParseProblem& found = *parser.problem();
    if (problem != nullptr) *problem = found;
    const std::string column = "column " + std::to_string(found.column) + ": ";
    if (parser.at_pipe()) {
        return Error{Code::unsupported,
                     column + "pipes ('|') are not supported yet (quotes make it text; OR is written OR)"};
    }
    return Error{Code::invalid_argument, column + "expected " + found.expected};
}

}  // namespace nmstore::query
