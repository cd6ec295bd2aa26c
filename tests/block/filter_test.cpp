#include "engine/block/filter.h"

#include <random>

#include "tests/catch.h"

using namespace nmstore::block;

TEST_CASE("a filter has every key that it was made of, and few others, at nine bits a key") {
    for (const std::size_t count : {0, 1, 2, 3, 10, 100, 1000, 30000, 300000}) {
        INFO(count << " keys");
        std::mt19937_64 random(count + 1);
        std::vector<std::uint64_t> keys(count);
        for (auto& key : keys) key = count % 2 ? random() : random() % (count * 4);
        const std::string bytes = make_filter(keys);
        const auto filter = Filter::open(bytes);
        REQUIRE(filter.ok());
        bool all = true;
        for (const auto key : keys) all = all && filter->may_have(key);
        CHECK(all);
        std::size_t wrong = 0;
        for (int i = 0; i < 100000; ++i)
            wrong += filter->may_have(random() | (std::uint64_t{1} << 63)) ? 1U : 0U;
        CHECK(wrong < 100000 / 256 * 3 / 2 + (count % 2 ? 100 : 0));
        if (count >= 30000) CHECK(bytes.size() * 8 < count * 95 / 10);
        CHECK(make_filter(keys) == bytes);
    }
}

TEST_CASE("repeated keys count once") {
    std::vector<std::uint64_t> keys(5000, 7);
    keys.push_back(8);
    CHECK(make_filter(keys) == make_filter({7, 8}));
}

TEST_CASE("what is no filter is refused") {
    const std::string bytes = make_filter({1, 2, 3, 4, 5});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(Filter::open(std::string_view(bytes).substr(0, size)).ok());
    CHECK_FALSE(Filter::open(bytes + "x").ok());
    CHECK_FALSE(Filter::open("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f").ok());
    CHECK_FALSE(Filter().may_have(1));
}

TEST_CASE("numbers of keys that leave too little room make a filter too") {
    std::mt19937_64 random(2);
    bool all = true;
    const auto try_with = [&](std::size_t count) {
        std::vector<std::uint64_t> keys(count);
        for (auto& key : keys) key = random();
        const std::string bytes = make_filter(keys);
        const auto filter = Filter::open(bytes);
        REQUIRE(filter.ok());
        for (const auto key : keys) all = all && filter->may_have(key);
    };
    for (std::size_t count = 11'380; count < 11'540; ++count) try_with(count);
    for (std::size_t count = 1; count < 4000; count += 7) try_with(count);
    CHECK(all);
}
