// Copies a whole store from a CloudSandra endpoint: families with their rows, the columns that are declared,
// counters.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/pull_source.h"
#include "tools/pull_state.h"
#include "tools/pull_target.h"
#include "tools/remark.h"

namespace nmstore::tools {

// One thread. Where it is, is saved about every second, and whenever run() ends.
class Puller {
  public:
    // Told after every page: what is being copied, and how much was. false: stop (cancelled).
    using Told = std::function<bool(const std::string& family, const PullCounts& counts)>;

    // Copies what the state's task says.
    Puller(PullSource& source, const PullState& state, Remark remark, Told told);

    // Goes on from the state's place, if it is of this target's store. `target` may count refusals with
    // refuse() from its making on.
    Result<void> run(PullTarget& target);
    Refuse refuse();
    const PullCounts& counts() const { return place_.counts; }

  private:
    bool wanted(const std::string& family) const;
    Result<void> find_place();
    Result<void> copy_all();
    Result<void> copy_family(const PulledFamily& family);
    Result<void> copy_rows(const std::string& family);
    Result<void> copy_row(const std::string& family, const std::string& row, const std::string& from);
    Result<void> declare_columns(const PulledFamily& family);
    Result<bool> copy_counters_of(const std::string& row);  // false: they were left out
    Result<void> leave_out(const std::string& what, const std::string& row, const Error& why);
    Result<void> copy_counter_rows();
    // Everything up to `place` has been given to the target.
    Result<void> reach(PullPlace place);
    Result<void> flush();
    Result<void> save();

    PullSource& source_;
    const PullState& state_;
    const PullTask& task_;
    Remark remark_;
    Told told_;
    PullTarget* target_ = nullptr;
    bool rows_counters_ = true;  // which rows have counters is not listed: each is asked
    std::uint64_t told_refusals_ = 0;
    std::size_t left_out_ = 0;        // since a row has come
    PullPlace place_;                 // given to the target, and
    PullPlace flushed_;               // on its disk, and
    std::optional<PullPlace> saved_;  // in the state file
    std::chrono::steady_clock::time_point last_flush_{}, last_save_{};
};

}  // namespace nmstore::tools
