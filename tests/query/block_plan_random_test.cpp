// The plan of random filters over random blocks compared with the matcher, line by line. What fails is made
// smaller before it is shown.
#include <cctype>
#include <optional>
#include <random>
#include <tuple>

#include "nmstore/words.h"
#include "query/matcher.h"
#include "query/parse.h"
#include "query/wildcard.h"
#include "tests/catch.h"
#include "tests/query/block_of.h"
#include "tests/query/line_of.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::block_of;
using nmstore::testing::BlockText;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

template <class List>
const auto& one_of(Random& random, const List& list) {
    return list[below(random, std::size(list))];
}

// Few letters, so that they meet in every way: digits beside letters, letters of which one case is ASCII and
// the other not, bytes that are no UTF-8, the bytes that patterns escape, newlines.
const std::vector<std::string> kLetters{"a",        "A",    "b",    "k",    "K", "s", "1",  "2",
                                        "1",        " ",    " ",    ".",    "_", "=", "\"", "{",
                                        "\n",       "\x01", "\x02", "ü",    "Ü", "ſ", "日", "\xE2\x84\xAA",
                                        "\xC4\xB0", "i",    "\xFF", "\xC3", "*", "-", "٣",  "Ⅷ"};
constexpr std::size_t kSimple = 12;

const std::vector<std::string> kWords{"error", "WARN", "info", "user",  "failed", "Failed", "password",
                                      "for",   "from", "blk_", "level", "req",    "ß",      "GRÜN",
                                      "grün",  "took", "ms",   "task",  "Kelvin", "ſo",     "status"};
const std::vector<std::string> kBetween{" ", " ", " ", "=", ": ", ".",  "-",
                                        "/", "_", "",  "",  ", ", "\"", "\\"};

std::string random_letters(Random& random, std::size_t longest) {
    std::string text;
    const std::size_t of = below(random, 2) == 0 ? kSimple : kLetters.size();
    for (std::size_t i = below(random, longest + 1); i > 0; --i) text += kLetters[below(random, of)];
    return text;
}

std::string random_number(Random& random) {
    const std::size_t digits[] = {10, 10, 100, 256, 100000};
    return std::to_string(below(random, one_of(random, digits)));
}

std::string random_sentence(Random& random) {
    std::string text;
    for (std::size_t i = below(random, 9); i > 0; --i) {
        text += below(random, 3) == 0 ? random_number(random) : one_of(random, kWords);
        text += one_of(random, kBetween);
    }
    return text;
}

// Lines as programs write them: few forms with numbers in them.
std::string random_event(Random& random) {
    const auto number = [&] { return random_number(random); };
    switch (below(random, 6)) {
        case 0:
            return "12:30:0" + number() + " ERROR task " + number() + ".0 in stage " + number() + " failed";
        case 1:
            return "Failed password for root from 10.0." + number() + "." + number() + " port " + number();
        case 2:
            return "level=warn user=u" + number() + " took=" + number() + "ms msg=\"disk " + number() + "\"";
        case 3:
            return "{\"level\":\"info\",\"id\":" + number() + ",\"user\":{\"name\":\"k" + number() + "\"}}";
        case 4:
            return "blk_" + number() + " of /10.0.0." + number() + ":50010 DEBUG " + one_of(random, kWords);
        default:
            return std::string(below(random, 140), '-') + number() + " fatal: " + one_of(random, kWords);
    }
}

std::string many_words(Random& random) {
    std::string text;
    for (std::size_t i = 0; i < 520; ++i) text += "a" + std::to_string(i % 3) + " ";
    return text + random_sentence(random);
}

std::vector<BlockText> random_lines(Random& random) {
    const std::size_t form = below(random, 4);
    std::vector<BlockText> lines(1 + below(random, below(random, 10) == 0 ? 200 : 40));
    for (BlockText& line : lines) {
        const std::size_t of = form == 3 ? below(random, 3) : form;
        line.text = of == 0   ? random_letters(random, 12)
                    : of == 1 ? random_sentence(random)
                              : random_event(random);
        if (below(random, 50) == 0) line.text = many_words(random);
        if (below(random, 5) == 0) {
            line.fields = "{\"user\":\"" + one_of(random, kWords) + random_number(random) +
                          "\",\"level\":\"" + one_of(random, kWords) + "\"}";
        }
        if (!lines.empty() && below(random, 10) == 0) line = one_of(random, lines);
    }
    return lines;
}

