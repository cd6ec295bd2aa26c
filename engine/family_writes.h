// What one batch writes into one family. put_… encodes at once into the batch that goes to disk and keeps
// only what cannot be known before the commit: which rows to complete in the catalogue, what to index, what
// to count.
//
// Belongs to one thread. The core must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/block_builder.h"
#include "engine/change_record.h"
#include "engine/core.h"
#include "engine/journal_draft.h"
#include "engine/opened_lines.h"
#include "engine/stored_block.h"

namespace nmstore {

class CellBlock;

class FamilyWrites {
  public:
    // Errors of put_… and remove_… are invalid_argument; the batch is then as before. `count`: see
    // Store::begin_cells.
    FamilyWrites(Core& core, kv::Batch& batch, FamilyPtr family, bool count = false);

    Result<void> put_cell(std::string_view row, std::string_view column, std::string_view value,
                          std::int64_t ttl_seconds);
    // The same, of a cell that expires at a time; 0: never.
    Result<void> put_cell_until(std::string_view row, std::string_view column, std::string_view value,
                                std::int64_t expires_at_ms);
    // A line; time families only. Says nothing of the text. `display`: the log's name as it was given.
    Result<void> put_line(std::string_view row, std::int64_t time_ms, std::uint64_t sequence,
                          std::string_view text, std::string_view fields, std::string_view display);
    // What was gathered for a row: as a block, or as single lines if they are few. `lines` is empty then.
    Result<void> put_lines(std::string_view row, BlockBuilder& lines, std::string_view display);
    // Lines as a block, which is for the row with the number that row_id() tells.
    Result<void> put_block(std::string_view row, const BuiltBlock& block, std::string_view display);
    Result<RowId> row_id(std::string_view row);
    Result<void> remove_row(std::string_view row);
    // If none of its cells is alive at the commit.
    Result<void> remove_row_if_empty(std::string_view row);
    // The cell, and lines of that time; the row as well if nothing else is in it. Not to be mixed with others
    // in a batch.
    Result<void> remove_cell(std::string_view row, std::string_view column);

    // Whether cells that are put from now on stand with their values in the change.
    void tell_values(bool on) { tells_values_ = on; }

    // What is put and removed from now on is told in the journal by way of the draft, which must outlive
    // this. Nothing is where no journal is kept. A draft with an origin: nothing is written over a greater
    // stamp, see lost().
    void tell_journal(JournalDraft* draft);
    // Stamped keys that had a greater stamp when complete() failed with `busy`: the batch must be made anew
    // without writing these. Of a row: nothing of it may be removed as a whole.
    const std::vector<std::string>& lost() const { return lost_; }

    std::uint64_t entries() const { return entries_; }
    const FamilyPtr& family() const { return family_; }

    // Cells that are put may replace nothing; time families only.
    void only_where_free() { only_where_free_ = true; }

    // ---- For commit only: in this order, the family entered and the rows' stripes locked.
    // conflict: the family has been dropped; unavailable: it has got an index meanwhile.
    Result<void> check() const;
    RowLocks::Stripes stripes() const;
    Result<void> complete();  // conflict: something stands where only_where_free() does not allow it
    void tell(ChangeRecord& change) const;  // adds what the batch puts
    void applied();                         // the batch is in the database

