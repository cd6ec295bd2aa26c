#include "query/block_ranks.h"

#include <random>
#include <set>

#include "tests/catch.h"

using nmstore::query::RankSet;

namespace {

RankSet some(const std::set<std::size_t>& ranks, std::size_t size) {
    RankSet made = RankSet::of_size(size);
    for (const std::size_t rank : ranks) made.add(rank);
    made.settle(size);
    return made;
}

std::set<std::size_t> ranks_of(const RankSet& set, std::size_t size) {
    std::set<std::size_t> ranks;
    set.for_each(size, [&](std::size_t rank) { ranks.insert(rank); });
    CHECK(set.count(size) == ranks.size());
    for (std::size_t rank = 0; rank < size; ++rank) CHECK(set.has(rank) == ranks.contains(rank));
    return ranks;
}

}  // namespace

TEST_CASE("sets that come to have nothing or all are symbols") {
    CHECK(some({}, 3).is_none());
    CHECK(some({0, 1, 2}, 3).is_all());
    CHECK_FALSE(some({1}, 3).is_all());
    RankSet left = some({1}, 3);
    left.subtract(some({1, 2}, 3), 3);
    CHECK(left.is_none());
    left.unite(RankSet::all(), 3);
    CHECK(left.is_all());
}

TEST_CASE("sets of ranks are sets") {
    std::mt19937 random(5);
    for (int round = 0; round < 300; ++round) {
        const std::size_t size = 1 + random() % 200;
        std::set<std::size_t> sets[2];
        for (auto& set : sets) {
            const auto share = random() % 5;
            for (std::size_t rank = 0; rank < size; ++rank)
                if (random() % 4 < share) set.insert(rank);
        }
        std::set<std::size_t> both, either = sets[0], rest;
        for (const std::size_t rank : sets[0]) (sets[1].contains(rank) ? both : rest).insert(rank);
        either.insert(sets[1].begin(), sets[1].end());
        const RankSet other = some(sets[1], size);
        RankSet set = some(sets[0], size);
        set.intersect(other, size);
        CHECK(ranks_of(set, size) == both);
        set = some(sets[0], size);
        set.unite(other, size);
        CHECK(ranks_of(set, size) == either);
        set = some(sets[0], size);
        set.subtract(other, size);
        CHECK(ranks_of(set, size) == rest);
    }
}