bool begins_letter(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// A part of a line, so that it is often found; sometimes in another case, or with something more.
std::string random_part(Random& random, const std::vector<BlockText>& lines) {
    const BlockText& line = one_of(random, lines);
    const std::string& from = !line.fields.empty() && below(random, 4) == 0 ? line.fields : line.text;
    if (from.empty() || below(random, 8) == 0) return random_letters(random, 4);
    std::size_t begin = below(random, from.size());
    std::size_t end = std::min(from.size(), begin + 1 + below(random, below(random, 2) == 0 ? 4 : 24));
    if (below(random, 2) == 0) {  // whole words
        WordScanner scanner(from);
        std::vector<WordAt> words;
        for (WordAt at; scanner.next(at);) words.push_back(at);
        if (!words.empty()) {
            const std::size_t first = below(random, words.size());
            const std::size_t last = std::min(words.size() - 1, first + below(random, 4));
            begin = words[first].begin;
            end = words[last].end;
        }
    }
    while (begin > 0 && !begins_letter(from[begin])) --begin;
    while (end < from.size() && !begins_letter(from[end])) ++end;
    std::string part = from.substr(begin, end - begin);
    if (below(random, 5) == 0) part = to_lower(part);
    if (below(random, 12) == 0) part += one_of(random, kLetters);
    return part;
}

std::string random_regex(Random& random, const std::vector<BlockText>& lines) {
    std::string text;
    for (std::size_t i = 1 + below(random, 3); i > 0; --i) {
        const char* const between[] = {"", ".*", "\\d+", "[a-z]*", "|", "\\b", ".?", "[^ ]+"};
        for (const char c : random_part(random, lines)) {
            const bool plain = static_cast<unsigned char>(c) >= 0x80 || std::isalnum(c) || c == ' ';
            if (static_cast<unsigned char>(c) < 0x20) continue;
            text += plain ? std::string(1, c) : std::string("\\") + c;
        }
        text += one_of(random, between);
    }
    return text;
}

void make_leaf(Random& random, const std::vector<BlockText>& lines, Filter& filter) {
    constexpr FilterKind kinds[] = {FilterKind::word,      FilterKind::word,   FilterKind::word,
                                    FilterKind::prefix,    FilterKind::suffix, FilterKind::substring,
                                    FilterKind::substring, FilterKind::exact,  FilterKind::wildcard,
                                    FilterKind::regex,     FilterKind::source, FilterKind::field,
                                    FilterKind::all};
    filter.kind = one_of(random, kinds);
    const auto part = [&] { return random_part(random, lines); };
    switch (filter.kind) {
        case FilterKind::wildcard: {
            std::vector<std::string> pieces;
            for (std::size_t i = 2 + below(random, 2); i > 0; --i) pieces.push_back(part());
            filter.text = wildcard_text(pieces);
            break;
        }
        case FilterKind::regex:
            filter.text = random_regex(random, lines);
            filter.ignore_case = below(random, 2) == 0;
            break;
        case FilterKind::source: {
            const std::pair<Source, const char*> sources[] = {
                {Source::client, "web1"}, {Source::client, "db*"}, {Source::client, "tag?"},
                {Source::log, "*syslog"}, {Source::kind, "logs"},  {Source::kind, "alerts"},
                {Source::level, "error"}, {Source::level, "info"}, {Source::level, "fatal"},
                {Source::level, ""},      {Source::level, "*"},    {Source::level, "warn"}};
            std::tie(filter.source, filter.text) = one_of(random, sources);
            break;
        }
        case FilterKind::field: {
            const char* const names[] = {"level", "user", "user.name", "took", "id", "a", "msg"};
            filter.field = one_of(random, names);
            const Comparison comparisons[] = {Comparison::has, Comparison::has, Comparison::equals,
                                              Comparison::greater};
            filter.comparison = one_of(random, comparisons);
            filter.text = below(random, 2) == 0 ? random_number(random) : part();
            if (filter.comparison != Comparison::has) break;
            auto& child = filter.children.emplace_back(std::make_unique<Filter>());
            constexpr FilterKind asked[] = {FilterKind::word, FilterKind::all, FilterKind::prefix};
            child->kind = one_of(random, asked);
            child->text = filter.text;
            filter.text.clear();
            break;
        }
        default:
            filter.text = part();
    }
    const bool asks_text = filter.kind != FilterKind::source && filter.kind != FilterKind::field;
    if (filter.text.empty() && asks_text) filter.kind = FilterKind::all;
}

FilterPtr random_filter(Random& random, const std::vector<BlockText>& lines, std::size_t depth) {
    auto filter = std::make_unique<Filter>();
    if (depth == 0 || below(random, 3) == 0) {
        make_leaf(random, lines, *filter);
        return filter;
    }
    constexpr FilterKind junctions[] = {FilterKind::both, FilterKind::either, FilterKind::negation};
    filter->kind = one_of(random, junctions);
    const std::size_t parts = filter->kind == FilterKind::negation ? 1 : 2 + below(random, 2);
    for (std::size_t i = 0; i < parts; ++i)
        filter->children.push_back(random_filter(random, lines, depth - 1));
    return filter;
}

LogRow row_of_test() {
    LogRow row;
    row.id = 7;
    row.client = "web1";
    row.log = "_var_log_syslog";
    row.kind = RowKind::logs;
    return row;
}

// The first line of which the plan and the matcher say different things.
std::optional<std::size_t> difference(const std::vector<BlockText>& lines, const Filter& filter) {
    const ClientNames names = [](std::string_view) { return std::vector<std::string>{"tag1"}; };
    auto matcher = compile(filter, names);
    if (!matcher) return std::nullopt;  // a regular expression that is none
    const std::string bytes = block_of(lines);
    auto block = block::open_block(bytes);
    REQUIRE(block.ok());
    const LogRow row = row_of_test();
    const std::vector<bool> found = testing::matching_lines(**block, row, filter, names);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Line line;
        line.row = &row;
        line.text = lines[i].text;
        line.fields = lines[i].fields;
        if ((*matcher)->matches(line) != found[i]) return i;
    }
    return std::nullopt;
}

