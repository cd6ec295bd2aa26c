#include "query/block_plan.h"

#include "query/parse.h"
#include "tests/catch.h"
#include "tests/query/block_of.h"

using namespace nmstore;
using nmstore::testing::block_of;
using nmstore::testing::BlockText;

namespace {

// The numbers of the lines that match, one behind the other: "0 2".
std::string found(const std::string& query, const std::vector<BlockText>& lines) {
    const auto parsed = query::parse(query);
    REQUIRE(parsed.ok());
    const std::string bytes = block_of(lines);
    auto block = block::open_block(bytes);
    REQUIRE(block.ok());
    LogRow row;
    row.client = "web1";
    row.kind = RowKind::logs;
    const auto matching = testing::matching_lines(**block, row, *parsed->filter);
    std::string all;
    for (std::size_t i = 0; i < matching.size(); ++i) {
        if (matching[i]) all += (all.empty() ? "" : " ") + std::to_string(i);
    }
    return all;
}

struct PlanCase {
    const char* query;
    const char* lines;  // that are found
};

void check(const std::vector<BlockText>& lines, const std::vector<PlanCase>& cases) {
    for (const PlanCase& c : cases) {
        INFO("query: " << c.query);
        CHECK(found(c.query, lines) == c.lines);
    }
}

// Of lines that are not decided without their text.
std::size_t open_lines(const std::string& query, const std::vector<BlockText>& lines) {
    const std::string bytes = block_of(lines);
    auto block = block::open_block(bytes);
    const auto parsed = query::parse(query);
    auto plan = query::BlockPlan::make(*parsed->filter);
    auto asked = (*plan)->lines(**block, LogRow());
    REQUIRE(asked.ok());
    std::size_t open = 0;
    for (std::size_t i = 0; i < (*block)->templates().size(); ++i)
        open += (*asked)[i].open.count((*block)->templates()[i].lines);
    return open;
}

const std::vector<BlockText> kMixed{
    {"Failed password for root from 10.0.0.1 port 22", ""},
    {"Failed password for root from 10.0.0.12 port 221", ""},
    {"failed blk_38 xblk_38y BLK_39 abc1", ""},
    {"GRÜN grün1 Kelvin ſo2", ""},
    {"no digit here", ""},
    {"2024-01-02 ERROR user=u1", "{\"user\":\"error7\",\"secret\":1}"},
    {"two\nlines 5", "{\"x\":\"inner5\"}"},
    {"", ""},
};

}  // namespace

TEST_CASE("a plan finds words, texts and parts of them") {
    check(kMixed, {
                      {"failed", "0 1 2"},
                      {"FAILED", "0 1 2"},
                      {"c\"Failed\"", "0 1"},
                      {"fail", ""},
                      {"fail*", "0 1 2"},
                      {"*ailed", "0 1 2"},
                      {"\"password for root\"", "0 1"},
                      {"10.0.0.1", "0"},
                      {"10.0.0.1*", "0 1"},
                      {"*0.0.12", "1"},
                      {"*0.0.1*", "0 1"},
                      {"\"root from 10.0.0\"", "0 1"},
                      {"22", "0"},
                      {"port 22", "0"},
                      {"\"port 22\"*", "0 1"},
                      {"blk_38", "2"},
                      {"blk_39", "2"},
                      {"xblk_38", ""},
                      {"*blk_38*", "2"},
                      {"ab*", "2"},
                      {"*c1", "2"},
                      {"*bc*", "2"},
                      {"GRÜN1", "3"},
                      {"grün", "3"},
                      {"c\"grün\"", ""},
                      {"kelvin", "3"},
                      {"two", "6"},
                      {"\"lines 5\"", "6"},
                      {"p*d", "0 1"},
                      {"10*22", ""},
                      {"*", "0 1 2 3 4 5 6 7"},
                      {"absent", ""},
                      {"absent5", ""},
                  });
}

TEST_CASE("a plan does not look for text in the fields") {
    check(kMixed, {
                      {"secret", ""},
                      {"error7", ""},
                      {"*rror7*", ""},
                      {"inner5", ""},
                      {"user", "5"},
                      {"user:error7", "5"},
                      {"user:u1", ""},
                      {"x:*", "6"},
                      {"user!=error7", "0 1 2 3 4 6 7"},
                      {"level:error", "5"},
                  });
}

