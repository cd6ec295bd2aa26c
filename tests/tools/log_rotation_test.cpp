// Each case is a story of a log that is rotated: what happens to its files, and which lines must come out,
// each once.
#include <filesystem>
#include <random>

#include "nmstore/line.h"
#include "tests/tools/log_story.h"

namespace nmstore::tools {

TEST_CASE("renamed and made anew: the old file's end is read first") {
    Story story;
    story.write("log", "a|");
    story.poll();
    story.write("log", "b|");
    SECTION("seen at once") {}
    SECTION("the name is away for a while") {
        story.rename("log", "log.1");
        story.poll();
        CHECK(story.lines() == "a|b|");
        story.rename("log.1", "log");
    }
    SECTION("while the shipper was not running") {
        story.restart();
    }
    story.rename("log", "log.1");
    story.write("log", "c|");
    story.poll();
    CHECK(story.lines() == "a|b|c|");
    story.write("log.1", "late|");
    story.write("log", "d|");
    story.poll();
    CHECK(story.sorted_lines() == "a|b|c|d|late|");
    story.restart();
    story.poll();
    story.write("log.1", "later|");
    story.poll();
    CHECK(story.sorted_lines() == "a|b|c|d|late|later|");
    CHECK(story.remarks().empty());
}

TEST_CASE("rotated while the shipper was down: the tail of the old file is found under its new name") {
    Story story;
    story.write("log", "a|b|");
    story.poll();
    const auto places = story.places();
    story.write("log", "c|");
    story.rename("log", "log.1");
    story.write("log", "d|");
    SECTION("once") {
        story.restart_with(places);
        story.poll();
        CHECK(story.lines() == "a|b|c|d|");
    }
    SECTION("several times: also the files that nobody saw") {
        story.rename("log.1", "log.2");
        story.rename("log", "log.1");
        story.write("log", "e|");
        story.restart_with(places);
        story.poll();
        CHECK(story.lines() == "a|b|c|d|e|");
        story.restart();
        story.poll();
        CHECK(story.lines() == "a|b|c|d|e|");
    }
    SECTION("and the old one removed: what is left is read, and it is said that something may be missing") {
        story.remove("log.1");
        story.restart_with(places);
        story.poll();
        CHECK(story.lines() == "a|b|d|");
        REQUIRE(story.remarks().size() == 1);
        CHECK(story.remarks()[0].find("byte 4") != std::string::npos);
    }
}

TEST_CASE("rotated several times between two polls: no file in between is left out") {
    Story story;
    story.write("log", "a|");
    story.poll();
    for (const char* text : {"b|", "c|", "d|"}) {
        for (int i = 8; i >= 1; --i) {
            const std::string from = "log." + std::to_string(i);
            if (fs::exists(story.directory() / from)) story.rename(from, "log." + std::to_string(i + 1));
        }
        story.rename("log", "log.1");
        story.write("log", text);
    }
    story.poll();
    story.poll();
    CHECK(story.lines() == "a|b|c|d|");
    story.restart();
    story.poll();
    CHECK(story.lines() == "a|b|c|d|");
}

TEST_CASE("older rotated files, which were there before, are not read") {
    Story story;
    story.write("log.1", "old|");
    story.write("log.2.gz", "packed|");
    story.write("log", "a|");
    story.poll();
    story.rename("log.1", "log.2");
    story.rename("log", "log.1");
    story.write("log", "b|");
    story.poll();
    CHECK(story.lines() == "a|b|");
}

TEST_CASE("copied and cut: the rest comes from the copy, the copy's beginning does not come again") {
    Story story;
    story.write("log", "a|b|");
    story.poll();
    story.write("log", "c|");
    const auto places = story.places();
    story.copy("log", "log.1");
    story.cut("log");
    SECTION("seen while it is empty") {
        story.poll();
    }
    SECTION("seen when it is longer than before") {
        story.write("log", "x|xxxxxxxxxxxx|");
    }
    SECTION("while the shipper was not running") {
        story.restart_with(places);
    }
    story.write("log", "d|");
    story.poll();
    story.poll();
    story.restart();
    story.poll();
    std::string expected = "a|b|c|";
    if (story.lines().find("x|") != std::string::npos) expected += "x|xxxxxxxxxxxx|";
    CHECK(story.lines() == expected + "d|");
}

TEST_CASE("cut without a copy: the file begins anew") {
    Story story;
    story.write("log", "a|b|");
    story.poll();
    story.cut("log");
    SECTION("shorter") {
        story.write("log", "n|");
        story.poll();
        CHECK(story.lines() == "a|b|n|");
    }
    SECTION("as long as before, other text") {
        story.write("log", "m|n|");
        story.poll();
        CHECK(story.lines() == "a|b|m|n|");
    }
    SECTION("while the shipper was not running") {
        story.restart();
        story.write("log", "m|nnnnnnn|");
        story.poll();
        CHECK(story.lines() == "a|b|m|nnnnnnn|");
    }
}

TEST_CASE("a log that is removed is forgotten when it has been read to its end") {
    Story story;
    story.write("log", "a|no newline");
    story.poll();
    story.remove("log");
    story.poll();
    CHECK(story.places().size() == 1);
    story.pass(kSettledAfterMs);
    story.poll();
    CHECK(story.lines() == "a|no newline|");
    for (int i = 0; i < 200; ++i) story.poll();
    CHECK(story.places().empty());
}

TEST_CASE("a rotated file that was read to its end stays known as long as it is there") {
    Story story;
    story.write("log", "a|");
    story.poll();
    story.rename("log", "log.1");
    story.write("log", "b|");
    story.poll();
    story.pass(kSettledAfterMs);
    story.poll();
    story.restart();
    for (int i = 0; i < 200; ++i) story.poll();
    story.rename("log.1", "log.2");
    story.rename("log", "log.1");
    story.write("log", "c|");
    story.poll();
    CHECK(story.lines() == "a|b|c|");
    CHECK(story.places().size() == 3);
}

TEST_CASE("random stories of a log end with every line exactly once") {
    const auto seed =
        GENERATE(values<unsigned>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}));
    CAPTURE(seed);
    std::mt19937 random(seed);
    Story story;
    std::vector<std::string> written;
    const bool copying = seed % 2 == 0;
    story.write("log", "first|");
    written.emplace_back("first");
    story.poll();  // what is rotated away before it was ever seen is not followed
    for (int step = 0; step < 120; ++step) {
        switch (random() % 6) {
            case 0:
            case 1: {
                std::string line = "line " + std::to_string(written.size()) + " of " + std::to_string(seed);
                story.write("log", line + "|");
                written.push_back(std::move(line));
                break;
            }
            case 2:
                if (!fs::exists(story.directory() / "log") || fs::file_size(story.directory() / "log") == 0)
                    break;
                for (int i = 40; i >= 1; --i) {
                    const std::string from = "log." + std::to_string(i);
                    if (fs::exists(story.directory() / from))
                        story.rename(from, "log." + std::to_string(i + 1));
                }
                if (copying) {
                    // One copy between two looks: of two the first may hold the end of the second's beginning
                    // only.
                    story.poll();
                    story.copy("log", "log.1");
                    story.cut("log");
                } else {
                    story.rename("log", "log.1");
                }
                break;
            case 3:
                story.poll();
                break;
            case 4:
                story.restart();
                break;
            case 5:
                story.pass(kSettledAfterMs / 2);
                break;
        }
    }
    story.poll();
    story.poll();
    auto lines = story.all();
    std::sort(lines.begin(), lines.end());
    std::sort(written.begin(), written.end());
    CHECK(lines == written);
}

}  // namespace nmstore::tools
