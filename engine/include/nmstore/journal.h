// The journal: what has been written to the store, commit by commit, with all that is needed to write it again
// in another one. It is kept only where that is asked for (JournalOptions::on), from then on.
//
// A commit has one record, in its batch, under the number of its change (nmstore/change.h): numbers of one row's
// records rise as its commits do, and who has read up to a number has missed nothing before it. What a hub does by
// itself is not told: sealing, compaction, retention, expiry, notes, and its own rows.
//
// Records have a stamp: a time that rises from commit to commit, also behind those that come from other hubs. Of two
// writes of one cell the one with the greater stamp stays (equal ones: of the greater hub id), whichever a hub learns first, so
// that hubs which write to each other end up the same. Steps of counters add up. Lines are never overwritten; a
// removal of a row takes with it the lines that are there when it comes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/change.h"
#include "nmstore/column_family.h"
#include "nmstore/result.h"

namespace nmstore {

struct JournalOptions {
    bool on = false;
    bool keep = false;  // on if there is a journal already, and without a limit; else one ends, as let_go_bytes tells
    // Of records, about. What is beyond goes, the oldest first, whoever has still to read it. So does all but the
    // newest while the disk is nearly full, so that it is not the journal that ends the writes.
    std::uint64_t keep_bytes = std::uint64_t{8} << 30;
    // Rows that are each hub's own, as "family/row", rows of counters as "counters/row": never told, nor taken from elsewhere.
    std::vector<std::string> own_rows;
};

// A record as it is kept and sent; docs/formats.md has its bytes.
struct JournalRecord {
    ChangeNumber number = 0;
    std::string bytes;
};
struct JournalRecordView {
    ChangeNumber number = 0;
    std::string_view bytes;
};

struct JournalRange {
    ChangeNumber first = 0;    // records with smaller numbers are gone, or were never made
    ChangeNumber end = 0;      // one behind the last that can be read
    std::uint64_t bytes = 0;  // of those that are kept, about
    std::uint64_t let_go_bytes = 0;  // of those that went because the disk was nearly full, since the store was opened, or because the journal ended with that
};

// One step of a record. Which members mean something, the kind says; all are views into the record.
struct JournalStep {
    enum class Kind : std::uint8_t {
        put_cell,         // family, row, column, value, expires_at_ms, told; of a copy also stamp, sequence: of the last write, and its hub; 0: not known
        remove_cell,      // family, row, column
        remove_row,       // family, row
        line,             // row, time_ms, value (its text), fields
        block,            // row, first_ms, last_ms, lines: so many lines of these times, packed
        add,              // row, column, delta: a step of a counter
        remove_counters,  // row, and column if has_column
        create_family,    // family, type (comparator)
        drop_family,      // family
        declare_column,   // family, column, type, indexed
        origin,           // of lines: value (the source), sequence
        // Of a copy only:
        only_rows,        // family, type (comparator): between `row` (exclusive) and `value` (exclusive; "": to the end) there are no rows
        set_counter,      // row, column, delta: its value
        only_counters,    // likewise, rows of counters
        counters_of,      // row: the counters that follow are all that it has
        only_families,    // likewise, names of families
        begin_copy,       // sequence: bit 1: only some rows are in it
        cut,              // value, sequence: what the hub of this id had written before this number is in it
        cut_filtered,     // likewise, of those of its rows that come to the copied hub through filters
        sources,          // value (a source), fields: which of its batches of lines are in it
        end_copy,
        // Of this hub's, or of one that passes the copy on: what was overwritten, and was not in it.
        retold,           // value, sequence, stamp: all other steps are of the record that this hub made with this number and stamp
    };
    Kind kind{};
    std::string_view family;
    std::string_view row;
    std::string column;  // as text
    std::string_view value;
    std::string_view fields;
    std::int64_t expires_at_ms = 0;
    std::int64_t time_ms = 0;
    std::int64_t first_ms = 0, last_ms = 0;
    std::uint64_t lines = 0;
    std::int64_t delta = 0;
    std::uint64_t sequence = 0;
    std::uint64_t stamp = 0;
    ValueType type{};
    std::optional<bool> indexed;
    bool told = false;
    bool has_column = false;
};

namespace packed {
class Reader;
}

// Goes through a record, which must outlive it. One thread.
class JournalReader {
  public:
    static Result<JournalReader> open(std::string_view record);  // corruption: is none
    std::int64_t time_ms() const { return static_cast<std::int64_t>(stamp_ >> kStampShift); }  // of the commit
    std::uint64_t stamp() const { return stamp_; }
    // Where the commit was made first: the hub's id, and the record's number there. "": in the journal's own hub.
    const std::string& origin() const { return origin_; }
    ChangeNumber origin_number() const { return origin_number_; }
    // false: no more. corruption.
    Result<bool> next(JournalStep& step);

