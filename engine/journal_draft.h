// What a commit will tell in the journal.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/journal_record.h"
#include "engine/write_stamps.h"

namespace nmstore {

struct JournalDraft {
    JournalSteps steps{};
    std::vector<std::string> stamped{};  // keys of cells and rows whose stamp it is (engine/write_stamps.h)
    std::optional<JournalOrigin> origin{};  // made at another hub
    // When and where it was written first, where that is another matter: it is written again behind a copy.
    std::optional<write_stamps::Stamp> retold{};

    // Of a copy: when cells were written first, by the keys of their stamps; where it does not say, it is not
    // known.
    std::map<std::string, write_stamps::Stamp> written{};

    // Of what comes from elsewhere: what decides between it and what is here.
    write_stamps::Stamp stamp() const {
        return retold ? *retold : write_stamps::Stamp{origin->stamp, write_stamps::hub_number(origin->hub)};
    }
};

}  // namespace nmstore
