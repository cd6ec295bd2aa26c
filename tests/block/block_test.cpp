#include "engine/block/block.h"

#include "engine/block/column.h"

#include <random>
#include <string>

#include "engine/block/pattern.h"
#include "engine/block/section.h"
#include "nmstore/words.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::block;

namespace {

struct OwnedLine {
    std::int64_t time_ms = 0;
    std::uint64_t sequence = 0;
    std::uint32_t line = 0;
    std::string text;
    std::string fields;
};

std::string make_block(const std::vector<OwnedLine>& lines, std::string_view extras = "",
                       int level = kFastLevel) {
    BlockWriter writer;
    for (const auto& line : lines)
        writer.add({line.time_ms, line.sequence, line.line, line.text, line.fields});
    auto block = writer.finish(extras, level);
    REQUIRE(block.ok());
    CHECK(writer.lines() == 0);
    return *block;
}

void check_lines(const std::string& block, const std::vector<OwnedLine>& lines) {
    auto reader = open_block(block);
    REQUIRE(reader.ok());
    REQUIRE((*reader)->lines() == lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto line = (*reader)->line(i);
        REQUIRE(line.ok());
        const bool same = line->text == lines[i].text && line->fields == lines[i].fields &&
                          line->time_ms == lines[i].time_ms && line->sequence == lines[i].sequence &&
                          line->line == lines[i].line;
        if (!same) {
            INFO("line " << i << ": '" << line->text << "' is not '" << lines[i].text << "'");
            REQUIRE(same);
        }
    }
}

std::vector<OwnedLine> plain_texts(const std::vector<std::string>& texts) {
    std::vector<OwnedLine> lines;
    for (const auto& text : texts) lines.push_back({1000, lines.size() + 1, 0, text, ""});
    return lines;
}

std::string clock_text(ClockPart part, std::int64_t time_ms, std::int64_t zone_minutes) {
    std::string text;
    set_clock_text(part, time_ms, zone_minutes, text);
    return text;
}

std::string random_text(std::mt19937& random) {
    static const std::vector<std::string> parts{"error",
                                                " ",
                                                "blk_",
                                                "-",
                                                "0",
                                                "007",
                                                "42",
                                                "123456789012345678",
                                                "1234567890123456789",
                                                "deadbeef01",
                                                "DEADBEEF01",
                                                "é5",
                                                "ü",
                                                "\x01",
                                                "\x02",
                                                std::string(1, '\0'),
                                                "\xff",
                                                "\n",
                                                ":",
                                                "10.0.0.1",
                                                "Ж9",
                                                "=",
                                                "20:15:30",
                                                "²",
                                                "a1b2",
                                                "\xe2\x82"};
    std::string text;
    for (auto n = random() % 12; n > 0; --n)
        text += random() % 3 == 0 ? std::to_string(random() % 100000) : parts[random() % parts.size()];
    return text;
}

}  // namespace

TEST_CASE("a block gives back what went in, whatever it is") {
    const std::vector<std::vector<std::string>> tables{
        {""},
        {"", "", ""},
        {"one line"},
        {"value 1", "value 2", "value 30"},
        {"value 01", "value 02", "value 10"},
        {"value 1", "value 02", "value 003"},
        {"id 999999999999999999", "id 1000000000000000000", "id 18446744073709551616"},
        {"x 00", "x 0", "x 000"},
        {"req-addc1839-2ed5-4778", "req-00000000-2ed5-4778", "req-ffffffff-2ed5-477a"},
        {"h abcdef0", "h 1234567", "h ABCDEF0"},
        {"mark \x01 and \x02 here 1", "mark \x01 and \x02 here 2", "\x02\x01", std::string("\x02\x00", 2),
         std::string("\x00", 1)},
        {"bad utf8 \xff\xfe 1", "bad utf8 \xff\xfe 2", "cut \xe2\x82"},
        {"digits in é5 and Ж9", "digits in é6 and Ж10"},
        {"with\nnewline 1", "with\nnewline 2", "\n", "\n\n"},
    };
    for (const auto& table : tables) check_lines(make_block(plain_texts(table)), plain_texts(table));
}

