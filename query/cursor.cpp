#include "query/cursor.h"

#include "query/line_id.h"
#include "query/opaque_text.h"
#include "query/parse.h"

namespace nmstore::query {

namespace {

constexpr std::uint64_t kCursorVersion = 1;

}  // namespace

std::uint64_t query_fingerprint(const Scope& scope, Order order) {
    std::string text = order == Order::ascending ? "a" : "d";
    text += scope.family;
    text += '\0';
    if (scope.filter != nullptr && scope.filter->kind != FilterKind::all) text += to_text(*scope.filter);
    return fingerprint(text);
}

std::string format_cursor(const PageCursor& cursor) {
    OpaqueWriter out;
    out.number(kCursorVersion);
    out.number(cursor.backwards ? 1 : 0);
    out.fixed(cursor.query);
    out.signed_number(cursor.from_ms);
    out.signed_number(cursor.to_ms);
    write_line_id(out, cursor.place);
    return out.text();
}

Result<PageCursor> parse_cursor(std::string_view text, std::uint64_t query) {
    OpaqueReader in(text);
    PageCursor cursor;
    const std::uint64_t version = in.number();
    cursor.backwards = in.number() == 1;
    cursor.query = in.fixed();
    cursor.from_ms = in.signed_number();
    cursor.to_ms = in.signed_number();
    cursor.place = read_line_id(in);
    if (version != kCursorVersion || !in.complete() || format_cursor(cursor) != text)
        return Error{Code::invalid_argument, "the cursor is not one that this server gave out"};
    if (cursor.query != query)
        return Error{Code::invalid_argument,
                     "the cursor is of another query: its filter, family or order is not that of this one"};
    return cursor;
}

}  // namespace nmstore::query