  private:
    struct Use {  // of a row by this batch
        RowPtr row;
        std::string partition;
        RowKind kind = RowKind::other;
        bool own = false;      // the hub's: the journal does not tell it
        bool removed = false;  // as it was before the batch
        bool remove_if_empty = false;
        bool written = false;                     // after that
        std::vector<std::int64_t> cells_ms;       // times of posted cells that are put; time families
        std::vector<BlockInfo> cell_blocks;       // among which those may be that have to be unsealed
        std::vector<std::uint64_t> unsealed;      // blocks of cells that this batch turns into entries
        std::uint64_t returned_cells = 0;         // that they bring back
        std::vector<std::int64_t> replaced_ms;    // live cells in them that the batch puts anew
        std::int64_t first_cell_ms = INT64_MAX;   // earliest posted cell that is put; time families
        std::int64_t first_entry_ms = INT64_MAX;  // earliest entry
        std::uint64_t lines = 0;                  // that are appended
        std::int64_t first_line_ms = INT64_MAX;   // of these
        std::int64_t last_line_ms = INT64_MIN;
        std::vector<std::uint64_t> blocks;  // of some of them
        std::uint64_t fresh_lines = 0;      // that can be sealed
        std::uint64_t fresh_bytes = 0;      // of these
        std::uint64_t small_blocks = 0;
        std::int64_t min_hour = INT64_MAX;
        std::int64_t max_hour = INT64_MIN;
        std::string display;
        std::string stamp_key{};    // of the row (engine/write_stamps.h); once it is needed
        std::shared_ptr<Row> next;  // what `row` will be when the batch has been applied
    };
    struct Indexed {
        bool put = false;   // else removed only
        std::string value;  // as in an index key
        std::int64_t expires_at_ms = 0;
    };

    Result<std::size_t> use(std::string_view row);
    static void cover(Use& use, std::int64_t time_ms);
    static void cover_lines(Use& use, std::int64_t first_ms, std::int64_t last_ms, std::uint64_t lines);
    Result<void> check_free_places() const;
    Result<void> complete_row(Use& use);
    Result<void> complete_cell_removals();
    Result<void> complete_cell_removal(Use& use, const std::string& column, bool blocks_left);
    // Turns blocks of cells into entries again where what the batch changes does not leave them as they are.
    Result<void> unseal();
    Result<bool> find_blocks_to_unseal(Use& use);  // into use.cell_blocks; whether there may be some
    Result<void> unseal_row(Use& use, const PutCells* put);
    Result<void> unseal_block(Use& use, CellBlock& block, const std::vector<std::int64_t>& changed_ms);
    // Rewrites the blocks that hold appended lines of these times, which are sorted; whether any block is
    // left.
    Result<bool> remove_from_blocks(const Use& use, const std::vector<std::int64_t>& times);
    Result<void> complete_index();
    Result<void> unindex(const Use& use, const std::string& column);
    Result<void> unindex_unread(const Use& use, const std::string& column);
    Result<void> complete_counts();
    bool tells(const Use& use) const { return draft_ != nullptr && !use.own; }
    const std::string& stamp_key(Use& use);
    // Where the journal is to be told of lines; nullptr: it is not.
    JournalSteps* steps_for_lines(Use& use, std::string_view display);
    void note_in_journal(Use& use, const std::string& sortable_column);
    Result<void> check_stamps();

    Core& core_;
    kv::Batch& batch_;
    const FamilyPtr family_;
    const SchemaPtr schema_;
    const kv::Space space_;
    const bool count_;
    std::uint64_t entries_ = 0;
    std::vector<Use> uses_;
    std::unordered_map<std::string_view, std::size_t> by_row_;  // keys are those of the Rows
    std::size_t last_use_ = 0;
    std::map<std::pair<std::size_t, std::string>, Indexed>
        indexed_;                                                // by use and sortable column; the last wins
    std::vector<std::pair<std::size_t, std::int64_t>> counted_;  // use and time of the cells to count
    std::vector<std::pair<std::size_t, std::string>> removed_cells_;  // use and sortable column
    bool only_where_free_ = false;
    bool tells_values_ = false;
    JournalDraft* draft_ = nullptr;
    struct Stamped {
        std::string key;
        bool removal = false;  // of a row
    };
    std::vector<Stamped> stamped_;  // of a commit from elsewhere: to be looked up before it is applied
    std::vector<std::string> lost_;
    struct ToldCell {
        std::size_t use = 0;
        std::string column;  // sortable
        std::string value;
    };
    std::vector<ToldCell> told_;
    std::string record_;  // memory for encoding
};

}  // namespace nmstore
