// Finds rows that have something to be sealed or merged and of which FreshRows knows nothing: what an earlier
// process has left, and what there was no room to note. Walks through the store some rows at a time, so that
// whoever has more urgent work comes in between: first the rows that have entries, then the heads of blocks
// of every row; of the blocks themselves nothing is read.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "engine/core.h"

namespace nmstore {

// Belongs to one thread.
class UnfinishedRows {
  public:
    static constexpr std::size_t kRowsPerStep = 64;

    explicit UnfinishedRows(Core& core) : core_(core) {}

    // From the first row on; if it is at work already, once more when it has come to the end.
    void begin_again();
    // Notes what there is to do in the next rows. false: it has come to the end, or FreshRows has no room for
    // now. What cannot be read of a row is told to `failed`, and the next one is looked at; an Error is one
    // of the walk, which then goes on from the same place.
    Result<bool> look_on(const std::function<bool()>& go_on,
                         const std::function<void(const Error&)>& failed);

  private:
    enum class Stage : std::uint8_t { entries, blocks, done };

    void finish_stage();
    Result<void> look_at(RowId row);

    Core& core_;
    Stage stage_ = Stage::entries;
    std::optional<std::string> last_;  // partition that was looked at
    bool again_ = false;
};

}  // namespace nmstore
