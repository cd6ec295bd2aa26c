// The engine's own counters: sums that are kept with every batch, so that nobody has to count.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/core.h"
#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {

// 0 if it cannot be read: it is only told.
inline std::uint64_t own_counter(const Core& core, std::string_view name) {
    const auto bytes = core.database->get(kv::Space::counters, key::kOwnCounters, name);
    if (!bytes.ok() || !bytes.value()) return 0;
    const auto count = record::parse_counter(*bytes.value());
    return count.ok() && *count > 0 ? static_cast<std::uint64_t>(*count) : 0;
}

}  // namespace nmstore
