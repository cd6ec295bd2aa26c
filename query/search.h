// Searches over all rows of the time families, newest or oldest first, page by page; and the counts made of
// the same scan.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"
#include "query/filter.h"
#include "query/matcher.h"

namespace nmstore::query {

struct Scope {
    const Filter* filter = nullptr;    // nullptr: everything
    std::int64_t from_ms = INT64_MIN;  // inclusive
    std::int64_t to_ms = INT64_MAX;    // exclusive
    std::string family;                // "": all time families
    std::string row{};                 // "": all rows; else the one with this key
};

// An entry of an answer; owns its texts.
struct Entry {
    LineId id;
    std::string client, log, kind;
    std::string line;
    std::string fields;  // "" or a JSON object
};

struct SearchRequest {
    Scope scope;
    Order order = Order::descending;
    std::size_t limit = 1000;  // 1 to kMaxSearchLimit
    // "" or `next`/`prev` of an earlier page of the same filter, family and order. The times are then those
    // of the first page, whatever `scope` says.
    std::string cursor;
};
inline constexpr std::size_t kMaxSearchLimit = 100'000;

struct SearchPage {
    std::vector<Entry> entries;  // always in the request's order, also behind a `prev` cursor
    std::string next;            // goes on behind the last entry; "" only if nothing more is in the scope
    std::string prev;            // the lines before the first entry, also those that come later; never ""
};

// All of a page is of one moment. invalid_argument: a bad limit, a cursor that is not ours or of another
// query. cancelled: the reader went away. A page that ran into a limit is given as far as it came, perhaps
// empty, with execution.stats.stopped_by set and `next` leading on; deadline_exceeded or limit_exceeded if it
// did not come on at all. Lines that are read ahead in a row count as looked at. `found`, if given, is told
// of each entry as soon as it is found, in the order of the walk: behind a `prev` cursor the last one of the
// page first.
Result<SearchPage> search(const Store& store, const SearchRequest& request, Execution& execution,
                          const std::function<void(const Entry&)>& found = {});

// As search(), but hands over each entry as it is found until `each` returns false; no page is held. limit 0:
// all. A `prev` cursor is invalid_argument. At a limit it ends, with execution.stats.stopped_by set.
Result<void> search_stream(const Store& store, const SearchRequest& request, Execution& execution,
                           const std::function<bool(const Entry&)>& each);

struct Bucket {
    std::int64_t time_ms = 0;
    std::uint64_t count = 0;
};
struct HistogramSeries {
    std::string value;            // of `by`; "" without
    std::vector<Bucket> buckets;  // every step of [from, to), zeros too
};
struct Histogram {
    std::int64_t step_ms = 0;
    std::uint64_t total = 0;
    // One without `by`; else by falling count, at most kMaxSeries, and the rest as kOtherSeries.
    std::vector<HistogramSeries> series;
};
inline constexpr std::size_t kMaxSeries = 50;
inline constexpr std::size_t kMaxBuckets = 10'000;
inline constexpr std::string_view kOtherSeries = "(other)";
// by: "", "client", "log", "kind", "level" or the name of a field (a line without it counts under ""). A
// bucket begins at a multiple of the step, the first one perhaps before from. step 0: a round one for about
// 100 buckets. Open ends of the scope are taken from the matching lines; without any, the series have no
// buckets. invalid_argument: a step that would make more than kMaxBuckets. Lines are counted newest first: at
// a limit the counts are those of the newest lines, and execution.stats.stopped_by is set.
Result<Histogram> histogram(const Store& store, const Scope& scope, std::int64_t step_ms,
                            const std::string& by, Execution& execution);

struct WordCount {
    std::string word;
    std::uint64_t count = 0;     // of lines that have it
    std::uint64_t may_miss = 0;  // 0: exact; else there may be up to so many more (see count_words)
};
inline constexpr std::size_t kMaxWords = 100'000;
// The most frequent words of the matching lines, by falling count, then by word; limit 1 to kMaxWords. Half
// of the memory limit holds the words: when it is full the rarest are forgotten, and a word that comes later
// may have been among them (`may_miss`). At another limit the counts are those of the newest lines, and
// execution.stats.stopped_by is set.
// With a prefix (lower case) only words that begin with it are counted.
Result<std::vector<WordCount>> count_words(const Store& store, const Scope& scope, std::size_t limit,
                                           Execution& execution, std::string_view prefix = {});

struct FieldCount {
    std::string name;
    std::uint64_t lines = 0;  // that have it
    std::uint64_t distinct = 0;
    // Not every value has been counted: longer ones than kMaxFieldValueBytes, and those that came when there
    // were kMaxFieldValues of the field, or its share of the memory was full.
    bool complete = true;
    std::vector<std::pair<std::string, std::uint64_t>> values;  // the most frequent ones first, then by value
};
inline constexpr std::size_t kMaxFields = 1000;
inline constexpr std::size_t kMaxFieldValues = 1000;
inline constexpr std::size_t kMaxFieldValueBytes = 256;
// The fields of the matching lines (for_each_field()), each with at most `values` of its most frequent
// values: the sources `client`, `log` and `level` first, before which fields of these names stand back, then
// by falling number of lines and name. Further fields than kMaxFields, and what half of the memory limit does
// not hold, are left out. At a limit the counts are those of the newest lines, and execution.stats.stopped_by
// is set.
Result<std::vector<FieldCount>> count_fields(const Store& store, const Scope& scope, std::size_t values,
                                             Execution& execution);

// How many lines match; at a limit those of the newest lines, and execution.stats.stopped_by is set.
Result<std::uint64_t> count_lines(const Store& store, const Scope& scope, Execution& execution);

// The lines around one line of its row's log (also across its day rows), in ascending order, the line itself
// included. not_found: there is no such line (any more). invalid_argument: more than kMaxContextLines on a
// side. A limit of the execution is an error here.
inline constexpr std::size_t kMaxContextLines = 10'000;
Result<std::vector<Entry>> context(const Store& store, const LineId& id, std::size_t before,
                                   std::size_t after, Execution& execution);

// The opaque text of a line's id, and back (invalid_argument).
std::string format_line_id(const LineId& id);
Result<LineId> parse_line_id(std::string_view text);

// Clients are known by their tag (row `client-tags` of kIndexFamily) too. The tags are read when first asked
// for; the store must outlive what is given back. Safe to use from several threads.
ClientNames client_names(const Store& store);

}  // namespace nmstore::query
