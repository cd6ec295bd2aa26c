#include "nmstore/words.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace std::string_literals;
using Words = std::vector<std::string>;

namespace {

Words words_of(const std::string& text) {
    Words words;
    nmstore::WordScanner scanner(text);
    nmstore::WordAt at;
    while (scanner.next(at)) words.push_back(text.substr(at.begin, at.end - at.begin));
    return words;
}

}  // namespace

TEST_CASE("words are maximal runs of letters and digits") {
    struct Row {
        std::string text;
        Words expected;
    };
    const Row rows[] = {
        {"", {}},
        {" \t_-./:", {}},
        {"one", {"one"}},
        {"Received block blk_3886 of /10.250.10.6",
         {"Received", "block", "blk", "3886", "of", "10", "250", "10", "6"}},
        {"Größe=5µm", {"Größe", "5µm"}},  // µ is a letter
        {"日本語 テスト", {"日本語", "テスト"}},
        {"x²½Ⅷ", {"x²½Ⅷ"}},        // numbers of all kinds
        {"a\u0301b", {"a", "b"}},  // a combining mark is no letter
        {"a\u20acb", {"a", "b"}},
        {"a\xff"
         "b\xc3",
         {"a", "b"}},
        {"a\xed\xa0\x80z", {"a", "z"}},
        {"a\0b"s, {"a", "b"}},
        {"\U0001F600ok\U00010400", {"ok\U00010400"}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(words_of(row.text) == row.expected);
    }
}

TEST_CASE("lower case is taken code point by code point") {
    CHECK(nmstore::to_lower("") == "");
    CHECK(nmstore::to_lower("ABC xyz 09_[") == "abc xyz 09_[");
    CHECK(nmstore::to_lower("ÀÉÎ ΣΑΣ Жя") == "àéî σασ жя");
    CHECK(nmstore::to_lower("Straße") == "straße");
    CHECK(nmstore::to_lower("\xff"
                            "A\xc3") ==
          "\xff"
          "a\xc3");
    CHECK(nmstore::to_lower("\u212a") == "k");  // shorter than it was
    std::string out = "kept ";
    nmstore::append_lower("MORE", out);
    CHECK(out == "kept more");
}

TEST_CASE("borders of words are seen from both sides") {
    const std::string text =
        "aé_日\xff"
        "9";
    struct Row {
        std::size_t i;
        bool at, before;
    };
    const Row rows[] = {
        {0, true, false},   // a
        {1, true, true},    // é
        {2, false, false},  // inside é
        {3, false, true},   // _
        {4, true, false},   // 日
        {7, false, true},   // the bad byte
        {8, true, false},   // 9
        {9, false, true},   // the end
        {10, false, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.i);
        CHECK(nmstore::is_word_at(text, row.i) == row.at);
        CHECK(nmstore::is_word_before(text, row.i) == row.before);
    }
    CHECK_FALSE(nmstore::is_word_before("\x80\x80\x80\x80\x80", 5));
    CHECK_FALSE(nmstore::is_word_at("", 0));
}