TEST_CASE("fields stay with their line, and lines without them stay without") {
    const std::vector<OwnedLine> lines{
        {1, 1, 0, "same text 1", ""},
        {1, 2, 0, "same text 1", "{\"a\":1}"},
        {2, 3, 0, "", "{}"},
        {2, 4, 0, "", ""},
        {2, 5, 0, "two\nlines", "{\"b\":\"x\"}"},
        {3, 6, 0, "two\nlines", ""},
        {4, 7, 0, "{\"a\":1}", "{\"a\":1}"},
    };
    check_lines(make_block(lines), lines);
}

TEST_CASE("ids of any order and size come back") {
    std::vector<OwnedLine> lines;
    for (const std::int64_t time : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, std::int64_t{5},
                                    std::int64_t{5}, INT64_MAX, INT64_MIN}) {
        lines.push_back({time, lines.size() % 2 ? UINT64_MAX : lines.size(),
                         static_cast<std::uint32_t>(lines.size() % 3 ? 0 : UINT32_MAX), "t", ""});
    }
    check_lines(make_block(lines), lines);
}

TEST_CASE("clocks in the text cost nothing when they show the line's time, in any zone") {
    for (const int zone : {0, 120, -300, 345}) {
        std::vector<OwnedLine> lines;
        std::size_t clocks = 0;
        for (int i = 0; i < 5000; ++i) {
            const std::int64_t time = 1'700'000'000'000 + i * 977;
            lines.push_back({time, 1, 0,
                             clock_text(kHour, time, zone) + ":" + clock_text(kMinute, time, zone) + ":" +
                                 clock_text(kSecond, time, zone) + " tick",
                             ""});
        }
        const std::string block = make_block(lines);
        check_lines(block, lines);
        auto reader = open_block(block);
        REQUIRE(reader.ok());
        for (const auto& made : (*reader)->templates()) clocks += made.variables.size();
        CHECK(clocks == 3);
        CHECK(block.size() < 300);  // the times go evenly: their differences of differences are zeros
    }
}

TEST_CASE("lines beyond the templates and variables that a block may have are kept whole") {
    std::vector<OwnedLine> lines;
    for (std::size_t i = 0; i < kMaxTemplates + 500; ++i) {
        std::string word;
        for (auto n = i; n > 0; n /= 26) word.push_back(static_cast<char>('a' + n % 26));
        lines.push_back({static_cast<std::int64_t>(i), 1, 0, "word " + word + " number 1",
                         i % 5 == 0 ? "{\"f\":1}" : ""});
    }
    std::string many;
    for (std::size_t i = 0; i <= kMaxVariables; ++i) many += "1 ";
    lines.push_back({10'000'000, 1, 0, many, ""});
    const std::string block = make_block(lines);
    check_lines(block, lines);
    auto reader = open_block(block);
    REQUIRE(reader.ok());
    std::size_t plain = 0;
    for (const auto& made : (*reader)->templates()) plain += made.plain ? made.lines : 0;
    CHECK(plain == 501);
}

TEST_CASE("a word with a digit is in a variable, one without in a pattern") {
    std::mt19937 random(5);
    Splitter splitter;
    for (int i = 0; i < 3000; ++i) {
        const std::string text = random_text(random);
        REQUIRE(splitter.split(text));
        std::vector<std::string_view> expected;
        WordScanner words(text);
        for (WordAt word; words.next(word);) {
            const auto found = std::string_view(text).substr(word.begin, word.end - word.begin);
            if (found.find_first_of("0123456789") != std::string_view::npos) expected.push_back(found);
        }
        CHECK(splitter.variables() == expected);
        CHECK(splitter.pattern().find_first_of("0123456789") == std::string::npos);
    }
}

