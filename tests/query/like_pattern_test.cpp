#include "query/like_pattern.h"

#include <random>

#include "tests/catch.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

bool like(const std::string& text, const std::string& pattern) {
    return LikePattern::read(pattern)->matches(text);
}

// What LIKE means, tried in every way; for ASCII.
bool plain_like(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '%')
        return plain_like(text, pattern.substr(1)) || (!text.empty() && plain_like(text.substr(1), pattern));
    return !text.empty() && (pattern[0] == '_' || pattern[0] == text[0]) &&
           plain_like(text.substr(1), pattern.substr(1));
}

}  // namespace

TEST_CASE("LIKE") {
    CHECK(like("", ""));
    CHECK(like("", "%%"));
    CHECK(!like("", "_"));
    CHECK(like("disk full", "%full%"));
    CHECK(like("disk full", "disk%"));
    CHECK(!like("disk full", "full"));
    CHECK(like("größe", "gr__e"));
    CHECK(!like("größe", "gr_____e"));
    CHECK(like("\xff\x80x", "__x"));
    CHECK(like("50%", "50\\%"));
    CHECK(!like("505", "50\\%"));
    CHECK(like("a\\", "a\\"));
    CHECK(like("a\\b", "a\\\\b"));
    CHECK(LikePattern::read(std::string(kMaxLikeBytes, '%')).ok());
    CHECK(LikePattern::read(std::string(kMaxLikeBytes + 1, '%')).error().code == Code::too_large);
}

TEST_CASE("LIKE is what trying everything gives") {
    std::mt19937 random(7);
    const auto text_of = [&random](std::string_view letters, std::size_t longest) {
        std::string text(random() % (longest + 1), ' ');
        for (char& c : text) c = letters[random() % letters.size()];
        return text;
    };
    for (int i = 0; i < 20000; ++i) {
        const std::string text = text_of("ab", 10), pattern = text_of("ab%_", 7);
        CAPTURE(text, pattern);
        CHECK(like(text, pattern) == plain_like(text, pattern));
    }
}
