// Records of the journal as a plain CloudSandra server can be told them: cells, removals, sums of counters.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nmstore/store.h"

namespace nmstore::server {

struct CloudsandraCell {
    std::string row, column, value;
    std::int64_t ttl_s = 0;  // 0: for ever
};

// One thing to be told. What members mean something, the kind says.
struct CloudsandraWrite {
    enum class Kind : std::uint8_t {
        cells,            // family, cells: no two of the same row and column
        remove_row,       // family, row
        remove_cell,      // family, row, column
        remove_counters,  // row, column if has_column
        create_family,    // family, type
        drop_family,      // family
        declare_column,   // family, column, type, indexed
    };
    Kind kind{};
    std::string family, row, column;
    bool has_column = false;
    ValueType type{};
    std::optional<bool> indexed;
    std::vector<CloudsandraCell> cells;
    ChangeNumber number = 0;  // of the record that it is of, or of the last of them
};

using CounterName = std::pair<std::string, std::string>;  // row, column

// Goes through records in order and tells what they hold in an order that comes to the same: what is put into
// a row before it is removed is told before that. Cells are gathered, the last of the same name wins. Lines
// are told as the cells that the store shows for their times now. Counters are for the caller, who sends them
// behind all else, first the values, then the sums: of a counter that is removed what comes behind that, of
// one that has a value the steps behind that. Of one thread.
class CloudsandraConversion {
  public:
    using Tell = std::function<Result<void>(const CloudsandraWrite&)>;
    CloudsandraConversion(const Store& store, std::int64_t now_ms, Tell tell);

    // without_counters: they have been told before.
    Result<void> add(const JournalRecord& record, bool without_counters = false);
    // Of a full copy: what is here is put over what is there, and nothing is removed there. The target may
    // have it from others; and would be without it for as long as what follows does not arrive.
    Result<void> add_copied(const JournalRecord& record);
    Result<void> flush();  // tells the cells that are gathered

    const std::map<CounterName, std::int64_t>& sums() const { return sums_; }  // not 0
    // What counters are to be, by a copy to the target or to this hub.
    const std::map<CounterName, std::int64_t>& values() const { return values_; }

  private:
    struct Put {
        std::string value;
        std::int64_t expires_at_ms = 0;
    };
    using Row = std::map<std::string, Put, std::less<>>;
    using Rows = std::map<std::string, Row, std::less<>>;
    struct Times {
        std::int64_t first_ms, last_ms;
    };

    Result<void> step(const JournalStep& step, bool without_counters);
    Result<void> put(std::string_view family, std::string_view row, std::string_view column,
                     std::string_view value, std::int64_t expires_at_ms);
    void forget_counters(const JournalStep& removal);
    Result<void> tell(CloudsandraWrite write);
    Result<void> flush_family(const std::string& family);
    Result<void> flush_row(std::string_view family, std::string_view row);
    // The cells of the lines of the record at hand.
    Result<void> put_lines();
    // Those of these times, nullptr: of all.
    Result<void> put_range(const std::string& row, Times times, const std::set<std::int64_t>* wanted);
    // When the lines of the blocks in the record at hand were, by row; only of rows of which that is still
    // known.
    Result<std::map<std::string, std::set<std::int64_t>>> times_of_blocks() const;

    const Store& store_;
    const std::int64_t now_ms_;
    const Tell tell_;
    std::map<std::string, Rows, std::less<>> gathered_;  // by family
    std::size_t gathered_bytes_ = 0;
    std::map<std::string, std::vector<Times>> lines_, blocks_;  // by row
    bool is_copy_ = false;
    std::map<CounterName, std::int64_t> sums_, values_;
    ChangeNumber number_ = 0;
};

// Steps of counters in a record: it brings no more sums than that.
Result<std::size_t> counter_steps_of(const JournalRecord& record);

}  // namespace nmstore::server
