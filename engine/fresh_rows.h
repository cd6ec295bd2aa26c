// Which rows have lines that are in no block yet, and when it is time to seal them. Writers note what they
// have written; the sealer takes rows whose time has come. In memory only: after a start the sealer finds
// them in the database.
//
// A row's time comes when its fresh text is enough for a block, when it is worth one and nothing has been
// written for a while, and when its oldest line has waited long enough: SealingOptions has the numbers. So a
// row that gets a line now and then is not a block for each line, and a busy one never waits. A row that is
// sealed but has small blocks stays, to be merged once nobody has written to it for settle_ms.
//
// The rows stand in order of the times at which each can be due at the earliest, so that neither a writer nor
// the sealer ever walks through all of them. A time that has moved away since (a row that was idle is written
// to) is put right when it comes: once for each such row and time, not with every line.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nmstore/line.h"
#include "nmstore/store.h"

namespace nmstore {

// Any thread. Nothing here waits for anything but other calls of the same object.
class FreshRows {
  public:
    // Rows beyond are not noted, which take_overflowed() tells. Each takes some 200 bytes.
    static constexpr std::size_t kMaxRows = 200'000;
    // So many small blocks of writers make a row due, so that there are never many.
    static constexpr std::size_t kMaxBlocks = 16;

    explicit FreshRows(const SealingOptions& options) : options_(options) {}

    struct Fresh {
        std::uint64_t bytes = 0;    // of text and fields that wait
        std::uint64_t entries = 0;  // that wait; 0: all is sealed, but blocks may have to be merged
        std::uint64_t blocks = 0;   // small ones that writers have made
        std::int64_t first_ms = 0;  // when the oldest was written
        std::int64_t last_ms = 0;
    };
    // What is left of it when so much has been sealed: at least one entry, so that the row is looked at
    // again, for who seals may find more than was noted.
    static Fresh left_of(const Fresh& fresh, std::uint64_t sealed_bytes, std::uint64_t sealed_entries);
    struct Written {
        RowId row = 0;
        std::uint64_t bytes = 0;
        std::uint64_t entries = 0;
        std::uint64_t blocks = 0;
    };

    void note(const std::vector<Written>& written, std::int64_t now_ms);
    // Gives back what take() took and could not be sealed; not before `not_before_ms` is it taken again.
    void put_back(RowId row, const Fresh& fresh, std::int64_t not_before_ms);
    // Nothing of the row is fresh, but it has small blocks that could be merged.
    void note_sealed(RowId row, std::int64_t last_written_ms);
    // What is found in the database: all that waits of the row, also what writers may have noted by now.
    void note_found(RowId row, std::uint64_t bytes, std::uint64_t entries, std::int64_t now_ms);
    // Whether much more can be noted: who looks through the database stops until there is.
    bool has_room() const;

    // What is due, or everything, at most `most` rows of it; they are no longer here then.
    struct Taken {
        RowId row = 0;
        Fresh fresh;
        bool all = false;     // its rest as well, however little it is
        bool settle = false;  // nothing is fresh: its small blocks are to be merged for good
    };
    std::vector<Taken> take(std::int64_t now_ms, std::size_t most, bool everything = false);
    // Rows of note_sealed() that have not been taken yet.
    std::vector<RowId> sealed() const;

    // When the next row is due; INT64_MAX: none is going to be.
    std::int64_t next_due_ms();

    struct Sums {
        std::uint64_t rows = 0;  // with something fresh
        std::uint64_t bytes = 0;
        std::uint64_t entries = 0;
    };
    Sums sums() const;
    std::int64_t last_written_ms() const { return last_written_ms_.load(std::memory_order_relaxed); }
    // Not all is noted: the database has to be looked through.
    void set_overflowed() { overflowed_ = true; }
    bool take_overflowed() { return overflowed_.exchange(false); }

    // Called, from writers, when something may be due before the time that was waited for, or that time has
    // come (clocks may be set); must not block. Set before anybody writes.
    void set_wake(std::function<void()> wake) { wake_ = std::move(wake); }
    // From now on wake() is called for what is due before this time.
    void sleep_until(std::int64_t due_ms) { waiting_until_ms_.store(due_ms); }

  private:
    using Place = std::pair<std::int64_t, RowId>;
    struct Row {
        Fresh fresh;
        std::int64_t not_before_ms = INT64_MIN;
        bool queued = false;
        std::int64_t queued_ms = 0;  // its place in queue_
    };
    std::int64_t due_ms(const Row& row) const;
    void queue(RowId id, Row& row);  // after every change of the row
    // Puts right the times of those that stand first, until the first one's is right.
    void order_first();
    bool due_to_bytes(const Row& row) const { return row.fresh.bytes >= options_.block_bytes; }

    const SealingOptions options_;
    std::function<void()> wake_;
    std::atomic<std::int64_t> waiting_until_ms_{INT64_MIN};
    std::atomic<std::int64_t> last_written_ms_{INT64_MIN};
    std::atomic<bool> overflowed_{false};
    mutable std::mutex mutex_;
    std::unordered_map<RowId, Row> rows_;  // guarded by mutex_, as are the following
    std::set<Place> queue_;                // each row, with a time no later than when it is due
    Sums sums_;
};

}  // namespace nmstore
