// Numbers of byte planes, against the plain way to take them apart.
#include "engine/block/packed_numbers.h"

#include <algorithm>
#include <random>
#include <string>

#include "engine/block/stream.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::block;

namespace {

// Counts around those that are looked at at once, and enough for a byte to count over.
const std::vector<std::size_t> kCounts{0, 1, 15, 16, 17, 31, 32, 100, 4079, 4080, 4081, 4097, 9000};

struct Packed {
    std::vector<std::uint64_t> numbers;
    std::string bytes;
    PackedNumbers packed() const { return {bytes, numbers.size(), width}; }
    std::size_t width = 0;
};

// A third of them are zero.
Packed random_numbers(std::mt19937_64& random, std::size_t count, std::size_t width) {
    Packed made;
    made.width = width;
    const std::uint64_t mask = width == 8 ? UINT64_MAX : (std::uint64_t{1} << (8 * width)) - 1;
    for (std::size_t i = 0; i < count; ++i)
        made.numbers.push_back(random() % 3 == 0 ? 0 : (random() >> (random() % 64)) & mask);
    for (std::size_t plane = 0; plane < width; ++plane) {
        for (const std::uint64_t number : made.numbers)
            made.bytes += static_cast<char>(static_cast<unsigned char>(number >> (8 * plane)));
    }
    return made;
}

void check(const Packed& made) {
    INFO("width " << made.width << ", count " << made.numbers.size());
    std::vector<std::uint64_t> wide(made.numbers.size(), 1);
    unpack(made.packed(), wide);
    REQUIRE(wide == made.numbers);
    if (made.width > 4) return;
    std::vector<std::uint32_t> narrow(made.numbers.size(), 1);
    unpack(made.packed(), narrow);
    REQUIRE(std::equal(narrow.begin(), narrow.end(), made.numbers.begin(), made.numbers.end()));
    const PackedFacts facts = look_at(made.packed());
    CHECK(facts.zeros ==
          static_cast<std::size_t>(std::count(made.numbers.begin(), made.numbers.end(), std::uint64_t{0})));
    CHECK(facts.greatest ==
          (made.numbers.empty() ? 0 : *std::max_element(made.numbers.begin(), made.numbers.end())));
}

}  // namespace

TEST_CASE("packed numbers are taken apart and looked at in every width") {
    std::mt19937_64 random(1);
    for (std::size_t width = 0; width <= 8; ++width) {
        for (const std::size_t count : kCounts) check(random_numbers(random, count, width));
    }
}

TEST_CASE("packed numbers that are all zero, or all the greatest, are counted") {
    for (std::size_t width = 1; width <= 4; ++width) {
        for (const std::size_t count : kCounts) {
            for (const int byte : {0, 255}) {
                const std::uint64_t number = byte == 0 ? 0 : (std::uint64_t{1} << (8 * width)) - 1;
                check({std::vector<std::uint64_t>(count, number),
                       std::string(width * count, static_cast<char>(byte)), width});
            }
        }
    }
}

TEST_CASE("a form knows whether a line has a place, wherever that line is") {
    std::mt19937_64 random(2);
    for (std::size_t width = 0; width <= 4; ++width) {
        for (const std::size_t count : {1, 16, 17, 40, 100}) {
            const Packed made = random_numbers(random, count, width);
            ColumnForm form;
            form.lines = ColumnForm::Lines::by_place;
            form.packed_places = made.packed();
            const auto has = [&](std::uint64_t place) {
                return std::find(made.numbers.begin(), made.numbers.end(), place) != made.numbers.end();
            };
            for (const std::uint64_t number : made.numbers) {
                const auto place = static_cast<std::uint32_t>(number);
                INFO("width " << width << ", count " << count << ", place " << place);
                REQUIRE(form.has_place(place));
                // Others that share bytes with it.
                for (const std::uint32_t other :
                     {place ^ 1U, place ^ 0x100U, place ^ 0x10000U, place ^ 0x80000000U})
                    REQUIRE(form.has_place(other) == has(other));
            }
            form.unpack_places();
            CHECK(
                std::equal(form.places.begin(), form.places.end(), made.numbers.begin(), made.numbers.end()));
        }
    }
}

TEST_CASE("planes that end too early, or are too many, fail and leave no number") {
    const std::string short_by_one(
        "\x02"
        "abc",
        4);
    Reader reader(short_by_one);
    CHECK(reader.packed_planes(2).count == 0);
    CHECK(reader.failed());
    const std::string wide = "\x05" + std::string(5, 'a');
    Reader of_wide(wide);
    CHECK(of_wide.packed_planes(1).count == 0);
    CHECK(of_wide.failed());
}
