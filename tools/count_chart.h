// Counts over time as bars on a terminal, or as JSON.
#pragma once

#include <cstdint>
#include <string>

#include "query/search.h"
#include "tools/session.h"

namespace nmstore::tools {

// `by`: what the series are split by, "" if by nothing. JSON: {"time":ms,"count":n[,BY:value]} a bucket.
void write_histogram(Session& session, const query::Histogram& histogram, const std::string& by);

std::string right_aligned(std::uint64_t number, std::size_t width);

}  // namespace nmstore::tools