    std::string_view step_bytes() const { return last_; }  // the last step as it stands in the record
    // Of a block: its head and sections, as they are stored.
    std::string_view block_head() const { return block_head_; }
    const std::vector<std::string_view>& block_sections() const { return block_sections_; }
    std::string_view sortable_column() const { return raw_column_; }  // of a cell
    ValueType comparator() const { return comparator_; }              // of the family of a cell, row, line or block
    std::string_view display() const { return display_; }  // of a line or block: the log's name as it was given

    static constexpr unsigned kStampShift = 20;  // a stamp is milliseconds since the epoch times 2^20, and what makes it rise

  private:
    friend class JournalSteps;
    Result<bool> read_of_row(std::uint8_t code, packed::Reader& in, JournalStep& step);
    Result<void> read_of_family(std::uint8_t code, packed::Reader& in, JournalStep& step);

    std::string_view record_, last_;
    std::size_t at_ = 0;
    std::uint64_t stamp_ = 0;
    std::string origin_;
    ChangeNumber origin_number_ = 0;
    std::string_view family_, row_, display_;
    ValueType comparator_{};
    std::string_view raw_column_;                    // sortable
    std::uint64_t written_ = 0, written_by_ = 0;     // of the next cell
    std::string_view block_head_;
    std::vector<std::string_view> block_sections_;
};

// Says which steps of a record are wanted. Counters: family "".
using JournalFilter = std::function<bool(std::string_view family, std::string_view row)>;
// The record without the steps that are not wanted; "" if none is left. Families' own steps are asked with row "", to drop one
// with row "*": it goes only where all its rows are wanted.
Result<std::string> filter_journal_record(std::string_view record, const JournalFilter& wanted);

// Where records come from: a hub, and which of its streams (two with different filters are two streams).
struct JournalLink {
    std::string hub;     // its id
    std::string stream;  // "": all that it writes
};

// Of who sends records.
struct JournalRights {
    bool drop_families = true;  // else a step that drops one is refused
};

inline constexpr std::string_view kCopyStream = "copy ";  // what the stream's name begins with that brings a JournalCopy

// A full copy of another hub that has begun to come here, and has not all come.
struct IncomingCopy {
    std::string hub;           // that made it
    std::int64_t last_ms = 0;  // when the last part came
};

struct AppliedJournal {
    ChangeNumber position = 0;   // of the link: everything before it is done
    std::uint64_t records = 0;   // that were written
    std::uint64_t repeated = 0;  // that had been written before: over this link or another
    // Steps that cannot be written here, ever; all others are.
    struct Refused {
        ChangeNumber number = 0;
        std::string what;  // "CFUTF8Type/clients/10.0.0.1", its first kMaxRefusedName bytes
        std::string why;
        std::string value;  // the first kMaxRefusedValue bytes
    };
    static constexpr std::size_t kMaxRefusedName = 512;
    static constexpr std::size_t kMaxRefusedValue = 1024;
    static constexpr std::size_t kMaxRefused = 1000;  // of one call
    std::vector<Refused> refused;     // the first
    std::uint64_t refused_more = 0;  // how many came behind these
    // Of a full copy that has ended with these records, or earlier: records of this hub's own journal that it had overwritten,
    // and did not know of, were written again.
    std::uint64_t retold = 0;
    bool retold_in_part = false;  // the journal does not reach back to where the copy began
};

// A copy of all that a store holds at one moment, as records: each replaces what the other store has, wholly written or not
// at all. Their numbers count from 1. Holds a snapshot; must be gone before its store. One thread.
//
// Until its second record is asked for, or it is gone, its store takes no beginning of another hub's copy: who sends it asks
// for that once the first one has been taken, so that of two hubs which copy to each other one comes after the other.
class JournalCopy {
  public:
    virtual ~JournalCopy() = default;
    // Everything in the journal before this number is in the copy, and nothing from there on.
    virtual ChangeNumber at() const = 0;
    // The next record, of about max_bytes; nullopt: that was all.
    virtual Result<std::optional<JournalRecord>> next(std::size_t max_bytes) = 0;
    // How far it is, of all rows, about.
    virtual std::uint64_t rows_done() const = 0;
    virtual std::uint64_t rows_total() const = 0;
};

}  // namespace nmstore
