// Each case is a story of a log: what happens to its files, and which lines must come out of following it,
// each once.
#include "tools/log_follower.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "nmstore/line.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

namespace nmstore::tools {
namespace {

namespace fs = std::filesystem;

class Story {
  public:
    Story() { start({}); }

    // '|' in a text is a newline.
    void write(const std::string& name, std::string text) {
        std::replace(text.begin(), text.end(), '|', '\n');
        std::ofstream(directory_ / name, std::ios::app | std::ios::binary) << text;
        // Times of files must grow from step to step, whatever the file system's clock counts in.
        stamp(name);
    }
    void rename(const std::string& from, const std::string& to) {
        fs::rename(directory_ / from, directory_ / to);
    }
    void copy(const std::string& from, const std::string& to) {
        fs::copy_file(directory_ / from, directory_ / to);
        stamp(to);
    }
    void cut(const std::string& name) {
        fs::resize_file(directory_ / name, 0);
        stamp(name);
    }
    void remove(const std::string& name) { fs::remove(directory_ / name); }
    void poll(bool unfinished = false) {
        const auto end = follower_->poll(now_ms_, unfinished, [&](const ReadLine& line) {
            if (lines_left_ == 0) return false;
            --lines_left_;
            lines_.emplace_back(line.text);
            return true;
        });
        REQUIRE(end.ok());
    }
    void allow(std::size_t lines) { lines_left_ = lines; }
    void pass(std::int64_t ms) { now_ms_ += ms; }
    // The shipper is killed, and starts again with the places that it had saved.
    void restart() { start(follower_->places()); }
    void restart_with(std::vector<FilePlace> places) { start(std::move(places)); }
    std::vector<FilePlace> places() const { return follower_->places(); }

    std::string lines() const {
        std::string all;
        for (const auto& line : lines_) all += line + "|";
        return all;
    }
    std::string sorted_lines() const {
        auto sorted = lines_;
        std::sort(sorted.begin(), sorted.end());
        std::string all;
        for (const auto& line : sorted) all += line + "|";
        return all;
    }
    const std::vector<std::string>& all() const { return lines_; }
    const std::vector<std::string>& remarks() const { return remarks_; }
    const fs::path& directory() const { return directory_.path(); }

  private:
    void start(std::vector<FilePlace> places) {
        owners_.clear();
        follower_.emplace(directory_ / "log", std::move(places), owners_,
                          [&](const std::string& text) { remarks_.push_back(text); });
        follower_->resume();
    }
    void stamp(const std::string& name) {
        written_ += std::chrono::milliseconds(10);
        fs::last_write_time(directory_ / name, written_);
    }

    testing::TempDirectory directory_;
    FileOwners owners_;
    std::vector<std::string> remarks_;
    std::vector<std::string> lines_;
    std::size_t lines_left_ = SIZE_MAX;
    std::int64_t now_ms_ = 1000;
    fs::file_time_type written_ = fs::file_time_type::clock::now() - std::chrono::hours(1);
    std::optional<LogFollower> follower_;
};

}  // namespace

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

TEST_CASE("a line over the limit comes in parts, none of which tears a character") {
    Story story;
    std::string text(kMaxLineBytes - 1, 'x');
    text += "\xc3\xa4 end";  // the limit falls into the ä
    story.write("log", text + "|after|");
    story.poll();
    REQUIRE(story.all().size() == 3);
    CHECK(story.all()[0].size() == kMaxLineBytes - 1);
    CHECK(story.all()[1] == "\xc3\xa4 end");
    CHECK(story.all()[2] == "after");
    SECTION("also where no newline is in sight") {
        story.write("log", std::string(3 * kMaxLineBytes, 'y'));
        story.poll();
        CHECK(story.all().size() == 6 - 1);
        story.write("log", "|");
        story.poll();
        CHECK(story.all().size() == 6);
        CHECK(story.all()[5].size() == kMaxLineBytes);
    }
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
