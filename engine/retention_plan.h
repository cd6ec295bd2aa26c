// Decides which day rows go, and touches nothing: what there is, how large it is, and what time it is are
// handed to it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "nmstore/result.h"
#include "nmstore/retention.h"

namespace nmstore {

// A day row, as little of it as is needed: there may be hundreds of thousands.
struct DatedRow {
    static constexpr std::int64_t kForEver = -1;
    static constexpr std::int64_t kWhileRoom = -2;

    RowId id = 0;
    std::int32_t day = 0;
    std::int64_t keep_ms = kWhileRoom;  // or one of the above
};

// nullopt: a row without a day, which stays.
std::optional<DatedRow> dated_row(const RetentionPolicy& policy, const LogRow& row);

struct RowToDrop {
    RowId id = 0;
    std::int32_t day = 0;
    std::uint64_t bytes = 0;
    bool by_age = false;
};

struct RetentionPlan {
    std::vector<RowToDrop> drops;  // by day, then id
    std::uint64_t bytes = 0;       // of all of them
    std::uint64_t left_bytes = 0;  // of the store, without them; never below 0
};

// A row goes by age once all of its day is older than what it is kept for. Then, as long as what is left of
// `store_bytes` is over policy.max_bytes (if that is not 0), the oldest other day before today goes, row by
// row; rows that are kept for ever, of today or of later do not. `size_of` is asked for no row that stays for
// sure.
Result<RetentionPlan> plan_retention(std::vector<DatedRow> rows, std::uint64_t max_bytes,
                                     std::uint64_t store_bytes, std::int64_t now_ms,
                                     const std::function<Result<std::uint64_t>(RowId)>& size_of);

}  // namespace nmstore
