// A log in a directory of its own, and a follower of it: what the tests of following tell stories with.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "tests/temp_directory.h"
#include "tools/log_follower.h"

namespace nmstore::tools {

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

}  // namespace nmstore::tools
