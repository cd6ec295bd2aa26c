// The matcher compared with a slow one that knows nothing of bytes: texts are lists of letters, and every
// place is tried.
#include <random>
#include <string>
#include <vector>

#include "query/matcher.h"
#include "query/parse.h"
#include "query/wildcard.h"
#include "tests/catch.h"
#include "tests/query/line_of.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::OwnedLine;

namespace {

struct Letter {
    const char* bytes;
    char lower;  // equal for letters that differ in case only
    bool in_words;
};
// Few, so that they meet; the last ones only in lines.
const Letter kLetters[] = {
    {"a", 'a', true},        {"A", 'a', true},
    {"b", 'b', true},        {"k", 'k', true},
    {"K", 'k', true},        {"1", '1', true},
    {" ", ' ', false},       {".", '.', false},
    {"_", '_', false},       {"*", '*', false},
    {"ü", 'u', true},        {"Ü", 'u', true},
    {"日", 'n', true},       {"\xE2\x84\xAA", 'k', true},
    {"\xC4\xB0", 'i', true}, {"i", 'i', true},
    {"\xFF", '\1', false},   {"\xC3", '\2', false},
};
constexpr std::size_t kAll = std::size(kLetters), kInQueries = kAll - 2;

using Letters = std::vector<std::size_t>;
using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

Letters random_letters(Random& random, std::size_t longest, std::size_t of) {
    Letters letters(1 + below(random, longest));
    const bool few = below(random, 2) == 0;
    for (auto& letter : letters) letter = few ? below(random, 3) : below(random, of);
    return letters;
}

std::string bytes_of(const Letters& letters) {
    std::string bytes;
    for (auto letter : letters) bytes += kLetters[letter].bytes;
    return bytes;
}

// What a tree of random filters asks, beside the tree that the matcher is made of.
struct Asked {
    FilterKind kind = FilterKind::word;
    std::vector<Letters> pieces;  // one, or those of a wildcard
    std::vector<Asked> parts;
};

bool same(std::size_t a, std::size_t b, bool case_counts) {
    return case_counts ? a == b : kLetters[a].lower == kLetters[b].lower;
}

bool stands_at(const Letters& line, std::size_t at, const Letters& text, bool before, bool after,
               bool case_counts) {
    if (at + text.size() > line.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!same(line[at + i], text[i], case_counts)) return false;
    }
    const std::size_t end = at + text.size();
    if (before && kLetters[text.front()].in_words && at > 0 && kLetters[line[at - 1]].in_words) return false;
    return !(after && kLetters[text.back()].in_words && end < line.size() && kLetters[line[end]].in_words);
}

// Pieces from number `piece` on, the first of them anywhere from `at` with no blank skipped (or, at the
// start, anywhere).
bool wildcard_from(const Letters& line, std::size_t at, const std::vector<Letters>& pieces, std::size_t piece,
                   bool anywhere) {
    while (piece < pieces.size() && pieces[piece].empty()) ++piece;
    if (piece == pieces.size()) return true;
    for (; at <= line.size(); ++at) {
        if (stands_at(line, at, pieces[piece], piece == 0, piece + 1 == pieces.size(), false) &&
            wildcard_from(line, at + pieces[piece].size(), pieces, piece + 1, false)) {
            return true;
        }
        if (!anywhere && at < line.size() && std::string(kLetters[line[at]].bytes) == " ") return false;
    }
    return false;
}

bool holds(const Asked& asked, const Letters& line) {
    auto stands = [&](bool before, bool after, bool case_counts) {
        for (std::size_t at = 0; at < line.size(); ++at) {
            if (stands_at(line, at, asked.pieces[0], before, after, case_counts)) return true;
        }
        return false;
    };
    switch (asked.kind) {
        case FilterKind::word:
            return stands(true, true, false);
        case FilterKind::prefix:
            return stands(true, false, false);
        case FilterKind::suffix:
            return stands(false, true, false);
        case FilterKind::substring:
            return stands(false, false, false);
        case FilterKind::exact:
            return stands(true, true, true);
        case FilterKind::wildcard:
            return wildcard_from(line, 0, asked.pieces, 0, true);
        case FilterKind::negation:
            return !holds(asked.parts[0], line);
        case FilterKind::both:
            return holds(asked.parts[0], line) && holds(asked.parts[1], line);
        case FilterKind::either:
            return holds(asked.parts[0], line) || holds(asked.parts[1], line);
        default:
            return true;
    }
}

