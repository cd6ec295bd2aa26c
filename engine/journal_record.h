// How records of the journal are made; docs/formats.md has the bytes. nmstore/journal.h reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nmstore/column_family.h"
#include "nmstore/journal.h"

namespace nmstore {

struct BuiltBlock;

// The steps of a record, in the order of the calls. One thread.
class JournalSteps {
  public:
    // Steps that follow are of this row, until another is named. `display`: of the log, or "".
    void turn_to(const FamilyInfo& family, std::string_view row);
    void put_cell(std::string_view sortable_column, std::int64_t expires_at_ms, bool told,
                  std::string_view value);
    void remove_cell(std::string_view sortable_column);
    void remove_row();
    void display(std::string_view name);  // of the log whose row it is, as its lines gave it
    void line(std::int64_t time_ms, std::string_view text, std::string_view fields);
    void block(const BuiltBlock& block);

    void add(std::string_view row, std::string_view column, std::int64_t delta);
    void remove_counters(std::string_view row, std::optional<std::string_view> column);
    void create_family(std::string_view name, ValueType comparator);
    void drop_family(std::string_view name);
    void declare_column(std::string_view family, std::string_view column, ValueType type,
                        std::optional<bool> indexed);
    void origin(std::string_view source, std::uint64_t sequence);
    // Of a copy.
    void only_rows(const FamilyInfo& family, std::string_view from, std::string_view to);
    void set_counter(std::string_view row, std::string_view column, std::int64_t value);
    void written(std::uint64_t stamp,
                 std::uint64_t hub);  // of the cell that is put next; see engine/write_stamps.h
    void counters_of(std::string_view row);
    void only_counters(std::string_view from, std::string_view to);
    void only_families(std::string_view from, std::string_view to);
    void begin_copy(bool in_part);
    void cut(std::string_view hub, ChangeNumber position);
    void cut_filtered(std::string_view hub, ChangeNumber position);
    void sources(std::string_view source, std::string_view marks);
    void end_copy();
    void retold(std::string_view hub, ChangeNumber number, std::uint64_t stamp);
    // As it stands in a record that is read, with the row that it is about.
    void repeat(const JournalReader& reader, JournalStep::Kind kind, std::string_view bytes);

    bool empty() const { return bytes_.empty(); }
    std::size_t size() const { return bytes_.size(); }
    const std::string& bytes() const { return bytes_; }
    void clear();

  private:
    void turn(std::string_view family, ValueType comparator, std::string_view row);

    std::string bytes_;
    std::string family_, row_, display_;
    bool has_row_ = false;
};

// Where a record was made first.
struct JournalOrigin {
    std::string hub;  // id
    // There: of its journal; or of a full copy that it made, and then its place in that copy, with this bit,
    // and all records of the copy have one stamp. 0: neither, or not the whole record.
    ChangeNumber number = 0;
    std::uint64_t stamp = 0;

    static constexpr ChangeNumber kOfCopy = ChangeNumber{1} << 63;
    // With this bit: of a record of a journal, and has come through a filter.
    static constexpr ChangeNumber kFiltered = ChangeNumber{1} << 62;
    bool is_of_copy() const { return (number & kOfCopy) != 0; }
    bool is_of_journal() const { return number != 0 && !is_of_copy(); }
    bool is_filtered() const { return is_of_journal() && (number & kFiltered) != 0; }
    ChangeNumber number_there() const { return is_of_journal() ? number & ~kFiltered : number; }
    // What is done before the record itself, and is harmless to do again, is not to pass for all of it
    // elsewhere.
    JournalOrigin of_part() const { return {hub, number & kOfCopy, stamp}; }
};

// `origin`: nullptr: here, and `stamp` is its stamp.
std::string format_journal_record(std::uint64_t stamp, const JournalOrigin* origin,
                                  const JournalSteps& steps);

inline constexpr std::size_t kHubIdBytes = 16;  // as hexadecimal digits twice as many

}  // namespace nmstore
