#include "engine/agent_object.h"

#include <string>

#include "tests/catch.h"

TEST_CASE("the text `returned` is found in one whole object only") {
    struct Row {
        std::string text;
        bool found;
        std::string returned;
    };
    const Row rows[] = {
        {R"({"returned":"x"})", true, "x"},
        {R"({"returned":""})", true, ""},
        {"\t{\n\"a\" : -1.5e3 , \"b\":true,\"c\":null,\"returned\" : \"x\"\r} \n", true, "x"},
        {R"({"a":"}\\","returned":"x"})", true, "x"},
        {R"({"a":"\\\"","returned":"x\\"})", true, "x\\"},
        {R"({"returned":"\q\/\"\\"})", true, "\\q/\"\\"},
        {R"({"a":[{"b":["]"]}],"returned":"x"})", true, "x"},
        {"", false, ""},
        {"{", false, ""},
        {"{}", false, ""},
        {R"({"returned"})", false, ""},
        {R"({"returned":})", false, ""},
        {R"({"returned":"x")", false, ""},
        {R"({"returned":"x)", false, ""},
        {R"({"returned":"x\"})", false, ""},
        {R"({"returned":"x"}})", false, ""},
        {R"({"returned":"x"}{"returned":"y"})", false, ""},
        {R"({"a":{"returned":"x"}})", false, ""},
        {R"({returned:"x"})", false, ""},
        {R"({"a":[,"returned":"x"})", false, ""},
        {R"({"Returned":"x"})", false, ""},
        {R"("returned")", false, ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        std::string out;
        REQUIRE(nmstore::find_returned(row.text, out) == row.found);
        if (row.found) CHECK(out == row.returned);
    }
}
