// One log, followed through its rotations: the file that has the log's name now, and the files that had it
// before and may still grow or are not read to their ends. Nothing is read twice and nothing left out,
// whether a file is renamed and made anew, copied and cut, or rotated several times while nobody looked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/log_file.h"
#include "tools/remark.h"
#include "tools/rotated_files.h"

namespace nmstore::tools {

// Which follower a file (device, inode) belongs to, so that a rotated file is not taken for a log of its own.
using FileOwners = std::map<std::pair<std::uint64_t, std::uint64_t>, std::string>;

// A file that was rotated away is closed when it has not grown for so long.
inline constexpr std::int64_t kSettledAfterMs = 60'000;

class LogFollower {
  public:
    // `known`: places of this log, as places() gave them. `owners` is shared with other followers and
    // outlives this one.
    LogFollower(std::string path, std::vector<FilePlace> known, FileOwners& owners, Remark remark);

    // Finds the known places again. Before the first poll(), and for all followers before any polls.
    void resume();
    // Reads what is new. `now_ms` is of any steady clock. With `unfinished` also lines that have no newline
    // yet. `refused` if a line was not taken: call again later.
    Result<ReadEnd> poll(std::int64_t now_ms, bool unfinished, const TakeLine& take);
    // What must be known to go on from here, for ever: also of files that are read to the end, as long as
    // they exist.
    std::vector<FilePlace> places() const;

    // Places at the beginnings of files that have been opened for the first time since this was last asked.
    // To be kept before any of their lines are sent: a file that is rotated away is found again only if it
    // was known.
    std::vector<FilePlace> take_opened() { return std::exchange(opened_, {}); }

    const std::string& path() const { return path_; }
    bool exists() const { return current_.has_value(); }  // as of the last poll()
    // Nothing has its name any more, and what had it is settled.
    bool gone() const { return !current_ && retired_.empty(); }

  private:
    struct Retired {
        LogFile file;
        std::uint64_t offset = 0;  // when it last moved
        std::int64_t quiet_since_ms = -1;
    };
    Result<ReadEnd> read_retired(std::int64_t now_ms, bool unfinished, const TakeLine& take);
    Result<ReadEnd> read_current(bool unfinished, const TakeLine& take);
    void look_for_rotation();
    void note_rotation(std::int64_t changed_ns);
    void retire(LogFile file);
    void take_missed();
    bool take_missed_once();
    bool is_copy_of_known(const ReadFile& file) const;
    void was_cut();
    void open_current();
    bool belongs_elsewhere(std::uint64_t device, std::uint64_t inode) const;
    bool is_known(std::uint64_t device, std::uint64_t inode) const;
    void own(std::uint64_t device, std::uint64_t inode) { owners_[{device, inode}] = path_; }
    void forget_vanished();

    std::string path_;
    std::vector<FilePlace> known_;  // until resume()
    FileOwners& owners_;
    Remark remark_;
    std::optional<LogFile> current_;
    std::vector<Retired> retired_;                 // the oldest first
    std::optional<std::int64_t> missed_since_ns_;  // files may have come and gone since then
    std::vector<FilePlace> opened_;
    std::uint32_t polls_ = 0;
    std::vector<FilePlace> settled_;  // read to their ends and closed, but still there
};

}  // namespace nmstore::tools
