// Parts of numbers, of hexadecimal texts and of ids that several templates share, sought in blocks whose
// columns have every encoding, and compared with the matcher line by line.
#include <random>

#include "engine/block/column.h"
#include "query/parse.h"
#include "tests/catch.h"
#include "tests/query/block_of.h"
#include "tests/query/line_of.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::block_of;
using nmstore::testing::BlockText;

namespace {

using Random = std::mt19937_64;

std::string padded(std::uint64_t number, std::size_t width) {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
}

std::string hex(std::uint64_t number, std::size_t width) {
    std::string text;
    for (; text.size() < width; number >>= 4) text += "0123456789abcdef"[number & 15];
    return text;
}

// Lines of a few templates whose variables are of every kind; line i is at the time that block_of() gives it.
std::vector<BlockText> numbered_lines(Random& random) {
    std::vector<BlockText> lines(20 + random() % 400);
    std::vector<std::string> ids;
    for (int i = 0; i < 12; ++i)
        ids.push_back(i % 2 == 0 ? std::to_string(random() % 100'000'000) : "req" + hex(random(), 6));
    std::uint64_t counter = random() % 1'000'000;
    const std::size_t width = 2 + random() % 7;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::int64_t time = 1'700'000'000'000 + static_cast<std::int64_t>(i) * 500;
        counter += random() % 40;
        std::string clock, day;
        block::set_clock_text(block::kClock, time, 0, clock);
        block::set_clock_text(block::kDayAndHour, time, 0, day);
        const std::string id = ids[random() % ids.size()];
        const std::string odd[] = {"x" + std::to_string(random() % 1000), "\xE2\x84\xAA" "12",
                                   "B" + std::to_string(random() % 90), "007"};
        std::string& text = lines[i].text;
        switch (random() % 4) {
            case 0:
                text = clock + " counter " + std::to_string(counter) + " id " + id + " of " +
                       padded(random() % 5000, width);
                break;
            case 1:
                text = "id " + id + " port " + std::to_string(20 + random() % 7 * 1111) + " hash " +
                       hex(random(), 16) + " -" + std::to_string(random() % 100) + ".00" +
                       std::to_string(random() % 10);
                break;
            case 2:
                text = day + " moment " + std::to_string(time / 1000 + 7200) + " " + std::to_string(time) +
                       " and " + std::to_string(random()) + " id " + id;
                break;
            default:
                text = "odd " + odd[random() % 4] + " " + odd[random() % 3] + " " + padded(random() % 100, 2);
        }
        if (random() % 6 == 0) lines[i].fields = "{\"n\":" + std::to_string(random() % 100'000) + "}";
    }
    return lines;
}

Filter random_question(Random& random, const std::vector<BlockText>& lines) {
    constexpr FilterKind kinds[] = {FilterKind::substring, FilterKind::substring, FilterKind::substring,
                                    FilterKind::prefix,    FilterKind::suffix,    FilterKind::word,
                                    FilterKind::exact};
    Filter filter;
    filter.kind = kinds[random() % std::size(kinds)];
    const std::string& line = lines[random() % lines.size()].text;
    std::size_t begin = line.find_first_of("0123456789", random() % line.size());
    if (begin == std::string::npos || random() % 8 == 0) {
        filter.text = std::to_string(random() % 100'000);
        return filter;
    }
    std::size_t end = begin;
    for (std::size_t longest = 1 + random() % 7; longest > 0 && end < line.size() && line[end] != ' '; --longest)
        ++end;
    filter.text = line.substr(begin, end - begin);
    if (static_cast<unsigned char>(filter.text.back()) >= 0x80) filter.text = "12";
    return filter;
}

}  // namespace

TEST_CASE("parts of numbers are found in columns of every encoding as in the lines") {
    std::size_t found_in_all = 0;
    for (unsigned seed = 0; seed < 150; ++seed) {
        Random random(seed);
        const std::vector<BlockText> lines = numbered_lines(random);
        const std::string bytes = block_of(lines);
        auto block = block::open_block(bytes);
        REQUIRE(block.ok());
        LogRow row;
        for (std::size_t i = 0; i < 60; ++i) {
            const Filter filter = random_question(random, lines);
            const auto matcher = compile(filter);
            REQUIRE(matcher.ok());
            const std::vector<bool> found = testing::matching_lines(**block, row, filter);
            for (std::size_t at = 0; at < lines.size(); ++at) {
                Line line;
                line.row = &row;
                line.text = lines[at].text;
                line.fields = lines[at].fields;
                INFO("seed " << seed << ", query " << to_text(filter) << ", line " << lines[at].text);
                REQUIRE(found[at] == (*matcher)->matches(line));
                found_in_all += found[at] ? 1U : 0U;
            }
        }
    }
    CHECK(found_in_all > 100'000);
}

TEST_CASE("a column's form has the values of its lines, in every encoding") {
    bool seen[3] = {};
    for (unsigned seed = 0; seed < 40; ++seed) {
        Random random(seed);
        const std::string bytes = block_of(numbered_lines(random));
        auto block = std::move(block::open_block(bytes)).value();
        block::ColumnForm form;
        for (std::size_t column = 0; column < block->columns(); ++column) {
            const auto* values = block->column(column).value();
            REQUIRE(block->column_form(column, form).ok());
            form.unpack_places();
            seen[static_cast<std::size_t>(form.lines)] = true;
            const auto text_of = [](const block::StoredValues& from, std::size_t i) {
                return from.number ? padded(from.numbers[i], from.width) : std::string(from.text(i));
            };
            std::size_t next = 0;
            for (std::size_t i = 0; i < values->size(); ++i) {
                std::string text;
                if (form.lines == block::ColumnForm::Lines::in_order) {
                    text = text_of(form.values, i);
                } else if (form.lines == block::ColumnForm::Lines::by_place) {
                    text = text_of(form.values, form.places[i]);
                } else if (form.places[i] == 0) {
                    text = text_of(form.values, next++);
                } else {
                    const auto* shared = block->shared_values().value();
                    const std::size_t place = form.places[i] - 1;
                    const std::size_t numbers = shared->numbers.size();
                    text = place < numbers ? text_of(shared->numbers, place)
                                           : text_of(shared->texts, place - numbers);
                }
                REQUIRE(text == (*values)[i]);
            }
        }
    }
    CHECK((seen[0] && seen[1] && seen[2]));
}
