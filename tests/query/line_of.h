// Lines for tests, with the row that they need.
#pragma once

#include <string>

#include "nmstore/line.h"

namespace nmstore::testing {

// A line that owns what its views show. Not to be moved.
struct OwnedLine {
    explicit OwnedLine(std::string line_text, std::string line_fields = "", std::string client = "web1",
                       std::string log = "_var_log_syslog", RowKind kind = RowKind::logs)
        : text(std::move(line_text)), fields(std::move(line_fields)) {
        row.client = std::move(client);
        row.log = std::move(log);
        row.kind = kind;
        line.row = &row;
        line.text = text;
        line.fields = fields;
    }
    OwnedLine(const OwnedLine&) = delete;
    OwnedLine& operator=(const OwnedLine&) = delete;

    std::string text, fields;
    LogRow row;
    Line line;
};

}  // namespace nmstore::testing
