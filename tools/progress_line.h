// How long work shows that it goes on: a bar on a terminal, a plain line now and then in a log, nothing with
// --quiet. Writes to stderr, so that results can be redirected. Also the place where Ctrl-C stops such work.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "nmstore/store.h"

namespace nmstore::tools {

// "[=====>    ]  50% compacting 12 of 24 blocks", at most `columns` wide; without a total no bar and no
// percentage.
std::string progress_text(const ProgressReport& report, std::size_t columns);

class ProgressLine {
  public:
    ProgressLine(std::FILE* stream, bool quiet);
    // Takes the bar off the terminal.
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    // false once interrupted() is true.
    bool report(const ProgressReport& report);
    // For calls that take a Progress; must not outlive this.
    Progress callback();
    void clear();

  private:
    using Clock = std::chrono::steady_clock;
    std::FILE* stream_;
    bool quiet_;
    bool terminal_;
    bool drawn_ = false;
    std::string stage_;
    Clock::time_point next_{};
};

}  // namespace nmstore::tools
