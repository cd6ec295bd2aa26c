// What a commit will tell in the journal.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/journal_record.h"

namespace nmstore {

struct JournalDraft {
    JournalSteps steps{};
    std::vector<std::string> stamped{};  // keys of cells and rows whose stamp it is (engine/write_stamps.h)
    std::optional<JournalOrigin> origin{};  // made at another hub
};

}  // namespace nmstore
