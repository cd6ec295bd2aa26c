#include "query/reading_fields.h"

#include <map>
#include <string>

#include "tests/catch.h"

using namespace nmstore::query;

namespace {

using Readings = std::map<std::string, double>;

Readings readings_of(const std::string& text) {
    ReadingFields scanner;
    scanner.scan("{\"left\":[1,{\"over\":2}],\"from\":3}");  // nothing of an earlier value stays
    scanner.scan(text);
    Readings found;
    for (const ReadingField& field : scanner.fields()) {
        const auto reading = reading_of(field.number.of(text), field.quoted);
        if (!reading) continue;
        CHECK_FALSE(found.contains(std::string(field.name)));
        found[std::string(field.name)] = reading->value();
    }
    return found;
}

}  // namespace

TEST_CASE("reading fields: numbers, numbers in quotes, one level of nesting") {
    CHECK(readings_of(R"({"date":1321900000000,"value":"93"})") ==
          Readings{{"date", 1321900000000}, {"value", 93}});
    CHECK(readings_of(R"({"value":{"used":12,"free":"3.5"}})") ==
          Readings{{"value.used", 12}, {"value.free", 3.5}});
    CHECK(readings_of(R"( { "a" : -1.5e2 , "b" : " 7\n" } )") == Readings{{"a", -150}, {"b", 7}});
    CHECK(readings_of("{\"a\":\"\\t1 \\r\\n\",\"b\":\" 2\r\n\"}") == Readings{{"a", 1}, {"b", 2}});
    CHECK(readings_of(R"({"eth0":{"rx1":5}})") == Readings{{"eth0.rx1", 5}});
    CHECK(readings_of(R"({"a.b":1,"":2,"\u00e9\"":3})") == Readings{{"a.b", 1}, {"", 2}, {"\xC3\xA9\"", 3}});
    CHECK(readings_of(R"({"a":"\u0039\u0033"})") == Readings{{"a", 93}});
    CHECK(readings_of(R"({"a":"9\\n"})").empty());
}

TEST_CASE("reading fields: what is no number is passed over") {
    CHECK(
        readings_of(R"({"a":true,"b":false,"c":null,"d":NaN,"e":"","f":"x","g":Infinity,"h":"93%","i":1})") ==
        Readings{{"i", 1}});
    CHECK(readings_of(R"({"a":[1,2,{"b":3}],"c":{"d":{"e":4},"f":[5],"g":6},"h":7})") ==
          Readings{{"c.g", 6}, {"h", 7}});
    CHECK(readings_of(R"({"a":"]}\"{[","b":["}","\"",{"x":"]"}],"c":1})") == Readings{{"c", 1}});
    CHECK(readings_of(R"({"a":12abc,"b":0x1,"c":2})") == Readings{{"c", 2}});
    CHECK(readings_of("{}").empty());
}

TEST_CASE("reading fields: a value that is nothing but a number") {
    CHECK(readings_of("93") == Readings{{"value", 93}});
    CHECK(readings_of(" -1.5e3\n") == Readings{{"value", -1500}});
    CHECK(readings_of("\"93\"") == Readings{{"value", 93}});
    CHECK(readings_of(" \" 93\\n\" ") == Readings{{"value", 93}});
    for (const std::string text :
         {"", " ", "NaN", "true", "null", "93 94", "\"93\" 1", "\"93", "up 5 days", "[93]"})
        CHECK(readings_of(text).empty());
}

TEST_CASE("reading fields: the last of several members of one name counts") {
    CHECK(readings_of(R"({"a":1,"a":2})") == Readings{{"a", 2}});
    CHECK(readings_of(R"({"a":1,"a":"x"})").empty());
    CHECK(readings_of(R"({"a":1,"a":null})").empty());
    CHECK(readings_of(R"({"a":1,"\u0061":3})") == Readings{{"a", 3}});
    CHECK(readings_of(R"({"v":{"a":1},"v":{"b":2}})") == Readings{{"v.b", 2}});
    CHECK(readings_of(R"({"v":{"a":1,"a":5},"w":0,"v":7})") == Readings{{"w", 0}, {"v", 7}});
    CHECK(readings_of(R"({"v":7,"v":{"a":1,"a":5}})") == Readings{{"v.a", 5}});
    CHECK(readings_of(R"({"v.a":1,"v":{"a":2}})") == Readings{{"v.a", 2}});
    CHECK(readings_of(R"({"v":{"a":2},"v.a":1})") == Readings{{"v.a", 1}});
    CHECK(readings_of(R"({"v.a":7,"v":{"a":1},"v":{"b":2}})") == Readings{{"v.a", 7}, {"v.b", 2}});
}

TEST_CASE("reading fields: a value whose structure is wrong has none") {
    for (const std::string text :
         {"{", "{\"a\":1", "{\"a\":1,}", "{\"a\":1}}", "{\"a\":1} x", "{\"a\"}", "{\"a\":}", "{\"a\":1 2}",
          "{a:1}", "{\"a\":1,\"b\"", "{\"a\":{\"b\":1}", "{\"a\":[1}", "{\"a\":\"1}", "{\"a\":1;\"b\":2}",
          "{\"a\":{\"b\":1,},\"c\":2}", "{\"a\\\":1}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}"}) {
        INFO(text);
        CHECK(readings_of(text).empty());
    }
    CHECK(readings_of(std::string("{\"a\":1}\0", 8)).empty());
}

TEST_CASE("reading fields: bytes that are no UTF-8, and control characters, are taken as they are") {
    CHECK(readings_of("{\"\xFF\":1,\"b\x01\":2,\"c\":\"\x80\"}") == Readings{{"\xFF", 1}, {"b\x01", 2}});
}

TEST_CASE("reading fields: a value has at most so many members") {
    std::string text = "{";
    for (std::size_t i = 0; i < kMaxReadingMembers; ++i) text += "\"m" + std::to_string(i) + "\":1,";
    text.back() = '}';
    CHECK(readings_of(text).size() == kMaxReadingMembers);
    text.back() = ',';
    CHECK(readings_of(text + "\"more\":1}").empty());
    // However deep.
    CHECK(
        readings_of("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + ",\"b\":1}").size() ==
        1);
    CHECK(readings_of("{\"a\":" + std::string(100'000, '{')).empty());
}
