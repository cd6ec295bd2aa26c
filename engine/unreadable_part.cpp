#include "engine/unreadable_part.h"

#include "engine/key.h"
#include "engine/record.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

std::string name_of_space(kv::Space space) {
    if (space == kv::Space::catalogue) return "a part of the catalogue";
    return space == kv::Space::counters ? "a part of the counters" : "an index of cells";
}

}  // namespace

bool holds_rows(kv::Space space) {
    return space == kv::Space::cells || space == kv::Space::entries || space == kv::Space::blocks;
}

std::string name_unreadable(const kv::Database& database, const SnapshotPtr& snapshot, kv::Space space,
                            const std::string& partition, const Error& error,
                            const std::function<std::string(std::uint32_t family)>& family_name) {
    const std::string what = " cannot be read whole: " + error.message + "; restore a backup";
    if (!holds_rows(space)) return name_of_space(space) + what;
    const auto id = key::parse_row(partition);
    if (!id.ok()) return "a row without a number" + what;
    const auto bytes = database.get(kv::Space::catalogue, key::kRowsById, partition, snapshot);
    const auto name = record::parse_row_name(bytes.ok() && *bytes ? std::string_view(**bytes) : "");
    if (!name.ok()) return "row number " + std::to_string(*id) + ", whose name is not known," + what;
    return "row \"" + printable(name->key) + "\" of " + family_name(name->family) + what +
           ", or drop the row (nm-tool drop FAMILY ROW)";
}

std::vector<std::string> partitions_beside_rows(kv::Space space,
                                                const std::map<std::uint32_t, SchemaPtr>& families) {
    std::vector<std::string> out;
    if (space == kv::Space::counters)
        return {std::string(key::kUserCounters), std::string(key::kOwnCounters)};
    if (space == kv::Space::catalogue) out.emplace_back(key::kRowsById);
    for (const auto& [id, schema] : families) {
        if (space == kv::Space::catalogue) out.push_back(key::rows_of_family(id));
        if (space != kv::Space::index) continue;
        for (const auto& [column, declared] : schema->columns) {
            if (declared.indexed) out.push_back(key::index_of_column(id, column));
        }
    }
    return out;
}

}  // namespace nmstore
