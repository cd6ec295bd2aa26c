// Where a pull is, kept in a file that is replaced as a whole. What it says is on the target's disk, so
// whatever was killed, a pull goes on from here; what was copied behind it is copied again.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "nmstore/result.h"
#include "tools/file_lock.h"
#include "tools/pull_target.h"

namespace nmstore::tools {

struct PullPlace {
    bool counters = false;  // all cells are copied; `row` is one of the list of counters
    std::string family;     // those before it, by name, are copied
    std::string row;        // in it, those before this row, in the source's order, are copied
    std::string column;     // and of this row, those before this column; "": none
    bool row_done = false;  // or the whole row
    PullCounts counts;
    bool operator==(const PullPlace&) const = default;
};

std::string format_pull_place(const std::string& from, const std::string& to, const PullPlace& place);

class PullState {
  public:
    // Takes the lock; makes the directory if it is missing. busy: another pull has it.
    static Result<PullState> open(const std::string& path, const std::string& from, const std::string& to);

    // nullopt: there is none, the pull begins. conflict: it is of another pull. corruption: it is none.
    Result<std::optional<PullPlace>> load() const;
    Result<void> save(const PullPlace& place) const;
    // The pull is done.
    Result<void> remove() const;
    const std::string& path() const { return path_; }

  private:
    PullState(std::string path, std::string from, std::string to, FileLock lock)
        : path_(std::move(path)), from_(std::move(from)), to_(std::move(to)), lock_(std::move(lock)) {}

    std::string path_, from_, to_;
    FileLock lock_;
};

}  // namespace nmstore::tools
