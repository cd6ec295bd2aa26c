// Standard output of a subcommand. A reader that goes away (`nm-tool search … | head`) is no error: write()
// becomes false, the command stops what it does and ends well.
#pragma once

#include <cstdio>
#include <string_view>

namespace nmstore::tools {

class Output {
  public:
    explicit Output(std::FILE* file) : file_(file) {}
    // false once the reader is gone or the disk behind a redirection is full (see failed()).
    bool write(std::string_view text);
    bool line(std::string_view text) { return write(text) && write("\n"); }
    bool flush();
    // Whether nobody is there any more to read it: tells it before anything is written.
    bool reader_is_gone() const;
    bool is_terminal() const;
    // Could not write, and not because the reader has gone.
    bool failed() const { return failed_; }

  private:
    bool check(bool written);
    std::FILE* file_;
    bool failed_ = false;
};

}  // namespace nmstore::tools
