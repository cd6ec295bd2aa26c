#include "query/number.h"

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("numbers") {
    for (const char* text :
         {"0", "5", "-5", "0.5", ".5", "5.", "1e6", "1E-3", "-0", "007", "18446744073709551616"}) {
        INFO(text);
        CHECK(read_number(text));
    }
    for (const char* text : {"", "-", ".", "e5", "+5", " 5", "5 ", "5x", "0x10", "inf", "nan", "-inf", "1e",
                             "1.2.3", "5,0", "1e999"}) {
        INFO(text);
        CHECK(!read_number(text));
    }
    auto order = [](const char* a, const char* b) {
        const auto found = compare(*read_number(a), *read_number(b));
        return found < 0 ? -1 : found > 0 ? 1 : 0;
    };
    CHECK(order("5", "5.0") == 0);
    CHECK(order("10", "9") > 0);
    CHECK(order("-1", "0.5") < 0);
    CHECK(order("9007199254740993", "9007199254740992") > 0);
    CHECK(order("9223372036854775807", "9223372036854775806") > 0);
    CHECK(order("-0", "0") == 0);
}
