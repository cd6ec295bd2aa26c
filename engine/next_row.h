// The way from row to row, also where a table file is damaged.
#pragma once

#include <optional>
#include <string>

#include "engine/core.h"

namespace nmstore {

// The partition of the first row behind `after` (nullopt: of all) that has something in the space, which is
// of rows of time families; nullopt: there is none. In front of what cannot be read it is the next row that
// there is: whether that has something it tells when it is read.
Result<std::optional<std::string>> next_row(const Core& core, const std::optional<std::string>& after,
                                            kv::Space space = kv::Space::blocks);

}  // namespace nmstore
