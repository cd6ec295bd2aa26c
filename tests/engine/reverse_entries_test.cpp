#include "engine/reverse_entries.h"

#include <algorithm>
#include <random>

#include "engine/key.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

// Entries of one row, given by `times` and numbered in their order, read back from the end or from one of
// them.
void check(const std::vector<std::int64_t>& times, std::size_t value_bytes = 3) {
    OpenedStore store;
    store.change_database([&](kv::Database& database) {
        std::vector<std::string> keys;
        const auto batch = database.new_batch();
        for (std::size_t i = 0; i < times.size(); ++i) {
            keys.push_back(key::entry(times[i], i % 7 == 0 ? 0 : i));
            const std::string value = keys.back() + std::string(value_bytes, 'x');
            batch->put(kv::Space::entries, key::row(1), keys.back(), value);
        }
        must(database.apply(*batch));
        std::sort(keys.begin(), keys.end());
        keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
        for (const std::size_t from : {keys.size() - 1, keys.size() / 2, std::size_t{0}}) {
            ReverseEntries entries(database.cursor(kv::Space::entries, key::row(1)));
            must(entries.seek_for_prev(keys[from]));
            for (std::size_t i = from + 1; i-- > 0;) {
                REQUIRE(entries.valid());
                REQUIRE(entries.key() == keys[i]);
                REQUIRE(entries.value().substr(0, keys[i].size()) == keys[i]);
                must(entries.prev());
            }
            CHECK_FALSE(entries.valid());
        }
    });
}

}  // namespace

TEST_CASE("entries come back from the newest to the oldest, however close they stand") {
    std::vector<std::int64_t> even, dense, ends{INT64_MIN, INT64_MIN + 1, -1, 0, INT64_MAX - 1, INT64_MAX};
    for (int i = 0; i < 5000; ++i) even.push_back(1'000'000 + i * 50);
    for (int i = 0; i < 5000; ++i) dense.push_back(i / 3000);
    check(even);
    check(dense);
    check(ends);
    check({5});
    std::mt19937_64 random(7);
    for (int round = 0; round < 5; ++round) {
        std::vector<std::int64_t> times;
        std::int64_t time = 0;
        while (times.size() < 4000) {
            time += static_cast<std::int64_t>(random() % (random() % 50 == 0 ? 100'000'000 : 20));
            for (std::uint64_t burst = random() % 100 == 0 ? 600 : 1; burst > 0; --burst)
                times.push_back(time);
        }
        check(times);
    }
}

TEST_CASE("large entries are read few at a time") {
    std::vector<std::int64_t> times;
    for (int i = 0; i < 60; ++i) times.push_back(i / 20);
    check(times, 300'000);
}

TEST_CASE("nothing is before the first entry") {
    OpenedStore store;
    store.change_database([&](kv::Database& database) {
        ReverseEntries entries(database.cursor(kv::Space::entries, key::row(1)));
        must(entries.seek_for_prev(key::entry(5, 0)));
        CHECK_FALSE(entries.valid());
    });
}