TEST_CASE("a plan puts sets together") {
    check(kMixed, {
                      {"failed 22", "0"},
                      {"failed -22", "1 2"},
                      {"22 OR 221 OR two", "0 1 6"},
                      {"-failed", "3 4 5 6 7"},
                      {"-(failed OR *)", ""},
                      {"client:web1 failed", "0 1 2"},
                      {"client:web2 failed", ""},
                      {"client:web2 OR here", "4"},
                      {"kind:logs -client:web1", ""},
                      {"failed /root|blk/ -/port 22$/", "1 2"},
                  });
}

TEST_CASE("regular expressions know other letters than words do") {
    check({{"fooſ1 2", ""}, {"foos1 2", ""}, {"K8s 3", ""}, {"k8s 4", ""}, {"k8 ſ9 nix 4", ""}},
          {
              {"/foos1/i", "0 1"},
              {"/foos1/", "1"},
              {"foos1", "1"},
              {"/k8s/i", "2 3"},
              {"/k8 s9 nix/i", "4"},
              {"/k8 s9 nix/", ""},
              {"k8s", "2 3"},
          });
}

TEST_CASE("a level counts within the first 128 bytes of a line, however long its values are") {
    const std::string filler(120, '.');
    check({{filler + "1 err", ""}, {filler + "12345 err", ""}, {filler + "1234 err", ""}},
          {{"level:error", "0 2"}, {"level:\"\"", "1"}, {"-level:error", "1"}});
}

TEST_CASE("lines that have more variables than a template may are found too") {
    std::string many;
    for (int i = 0; i < 600; ++i) many += "a" + std::to_string(i) + " ";
    check({{many + "needle", ""}, {many + "hay", "{\"needle\":1}"}, {"needle a599", ""}},
          {
              {"needle", "0 2"},
              {"hay", "1"},
              {"a599", "0 1 2"},
              {"a600", ""},
              {"\"a598 a599 n\"*", "0"},
              {"*599*", "0 1 2"},
              {"/a59\\d h/", "1"},
          });
}

TEST_CASE("bytes that patterns write in another way") {
    check({{"a\x01 b", ""}, {"a\x02 1 b", ""}, {"a b", ""}},
          {{"\"a\x01 b\"", "0"}, {"\"a\x02 1\"", "1"}, {"a", "0 1 2"}, {"\"\x02\"", "1"}});
}

TEST_CASE("the text of a line is asked for only where nothing else decides") {
    for (const char* query : {"failed", "10.0.0.1", "\"Failed password\" 22", "*lk_3*", "level:error -failed",
                              "c\"grün1\"", "client:web1", "-22", "/nowhere/", "nowhere /./"}) {
        INFO(query);
        CHECK(open_lines(query, {kMixed.begin(), kMixed.begin() + 5}) == 0);
    }
    // What all lines of a template have decides, unless the expression asks what stands around it.
    CHECK(open_lines("/[F]ail/", kMixed) == 1);
    // Nor has a line to be asked in which no match can begin.
    CHECK(open_lines("/Fail/", kMixed) == 0);
    CHECK(open_lines("/Fail/", {{"Failed 1", ""}, {"Failed 2", ""}}) == 0);
    CHECK(open_lines("/Fail.*$/", {{"Failed 1", ""}, {"Failed 2", ""}}) == 2);
    CHECK(open_lines("/Fail.* 2/", {{"Failed 1", ""}, {"Failed 2", ""}}) == 2);
    CHECK(open_lines("failed /.$/", kMixed) == 3);
    CHECK(open_lines("user:x", kMixed) == 2);
}

TEST_CASE("a plan cannot be made of a regular expression that is none") {
    query::Filter filter;
    filter.kind = query::FilterKind::regex;
    filter.text = "(";
    const auto plan = query::BlockPlan::make(filter);
    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().code == Code::invalid_argument);
}

