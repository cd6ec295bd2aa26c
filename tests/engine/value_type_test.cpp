#include "nmstore/value_type.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/catch.h"

using namespace nmstore;

namespace {

constexpr ValueType kTypes[] = {ValueType::utf8,    ValueType::ascii, ValueType::long_,
                                ValueType::integer, ValueType::uuid,  ValueType::time_uuid};

std::string encoded(ValueType type, std::string_view text) {
    auto key = encode_sortable(type, text);
    INFO(text);
    REQUIRE(key.ok());
    return *key;
}

struct Case {
    ValueType type;
    std::string text;
    std::string canonical;  // empty: the text does not fit the type
};

}  // namespace

TEST_CASE("value type: names") {
    for (const ValueType type : kTypes) {
        CHECK(parse_value_type(value_type_name(type)) == type);
        CHECK(parse_value_type("org.apache.cassandra.db.marshal." + std::string(value_type_name(type))) ==
              type);
    }
    CHECK(parse_value_type("AsciiType") == ValueType::ascii);
    CHECK(value_type_name(ValueType::ascii) == "ASCIIType");
    for (const char* name :
         {"", "utf8type", "UTF8", "BytesType", "UTF8Type ", "org.apache.cassandra.db.marshal."}) {
        CHECK_FALSE(parse_value_type(name).has_value());
    }
}

