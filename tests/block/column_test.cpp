// What a block tells of its columns, and columns that are told by the times of their lines.
#include "engine/block/column.h"

#include <random>

#include "engine/block/block.h"
#include "engine/block/summary.h"
#include "engine/block/value_table.h"
#include "engine/block/word_filter.h"
#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::block;

namespace {

constexpr std::int64_t kMorning = 1'321'900'000'000;

std::string block_of_lines(std::size_t count, std::int64_t step_ms, auto text_of) {
    BlockWriter writer;
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t time = kMorning + static_cast<std::int64_t>(i) * step_ms;
        writer.add({time, 0, 0, text_of(i, time), ""});
    }
    auto block = writer.finish("", kFastLevel);
    REQUIRE(block.ok());
    return *block;
}

ColumnSummary summary_of(const std::vector<std::string_view>& values) {
    ValueTable table;
    std::vector<std::uint32_t> distinct;
    for (const auto value : values) {
        const std::uint32_t number = table.add(value);
        if (number == distinct.size()) distinct.push_back(number);
    }
    return summarise(table, distinct);
}

}  // namespace

TEST_CASE("a summary never denies a word that is there") {
    struct Case {
        std::vector<std::string_view> values;
        std::vector<std::string_view> may, may_not;
    };
    const std::vector<Case> cases{
        {{"7", "12", "1000"}, {"7", "8", "999"}, {"007", "6", "1001", "a7", "é7", "10000000000000000000"}},
        {{"007", "012"}, {"007", "008"}, {"7", "0008", "013", "12"}},
        {{"0", "10"}, {"0", "5"}, {"00", "05"}},
        {{"a7", "beef1"}, {"a7", "A7", "dead"}, {"g7", "a", "beef12", "é7"}},
        {{"A7", "BEEF1"}, {"a7", "zz", "A7"}, {"é7"}},
        // The Kelvin sign is three bytes, and a `k` in lower case.
        {{"5\xE2\x84\xAA", "6\xE2\x84\xAA"}, {"5k", "5K", "5\xE2\x84\xAA"}, {}},
        {{"1", "99999999999999999999"}, {"5", "1"}, {"a"}},
        {{"7", "007"}, {"7", "007"}, {"a", "0007"}},
        {{"whole line 1", "another"}, {"1", "line", "x"}, {}},
    };
    for (const Case& one : cases) {
        std::string stored;
        put_summary(summary_of(one.values), stored);
        Reader reader(stored);
        const ColumnSummary summary = read_summary(reader);
        REQUIRE((!reader.failed() && reader.at_end()));
        for (const auto value : one.values)
            CHECK((value.size() >= summary.shortest && value.size() <= summary.longest));
        for (const auto word : one.may) {
            INFO(word);
            CHECK(summary.may_hold(SoughtWord(word)));
        }
        for (const auto word : one.may_not) {
            INFO(word);
            CHECK_FALSE(summary.may_hold(SoughtWord(word)));
        }
    }
}

TEST_CASE("a word is sought in any case, and a number by its value") {
    CHECK(SoughtWord("ERROR").hash == SoughtWord("error").hash);
    CHECK(SoughtWord("\xC3\x89t\xC3\xA9").hash == SoughtWord("\xC3\xA9T\xC3\x89").hash);
    CHECK(SoughtWord("042").is_number);
    CHECK(SoughtWord("042").padded);
    CHECK_FALSE(SoughtWord("0").padded);
    CHECK_FALSE(SoughtWord("1234567890123456789").is_number);
    CHECK_FALSE(SoughtWord("4a").is_number);
}

TEST_CASE(
    "rising counters and dense numbers take no room in the filter, and are told exactly at their borders") {
    const std::string block = block_of_lines(5000, 977, [](std::size_t i, std::int64_t) {
        return "request " + std::to_string(7'000'000 + i * 131) + " part " + std::to_string(i * 7 % 900);
    });
    CHECK(block.size() < 9000);
    auto reader = open_block(block).value();
    for (const char* there : {"7000000", "7000131", "7654869", "0", "899", "request", "PART"})
        CHECK(reader->may_have_word(there).value());
    std::size_t wrong = 0;
    for (const char* absent : {"6999999", "7654870", "900", "07000131", "0899", "00", "x7000131"})
        wrong += reader->may_have_word(absent).value() ? 1U : 0U;
    CHECK(wrong <= 1);
    CHECK(reader->summary(0).range.least == 7'000'000);
    CHECK(reader->summary(0).range.greatest == 7'654'869);
    CHECK((*reader->column_numbers(0).value())[4999] == 7'654'869);
}

TEST_CASE("numbers spread far apart stay in the filter") {
    std::mt19937_64 random(1);
    std::vector<std::string> ids(3000);
    for (auto& id : ids) id = std::to_string(random() % 1'000'000'000'000);
    const std::string block =
        block_of_lines(3000, 10, [&](std::size_t i, std::int64_t) { return "id " + ids[i]; });
    auto reader = open_block(block).value();
    std::size_t wrong = 0;
    for (int i = 0; i < 2000; ++i)
        wrong += reader->may_have_word(std::to_string(random() % 1'000'000'000'000)).value() ? 1U : 0U;
    CHECK(wrong < 40);
    for (const auto& id : ids) REQUIRE(reader->may_have_word(id).value());
}

