#include "engine/first_records.h"

#include <algorithm>

#include "engine/journal_record.h"

namespace nmstore {

Result<std::optional<ChangeNumber>> FirstRecords::of(const ChangeFeed& changes, const std::string& hub) {
    Place& place = places_[hub];
    const ChangeNumber first = changes.journal_range().first;
    if (place.there && place.at >= first) return place.there;
    place.there.reset();
    Result<void> outcome;
    NM_TRY(
        changes.read_journal(std::max(first, place.next), [&](ChangeNumber number, std::string_view record) {
            const Result<JournalReader> reader = JournalReader::open(record);
            if (!reader.ok()) {
                outcome = reader.error();
                return false;
            }
            place.next = number + 1;
            const JournalOrigin origin{reader->origin(), reader->origin_number(), reader->stamp()};
            if (origin.hub != hub || !origin.is_of_journal() || origin.is_filtered()) return true;
            place.at = number;
            place.there = origin.number_there();
            return false;
        }));
    NM_TRY(outcome);
    return place.there;
}

}  // namespace nmstore
