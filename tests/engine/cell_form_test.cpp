#include "engine/cell_form.h"

#include "nmstore/escape.h"
#include "tests/catch.h"

using namespace nmstore;

namespace {

constexpr std::int64_t kTime = 1'308'700'830'000;

// Whether a value has a form, which must give it back.
bool has_form(RowKind kind, const std::string& value, FormFinder& finder) {
    CellText text;
    text.assign(kind, value);
    const std::size_t form = finder.find(value, text, kTime);
    if (form == FormFinder::kNone) return false;
    std::string out;
    finder.forms()[form].render(text.text(), kTime, finder.numbers(), out);
    CHECK(out == value);
    return true;
}
bool has_form(RowKind kind, const std::string& value) {
    FormFinder finder;
    return has_form(kind, value, finder);
}

}  // namespace

TEST_CASE("what agents post has a form") {
    const std::string time = std::to_string(kTime);
    for (const std::string& object : {
             "{\"date\":" + time + ",\"returned\":\"one\\ntwo\\nhal\"}",
             "{\"date\":" + time + ",\"returned\":\"\"}",
             std::string("{\"returned\":\"a/b \\\"c\\\" \\\\ \\t\\n\"}"),
             std::string("{\"returned\":\"a\\/b\\n\",\"date\":1308700830123}"),
             "{ \"date\" : \"" + time + "\" , \"returned\" : \"x\\n\" , \"more\":[1,{\"a\":2}] }",
             std::string("{\"date\":\"1308700830999\",\"returned\":\"caf\\u00e9 \\ud83d\\ude00\\n\"}"),
             std::string("{\"date\":1,\"returned\":\"caf\\u00E9\\n\"}"),
             std::string("{\"returned\":\"caf\xc3\xa9 \xf0\x9f\x98\x80 \\u0001\\b\\f\\n\"}"),
             std::string("{\"returned\":\"\\u0008\\u000c\\n\"}"),
             "{\"a\":" + time + ",\"returned\":\"" + time + "\\n\",\"b\":" + time + ",\"c\":1308700830111}",
         }) {
        INFO(object);
        CHECK(has_form(RowKind::logs, object));
        CHECK(has_form(RowKind::logs, escape(object)));
        CHECK(has_form(RowKind::logs, escape(escape(object))));
        CHECK(has_form(RowKind::plugins, object));
        CHECK(has_form(RowKind::plugins, escape(object)));
        CHECK(has_form(RowKind::alerts, escape(escape(object))));
    }
    CHECK(has_form(RowKind::logs, "{\"returned\":\"" + escape("a b\xc3\xa9\n") + "\"}"));
    CHECK(has_form(RowKind::logs, "%7B%22returned%22%3A%22a%20b!'()~%22%7D"));      // encodeURIComponent
    CHECK(has_form(RowKind::logs, "%7B%22returned%22:%22a%20b;,?%22%7D"));          // encodeURI
    CHECK(has_form(RowKind::logs, "%7b%22returned%22%3a%22a%20b%5cn%22%7d"));       // small digits
    CHECK(has_form(RowKind::logs, "%7B%22returned%22%3A%22caf\xc3\xa9%20%22%7D"));  // bytes left alone
    for (const std::string value : {"", "\n", "a", "a\nb", "a\nb\n", "\xff\xfe", "50%", "a+b"}) {
        CHECK(has_form(RowKind::logs, value));
        CHECK(has_form(RowKind::other, value));
    }
}

TEST_CASE("what no form gives back has none") {
    for (const std::string value :
         {"{\"returned\":\"a\\u0041\"}", "{\"returned\":\"a/b\\/c\"}", "%7B%22returned%22%3A%22a b%20c%22%7D",
          "%7B%22returned%22%3A%22%u0041%22%7D", "%7B%22returned%22%3A%22%41%22%7D",
          "{\"returned\":\"\\ud800\"}", "{\"returned\":\"a\\u00e9\xc3\xa9\"}", "{\"returned\":\"\\x\"}",
          "%41"}) {
        INFO(value);
        CHECK_FALSE(has_form(RowKind::logs, value));
    }
}

TEST_CASE("values of one kind share one form, whatever their time") {
    FormFinder finder;
    for (std::int64_t i = 0; i < 100; ++i) {
        const std::int64_t time = kTime + i * 30'000;
        for (const std::int64_t date : {time, time + 17 * i}) {
            const std::string value = escape("{\"date\":" + std::to_string(date) + ",\"returned\":\"" +
                                             std::to_string(i) + "%\\nhalf\"}");
            CellText text;
            text.assign(RowKind::logs, value);
            const std::size_t form = finder.find(value, text, time);
            REQUIRE(form != FormFinder::kNone);
            std::string out;
            finder.forms()[form].render(text.text(), time, finder.numbers(), out);
            CHECK(out == value);
        }
    }
    CHECK(finder.forms().size() <= 2);
}

TEST_CASE("many values without a form, and many forms, cost no more than their bytes") {
    FormFinder finder;
    for (int i = 0; i < 5000; ++i) {
        (void)has_form(RowKind::logs, "{\"a\":" + std::to_string(i) + ",\"returned\":\"x\\n\"}", finder);
        (void)has_form(RowKind::logs, "{\"returned\":\"\\u0041" + std::to_string(i) + "\"}", finder);
    }
    CHECK(finder.forms().size() <= kMaxForms);
}
