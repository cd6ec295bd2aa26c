// What was read of rows and is still so: the heads of their blocks, and whether they have entries. A query
// asks for both of each row in its range, and in most rows nothing has changed since they were asked for
// last.
//
// A snapshot must see exactly its own moment. So what is known holds for a stretch of moments
// (kv::Database::moment): from the last change of the row before it was read until the next one. Whoever
// changes rows tells it, before and after (RowMemory::Change).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/kv.h"
#include "nmstore/line.h"
#include "nmstore/sealed_block.h"

namespace nmstore {

// Of the memory that is for opened blocks.
inline constexpr std::size_t kRowMemoryShare = 16;  // one part of so many

// Any thread.
class RowMemory {
  public:
    // now: the moment now. It must not call back.
    RowMemory(std::function<std::uint64_t()> now, std::size_t capacity_bytes)
        : now_(std::move(now)), capacity_bytes_(capacity_bytes) {}

    enum Kind : std::size_t { kBlocks, kEntries, kKinds };
    struct Fact {
        std::shared_ptr<const std::vector<BlockInfo>> blocks;  // of kBlocks: all, in order of the first id
        bool any = false;                                      // of kEntries: whether there are some
    };
    struct Asked {
        bool known = false;
        Fact fact;
        std::uint64_t turn = 0;  // else what is read at that moment is given to keep() with it; 0: it is not
    };
    Asked ask(RowId row, Kind kind, std::uint64_t moment);
    // Only what has not changed meanwhile is kept.
    void keep(RowId row, Kind kind, std::uint64_t turn, Fact fact);

    // Lives while the batch is applied.
    class Change {
      public:
        Change(RowMemory& memory, const kv::Batch& batch);
        ~Change();
        Change(const Change&) = delete;
        Change& operator=(const Change&) = delete;

      private:
        RowMemory& memory_;
        std::array<std::vector<RowId>, kKinds> rows_;
    };

    std::size_t bytes() const;

  private:
    struct Row {
        bool known = false;
        bool asked = true;  // since they were looked through last
        std::uint32_t changing = 0;
        std::uint64_t turn = 0;        // another one after each change
        std::uint64_t changed_at = 0;  // nothing has changed since, but for what is changing
        std::uint64_t from = 0;        // the moments for which the fact holds, both inclusive
        std::uint64_t to = 0;
        Fact fact;
    };
    struct Rows {
        std::unordered_map<RowId, Row> known;
        std::unordered_map<RowId, std::uint32_t> changing;
    };
    static std::size_t bytes_of(const Fact& fact);
    void begin_change(const std::vector<RowId>& rows, Kind kind);
    void end_change(const std::vector<RowId>& rows, Kind kind);
    bool has_room(std::size_t bytes);

    const std::function<std::uint64_t()> now_;
    const std::size_t capacity_bytes_;
    mutable std::mutex mutex_;
    std::array<Rows, kKinds> rows_;  // guarded by mutex_, as are the following
    std::size_t bytes_ = 0;
    std::size_t asks_ = 0;  // since they were looked through last
    std::uint64_t turns_ = 0;
};

}  // namespace nmstore