TEST_CASE("value type: which texts fit, and their canonical form") {
    const std::string nines(kMaxIntegerDigits, '9');
    const std::string v1 = "c2b76a20-9f2c-11e0-8264-0800200c9a66";
    const std::string v4 = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    const std::vector<Case> cases = {
        {ValueType::utf8, "", ""},
        {ValueType::utf8, "Zürich 🎈", "Zürich 🎈"},
        {ValueType::utf8, std::string("a\0b", 3), std::string("a\0b", 3)},
        {ValueType::utf8, "\xff", ""},
        {ValueType::ascii, "abc\x7f", "abc\x7f"},
        {ValueType::ascii, "ü", ""},
        {ValueType::long_, "0", "0"},
        {ValueType::long_, "-0", "0"},
        {ValueType::long_, "007", "7"},
        {ValueType::long_, "1321900000000", "1321900000000"},
        {ValueType::long_, "9223372036854775807", "9223372036854775807"},
        {ValueType::long_, "-9223372036854775808", "-9223372036854775808"},
        {ValueType::long_, "9223372036854775808", ""},
        {ValueType::long_, "-9223372036854775809", ""},
        {ValueType::long_, "abc", ""},
        {ValueType::long_, "1.5", ""},
        {ValueType::long_, " 1", ""},
        {ValueType::long_, "1 ", ""},
        {ValueType::long_, "+1", ""},
        {ValueType::long_, "-", ""},
        {ValueType::long_, "--1", ""},
        {ValueType::integer, "0", "0"},
        {ValueType::integer, "-000", "0"},
        {ValueType::integer, "0012", "12"},
        {ValueType::integer, "-123", "-123"},
        {ValueType::integer, "-340282366920938463463374607431768211456",
         "-340282366920938463463374607431768211456"},
        {ValueType::integer, nines, nines},
        {ValueType::integer, "-00" + nines, "-" + nines},
        {ValueType::integer, nines + "9", ""},
        {ValueType::integer, "12a", ""},
        {ValueType::integer, "-", ""},
        {ValueType::uuid, v1, v1},
        {ValueType::uuid, v4, v4},
        {ValueType::uuid, "F47AC10B-58CC-4372-A567-0E02B2C3D479", v4},
        {ValueType::uuid, "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"},
        {ValueType::uuid, "ffffffff-ffff-ffff-ffff-ffffffffffff", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
        {ValueType::uuid, "ffffffff-ffff-1fff-ffff-ffffffffffff", "ffffffff-ffff-1fff-ffff-ffffffffffff"},
        {ValueType::uuid, v4.substr(1), ""},
        {ValueType::uuid, v4 + "0", ""},
        {ValueType::uuid, "f47ac10b058cc-4372-a567-0e02b2c3d479", ""},
        {ValueType::uuid, "g47ac10b-58cc-4372-a567-0e02b2c3d479", ""},
        {ValueType::time_uuid, v1, v1},
        {ValueType::time_uuid, v4, ""},
        {ValueType::time_uuid, "", ""},
    };
    for (const auto& c : cases) {
        INFO(value_type_name(c.type) << " " << c.text.substr(0, 80));
        const auto key = encode_sortable(c.type, c.text);
        if (c.canonical.empty()) {
            REQUIRE_FALSE(key.ok());
            CHECK(key.error().code == Code::invalid_argument);
            continue;
        }
        REQUIRE(key.ok());
        const auto text = decode_sortable(c.type, *key);
        REQUIRE(text.ok());
        CHECK(*text == c.canonical);
        CHECK(encoded(c.type, *text) == *key);
    }
}

TEST_CASE("value type: an error names the text in a bounded, printable form") {
    CHECK(encode_sortable(ValueType::long_, "abc").error().message == "\"abc\" is not a LongType");
    CHECK(encode_sortable(ValueType::ascii, "\xc3\xbc\n").error().message ==
          "\"ü\\x0a\" is not an ASCIIType");
    CHECK(encode_sortable(ValueType::utf8, "\xff").error().message == "\"\\xff\" is not a UTF8Type");
    const auto error = encode_sortable(ValueType::integer, std::string(20'000, '1')).error();
    CHECK(error.message.size() < 150);
    CHECK(error.message.ends_with("is not an IntegerType of at most 10000 digits"));
}

TEST_CASE("value type: bytes that no text encodes to are corruption") {
    const std::string zeros(16, '\0');
    const std::vector<std::pair<ValueType, std::string>> cases = {
        {ValueType::utf8, ""},
        {ValueType::utf8, "\xc3"},
        {ValueType::ascii, "\x80"},
        {ValueType::long_, "1234567"},
        {ValueType::long_, "123456789"},
        {ValueType::integer, ""},
        {ValueType::integer, std::string("\x00", 1)},
        {ValueType::integer, "\x03"},
        {ValueType::integer, std::string("\x01\x00", 2)},
        {ValueType::integer, std::string("\x02\x00\x00", 3)},
        {ValueType::integer, std::string("\x02\x00\x00\x10", 4)},      // no digits
        {ValueType::integer, std::string("\x02\x00\x02\x01", 4)},      // begins with 0
        {ValueType::integer, std::string("\x02\x00\x01\x11", 4)},      // a digit too many
        {ValueType::integer, std::string("\x02\x00\x02\xa1", 4)},      // no decimal digit
        {ValueType::integer, std::string("\x02\x00\x02\x11\x11", 5)},  // a byte too many
        {ValueType::integer, std::string("\x02\xff\xff", 3) + std::string(0x8000, '\x11')},
        {ValueType::uuid, zeros},
        {ValueType::uuid, std::string(1, '\4') + zeros},                  // the version is another
        {ValueType::uuid, std::string("\x01\xff", 2) + zeros.substr(1)},  // the time is too great
        {ValueType::time_uuid, zeros + "0"},
        {ValueType::time_uuid, "\xff" + zeros.substr(1)},
    };
    for (const auto& [type, key] : cases) {
        INFO(value_type_name(type) << " " << printable(key));
        const auto text = decode_sortable(type, key);
        REQUIRE_FALSE(text.ok());
        CHECK(text.error().code == Code::corruption);
    }
}

TEST_CASE("value type: any bytes decode to a text of that form, or fail") {
    std::mt19937_64 random(4);
    for (int round = 0; round < 20'000; ++round) {
        std::string key(random() % 20, '\0');
        for (char& byte : key) byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 3);
        for (const ValueType type : kTypes) {
            const auto text = decode_sortable(type, key);
            if (text.ok()) CHECK(encoded(type, *text) == key);
        }
    }
}

namespace {

std::string random_integer(std::mt19937_64& random) {
    std::string digits;
    const std::size_t count = 1 + random() % (random() % 10 == 0 ? 300 : 4);
    for (std::size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + random() % 10);
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return digits != "0" && random() % 2 == 0 ? "-" + digits : digits;
}

bool integer_less(const std::string& a, const std::string& b) {
    const bool a_negative = a[0] == '-';
    const bool b_negative = b[0] == '-';
    if (a_negative != b_negative) return a_negative;
    if (a_negative) return integer_less(b.substr(1), a.substr(1));
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string random_uuid(std::mt19937_64& random, bool time_only) {
    std::string text = "00000000-0000-0000-8000-000000000000";
    for (char& c : text) {
        // Few different digits, so that ties in every part occur.
        if (c != '-') c = random() % 4 == 0 ? "0123456789abcdef"[random() % 16] : '0';
    }
    text[14] = time_only || random() % 2 == 0 ? '1' : "012345f"[random() % 7];
    return text;
}

// As Cassandra orders them, on the text: the groups of a UUID are time low, middle, version and time high.
bool uuid_less(const std::string& a, const std::string& b) {
    if (a[14] != b[14]) return a[14] < b[14];
    if (a[14] != '1') return a < b;
    const auto time = [](const std::string& u) { return u.substr(15, 3) + u.substr(9, 4) + u.substr(0, 8); };
    if (time(a) != time(b)) return time(a) < time(b);
    return a < b;
}

template <class Make, class Less>
void check_order(ValueType type, Make make, Less less) {
    for (int round = 0; round < 20'000; ++round) {
        const std::string a = make();
        const std::string b = make();
        INFO(value_type_name(type) << " " << a << " " << b);
        const std::string key_a = encoded(type, a);
        const std::string key_b = encoded(type, b);
        REQUIRE((key_a < key_b) == less(a, b));
        REQUIRE((key_a == key_b) == (a == b));
        REQUIRE(*decode_sortable(type, key_a) == a);
    }
}

}  // namespace

TEST_CASE("value type: plain byte order of keys is the comparator's order") {
    std::mt19937_64 random(1);
    check_order(
        ValueType::long_,
        [&] { return std::to_string(static_cast<std::int64_t>(random()) >> (random() % 64)); },
        [](const std::string& a, const std::string& b) { return std::stoll(a) < std::stoll(b); });
    check_order(
        ValueType::integer, [&] { return random_integer(random); }, integer_less);
    check_order(
        ValueType::uuid, [&] { return random_uuid(random, false); }, uuid_less);
    check_order(
        ValueType::time_uuid, [&] { return random_uuid(random, true); }, uuid_less);
    for (const ValueType type : {ValueType::utf8, ValueType::ascii}) {
        check_order(
            type, [&] { return std::string(1 + random() % 3, static_cast<char>('a' + random() % 3)); },
            [](const std::string& a, const std::string& b) { return a < b; });
    }
}