TEST_CASE("moments near the time of their line cost next to nothing, in every unit") {
    struct Case {
        std::int64_t times, over, off;
    };
    for (const Case& one :
         {Case{1, 1, 0}, Case{1, 1, -3}, Case{1, 1000, 0}, Case{1, 1000, 7200}, Case{1000, 1, 0}}) {
        INFO(one.times << "/" << one.over << " + " << one.off);
        std::vector<std::uint64_t> moments;
        const std::string block = block_of_lines(2880, 30'000, [&](std::size_t, std::int64_t time) {
            moments.push_back(static_cast<std::uint64_t>(time * one.times / one.over + one.off));
            return "{\"date\":" + std::to_string(moments.back()) + "}";
        });
        CHECK(block.size() < 250);
        auto reader = open_block(block).value();
        CHECK(*reader->column_numbers(0).value() == moments);
        CHECK((*reader->column(0).value())[2879] == std::to_string(moments[2879]));
        CHECK(reader->may_have_word(std::to_string(moments[5])).value());
    }
}

TEST_CASE("dates in the text are told by the times of their lines") {
    const std::string block = block_of_lines(5000, 87'654, [](std::size_t, std::int64_t time) {
        const auto part = [&](ClockPart which) {
            std::string text;
            set_clock_text(which, time, 120, text);
            return text;
        };
        return part(kDayAndHour) + ":" + part(kMinute) + ":" + part(kSecond) + "." + part(kMillisecond) +
               " " + part(kHour) + ":" + part(kMinute) + ":" + part(kSecondZ) + " " + part(kMillisecondZ);
    });
    std::string text;
    set_clock_text(kDayAndHour, 951'782'400'000, 0, text);
    CHECK(text == "29T00");
    auto reader = open_block(block).value();
    CHECK(reader->line(0).value().text == "21T20:26:40.000 20:26:40Z 000Z");
    for (std::size_t i = 0; i < reader->columns(); ++i) CHECK(reader->column(i).ok());
}

TEST_CASE("a year of readings every 30 seconds costs a byte and a half each") {
    std::mt19937 random(3);
    std::size_t bytes = 0;
    for (int day = 0; day < 20; ++day) {
        std::vector<int> values{93};
        while (values.size() < 2880)
            values.push_back(std::clamp(values.back() + static_cast<int>(random() % 11) - 5, 0, 100));
        bytes += block_of_lines(2880, 30'000, [&](std::size_t i, std::int64_t time) {
                     return "{\"date\":" + std::to_string(time) + ",\"value\":\"" +
                            std::to_string(values[i]) + "\"}";
                 }).size();
    }
    CHECK(static_cast<double>(bytes) / (20 * 2880) < 1.5);
}

TEST_CASE("ids that go in even steps cost nothing, others come back") {
    std::mt19937 random(4);
    for (const int jitter : {0, 1, 40, 100'000}) {
        BlockWriter writer;
        std::vector<std::int64_t> times;
        for (int i = 0; i < 3000; ++i) {
            times.push_back(kMorning + i * 30'000 +
                            static_cast<int>(random() % static_cast<unsigned>(jitter + 1)));
            writer.add({times.back(), 100 + 8 * static_cast<std::uint64_t>(i), 0, "x", ""});
        }
        const std::string block = writer.finish("", kFastLevel).value();
        CHECK(block.size() < (jitter == 0 ? 200U : jitter == 1 ? 800U : jitter == 40 ? 3000U : 8000U));
        auto reader = open_block(block).value();
        CHECK(*reader->times().value() == times);
        CHECK((*reader->ids().value())[2999].sequence == 100 + 8 * 2999);
    }
}

TEST_CASE("a reader that lets go reads again") {
    const std::string block =
        block_of_lines(100, 10, [](std::size_t i, std::int64_t) { return "n " + std::to_string(i * i); });
    auto reader = open_block(block).value();
    const std::size_t small = reader->memory_bytes();
    CHECK(reader->line(99).value().text == "n 9801");
    CHECK(reader->memory_bytes() > small);
    reader->let_go();
    CHECK(reader->memory_bytes() <= small + 200);
    CHECK(reader->line(99).value().text == "n 9801");
}

TEST_CASE("the summary of a column of numbers tells how many digits these have") {
    std::uint64_t power = 1;
    for (std::size_t digits = 1; digits <= 18; ++digits, power *= 10) {
        const std::string least = std::to_string(power);
        const std::string most(digits, '9');
        for (const auto& [value, size] : {std::pair{least, digits}, std::pair{most, digits}}) {
            INFO(value);
            std::string bytes;
            put_summary(summary_of({value}), bytes);
            Reader reader(bytes);
            const ColumnSummary read = read_summary(reader);
            REQUIRE((read.number && reader.at_end()));
            CHECK((read.shortest == size && read.longest == size));
        }
    }
    std::string bytes;
    put_summary(summary_of({"0", "10"}), bytes);
    Reader reader(bytes);
    const ColumnSummary read = read_summary(reader);
    CHECK((read.shortest == 1 && read.longest == 2));
}

TEST_CASE("hexadecimal values come back, whatever number of bytes they fill") {
    std::mt19937_64 random(3);
    for (const std::size_t size : {7, 8, 9, 32, 33}) {
        const auto value_of = [&](std::size_t) {
            std::string value = "f";  // neither a number nor, as it is long, a likely one of a dictionary
            while (value.size() < size) value += "0123456789abcdef"[random() % 16];
            return value;
        };
        for (const std::size_t count : {1, 15, 16, 17, 200}) {
            std::vector<std::string> lines;
            for (std::size_t i = 0; i < count; ++i) lines.push_back("id 0" + value_of(i) + " came");
            const std::string bytes =
                block_of_lines(count, 1000, [&](std::size_t i, std::int64_t) { return lines[i]; });
            auto block = std::move(open_block(bytes)).value();
            for (std::size_t i = 0; i < count; ++i) REQUIRE(block->line(i).value().text == lines[i]);
        }
    }
}
