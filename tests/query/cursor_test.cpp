#include "query/cursor.h"

#include "query/parse.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

std::uint64_t fingerprint_of(const std::string& text, Order order = Order::descending,
                             const std::string& family = "") {
    const auto query = parse(text);
    NM_CHECK(query.ok());
    Scope scope;
    scope.filter = query->filter.get();
    scope.family = family;
    return query_fingerprint(scope, order);
}

}  // namespace

TEST_CASE("A cursor comes back from its text") {
    for (const bool backwards : {false, true}) {
        const PageCursor cursor{backwards, {5, 6, 7, 8}, -3, INT64_MAX, 99};
        const auto back = parse_cursor(format_cursor(cursor), 99);
        REQUIRE(back.ok());
        CHECK(back->backwards == backwards);
        CHECK(back->place == cursor.place);
        CHECK(back->from_ms == -3);
        CHECK(back->to_ms == INT64_MAX);
    }
}

TEST_CASE("A cursor of another query, or of nobody, is refused") {
    const std::string text = format_cursor({false, {5, 6, 7, 8}, 0, 1, 99});
    CHECK(parse_cursor(text, 98).error().code == Code::invalid_argument);
    CHECK(parse_cursor(text, 98).error().message.find("another query") != std::string::npos);
    for (const std::string& bad : {std::string("x"), std::string("!"), text.substr(2), text + "A",
                                   text.substr(0, text.size() - 1), std::string(9999, '_')})
        CHECK(parse_cursor(bad, 99).error().code == Code::invalid_argument);
}

TEST_CASE("Queries that differ in their lines have other fingerprints") {
    const std::uint64_t plain = fingerprint_of("error -debug");
    CHECK(fingerprint_of("error   AND -debug") == plain);
    CHECK(fingerprint_of("error debug") != plain);
    CHECK(fingerprint_of("error -debug", Order::ascending) != plain);
    CHECK(fingerprint_of("error -debug", Order::descending, "CFLongType") != plain);
    CHECK(query_fingerprint({}, Order::ascending) == fingerprint_of("", Order::ascending));
}
