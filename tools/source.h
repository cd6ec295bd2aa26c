// Where a subcommand reads and works: a server over HTTP, or a closed data directory opened by this process.
// One interface, so that every subcommand is written once.
//
// A Source is used by one thread. Every call may fail with what its transport or store fails with; an
// interruption (interruption.h) ends any of them with `cancelled`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nmstore/cell.h"
#include "nmstore/result.h"
#include "nmstore/store.h"
#include "query/retention_text.h"
#include "query/search.h"
#include "query/series.h"

namespace nmstore::tools {

// A line that was found.
struct Hit {
    std::int64_t time_ms = 0;
    std::string client, log, line;
    std::string kind;    // "" if the source does not say
    std::string fields;  // "" or a JSON object
    std::string id;
    // Of lines that are followed:
    std::string event{};   // with which a stream goes on behind it; else ""
    bool partial = false;  // what a later cell may go on with
};
using EachHit = std::function<bool(const Hit&)>;  // false: stop

struct LineQuery {
    std::string text;      // in the query language; "" = everything
    std::string from, to;  // as typed: query/time_text.h; "" = open
    bool ascending = false;
    std::uint64_t limit = 1000;  // 0: all
};

// What is said beside an answer. "" = complete; else the limit that ended it early ("query_timeout" …).
struct Completeness {
    std::string stopped_by;
};

struct HistogramAnswer {
    query::Histogram histogram;
    Completeness completeness;
};
struct WordsAnswer {
    std::vector<query::WordCount> words;
    Completeness completeness;
};

struct SeriesQuery {
    std::vector<std::string> clients, plugins, fields;  // names or globs; none is all
    std::string from, to, step;                         // as typed; "" = open, and a fitting step
};

struct RowsPage {
    std::vector<std::string> rows;
    std::string next;  // where the next page begins; "" at the end
};

struct RowQuery {
    std::string family, row;
    std::string from, to;
    bool reverse = false;
    std::uint64_t limit = kDefaultPage;
};
struct RowPage {
    std::vector<Cell> cells;
    std::optional<std::string> next;  // the column after the last one given
};

struct DropRequest {
    std::string family, row;        // drop this row (both), or this family (row empty) …
    std::string client, log, kind;  // … or day rows of these (globs) that lie wholly inside [from, to)
    std::string from, to;
    bool dry_run = false;
};
struct DropAnswer {
    std::uint64_t dropped = 0;
    std::vector<std::string> rows;  // the first of them
};

// The details of long work when it is done, in order, for a person and for JSON: values are numbers, or texts
// (quoted).
struct Detail {
    std::string name;
    std::string text;
    bool is_number = false;
};
struct WorkAnswer {
    std::vector<Detail> details;
    std::vector<std::string> problems;  // verify and reindex only
    std::uint64_t problem_count = 0;
};

struct RetentionRequest {
    query::RetentionText policy;  // empty: a server's own
    bool dry_run = false;
};

struct ReindexSelection {
    std::string family, row, client, log, kind;  // see query/row_pattern.h
    std::string from, to;                        // as typed; "" = open
    bool all = false;
};

struct ServerAddress;

class Source {
  public:
    virtual ~Source() = default;

    virtual Result<Completeness> search(const LineQuery& query, const EachHit& each) = 0;
    virtual Result<HistogramAnswer> histogram(const LineQuery& query, const std::string& step,
                                              const std::string& by) = 0;
    virtual Result<WordsAnswer> words(const LineQuery& query, std::uint64_t limit) = 0;
    virtual Result<std::vector<Hit>> context(const std::string& id, std::uint64_t before,
                                             std::uint64_t after) = 0;

    virtual Result<query::SeriesResult> series(const SeriesQuery& query) = 0;
    virtual Result<std::vector<query::SeriesFields>> series_fields(const SeriesQuery& query) = 0;

    virtual Result<std::vector<std::string>> families() = 0;
    virtual Result<RowsPage> rows(const std::string& family, const std::string& prefix,
                                  const std::string& from, std::uint64_t limit) = 0;
    virtual Result<RowPage> row(const RowQuery& query) = 0;
    virtual Result<std::vector<Counter>> counters(const std::string& row) = 0;
    virtual Result<RowsPage> counter_rows(const std::string& prefix, const std::string& from,
                                          std::uint64_t limit) = 0;

    virtual Result<std::vector<Detail>> stats() = 0;
    virtual Result<WorkAnswer> compact(const Progress& progress) = 0;
    virtual Result<RetentionReport> retain(const RetentionRequest& request, const Progress& progress) = 0;
    virtual Result<WorkAnswer> verify(const Progress& progress) = 0;
    virtual Result<WorkAnswer> reindex(const ReindexSelection& selection, const Progress& progress) = 0;
    // `directory`: for a closed store only; a server has its own (--backup-dir), and refuses one given here.
    virtual Result<WorkAnswer> backup(const std::string& directory, const Progress& progress) = 0;
    // A server's backups, oldest first. Those of a closed store are wherever they were put:
    // nmstore::list_backups().
    virtual Result<std::vector<BackupInfo>> backups() = 0;
    virtual Result<DropAnswer> drop(const DropRequest& request) = 0;
};

Result<std::unique_ptr<Source>> open_remote_source(const ServerAddress& address);
// read_only: for commands that change nothing. busy: somebody has the directory; the message then advises
// --url.
Result<std::unique_ptr<Source>> open_local_source(const std::string& data_directory, bool read_only);

}  // namespace nmstore::tools