void shrink_lines(std::vector<BlockText>& lines, const Filter& filter) {
    for (std::size_t i = lines.size(); i-- > 0 && lines.size() > 1;) {
        auto fewer = lines;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (difference(fewer, filter)) lines = std::move(fewer);
    }
    for (BlockText& line : lines) {
        for (std::size_t i = line.text.size(); i-- > 0;) {
            const BlockText before = line;
            line.text.erase(i, 1);
            if (!difference(lines, filter)) line = before;
        }
    }
}

// One part of the filter, at any depth, that shows it alone.
const Filter* smallest_part(const std::vector<BlockText>& lines, const Filter& filter) {
    for (const auto& child : filter.children) {
        if (filter.kind != FilterKind::field && difference(lines, *child))
            return smallest_part(lines, *child);
    }
    return &filter;
}

void compare(std::vector<BlockText> lines, const Filter& whole, const std::string& where) {
    if (!difference(lines, whole)) return;
    const Filter* filter = smallest_part(lines, whole);
    shrink_lines(lines, *filter);
    const auto at = difference(lines, *filter);
    std::string shown;
    for (const BlockText& line : lines) shown += "[" + line.text + "][" + line.fields + "]\n";
    INFO(where << "\nquery: " << to_text(*filter) << "\nlines:\n" << shown << "line: " << *at);
    FAIL("the plan and the matcher differ");
}

}  // namespace

TEST_CASE("a plan says of random filters what the matcher says of each line") {
    for (unsigned seed = 0; seed < 1500; ++seed) {
        Random random(seed);
        const std::vector<BlockText> lines = random_lines(random);
        for (std::size_t i = 0; i < 12; ++i) {
            const FilterPtr filter = random_filter(random, lines, i % 4);
            compare(lines, *filter, "seed " + std::to_string(seed) + ", filter " + std::to_string(i));
        }
    }
}
