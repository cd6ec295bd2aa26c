#include "query/map_reduce_where.h"

#include <algorithm>
#include <charconv>
#include <compare>

#include "nmstore/escape.h"
#include "query/statement_lexer.h"

namespace nmstore::query {

namespace {

using Condition = Where::Condition;
using Comparison = Where::Comparison;
using Operand = Where::Operand;
using Kind = Where::Kind;

template <class Number>
std::optional<Number> number_of(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

class WhereParser {
  public:
    WhereParser(TokenReader in, const TableInfo& table) : in_(std::move(in)), table_(table) {}

    Result<Condition> parse() {
        if (in_.peek().kind == TokenKind::end) return Condition{};
        NM_ASSIGN(Condition condition, parse_either(0));
        in_.take_mark(";");
        if (in_.peek().kind != TokenKind::end) return expected_at(in_.peek(), "AND, OR or the end");
        return condition;
    }

  private:
    Result<Condition> parse_either(std::size_t depth) { return parse_chain(Kind::either, depth); }

    // Terms with OR, or factors with AND, between them.
    Result<Condition> parse_chain(Kind kind, std::size_t depth) {
        Condition chain;
        chain.kind = kind;
        const std::string_view word = kind == Kind::either ? "or" : "and";
        do {
            NM_ASSIGN(Condition child,
                      kind == Kind::either ? parse_chain(Kind::both, depth) : parse_factor(depth));
            chain.children.push_back(std::move(child));
        } while (in_.take_word(word));
        if (chain.children.size() > 1) return chain;
        return std::move(chain.children.front());
    }

    Result<Condition> parse_factor(std::size_t depth) {
        if (depth == kMaxWhereDepth)
            return expected_at(
                in_.peek(), "at most " + std::to_string(kMaxWhereDepth) + " levels of NOT and parentheses");
        if (in_.take_word("not")) {
            NM_ASSIGN(Condition child, parse_factor(depth + 1));
            return negated(std::move(child));
        }
        if (in_.take_mark("(")) {
            NM_ASSIGN(Condition inner, parse_either(depth + 1));
            NM_TRY(in_.expect_mark(")"));
            return inner;
        }
        return parse_test();
    }

    static Condition negated(Condition child) {
        Condition negation;
        negation.kind = Kind::negation;
        negation.children.push_back(std::move(child));
        return negation;
    }

    Result<Condition> parse_test() {
        Condition test;
        NM_ASSIGN(test.left, parse_operand());
        const bool is = in_.take_word("is");
        const bool negate = in_.take_word("not");
        if (is) {
            NM_TRY(in_.expect_word("null"));
            // No part of a cell is ever missing.
            return negate ? Condition{} : negated(Condition{});
        }
        if (negate || in_.peek().is_word("like")) {
            NM_TRY(in_.expect_word("like"));
            NM_TRY(parse_pattern(test));
            return negate ? negated(std::move(test)) : std::move(test);
        }
        test.kind = Kind::compare;
        NM_ASSIGN(test.comparison, parse_comparison());
        NM_ASSIGN(test.right, parse_operand());
        return test;
    }

    Result<Operand> parse_operand() {
        const Token token = in_.peek();
        if (token.kind == TokenKind::quoted) return Operand{std::nullopt, in_.take().text, false};
        if (token.kind == TokenKind::bare) {
            if (const auto part = cell_part(table_, token.text)) {
                in_.take();
                return Operand{part, "", is_number_part(table_, *part)};
            }
            if (number_of<double>(token.text)) return Operand{std::nullopt, in_.take().text, true};
        }
        return expected_at(
            token, "rowkey, columnname, value, a name that the table maps, a number or a quoted text");
    }

    Result<Comparison> parse_comparison() {
        if (in_.take_mark("=")) return Comparison::equal;
        if (in_.take_mark("!=") || in_.take_mark("<>")) return Comparison::not_equal;
        if (in_.take_mark("<")) return Comparison::less;
        if (in_.take_mark("<=")) return Comparison::less_equal;
        if (in_.take_mark(">")) return Comparison::greater;
        if (in_.take_mark(">=")) return Comparison::greater_equal;
        return expected_at(in_.peek(), "=, !=, <>, <, <=, >, >=, LIKE or IS");
    }

    Result<void> parse_pattern(Condition& test) {
        test.kind = Kind::like;
        if (in_.peek().kind != TokenKind::quoted) return expected_at(in_.peek(), "a quoted pattern");
        NM_ASSIGN(test.pattern, LikePattern::read(in_.take().text));
        return {};
    }

    TokenReader in_;
    const TableInfo& table_;
};

std::string_view text_of(const Operand& operand, const TableCell& cell) {
    return operand.part ? cell.part(*operand.part) : std::string_view(operand.text);
}

bool holds(Comparison comparison, std::partial_ordering order) {
    if (order == std::partial_ordering::unordered) return false;
    switch (comparison) {
        case Comparison::equal:
            return order == 0;
        case Comparison::not_equal:
            return order != 0;
        case Comparison::less:
            return order < 0;
        case Comparison::less_equal:
            return order <= 0;
        case Comparison::greater:
            return order > 0;
        case Comparison::greater_equal:
            return order >= 0;
    }
    return false;
}

// Whole numbers exactly, others as doubles; unordered if a side is no number.
std::partial_ordering compare_numbers(std::string_view left, std::string_view right) {
    const auto whole_left = number_of<std::int64_t>(left), whole_right = number_of<std::int64_t>(right);
    if (whole_left && whole_right) return *whole_left <=> *whole_right;
    const auto real_left = number_of<double>(left), real_right = number_of<double>(right);
    if (real_left && real_right) return *real_left <=> *real_right;
    return std::partial_ordering::unordered;
}

bool compares(const Condition& test, const TableCell& cell) {
    const std::string_view left = text_of(test.left, cell), right = text_of(test.right, cell);
    if (test.left.number || test.right.number) return holds(test.comparison, compare_numbers(left, right));
    return holds(test.comparison, left <=> right);
}

bool is_like(const Condition& test, const TableCell& cell) {
    const std::string_view text = text_of(test.left, cell);
    if (test.pattern.matches(text)) return true;
    if (test.left.part != CellPart::value || text.find('%') == std::string_view::npos) return false;
    return test.pattern.matches(unescape_fully(text));
}

bool is_true(const Condition& condition, const TableCell& cell) {
    const auto child_is_true = [&cell](const Condition& child) { return is_true(child, cell); };
    switch (condition.kind) {
        case Kind::always:
            return true;
        case Kind::both:
            return std::all_of(condition.children.begin(), condition.children.end(), child_is_true);
        case Kind::either:
            return std::any_of(condition.children.begin(), condition.children.end(), child_is_true);
        case Kind::negation:
            return !is_true(condition.children.front(), cell);
        case Kind::compare:
            return compares(condition, cell);
        case Kind::like:
            return is_like(condition, cell);
    }
    return false;
}

std::optional<std::string> row_asked_for(const Condition& condition) {
    if (condition.kind == Kind::both) {
        for (const Condition& child : condition.children)
            if (auto row = row_asked_for(child)) return row;
    }
    const Operand &left = condition.left, &right = condition.right;
    if (condition.kind != Kind::compare || condition.comparison != Comparison::equal || left.number ||
        right.number)
        return std::nullopt;
    if (left.part == CellPart::row && !right.part) return right.text;
    if (right.part == CellPart::row && !left.part) return left.text;
    return std::nullopt;
}

}  // namespace

Result<Where> Where::parse(std::string_view text, const TableInfo& table) {
    const auto in_where = [](Error error) {
        error.message = "where: " + error.message;
        return error;
    };
    auto tokens = read_tokens(text);
    if (!tokens.ok()) return in_where(std::move(tokens).error());
    auto root = WhereParser(TokenReader(std::move(tokens).value()), table).parse();
    if (!root.ok()) return in_where(std::move(root).error());
    Where where;
    where.root_ = std::move(root).value();
    return where;
}

bool Where::selects(const TableCell& cell) const {
    return is_true(root_, cell);
}

std::optional<std::string> Where::only_row() const {
    return row_asked_for(root_);
}

}  // namespace nmstore::query
