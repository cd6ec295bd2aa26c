// What a decoder says of a body that it could read, but not all of it; and the limits that decoders share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nmstore/result.h"

namespace nmstore::ingest {

inline constexpr std::size_t kMaxReportedErrors = 1000;  // further ones are counted only
inline constexpr std::size_t kMaxReportedNameBytes =
    256;  // of a row or column in an error; longer ones are cut

// What one request may make of itself: tiny lines and cells are far greater in the store's batch than in a
// body.
inline constexpr std::size_t kMaxBatchBytes = std::size_t{256} << 20;

struct CellError {
    std::string row;
    std::string column;  // "" if it could not be read
    std::string reason;
};

struct CellReport {
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::vector<CellError> errors;  // the first kMaxReportedErrors of the rejected
};

struct LineError {
    std::uint64_t line = 0;  // in the body, from 1
    std::string reason;
};

struct LineReport {
    std::uint64_t accepted = 0;  // entries, of which one JSON object may make several
    std::uint64_t rejected = 0;
    std::vector<LineError> errors;
    // Set where decoding stopped for what is no fault of a line (the store is read-only, the batch is full): the
    // batch must be thrown away, the body may be sent again.
    std::optional<Error> fault;
};

}  // namespace nmstore::ingest
