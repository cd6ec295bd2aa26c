// The lines of one file from a place on, as far as they are whole.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "nmstore/line.h"
#include "tools/file_place.h"

namespace nmstore::tools {

// A line on its way from a file into a batch, without its newline. Whoever takes it may set the time; it
// stays with the place for the lines that follow.
struct ReadLine {
    const std::string& path;  // the log's, as in FilePlace
    std::string_view text;
    std::int64_t& time_ms;  // of the line before; 0: none
};
// false: not taken now; it is offered again.
using TakeLine = std::function<bool(const ReadLine&)>;

// A little more than the store keeps of a line, so that it sees that the line is too long.
inline constexpr std::size_t kMaxShippedBytes = kMaxLineBytes + 16;

enum class ReadEnd {
    refused,   // a line was not taken
    end,       // nothing whole is left
    replaced,  // the file does not hold any more what was read from it: it was cut, or written anew
};

class LogFile {
  public:
    // From the beginning.
    LogFile(ReadFile file, std::string path);
    // From a place, found in the file as `trail`.
    LogFile(ReadFile file, FilePlace place, Trail trail);

    // Hands over the whole lines there are; with `unfinished` also what stands behind the last newline. Of a
    // line longer than kMaxShippedBytes only the beginning is handed over, which is more than the store
    // keeps: it cuts the line, and marks it.
    Result<ReadEnd> read_lines(bool unfinished, const TakeLine& take);

    FilePlace place() const;
    const std::string& path() const { return place_.path; }
    std::uint64_t offset() const { return place_.offset; }
    bool at_end() const { return seen_size_ <= place_.offset; }  // as of the last read_lines()
    bool is(std::uint64_t device, std::uint64_t inode) const {
        return place_.device == device && place_.inode == inode;
    }
    std::int64_t changed_ns() const { return file_.changed_ns(); }

  private:
    enum class Step { taken, refused, end, replaced };
    Result<Step> step(bool unfinished, const TakeLine& take);
    Result<Step> step_over_long_line(bool unfinished, const TakeLine& take);
    bool take_line(std::string_view text, std::string_view whole, const TakeLine& take);

    ReadFile file_;
    FilePlace place_;
    Trail trail_;
    std::uint64_t seen_size_ = 0;
    std::uint64_t scanned_ = 0;  // of a long line that has no end yet: no newline before this offset
};

}  // namespace nmstore::tools
