// Reading a log as it grows: each case is a story of its file, and of the lines that must come out.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "nmstore/line.h"
#include "tests/tools/log_story.h"

namespace nmstore::tools {

TEST_CASE("a log is read line by line, whole lines only") {
    Story story;
    story.poll();
    CHECK(story.lines().empty());
    story.write("log", "a|b|c");
    story.poll();
    CHECK(story.lines() == "a|b|");
    story.poll();
    story.write("log", "d||e|");
    story.poll();
    CHECK(story.lines() == "a|b|cd||e|");

    SECTION("a restart goes on behind it") {
        story.restart();
        story.write("log", "f|");
        story.poll();
        CHECK(story.lines() == "a|b|cd||e|f|");
    }
    SECTION("an unfinished line is taken when asked for, and what follows it is a line of its own") {
        story.write("log", "half");
        story.poll(true);
        CHECK(story.lines() == "a|b|cd||e|half|");
        story.restart();
        story.poll(true);
        story.write("log", "rest|");
        story.poll(true);
        CHECK(story.lines() == "a|b|cd||e|half|rest|");
    }
}

TEST_CASE("a line that is not taken is offered again") {
    Story story;
    story.write("log", "a|b|c|");
    story.allow(2);
    story.poll();
    CHECK(story.lines() == "a|b|");
    SECTION("to the same follower") {}
    SECTION("to the next one") {
        story.restart();
    }
    story.allow(SIZE_MAX);
    story.poll();
    CHECK(story.lines() == "a|b|c|");
}

TEST_CASE("an inode that is used again for another file is noticed by what the file holds") {
    Story story;
    story.write("log", "a|b|");
    story.poll();
    auto places = story.places();
    REQUIRE(places.size() == 1);
    story.remove("log");
    story.write("log", "other|text|");
    // As if the new file had got the old one's inode, whatever this file system does.
    struct stat status {};
    REQUIRE(::stat((story.directory() / "log").c_str(), &status) == 0);
    places[0].inode = status.st_ino;
    story.restart_with(places);
    story.poll();
    CHECK(story.lines() == "a|b|other|text|");
}

TEST_CASE("a line over the limit is one line, of which no more comes than shows that it is too long") {
    Story story;
    const std::size_t length = GENERATE(
        values<std::size_t>({kMaxLineBytes, kMaxShippedBytes - 1, kMaxShippedBytes, kMaxShippedBytes + 1,
                             5 * kMaxLineBytes, (std::size_t{256} << 10) - 1, std::size_t{256} << 10}));
    CAPTURE(length);
    const std::string text(length, 'x');
    story.write("log", "before|");
    SECTION("all at once") {
        story.write("log", text + "|after|");
        story.poll();
    }
    SECTION("piece by piece") {
        for (std::size_t i = 0; i < length; i += 300'000) {
            story.write("log", text.substr(i, 300'000));
            story.poll();
            CHECK(story.all().size() == 1);
        }
        story.write("log", "|");
        story.poll();
        CHECK(story.all().size() == 2);
        story.restart();
        story.write("log", "after|");
        story.poll();
    }
    SECTION("without an end") {
        story.write("log", text);
        story.poll();
        CHECK(story.all().size() == 1);
        story.poll(true);
        CHECK(story.all().size() == 2);
        story.write("log", "after|");
        story.poll(true);
    }
    SECTION("refused, and offered again after a restart") {
        story.write("log", text + "|after|");
        story.allow(1);
        story.poll();
        CHECK(story.all().size() == 1);
        story.restart();
        story.allow(SIZE_MAX);
        story.poll();
    }
    REQUIRE(story.all().size() == 3);
    CHECK(story.all()[1] == text.substr(0, kMaxShippedBytes));
    CHECK(story.all()[2] == "after");
}

TEST_CASE("a log that is cut while a long line has no end yet begins anew") {
    Story story;
    story.write("log", std::string(3 * kMaxLineBytes, 'x'));
    story.poll();
    story.cut("log");
    story.write("log", std::string(2 * kMaxLineBytes, 'y') + "|z|");
    story.poll();
    REQUIRE(story.all().size() == 2);
    CHECK(story.all()[0] == std::string(kMaxShippedBytes, 'y'));
    CHECK(story.all()[1] == "z");
}

TEST_CASE("bytes come as they are") {
    Story story;
    const std::string text = std::string("\x00\x01\xff\xfe", 4) + "\r";
    story.write("log", text + "|");
    story.poll();
    REQUIRE(story.all().size() == 1);
    CHECK(story.all()[0] == text);
}

TEST_CASE("a file that belongs to another log is not taken for one of its own") {
    testing::TempDirectory directory;
    std::ofstream(directory / "log.1") << "a\n";
    struct stat status {};
    REQUIRE(::stat((directory / "log.1").c_str(), &status) == 0);
    FileOwners owners{{{status.st_dev, status.st_ino}, directory / "log"}};
    LogFollower follower(directory / "log.1", {}, owners, {});
    follower.resume();
    std::size_t lines = 0;
    const auto end = follower.poll(0, false, [&](const ReadLine&) { return ++lines > 0; });
    CHECK(end.ok());
    CHECK(lines == 0);
    CHECK_FALSE(follower.exists());
}

// Any order of writing, rotating either way, polling and restarting: every line once, in any order.

}  // namespace nmstore::tools
