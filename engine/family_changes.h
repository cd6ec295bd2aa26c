// Families created, dropped, and declared. One at a time, whoever calls.
#pragma once

#include <optional>
#include <string_view>

#include "engine/core.h"
#include "engine/journal_record.h"

namespace nmstore {

// `origin`: where it was done first, if that is another hub.
Result<void> create_family(Core& core, std::string_view name, ValueType comparator,
                           const std::optional<JournalOrigin>& origin = {});

// The family is gone, for ever, when the first of its steps is on disk: then its rows are purged in bounded
// steps.
Result<void> drop_family(Core& core, std::string_view name, const std::optional<JournalOrigin>& origin = {});
// Goes on with purges that were cut off; when opening.
Result<void> purge_dropped_families(Core& core);

Result<void> declare_column(Core& core, std::string_view family, std::string_view column, ValueType type,
                            std::optional<bool> indexed, const std::optional<JournalOrigin>& origin = {});

}  // namespace nmstore
