// POST /api/v1/logs: JSON lines or plain text, decoded into appended lines.
#pragma once

#include <string>
#include <vector>

#include "ingest/report.h"
#include "nmstore/store.h"

namespace nmstore::ingest {

struct LogFields {
    std::string client;  // of lines that do not name one; "" = such lines are rejected
    std::string log;
    // Names of fields, tried in order; the first that is there is taken, and does not stay with the line.
    std::vector<std::string> time_fields{"_time", "@timestamp", "time", "timestamp"};
    std::vector<std::string> line_fields{"_msg", "message", "msg", "line"};
    std::vector<std::string> client_fields{"host", "client"};
    std::vector<std::string> log_fields{"log", "file"};
    std::int64_t now_ms = 0;  // the time of lines that tell none
};

// application/x-ndjson, application/stream+json, application/json: JSON objects, one a line, or one after another, or in one array.
// A parameter given as client/log wins over the fields only if the fields are absent. Times: RFC 3339, or a number (or its text) of
// seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by size. An object without a line field is
// kept as its own JSON text. A line holding newlines is one entry for each. Never fails as a whole: bad lines are in the report.
LineReport decode_json_lines(const std::string& padded_body, const LogFields& fields, LineBatch& batch);

// text/plain: a line for each '\n' (a '\r' before it is dropped; the last need not end in one; empty lines are kept).
LineReport decode_text_lines(std::string_view body, const LogFields& fields, LineBatch& batch);

// A point in time as JSON lines may write it; nullopt if it is none. `now` does not matter.
std::optional<std::int64_t> parse_timestamp_ms(std::string_view text);

}  // namespace nmstore::ingest
