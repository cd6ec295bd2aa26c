// What a verification says of a partition that cannot be read whole, and where it looks for partitions then.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/core.h"
#include "engine/kv.h"

namespace nmstore {

// Whether each partition of the space is a row's.
bool holds_rows(kv::Space space);

// For a person: what the partition belongs to, why it cannot be read, and what to do.
std::string name_unreadable(const kv::Database& database, const SnapshotPtr& snapshot, kv::Space space,
                            const std::string& partition, const Error& error,
                            const std::function<std::string(std::uint32_t family)>& family_name);

// All that catalogue, counters and indexes of these families can have; none for other spaces.
std::vector<std::string> partitions_beside_rows(kv::Space space,
                                                const std::map<std::uint32_t, SchemaPtr>& families);

}  // namespace nmstore
