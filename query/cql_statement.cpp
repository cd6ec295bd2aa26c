#include "query/cql_statement.h"

namespace nmstore::query {

namespace {

class CqlParser {
  public:
    explicit CqlParser(std::vector<Token> tokens) : in_(std::move(tokens)) {}

    Result<CqlStatement> parse() {
        NM_TRY(in_.expect_word("select"));
        NM_TRY(parse_modifiers());
        NM_TRY(parse_what());
        if (in_.take_word("from")) {
            NM_ASSIGN(statement_.family, in_.expect_literal("the name of a family"));
        }
        if (in_.take_word("using")) {
            NM_TRY(in_.expect_word("consistency"));
            NM_TRY(in_.expect_literal("a consistency level"));
        }
        if (in_.take_word("where")) {
            do NM_TRY(parse_predicate());
            while (in_.take_word("and"));
        }
        if (in_.take_word("limit")) {
            NM_ASSIGN(statement_.limit, in_.expect_count("a number of rows", kMaxCqlRows));
        }
        in_.take_mark(";");
        if (in_.peek().kind != TokenKind::end) return expected_at(in_.peek(), what_may_follow());
        return std::move(statement_);
    }

  private:
    Result<void> parse_modifiers() {
        while (true) {
            // A column may be called so too: FIRST is the keyword only before a number, REVERSED only before
            // what is selected.
            if (in_.peek().is_word("first") && is_number(in_.ahead())) {
                in_.take();
                NM_ASSIGN(statement_.first, in_.expect_count("a number of columns", kMaxCqlColumns));
            } else if (in_.peek().is_word("reversed") && !ends_list(in_.ahead())) {
                in_.take();
                statement_.reversed = true;
            } else {
                return {};
            }
        }
    }

    static bool is_number(const Token& token) {
        return token.kind == TokenKind::bare &&
               token.text.find_first_not_of("0123456789") == std::string::npos;
    }

    static bool ends_list(const Token& token) {
        if (token.kind == TokenKind::end || token.is_mark(",") || token.is_mark(";") || token.is_mark(".."))
            return true;
        return token.is_word("from") || token.is_word("using") || token.is_word("where") ||
               token.is_word("limit");
    }

    Result<void> parse_what() {
        if (in_.take_mark("*")) return {};
        if (in_.peek().is_word("count") && in_.ahead().is_mark("(")) return parse_count();
        if (in_.peek().is_mark("..")) return parse_range(std::nullopt);
        NM_ASSIGN(Token name, expect_name());
        if (in_.peek().is_mark("..")) return parse_range(std::move(name));
        return parse_names(std::move(name));
    }

    Result<Token> expect_name() {
        constexpr std::string_view kWhat = "*, COUNT(*), KEY, columns or a range of columns";
        if (in_.peek().kind == TokenKind::bare && ends_list(in_.peek()))
            return expected_at(in_.peek(), kWhat);
        return in_.expect_literal(kWhat);
    }

    Result<void> parse_count() {
        in_.take();
        in_.take();
        if (!in_.take_mark("*") && !(in_.peek().is_word("1") && in_.take_word("1")))
            return expected_at(in_.peek(), "'*'");
        NM_TRY(in_.expect_mark(")"));
        statement_.what = CqlWhat::count;
        return {};
    }

    Result<void> parse_range(std::optional<Token> from) {
        in_.take();
        statement_.what = CqlWhat::range;
        if (from && !from->text.empty()) statement_.from = std::move(from);
        if (in_.peek().is_literal() && !(in_.peek().kind == TokenKind::bare && ends_list(in_.peek()))) {
            Token to = in_.take();
            if (!to.text.empty()) statement_.to = std::move(to);
        }
        return {};
    }

    Result<void> parse_names(Token name) {
        bool only_key = true;
        while (true) {
            if (!name.is_word("key")) {
                only_key = false;
                statement_.names.push_back(std::move(name));
            }
            if (!in_.take_mark(",")) break;
            NM_ASSIGN(name, expect_name());
        }
        statement_.what = only_key ? CqlWhat::keys : CqlWhat::names;
        return {};
    }

    Result<void> parse_predicate() {
        CqlPredicate predicate;
        NM_ASSIGN(predicate.column, in_.expect_literal("KEY or a column"));
        const bool key = predicate.column.is_word("key");
        if (key && in_.peek().is_word("in")) {
            const Token in = in_.take();
            return parse_key_list(in);
        }
        NM_ASSIGN(predicate.op, parse_operator(key));
        const Token at = in_.peek();
        NM_ASSIGN(predicate.value, in_.expect_literal("a literal"));
        if (!key) {
            statement_.predicates.push_back(std::move(predicate));
        } else if (predicate.op == CqlOperator::equal) {
            return set_keys(at, {std::move(predicate.value)});
        } else {
            statement_.key_bounds.push_back(std::move(predicate));
        }
        return {};
    }

    Result<CqlOperator> parse_operator(bool key) {
        if (in_.take_mark("=")) return CqlOperator::equal;
        if (in_.take_mark("<")) return CqlOperator::less;
        if (in_.take_mark("<=")) return CqlOperator::less_equal;
        if (in_.take_mark(">")) return CqlOperator::greater;
        if (in_.take_mark(">=")) return CqlOperator::greater_equal;
        return expected_at(in_.peek(), key ? "=, <, <=, >, >= or IN" : "=, <, <=, > or >=");
    }

    Result<void> parse_key_list(const Token& at) {
        std::vector<Token> keys;
        NM_TRY(in_.expect_mark("("));
        do {
            NM_ASSIGN(Token key, in_.expect_literal("a row key"));
            keys.push_back(std::move(key));
        } while (in_.take_mark(","));
        NM_TRY(in_.expect_mark(")"));
        return set_keys(at, std::move(keys));
    }

    Result<void> set_keys(const Token& at, std::vector<Token> keys) {
        if (statement_.keys) return expected_at(at, "KEY = or KEY IN only once");
        statement_.keys = std::move(keys);
        return {};
    }

    // For the message at a word that fits nowhere.
    std::string_view what_may_follow() const {
        if (statement_.limit) return "the end";
        if (!statement_.predicates.empty() || statement_.keys || !statement_.key_bounds.empty())
            return "AND, LIMIT or the end";
        return statement_.family ? "WHERE, LIMIT or the end" : "FROM, WHERE, LIMIT or the end";
    }

    TokenReader in_;
    CqlStatement statement_;
};

}  // namespace

Result<CqlStatement> parse_cql(std::string_view text) {
    NM_ASSIGN(std::vector<Token> tokens, read_tokens(text));
    return CqlParser(std::move(tokens)).parse();
}

}  // namespace nmstore::query