TEST_CASE("random blocks come back byte for byte, at any level, with their extras") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        std::vector<OwnedLine> lines;
        std::int64_t time = static_cast<std::int64_t>(random()) * 1000;
        for (auto n = 1 + random() % 600; n > 0; --n) {
            time += static_cast<std::int64_t>(random() % 3) * static_cast<std::int64_t>(random() % 5000);
            lines.push_back({time, random() % 2 ? 0 : random(), static_cast<std::uint32_t>(random() % 4),
                             random_text(random),
                             random() % 4 == 0 ? "{\"n\":" + std::to_string(random() % 50) + "}" : ""});
        }
        const std::string block = make_block(lines, "kept \x01 beside", seed % 2 ? kFastLevel : kTightLevel);
        check_lines(block, lines);
        auto reader = open_block(block);
        REQUIRE(reader.ok());
        auto extras = (*reader)->extras();
        REQUIRE(extras.ok());
        CHECK(*extras == "kept \x01 beside");
        CHECK(make_block(lines, "kept \x01 beside", seed % 2 ? kFastLevel : kTightLevel) == block);
    }
}

TEST_CASE("a column can be read without the others of its block") {
    std::vector<OwnedLine> lines;
    std::mt19937_64 random(1);
    for (int i = 0; i < 20000; ++i) {
        lines.push_back(
            {i, 1, 0,
             "from " + std::to_string(random() % 1000000000) + " to " + std::to_string(random() % 1000000000),
             ""});
    }
    const std::string block = make_block(lines);
    auto reader = open_block(block);
    REQUIRE(reader.ok());
    REQUIRE((*reader)->columns() == 2);
    CHECK((*reader)->memory_bytes() < 10'000);
    auto second = (*reader)->column(1);
    REQUIRE(second.ok());
    for (std::size_t i = 0; i < lines.size(); i += 997)
        CHECK(lines[i].text.ends_with(std::string((**second)[i])));
}

TEST_CASE("every word of a block is in its filter, which can be made anew") {
    std::mt19937 random(3);
    std::vector<OwnedLine> lines;
    for (int i = 0; i < 2000; ++i)
        lines.push_back(
            {i, 1, 0, random_text(random), i % 7 == 0 ? "{\"user\":\"U" + std::to_string(i) + "\"}" : ""});
    const std::string block = make_block(lines);
    auto reader = open_block(block);
    REQUIRE(reader.ok());
    const auto somewhere = [&](std::string_view word) { return (*reader)->may_have_word(word).value(); };
    bool all = true;
    for (const auto& line : lines) {
        const std::string text = line.text + "\n" + line.fields;
        WordScanner words(text);
        for (WordAt word; words.next(word);)
            all = all && somewhere(to_lower(text.substr(word.begin, word.end - word.begin)));
    }
    CHECK(all);
    std::size_t wrong = 0;
    for (int i = 0; i < 1000; ++i) wrong += somewhere("absent" + std::to_string(i)) ? 1U : 0U;
    CHECK(wrong < 20);
    const auto made_anew = rebuild_filter(**reader, kFastLevel);
    REQUIRE(made_anew.ok());
    SectionReader sections = SectionReader::open(block).value();
    CHECK(decompress_section(*made_anew).value() == sections.read(kFilter).value());
}

TEST_CASE("damaged blocks are refused, not read") {
    std::mt19937 random(11);
    std::vector<OwnedLine> lines;
    for (int i = 0; i < 300; ++i)
        lines.push_back({i * 10, 1, 0,
                         "request " + std::to_string(random()) + " from 10.0.0." + std::to_string(i % 9),
                         ""});
    const std::string block = make_block(lines);
    for (std::size_t size = 0; size < block.size(); ++size)
        CHECK_FALSE(open_block(block.substr(0, size)).ok());
    CHECK_FALSE(open_block(block + "x").ok());
    for (std::size_t i = 0; i < block.size(); ++i) {
        std::string damaged = block;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
        auto reader = open_block(damaged);
        if (!reader.ok()) continue;
        bool all_read = (*reader)->lines() == lines.size();
        for (std::size_t line = 0; line < (*reader)->lines() && all_read; ++line) {
            auto read = (*reader)->line(line);
            all_read = read.ok();
            if (all_read) CHECK(read->text == lines[line].text);
        }
    }
}
