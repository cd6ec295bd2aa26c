// The part of FamilyWrites that tells the journal, and asks for stamps of what comes from elsewhere.
#include <algorithm>

#include "engine/family_writes.h"
#include "engine/write_stamps.h"

namespace nmstore {

void FamilyWrites::tell_journal(JournalDraft* draft) {
    draft_ = core_.changes.keeps_journal() ? draft : nullptr;
}

const std::string& FamilyWrites::stamp_key(Use& use) {
    if (use.stamp_key.empty()) use.stamp_key = write_stamps::row_key(schema_->info.name, use.row->key);
    return use.stamp_key;
}

void FamilyWrites::note_in_journal(Use& use, const std::string& sortable_column) {
    draft_->steps.turn_to(schema_->info, use.row->key);
    draft_->stamped.push_back(write_stamps::cell_key(stamp_key(use), sortable_column));
    if (!draft_->origin) return;
    stamped_.push_back({draft_->stamped.back(), false});
    stamped_.push_back({stamp_key(use), false});
}

JournalSteps* FamilyWrites::steps_for_lines(Use& use, std::string_view display) {
    if (!tells(use)) return nullptr;
    if (draft_->origin) stamped_.push_back({stamp_key(use), false});
    draft_->steps.turn_to(schema_->info, use.row->key);
    draft_->steps.display(display);
    return &draft_->steps;
}

// A hub's own writes have the greatest stamp by themselves.
Result<void> FamilyWrites::check_stamps() {
    lost_.clear();
    if (stamped_.empty()) return {};
    std::sort(stamped_.begin(), stamped_.end(), [](const Stamped& a, const Stamped& b) {
        return std::tie(a.key, a.removal) < std::tie(b.key, b.removal);
    });
    const write_stamps::Stamp ours = draft_->stamp();
    const Stamped* last = nullptr;
    for (const Stamped& each : stamped_) {
        if (last != nullptr && last->key == each.key && last->removal == each.removal) continue;
        last = &each;
        NM_ASSIGN(const auto there, write_stamps::get(*core_.database, each.key));
        bool greater = there && *there > ours;
        if (!greater && each.removal) {
            NM_ASSIGN(greater, write_stamps::any_greater(*core_.database, each.key, ours));
        }
        if (greater) lost_.push_back(each.removal ? write_stamps::removal_of(each.key) : each.key);
    }
    if (lost_.empty()) return {};
    return Error{Code::busy, "written here later"};
}

}  // namespace nmstore