namespace {

// Whether a column had to be read for it: lines with names as x1000, x1037, x1074 …, each with `end` behind.
bool reads_a_column(const std::string& query, const std::string& end) {
    std::vector<BlockText> lines;
    for (int i = 0; i < 200; ++i)
        lines.push_back({"taken by x" + std::to_string(1000 + i * 37) + end + " at last", ""});
    const std::string bytes = block_of(lines);
    auto block = block::open_block(bytes);
    REQUIRE((*block)->may_have_word("x1037" + end).value());  // its filter is open
    const std::size_t before = (*block)->memory_bytes();
    const auto parsed = query::parse(query);
    auto plan = query::BlockPlan::make(*parsed->filter);
    REQUIRE((*plan)->lines(**block, LogRow()).ok());
    return (*block)->memory_bytes() > before;
}

}  // namespace

TEST_CASE("a part of a word that fills a column's longest value is asked of the filter first") {
    CHECK(reads_a_column("*x1037*", ""));
    // The filter may be wrong, but not about all of these.
    int passed_over = 0;
    for (const char* query : {"*x1038*", "*x1039*", "x1040*", "*X1041", "*x1042*"})
        passed_over += reads_a_column(query, "") ? 0 : 1;
    CHECK(passed_over >= 3);
    // Shorter ones may be inside of a value, and so may these where values are longer.
    CHECK(reads_a_column("*103*", ""));
    CHECK(reads_a_column("*x1038*", "y"));
    check({{"took 30037 ms", ""}, {"took 31038 ms", ""}, {"took 30A37 ms", ""}, {"took 30b38 ms", ""}},
          {{"*30037*", "0"},
           {"*31038*", "1"},
           {"*30a37*", "2"},
           {"*30B38*", "3"},
           {"*30038*", ""},
           {"*0b3*", "3"},
           {"30a*", "2"},
           {"*038", "1"}});
}

TEST_CASE("values that columns share are found in the lines that have them") {
    std::vector<BlockText> lines;
    for (int i = 0; i < 300; ++i) {
        lines.push_back({"from node" + std::to_string(70000 + i % 40), ""});
        lines.push_back(
            {"job " + std::to_string(i * 7919 % 100000) + " to node" + std::to_string(70000 + i * 3 % 50),
             ""});
    }
    for (const char* digits : {"7003", "70039", "70049", "0045", "11", "70077", "7919"}) {
        std::string expected;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (lines[i].text.find(digits) != std::string::npos)
                expected += (expected.empty() ? "" : " ") + std::to_string(i);
        }
        INFO(digits);
        CHECK(found(std::string("*") + digits + "*", lines) == expected);
    }
}

TEST_CASE("a regular expression is looked for from where its head may be") {
    const std::vector<BlockText> lines{
        {"10:00:01 node7 request 4117 done", ""},
        {"10:00:02 node8 request 4118 done", ""},
        {"10:00:03 request7x request 18 done", ""},  // the first of the two
        {"10:00:04 node9 requests none 7", ""},
        {"10:00:05 node9 REQUEST 4117", "{\"request\":\"4117\"}"},
        {"10:00:06 node9 other 4117", "{\"request\":\"4117\"}"},
        {"10:00:07 node9 a re", ""},
        {"10:00:08 node9 a \xE2\x84\xAAind 17", ""},  // the Kelvin sign
        {"10:00:09 node9 a kind 18", ""},
    };
    check(lines, {
                     {"/request.*17/", "0"},
                     {"/request.*7/", "0 2 3"},
                     {"/request.*[0-9]{2}8/", "1"},
                     {"/request.*18/", "1 2"},
                     {"/request.*17/i", "0 4"},
                     {"/requestz.*7/", ""},
                     {"/node8.*8/", "1"},
                     {"/node.*8/", "1 8"},
                     {"/kind.*1/", "8"},
                     {"/kind.*1/i", "7 8"},
                     {"/4.*7/", "0 3 4 5"},
                     {"/request.*17/ node7", "0"},
                     {"!/request.*17/", "1 2 3 4 5 6 7 8"},
                     {"/request.*17/ OR other", "0 5"},
                 });
    CHECK(open_lines("/request.*18/", {lines.begin(), lines.begin() + 3}) == 0);
}
