// Where a pull is, kept in a file that is replaced as a whole. What it says is on the target's disk, so
// whatever was killed, a pull goes on from here; what was copied behind it is copied again.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "nmstore/result.h"
#include "tools/file_lock.h"
#include "tools/pull_target.h"

namespace nmstore::tools {

// What is pulled. A place means something for the same task only: what is before it, another one would have
// left out.
struct PullTask {
    std::string from, to;
    std::set<std::string> families;  // only these; empty: all
    bool counters = true;
    bool operator==(const PullTask&) const = default;
};

struct PullPlace {
    bool counters = false;  // all cells are copied; `row` is one of the list of counters
    std::string family;     // those before it, by name, are copied
    std::string row;        // in it, those before this row, in the source's order, are copied
    std::string column;     // and of this row, those before this column; "": none
    bool row_done = false;  // or the whole row
    PullCounts counts;
    bool operator==(const PullPlace&) const = default;
};

struct KeptPlace {
    std::string store;  // PullTarget::store(), in which all before the place is
    PullPlace place;
    bool operator==(const KeptPlace&) const = default;
};

std::string format_pull_place(const PullTask& task, const KeptPlace& kept);

class PullState {
  public:
    // Takes the lock; makes the directory if it is missing. busy: another pull has it.
    static Result<PullState> open(const std::string& path, PullTask task);

    // nullopt: there is none, the pull begins. conflict: it is of another pull. corruption: it is none.
    Result<std::optional<KeptPlace>> load() const;
    Result<void> save(const KeptPlace& kept) const;
    // The pull is done.
    Result<void> remove() const;
    const std::string& path() const { return path_; }
    const PullTask& task() const { return task_; }

  private:
    PullState(std::string path, PullTask task, FileLock lock)
        : path_(std::move(path)), task_(std::move(task)), lock_(std::move(lock)) {}

    std::string path_;
    PullTask task_;
    FileLock lock_;
};

}  // namespace nmstore::tools
