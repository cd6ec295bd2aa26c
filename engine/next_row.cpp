#include "engine/next_row.h"

#include "engine/key.h"

namespace nmstore {

Result<std::optional<std::string>> next_row(const Core& core, const std::optional<std::string>& after,
                                            kv::Space space) {
    auto next = core.database->next_partition(space, after);
    if (next.ok() || next.error().code != Code::corruption) return next;
    const auto cursor = core.database->cursor(kv::Space::catalogue, key::kRowsById);
    cursor->seek(after ? *after + '\0' : std::string());
    NM_TRY(cursor->status());
    if (!cursor->valid()) return std::optional<std::string>();
    return std::optional<std::string>(cursor->key());
}

}  // namespace nmstore
