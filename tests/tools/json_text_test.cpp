#include "tools/json_text.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"

namespace nmstore::tools {

TEST_CASE("bytes survive JSON both ways") {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    const std::string cases[] = {"",
                                 "plain",
                                 "\"\\/\b\f\n\r\t",
                                 "ä€𝄞",
                                 all,
                                 std::string("\0", 1),
                                 std::string("\0008f", 4),
                                 "\xed\xa0\x80",
                                 "\xf4\x90\x80\x80",
                                 "\xc3",
                                 "\xe2\x82",
                                 "\\udc80",
                                 "\\u0000"};
    for (const auto& text : cases) {
        CAPTURE(text);
        const auto parsed = parse_json(json_string(text));
        REQUIRE(parsed.ok());
        CHECK(bytes_of(parsed.value()) == text);
    }
}

TEST_CASE("escapes of others are read as what they mean") {
    const auto read = [](const char* text) {
        const auto parsed = parse_json(text);
        REQUIRE(parsed.ok());
        return bytes_of(parsed.value());
    };
    CHECK(read(R"("\ud834\udd1e")") == "𝄞");
    CHECK(read(R"("\uDC80\udCFF")") == "\x80\xff");
    CHECK(read(R"("\\udc80")") == "\\udc80");
    CHECK(read(R"("\u0000x")") == std::string("\0x", 2));
    CHECK(read("12") == "12");
    CHECK(read("null").empty());
    CHECK_FALSE(parse_json(R"({"a":)").ok());
    CHECK_FALSE(parse_json(R"("\ud800")").ok());
}

TEST_CASE("members") {
    const auto object = parse_json(R"({"text":"a\udcffb","number":7,"null":null})");
    REQUIRE(object.ok());
    CHECK(member_bytes(object.value(), "text") ==
          "a\xff"
          "b");
    CHECK(member_bytes(object.value(), "missing").empty());
    CHECK(member_number(object.value(), "number") == 7);
    CHECK(member_number(object.value(), "text", -1) == -1);
}

}  // namespace nmstore::tools