FilterPtr random_filter(Random& random, Asked& asked, int depth) {
    auto filter = std::make_unique<Filter>();
    constexpr FilterKind leaves[] = {FilterKind::word,    FilterKind::word,      FilterKind::prefix,
                                     FilterKind::suffix,  FilterKind::substring, FilterKind::exact,
                                     FilterKind::wildcard};
    constexpr FilterKind junctions[] = {FilterKind::both, FilterKind::either, FilterKind::negation};
    const bool leaf = depth == 0 || below(random, 3) == 0;
    asked.kind = filter->kind = leaf ? leaves[below(random, std::size(leaves))] : junctions[below(random, 3)];
    if (!leaf) {
        asked.parts.resize(asked.kind == FilterKind::negation ? 1 : 2);
        for (auto& part : asked.parts) filter->children.push_back(random_filter(random, part, depth - 1));
        return filter;
    }
    const bool wildcard = asked.kind == FilterKind::wildcard;
    asked.pieces.resize(wildcard ? 2 + below(random, 3) : 1);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < asked.pieces.size(); ++i) {
        const bool end = i == 0 || i + 1 == asked.pieces.size();
        if (!wildcard || !end || below(random, 3) > 0)
            asked.pieces[i] = random_letters(random, wildcard ? 2 : 4, kInQueries);
        texts.push_back(bytes_of(asked.pieces[i]));
    }
    filter->text = wildcard ? wildcard_text(texts) : texts[0];
    return filter;
}

}  // namespace

TEST_CASE("the matcher and a naive one agree on random filters and lines") {
    Random random(20240501);
    std::size_t matched = 0;
    for (int round = 0; round < 4000; ++round) {
        Asked asked;
        const FilterPtr filter = random_filter(random, asked, round % 3);
        auto matcher = compile(*filter);
        REQUIRE(matcher.ok());
        for (int i = 0; i < 20; ++i) {
            const Letters line = random_letters(random, i % 2 == 0 ? 12 : 60, i % 4 < 2 ? 10 : kAll);
            const OwnedLine owned(bytes_of(line));
            const bool expected = holds(asked, line);
            matched += expected ? 1 : 0;
            if ((*matcher)->matches(owned.line) == expected) continue;
            INFO("query: " << to_text(*filter) << "   line: " << owned.text << "   expected: " << expected);
            FAIL("they differ");
        }
    }
    CHECK(matched > 10000);
    CHECK(matched < 70000);
}

TEST_CASE("a filter's text is read back as the same filter") {
    Random random(7);
    for (int round = 0; round < 3000; ++round) {
        Asked asked;
        const FilterPtr filter = random_filter(random, asked, round % 5);
        const std::string text = to_text(*filter);
        INFO("text: " << text);
        auto again = parse(text);
        REQUIRE(again.ok());
        CHECK(to_text(*again->filter) == text);
        auto one = compile(*filter);
        auto other = compile(*again->filter);
        REQUIRE((one.ok() && other.ok()));
        for (int i = 0; i < 5; ++i) {
            const OwnedLine line(bytes_of(random_letters(random, 12, kAll)));
            CHECK((*one)->matches(line.line) == (*other)->matches(line.line));
        }
    }
}

TEST_CASE("a text is found at every place of lines of every length") {
    for (const std::string text : {"x", "xy", "x.y", "needle", "0123456789abcdef0123"}) {
        Filter filter;
        filter.kind = FilterKind::word;
        filter.text = text;
        auto matcher = compile(filter);
        REQUIRE(matcher.ok());
        for (std::size_t length = 0; length < 80; ++length) {
            for (std::size_t at = 0; at < length + 1; ++at) {
                for (const char filler : {' ', text.front()}) {
                    std::string line(length, filler);
                    line.insert(at, " " + text + " ");
                    if (!(*matcher)->matches(OwnedLine(line).line)) FAIL("not found in: " << line);
                    line.erase(at + 1, 1);
                    if (filler == text.front()) continue;  // may stand there as well
                    if ((*matcher)->matches(OwnedLine(line).line)) FAIL("found in: " << line);
                }
            }
        }
    }
}
