#include "query/statement_lexer.h"

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

// "bare'quoted'<mark>", each with its column; or the error.
std::string tokens_of(const std::string& text) {
    const auto tokens = read_tokens(text);
    if (!tokens.ok()) return tokens.error().message;
    std::string out;
    for (const Token& token : tokens.value()) {
        if (token.kind == TokenKind::end) return out + "end@" + std::to_string(token.column);
        const bool quoted = token.kind == TokenKind::quoted, mark = token.kind == TokenKind::mark;
        out += (quoted ? "'"
                : mark ? "<"
                       : "") +
               token.text +
               (quoted ? "'"
                : mark ? ">"
                       : "") +
               "@" + std::to_string(token.column) + " ";
    }
    return out;
}

}  // namespace

TEST_CASE("Statements are read as literals and marks, with their columns") {
    const std::pair<const char*, const char*> cases[] = {
        {"", "end@1"},
        {" \t\n", "end@4"},
        {"KEY=10.0.0.1:logs:_var_log:2011:5:22", "KEY@1 <=>@4 10.0.0.1:logs:_var_log:2011:5:22@5 end@37"},
        {"a..b", "a@1 <..>@2 b@4 end@5"},
        {"1.5..2.5", "1.5@1 <..>@4 2.5@6 end@9"},
        {"'it''s' \"a \"\"b\"\"\" ''", "'it's'@1 'a \"b\"'@9 ''@19 end@21"},
        {"a<=b>=c<>d!=e<f>g",
         "a@1 <<=>@2 b@4 <>=>@5 c@7 <<>>@8 d@10 <!=>@11 e@13 <<>@14 f@15 <>>@16 g@17 end@18"},
        {"(*),;", "<(>@1 <*>@2 <)>@3 <,>@4 <;>@5 end@6"},
        {"größe = 'ü'x", "größe@1 <=>@7 'ü'@9 x@12 end@13"},
        {"'a", "column 1: expected a closing ' for the literal that begins here"},
        {"a \"b'", "column 3: expected a closing \" for the literal that begins here"},
        {"ä !",
         "column 3: expected a name, a literal or an operator, not \"!\" (quote it if it belongs to a "
         "literal)"},
    };
    for (const auto& [text, tokens] : cases) {
        CAPTURE(text);
        CHECK(tokens_of(text) == tokens);
    }
    CHECK(tokens_of(std::string("a\0b", 3)).starts_with("column 2: expected a name"));
    CHECK(read_tokens(std::string(kMaxStatementBytes, 'a')).ok());
    CHECK(read_tokens(std::string(kMaxStatementBytes + 1, 'a')).error().code == Code::too_large);
}

TEST_CASE("A reader of tokens takes what fits, and stays at the end") {
    TokenReader in(read_tokens("Select 'from' 12 0 x").value());
    CHECK(!in.take_word("from"));
    CHECK(in.take_word("select"));
    CHECK(!in.take_word("from"));  // quoted: no keyword
    CHECK(in.ahead().text == "12");
    CHECK(in.expect_literal("a name")->text == "from");
    CHECK(in.expect_count("a number", 11).error().message ==
          "column 15: expected a number, 1 to 11, not \"12\"");
    CHECK(in.expect_count("a number", 12).value() == 12);
    CHECK(!in.expect_count("a number", 12).ok());
    in.take();
    CHECK(in.expect_mark(",").error().message == "column 20: expected ',', not \"x\"");
    CHECK(in.expect_word("where").error().message == "column 20: expected WHERE, not \"x\"");
    in.take();
    CHECK(in.take().kind == TokenKind::end);
    CHECK(in.take().kind == TokenKind::end);
    CHECK(in.ahead().kind == TokenKind::end);
    CHECK(in.expect_literal("a name").error().message == "column 21: expected a name, not the end");
}
