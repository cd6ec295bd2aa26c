// Readings as time series: the numbers in what agents' plugins report, step by step.
//
// A reading is a number in the value of a plugin's cell, at the time of the cell. Its field is the name of
// the member: of `{"date":1321900000000,"value":"93"}` the field `value` reads 93; of `{"disk":{"used":12}}`
// the field `disk.used` reads 12. One level of nesting, no deeper; arrays are passed over. A value that is
// nothing but a number has the one field `value`. See reading_fields.h for what a value may look like and
// reading_number.h for what counts as a number: also one in quotes, never true, false, null or NaN.
//
// The answer is computed from the columns of sealed blocks without making text of them, and from the text of
// what is in no block yet; both give the same, to the last digit: sums are exact (reading_sum.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/store.h"
#include "query/execution.h"

namespace nmstore::query {

// Which readings. A pattern is a name, or a glob ('*' any run, '?' one character; case-sensitive); none is
// all.
struct SeriesRequest {
    std::vector<std::string> clients;  // a client's tag works as its name, too
    std::vector<std::string> plugins;
    // A top-level `date`, the agents' own time of a reading, is no reading unless it is asked for by this
    // name.
    std::vector<std::string> fields;
    std::int64_t from_ms = INT64_MIN;  // inclusive
    std::int64_t to_ms = INT64_MAX;    // exclusive
    // A step begins at a multiple of it (UTC, no summer time), the first one perhaps before `from`: only
    // readings of [from, to) are counted. 0: a round one for about kAboutSeriesPoints steps.
    std::int64_t step_ms = 0;
    bool last = false;  // the last reading of each series is told as well
};
inline constexpr std::int64_t kAboutSeriesPoints = 500;
inline constexpr std::size_t kMaxSeriesPatterns = 100;    // of clients, of plugins, of fields
inline constexpr std::size_t kMaxSeriesPoints = 250'000;  // of an answer, all series together
inline constexpr std::size_t kMaxSeriesInAnswer = 10'000;
inline constexpr std::size_t kFieldReadings = 500;  // of a client's plugin, in which fields are looked for

// The readings of one step. There is none for a step without readings: a gap stays a gap.
struct SeriesPoint {
    std::int64_t time_ms = 0;  // where the step begins
    double min = 0, mean = 0, max = 0;
    std::uint64_t count = 0;
};

struct LastReading {
    std::int64_t time_ms = 0;
    double value = 0;
};

struct Series {
    std::string client, plugin, field;
    std::vector<SeriesPoint> points;  // by time; at least one
    // Its last reading, where the request asks for it and one of the newest kFieldReadings values has it.
    std::optional<LastReading> last{};
};

struct SeriesResult {
    std::int64_t step_ms = 0;
    std::vector<Series> series;  // by client, plugin, field
};

// All of one moment. An answer is whole or an error: invalid_argument (too many patterns, a negative step,
// one that makes more than kMaxSeriesPoints, more than kMaxSeriesInAnswer series), cancelled,
// deadline_exceeded, limit_exceeded. Nothing found is no error: no series. execution.stats.lines_scanned
// counts cells looked at.
Result<SeriesResult> series(const Store& store, const SeriesRequest& request, Execution& execution);

struct SeriesFields {
    std::string client, plugin;
    std::vector<std::string> fields;  // by name
};
// Which fields there are: those with a number in the newest kFieldReadings cells of each client's plugin in
// [from, to). The request's fields and step are not looked at. By client and plugin; errors as above.
Result<std::vector<SeriesFields>> series_fields(const Store& store, const SeriesRequest& request,
                                                Execution& execution);
}  // namespace nmstore::query
