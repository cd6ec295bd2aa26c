// How lines are taken apart: the quick ways must find what the plain ones find, wherever something stands.
#include <random>
#include <string>

#include "engine/block/block.h"
#include "engine/block/byte_marks.h"
#include "engine/block/pattern.h"
#include "engine/block/split_lines.h"
#include "engine/block/text_hash.h"
#include "nmstore/words.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::block;

namespace {

// What a splitter is to find, told by the words of the text.
struct Expected {
    std::string pattern;
    std::vector<std::string_view> variables;
};

Expected expect(std::string_view text) {
    Expected out;
    std::size_t at = 0;
    const auto constant = [&](std::size_t end) {
        for (; at < end; ++at) {
            if (text[at] == '\x01' || text[at] == '\x02') out.pattern += '\x02';
            out.pattern += text[at];
        }
    };
    WordScanner words(text);
    for (WordAt word; words.next(word);) {
        const auto found = text.substr(word.begin, word.end - word.begin);
        if (found.find_first_of("0123456789") == std::string_view::npos) continue;
        constant(word.begin);
        out.pattern += '\x01';
        out.variables.push_back(found);
        at = word.end;
    }
    constant(text.size());
    return out;
}

void check_split(Splitter& splitter, const std::string& text) {
    // Memory of exactly this size: a read behind its end is a fault where such are looked for.
    const std::vector<char> bytes(text.begin(), text.end());
    const std::string_view exact(bytes.data(), bytes.size());
    const Expected expected = expect(exact);
    REQUIRE(splitter.split(exact) == (expected.variables.size() <= kMaxVariables));
    if (expected.variables.size() > kMaxVariables) return;
    INFO(text);
    REQUIRE(splitter.pattern() == expected.pattern);
    REQUIRE(splitter.variables() == expected.variables);
}

void check_block(const std::vector<std::string>& texts) {
    BlockWriter writer;
    for (std::size_t i = 0; i < texts.size(); ++i)
        writer.add({static_cast<std::int64_t>(i), i, 0, texts[i], ""});
    const std::string block = writer.finish("", kFastLevel).value();
    const auto reader = open_block(block).value();
    REQUIRE(reader->lines() == texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) REQUIRE(reader->line(i).value().text == texts[i]);
}

}  // namespace

TEST_CASE("bytes are marked alike 16 at a time and one by one") {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        char bytes[kMarkedBytes];
        for (char& byte : bytes) byte = static_cast<char>(round < 1000 ? random() % 256 : 3 + random() % 125);
        REQUIRE(marks_of(bytes) == plain_marks_of(bytes));
    }
    for (int byte = 0; byte < 256; ++byte) {
        char bytes[kMarkedBytes] = {};
        for (std::size_t at : {0U, 15U, 16U, 63U}) {
            bytes[at] = static_cast<char>(byte);
            REQUIRE(marks_of(bytes) == plain_marks_of(bytes));
        }
    }
}

TEST_CASE("words are found wherever they begin and end") {
    Splitter splitter;
    for (std::size_t before = 0; before < 200; ++before) {
        for (const std::size_t word : {1U, 2U, 15U, 16U, 17U, 63U, 64U, 65U, 130U}) {
            const std::string variable = std::string(word - 1, 'x') + "7";
            check_split(splitter, std::string(before, '-') + variable);
            check_split(splitter, std::string(before, '-') + variable + " end");
            check_split(splitter, "a1" + std::string(before, ' ') + variable + "," + variable);
            check_split(splitter, std::string(before, 'y') + "1" + std::string(word, 'z'));
            check_split(splitter, std::string(before, 'y') + " " + std::string(word, 'z'));
        }
    }
    check_split(splitter, "");
}

