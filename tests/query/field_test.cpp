#include <string>

#include "query/matcher.h"
#include "tests/catch.h"
#include "tests/query/line_of.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::OwnedLine;

namespace {

std::string field(const std::string& text, const std::string& name, const std::string& fields = "") {
    auto value = field_of(OwnedLine(text, fields).line, name);
    return value ? "=" + *value : "not there";
}

}  // namespace

TEST_CASE("fields of JSON") {
    const std::string json =
        R"( {"s":"text","e":"","q":"a\"b\\c\nd\u00e9","i":-5,"f":1.50,"x":1e400,"big":123456789012345678901234567890,"t":true,)"
        R"("z":null,"o":{"p":{"q":"deep"},"k.l":1},"a":[ 1 , "two",[3,{"four":4}]],"o.p":"flat","r":{ "b" : 2 } , "last" : 9 } )";
    struct Case {
        const char* name;
        const char* value;
    };
    const Case cases[] = {
        {"s", "=text"},
        {"e", "="},
        {"q", "=a\"b\\c\nd\xC3\xA9"},
        {"i", "=-5"},
        {"f", "=1.50"},
        {"x", "=1e400"},
        {"big", "=123456789012345678901234567890"},
        {"t", "=true"},
        {"z", "=null"},
        {"o.p.q", "=deep"},
        {"o.k.l", "=1"},
        {"o.p", R"(={"q":"deep"})"},
        {"a", R"(=[ 1 , "two",[3,{"four":4}]])"},
        {"a.0", "=1"},
        {"a.1", "=two"},
        {"a.2.1.four", "=4"},
        {"a.2.1.five", "not there"},
        {"a.3", "not there"},
        {"a.00", "not there"},
        {"r", R"(={ "b" : 2 })"},
        {"r.b", "=2"},
        {"last", "=9"},
        {"s.x", "not there"},
        {"S", "not there"},
        {"", "not there"},
        {".", "not there"},
        {"o.", "not there"},
        {"four", "not there"},
    };
    for (const Case& c : cases) {
        INFO("name: " << c.name);
        CHECK(field(json, c.name) == c.value);
        CHECK(field("unrelated", c.name, json) == c.value);
    }
}

TEST_CASE("what is no JSON object has no JSON fields") {
    for (const char* text : {"", "{", "{}", "{\"a\"", "{\"a\":", "{\"a\":1", "[1]", "\"a\"", "{\"a\":\"x",
                             "{\"b\":[1,{]}", "{\"a\" 1}"}) {
        INFO("text: " << text);
        CHECK(field(text, "a") == "not there");
    }
    CHECK(field("{a=1, b=2}", "a") == "=1");
    CHECK(field("{a=1, b=2}", "b") == "=2");
    CHECK(field("{\"a\":\"caf\xE9\"}", "a") == "=caf\xEF\xBF\xBD");
    CHECK(field("{\"a\":\"\\ud800x\"}", "a") != "not there");
}

TEST_CASE("deeply nested JSON") {
    std::string json, name;
    for (int i = 0; i < 500; ++i) {
        json += "{\"a\":";
        name += i == 0 ? "a" : ".a";
    }
    json += "1" + std::string(500, '}');
    CHECK(field(json, name) == "not there");  // over the limit
    CHECK(field(json, "a.a.a").starts_with("={"));
}

TEST_CASE("fields of logfmt") {
    struct Case {
        const char* text;
        const char* name;
        const char* value;
    };
    const Case cases[] = {
        {"a=1", "a", "=1"},
        {"a=1 b=2", "b", "=2"},
        {"text a=1", "a", "=1"},
        {"a= b=2", "a", "="},
        {"a=", "a", "="},
        {"a", "a", "not there"},
        {"a =1", "a", "not there"},
        {"ba=1", "a", "not there"},
        {"b.a=1", "a", "not there"},
        {"b.a=1", "b.a", "=1"},
        {"a=\"x y\" b=2", "a", "=x y"},
        {"a=\"x y\" b=2", "b", "=2"},
        {"a=\"x \\\"y\\\" \\\\ \\n \\t \\r \\d\"", "a", "=x \"y\" \\ \n \t \r \\d"},
        {"a=\"\" b=1", "a", "="},
        {"a=\"b=5\" b=2", "b", "=2"},
        {"a=\"x b=2", "a", "=\"x"},
        {"a=\"x b=2", "b", "=2"},
        {"a=\"x\\", "a", "=\"x\\"},
        {"a=x\"y b=2", "a", "=x\"y"},
        {"a=1,b=2;c=3", "a", "=1"},
        {"a=1,b=2;c=3", "b", "=2"},
        {"a=1,b=2;c=3", "c", "=3"},
        {"a=1, b", "a", "=1"},
        {"a=1,", "a", "=1"},
        {"a=1,2,3 b=4", "a", "=1,2,3"},
        {"(a=1) [b=2] {c=3}", "a", "=1"},
        {"(a=1) [b=2] {c=3}", "b", "=2"},
        {"(a=1) [b=2] {c=3}", "c", "=3"},
        {"a=f(x) b", "a", "=f(x)"},
        {"(a=f(x))", "a", "=f(x)"},
        {"a=b=c", "a", "=b=c"},
        {"a==b", "a", "not there"},
        {"a=>b", "a", "not there"},
        {"a=1 a=2", "a", "=1"},
        {"=1", "", "not there"},
        {"a\tb=2", "b", "=2"},
        {"größe=5", "größe", "=5"},
        {"a=x\xFFy", "a", "=x\xFFy"},
        {"logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=218.188.2.4 ", "rhost", "=218.188.2.4"},
    };
    for (const Case& c : cases) {
        INFO("text: " << c.text << "   name: " << c.name);
        CHECK(field(c.text, c.name) == c.value);
    }
}

TEST_CASE("logfmt of a megabyte takes no quadratic time") {
    const std::size_t size = 1 << 20;
    CHECK(field(std::string(size, ','), "a") == "not there");
    CHECK(field(std::string(size, 'a'), "b") == "not there");
    CHECK(field("x=" + std::string(size, ')'), "x") == "=");
    std::string quotes, commas = "x=", closers = "x=";
    for (std::size_t i = 0; i < size / 4; ++i) {
        quotes += "a=\" ";
        commas += ",aaa";
        closers += "()))";
    }
    CHECK(field(quotes, "b") == "not there");
    CHECK(field(commas, "b") == "not there");
    CHECK(field(closers, "x") != "not there");
}
