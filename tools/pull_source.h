// Where a pull reads: a server that speaks CloudSandra's v0.3.
//
// One thread. Every call may fail with what PatientClient fails with; corruption: an answer that is not
// CloudSandra's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nmstore/cell.h"
#include "nmstore/column_family.h"
#include "tools/json_text.h"
#include "tools/pull_request.h"

namespace nmstore::tools {

inline constexpr std::size_t kPullPage = 1000;  // rows, cells or counters asked for at once

struct PulledFamily {
    std::string name;
    std::optional<ValueType> comparator;  // nullopt: one that we do not have
    std::string comparator_name;
    struct Column {
        std::string name;
        std::optional<ValueType> type;  // nullopt: one that we do not have
        bool indexed = false;
    };
    std::vector<Column> columns;
};

class PullSource {
  public:
    explicit PullSource(PatientClient client) : client_(std::move(client)) {}

    Result<std::vector<PulledFamily>> families();  // by name
    // Row keys from `from` on (inclusive; "": the first), in the server's order. None but `from`: it was the
    // last. There may be fewer than kPullPage, and more behind them.
    Result<std::vector<std::string>> rows(const std::string& family, const std::string& from);
    struct Page {
        Members cells;
        bool last = false;  // nothing is behind it
    };
    // A row's cells from `from` on (inclusive). As many as fit into kPageBytes, at least one if there is one.
    // invalid_argument, not_found, too_large, limit_exceeded: the server does not give this row.
    Result<Page> cells(const std::string& family, const std::string& row, const std::string& from);
    // Likewise a row's counters.
    Result<Page> counters(const std::string& row, const std::string& from);
    // Whether the server lists the rows that have counters, which v0.3 cannot (an nm-stored can).
    Result<bool> lists_counter_rows();
    struct CounterRows {
        std::vector<std::string> rows;
        std::string next;  // "": these were the last
    };
    Result<CounterRows> counter_rows(const std::string& from);

    const std::string& url() const { return client_.url(); }

  private:
    Result<HttpAnswer> get(const std::string& path, Parameters parameters, std::size_t max_bytes);
    Result<Page> page(const std::string& path, const std::string& from);
    bool is_last(std::size_t given);  // of a page with so many cells
    Result<PulledFamily> family(const std::string& name);

    PatientClient client_;
    std::size_t limit_ = kPullPage;  // of cells: less where they are great
    std::size_t most_given_ = 0;     // of cells in one page: what the server gives at least
};

}  // namespace nmstore::tools
