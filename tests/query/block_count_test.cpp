// Counts by level and by field, and of words, over lines in which the same words stand in constants and in
// variables, in several columns and in both cases: what blocks say must be what the lines say.
#include <random>

#include "query/parse.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/block_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::BlockStore;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;

std::string random_text(std::mt19937& random) {
    const auto number = [&] { return std::to_string(random() % (random() % 3 == 0 ? 100'000 : 12)); };
    const std::string same = number();
    switch (random() % 9) {
        case 0:
            return "Disk " + same + " error: disk " + same + " of " + number() + " failed, Error " + number();
        case 1:
            return "warn 0" + number() + " then 00" + number() + " id A" + number() + " a" + number();
        case 2:  // where the level stands depends on the values before it
            return std::string(random() % 2 == 0 ? 110 : 114, '-') + number() + " " + number() + " FATAL x";
        case 3:
            return "level=info user=u" + number() + " msg=\"no error " + number() + "\"";
        case 4:
            return "{\"level\":\"debug\",\"user\":\"u" + number() + "\",\"n\":" + number() + "}";
        case 5:
            return "Gr\xC3\xB6\xC3\x9F" "e" + number() + " GR\xC3\x96\xC3\x9F" "E" + number() + " 5\xE2\x84\xAA 5k";
        case 6:
            return "info\x01 and \x02 notice" + number() + " panic";
        case 7:
            return "";
        default:
            return same + " " + same + " 12345678901234567890" + number() + " " + number();
    }
}

struct Both {
    explicit Both(unsigned seed) {
        std::mt19937 random(seed);
        for (std::size_t i = random() % 500; i > 0; --i) {
            const std::string text = random_text(random);
            const std::string fields = random() % 5 == 0 ? "{\"user\":\"f1\",\"level\":\"crit\"}" : "";
            const auto time = kNoon + static_cast<std::int64_t>(random() % 5000);
            for (MemoryStore* store : {&plain, static_cast<MemoryStore*>(&sealed)})
                store->add_line("web", "x", time, text, fields);
        }
        sealed.seal(random, 1 + random() % 200, random() % 3);
    }
    MemoryStore plain;
    BlockStore sealed;
};

std::string shown(const Histogram& histogram) {
    std::string out = std::to_string(histogram.total) + "\n";
    for (const auto& series : histogram.series) {
        out += series.value + ":";
        for (const Bucket& bucket : series.buckets)
            if (bucket.count > 0)
                out += " " + std::to_string(bucket.time_ms) + "=" + std::to_string(bucket.count);
        out += "\n";
    }
    return out;
}

std::string shown(const std::vector<WordCount>& words) {
    std::string out;
    for (const WordCount& word : words) {
        CHECK(word.may_miss == 0);
        out += word.word + "=" + std::to_string(word.count) + " ";
    }
    return out;
}

}  // namespace

TEST_CASE("blocks count by level, by field and by word as their lines do") {
    for (unsigned seed = 0; seed < 60; ++seed) {
        const Both both(seed);
        std::mt19937 random(seed);
        for (const char* text : {"*", "disk", "-error", "*1*", "level:info OR level:fatal", "/[0-9]{3}/"}) {
            const auto query = parse(text);
            Scope scope;
            scope.filter = query->filter.get();
            if (random() % 2 == 0) scope.from_ms = kNoon + static_cast<std::int64_t>(random() % 3000);
            if (random() % 2 == 0) scope.to_ms = kNoon + 2000 + static_cast<std::int64_t>(random() % 3000);
            const char* const bys[] = {"level", "user", "n", "log", ""};
            const std::string by = bys[random() % 5];
            const std::int64_t steps[] = {1, 250, 3'600'000};
            const std::int64_t step = steps[random() % 3];
            INFO("seed " << seed << ", query " << text << ", step " << step << ", by " << by);
            Execution one, other;
            if (random() % 2 == 0) other.help_after = {};
            const auto expected = histogram(both.plain, scope, step, by, one);
            const auto counted = histogram(both.sealed, scope, step, by, other);
            REQUIRE((expected.ok() && counted.ok()));
            REQUIRE(shown(*counted) == shown(*expected));
            const auto words = count_words(both.plain, scope, kMaxWords, one);
            const auto found = count_words(both.sealed, scope, kMaxWords, other);
            REQUIRE((words.ok() && found.ok()));
            REQUIRE(shown(*found) == shown(*words));
            CHECK(one.stats.lines_matched == other.stats.lines_matched);
        }
    }
}

TEST_CASE("words of blocks that did not fit say how many lines they may be short of") {
    BlockStore store;
    std::mt19937 random(1);
    for (int i = 0; i < 4000; ++i)
        store.add_line("a", "x", kNoon + i, "every line " + std::to_string(1'000'000 + i * 7));
    store.seal(random, 500, 0);
    Limits limits;
    limits.memory_bytes = 400'000;
    Execution execution(limits);
    const auto words = count_words(store, {}, kMaxWords, execution);
    REQUIRE(words.ok());
    REQUIRE(words->size() < 4000);
    CHECK((*words)[0].word == "every");
    CHECK((*words)[0].count == 4000);
    for (const WordCount& word : *words) {
        const std::uint64_t truth = word.word == "every" || word.word == "line" ? 4000 : 1;
        CHECK(word.count <= truth);
        CHECK(word.count + word.may_miss >= truth);
    }
}