TEST_CASE("texts of any bytes are split as their words say") {
    std::mt19937 random(2);
    const std::vector<std::string> parts{"error",
                                         " ",
                                         "-",
                                         "0",
                                         "42",
                                         "007",
                                         "x1y2",
                                         "\x01",
                                         "\x02",
                                         std::string(1, '\0'),
                                         "\xff",
                                         "é5",
                                         "Ж",
                                         "²",
                                         "5\xE2\x84\xAA",
                                         "\xe2\x82",
                                         "[",
                                         "@",
                                         "`",
                                         "{",
                                         "/",
                                         ":",
                                         "123456789012345678901",
                                         std::string(70, 'q')};
    Splitter splitter;
    for (int round = 0; round < 4000; ++round) {
        std::string text;
        // Half of them of ASCII only: those go the quick way.
        const std::size_t choices = round % 2 == 0 ? parts.size() : 7;
        for (auto n = random() % 40; n > 0; --n) text += parts[random() % choices];
        check_split(splitter, text);
    }
    check_split(splitter, std::string(1 << 20, 'a') + "1");
    check_split(splitter, "1" + std::string(1 << 20, 'a') + " 2");
    std::string many;
    for (std::size_t i = 0; i < kMaxVariables; ++i) many += "1 ";
    check_split(splitter, many);
    check_split(splitter, many + "1");
}

TEST_CASE("texts are the same only if all their bytes are") {
    const std::uint64_t seed = text_hash_seed();
    for (std::size_t size = 0; size <= 40; ++size) {
        std::string text(size, 'a');
        const auto ends = [&](const std::string& of) { return ends_of(of.data(), of.size()); };
        for (std::size_t i = 0; i < size; ++i) {
            std::string other = text;
            other[i] = 'b';
            if (size <= kMaxEnds) CHECK(ends(text) != ends(other));
            CHECK(text_hash(text, seed) != text_hash(other, seed));
        }
    }
}

TEST_CASE("a value is known again, and is what its text is") {
    ValueTable table;
    std::vector<std::string> texts;
    for (int i = 0; i < 50'000; ++i) texts.push_back(std::to_string(i) + (i % 3 == 0 ? "" : "f"));
    texts.insert(texts.end(),
                 {"0000", "999999999999999999", "1000000000000000000", "18446744073709551616", "12 4", "é1"});
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t i = 0; i < texts.size(); ++i) REQUIRE(table.add(texts[i]) == i);
    }
    REQUIRE(table.size() == texts.size());
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
        const ValueTable::Value& value = table[i];
        REQUIRE(value.text == texts[i]);
        const bool digits = texts[i].find_first_not_of("0123456789") == std::string::npos;
        REQUIRE(value.is_number == (digits && texts[i].size() <= 18));
        if (value.is_number) REQUIRE(value.number == std::stoull(texts[i]));
    }
    CHECK(table[0].is_plain_number());
    CHECK_FALSE(table[50'000].is_plain_number());
}

TEST_CASE("columns hold what stood in the lines, each distinct value once") {
    const std::vector<std::string> texts{"a 1 b 2", "c 7", "a 3 b 2", "a 1 b 2", "c 7", "a 9 b 2"};
    SplitLines lines;
    for (const auto& text : texts) lines.add(text, false, 5);
    lines.close();
    REQUIRE(lines.templates().size() == 2);
    CHECK(lines.numbers() == std::vector<std::uint64_t>{0, 1, 0, 0, 1, 0});
    const WrittenTemplate& made = lines.templates()[0];
    CHECK(made.pattern == "a \x01 b \x01");
    const WrittenColumn& first = made.columns[0];
    CHECK(std::vector<std::uint32_t>(first.places.begin(), first.places.end()) ==
          std::vector<std::uint32_t>{0, 1, 0, 2});
    CHECK(std::vector<std::uint32_t>(first.counts.begin(), first.counts.end()) ==
          std::vector<std::uint32_t>{2, 1, 1});
    CHECK(lines.table()[first.distinct[2]].text == "9");
    CHECK((first.summary.number && first.summary.range.greatest == 9));
    CHECK(made.columns[1].is_single());
    CHECK(lines.templates()[1].columns[0].is_single());
}

TEST_CASE("blocks of a hundred thousand templates, and of lines of a MiB, come back") {
    std::vector<std::string> texts;
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        std::string word;
        for (std::uint32_t n = i + 1; n > 0; n /= 26) word.push_back(static_cast<char>('a' + n % 26));
        texts.push_back(word + " 1");
    }
    check_block(texts);
    check_block({std::string(1 << 20, 'a'), std::string(1 << 20, '1'), std::string(1 << 20, '1') + " 2", ""});
    check_block({std::string("nul \0 1", 7), std::string("nul \0 2", 7), std::string(70, '\0') + "3"});
}
