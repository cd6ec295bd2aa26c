// What of the logs may go, and when: by the age of their days, and by the room that all of it takes. What
// goes are whole day rows, oldest first, with their counters; a row whose key tells no day
// (nmstore/day_row.h) stays.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/line.h"

namespace nmstore {

// For how long rows are kept that a rule is for.
struct RetentionRule {
    std::function<bool(const LogRow&)> matches;  // any thread; must not throw
    std::optional<std::int64_t> keep_ms;         // nullopt: for ever, also where room is short
};

struct RetentionPolicy {
    std::vector<RetentionRule> rules;     // the first that matches decides
    std::optional<std::int64_t> keep_ms;  // of what no rule matches; nullopt: as long as there is room
    std::uint64_t max_bytes = 0;          // of the whole store, without its write-ahead log; 0: no limit
    // Also forget, in the index rows `clients`, `{client}:logs` and `{client}:plugins`, names of which no row
    // is left and that were not seen for a day.
    bool forget_names = false;

    // Whether there is anything that it could let go.
    bool empty() const { return rules.empty() && !keep_ms && max_bytes == 0; }
};

inline constexpr std::size_t kMaxRetainedNames = 1000;  // named in a report

struct RetentionReport {
    struct Row {
        std::string family, key;
        std::uint64_t bytes = 0;
        bool by_age = false;  // else for want of room
    };
    std::uint64_t rows_by_age = 0;
    std::uint64_t rows_by_bytes = 0;
    std::uint64_t bytes = 0;        // that the dropped rows held, about
    std::uint64_t names = 0;        // forgotten
    std::uint64_t store_bytes = 0;  // held by what is left, about; with a limit of bytes only
    std::uint64_t over_bytes = 0;   // of it, over the limit: in rows of today and later, and such as stay
    std::vector<Row> rows;          // oldest first, at most kMaxRetainedNames
};

}  // namespace nmstore
