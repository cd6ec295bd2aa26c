#include "query/opaque_text.h"

#include <limits>

#include "tests/catch.h"

using namespace nmstore::query;

TEST_CASE("Numbers come back from an opaque text") {
    const std::uint64_t numbers[] = {
        0, 1, 127, 128, 16383, 16384, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()};
    const std::int64_t signed_numbers[] = {0,
                                           -1,
                                           1,
                                           1321900000000,
                                           -1321900000000,
                                           std::numeric_limits<std::int64_t>::min(),
                                           std::numeric_limits<std::int64_t>::max()};
    OpaqueWriter out;
    for (const auto number : numbers) out.number(number);
    for (const auto number : signed_numbers) out.signed_number(number);
    out.fixed(0x0123456789abcdefULL);
    const std::string text = out.text();
    CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    OpaqueReader in(text);
    for (const auto number : numbers) CHECK(in.number() == number);
    for (const auto number : signed_numbers) CHECK(in.signed_number() == number);
    CHECK(!in.complete());
    CHECK(in.fixed() == 0x0123456789abcdefULL);
    CHECK(in.complete());
    CHECK(in.number() == 0);
    CHECK(!in.good());
}

TEST_CASE("A text that was not written so is not read") {
    const auto reads = [](const char* text) {
        OpaqueReader in(text);
        in.number();
        return in.complete();
    };
    CHECK(reads("AQ"));               // 01
    CHECK(reads("gAE"));              // 80 01
    CHECK(!reads(""));                // nothing
    CHECK(!reads("A"));               // no byte
    CHECK(!reads("AR"));              // bits behind the byte
    CHECK(!reads("AQ=="));            // padding
    CHECK(!reads("AQ "));             // a foreign character
    CHECK(!reads("A+"));              // of the other alphabet
    CHECK(!reads("AQE"));             // a byte too many
    CHECK(!reads("gQA"));             // 81 00: longer than it must be
    CHECK(!reads("gA"));              // 80: broken off
    CHECK(!reads("____________Ag"));  // ten bytes, more than 64 bits
}

TEST_CASE("A fingerprint stays what it was") {
    CHECK(fingerprint("") == 0xcbf29ce484222325ULL);
    CHECK(fingerprint("a") == 0xaf63dc4c8601ec8cULL);
    CHECK(fingerprint("foobar") == 0x85944171f73967e8ULL);
}
