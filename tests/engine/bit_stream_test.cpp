#include "engine/postings/bit_stream.h"

#include <random>
#include <vector>

#include "tests/catch.h"

using namespace nmstore::postings;

TEST_CASE("numbers of bits come back", "[postings]") {
    struct Step {
        int how;
        std::uint64_t number;
        unsigned bits;
    };
    std::mt19937_64 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<Step> steps;
        BitWriter writer;
        for (std::size_t i = 0; i < 1 + random() % 300; ++i) {
            Step step{static_cast<int>(random() % 3), 0, static_cast<unsigned>(random() % 57)};
            if (step.how == 0) {
                step.number = step.bits == 0 ? 0 : random() >> (64 - step.bits);
                writer.put(step.number, step.bits);
            } else if (step.how == 1) {
                step.bits %= 20;
                step.number = random() % (std::uint64_t{200} << step.bits);
                writer.put_rice(step.number, step.bits);
            } else {
                step.number = (random() >> (8 + random() % 56)) | 1;
                writer.put_gamma(step.number);
            }
            steps.push_back(step);
        }
        const std::string bytes = writer.take();
        BitReader reader(bytes);
        for (const Step& step : steps) {
            const std::uint64_t number = step.how == 0   ? reader.get(step.bits)
                                         : step.how == 1 ? reader.get_rice(step.bits)
                                                         : reader.get_gamma();
            REQUIRE(number == step.number);
        }
        CHECK_FALSE(reader.failed());
        CHECK(reader.get(8) == 0);  // what is left of the last byte is no whole byte
        CHECK(reader.failed());
    }
}

TEST_CASE("a reader of bits fails behind the end, and then gives zeros", "[postings]") {
    BitReader empty{std::string_view()};
    CHECK(empty.get_gamma() == 0);
    CHECK(empty.failed());
    BitReader zeros(std::string_view("\0\0\0\0\0\0\0\0\0\0", 10));
    CHECK(zeros.get_rice(3) == 0);
    CHECK(zeros.failed());
    BitReader many(std::string_view("\0\0\0\0\0\0\0\1\1\1\1\1\1\1\1\1", 16));
    CHECK(many.get_gamma() == 0);  // 56 zeros: no number of ours
    CHECK(many.failed());
}
