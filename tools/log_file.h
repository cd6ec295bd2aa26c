// The lines of one file from a place on, as far as they are whole.
#pragma once

#include <functional>
#include <string>
#include <string_view>

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

    // Hands over the whole lines there are; with `unfinished` also what stands behind the last newline. A
    // line longer than kMaxLineBytes is handed over in parts of that size, each as a line.
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
    bool take_line(std::string_view text, std::size_t length, const TakeLine& take);
    void moved(std::string_view bytes);

    ReadFile file_;
    FilePlace place_;
    Trail trail_;
    std::uint64_t seen_size_ = 0;
};

}  // namespace nmstore::tools
