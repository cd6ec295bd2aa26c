#include "query/map_reduce_select.h"

#include "query/statement_lexer.h"

namespace nmstore::query {

namespace {

bool is_number(std::string_view text) {
    return text.find_first_not_of("0123456789.-+eE") == std::string_view::npos &&
           text.find_first_of("0123456789") != std::string_view::npos;
}

Result<SelectItem> parse_expression(TokenReader& in, const TableInfo& table) {
    const Token token = in.peek();
    SelectItem item;
    if (token.is_word("count") && in.ahead().is_mark("(")) {
        in.take();
        in.take();
        if (!in.take_mark("*") && !in.take_word("1")) return expected_at(in.peek(), "'*'");
        NM_TRY(in.expect_mark(")"));
        item.kind = SelectItem::Kind::count;
        return item;
    }
    const auto part = token.kind == TokenKind::bare ? cell_part(table, token.text) : std::nullopt;
    if (part) {
        item.part = *part;
    } else if (token.kind == TokenKind::quoted || (token.kind == TokenKind::bare && is_number(token.text))) {
        item.kind = SelectItem::Kind::constant;
        item.constant = token.text;
    } else {
        return expected_at(
            token,
            "rowkey, columnname, value, a name that the table maps, COUNT(*), a number or a quoted text");
    }
    in.take();
    return item;
}

Result<SelectList> parse_list(TokenReader in, const TableInfo& table) {
    SelectList list;
    if (in.take_mark("*")) {
        for (const CellPart part : {CellPart::row, CellPart::column, CellPart::value})
            list.items.push_back({SelectItem::Kind::part, part, "", ""});
    } else {
        do {
            if (list.items.size() == kMaxSelected) return expected_at(in.peek(), "at most three expressions");
            NM_ASSIGN(SelectItem item, parse_expression(in, table));
            if (in.take_word("as") || in.peek().is_literal()) {
                NM_ASSIGN(const Token alias, in.expect_literal("a name"));
                item.alias = alias.text;
            }
            list.counts = list.counts || item.kind == SelectItem::Kind::count;
            list.items.push_back(std::move(item));
        } while (in.take_mark(","));
    }
    in.take_mark(";");
    if (in.peek().kind != TokenKind::end) return expected_at(in.peek(), "',', AS or the end");
    for (const SelectItem& item : list.items)
        if (list.counts && item.kind == SelectItem::Kind::part)
            return Error{Code::invalid_argument,
                         "beside COUNT(*) only constants can stand: there are no groups"};
    return list;
}

}  // namespace

Result<SelectList> SelectList::parse(std::string_view text, const TableInfo& table) {
    const auto in_select = [](Error error) {
        error.message = "select: " + error.message;
        return error;
    };
    auto tokens = read_tokens(text);
    if (!tokens.ok()) return in_select(std::move(tokens).error());
    auto list = parse_list(TokenReader(std::move(tokens).value()), table);
    if (!list.ok()) return in_select(std::move(list).error());
    return list;
}

}  // namespace nmstore::query
