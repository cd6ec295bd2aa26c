#include "engine/notes.h"

#include "engine/key.h"

namespace nmstore {
namespace {

Result<void> check_area(std::string_view area) {
    if (!area.empty() && area.size() <= kMaxNoteAreaBytes) return {};
    return Error{Code::invalid_argument, "the area of notes has 1 to 64 bytes"};
}

}  // namespace

Result<void> add_notes(kv::Batch& batch, std::string_view area, const std::vector<Store::Note>& notes) {
    NM_TRY(check_area(area));
    for (const Store::Note& note : notes) {
        if (note.name.empty() || note.name.size() > kMaxNoteNameBytes)
            return Error{Code::invalid_argument, "a note's name has 1 to 1024 bytes"};
        if (note.text) {
            batch.put(kv::Space::meta, key::notes(area), note.name, *note.text);
        } else {
            batch.remove(kv::Space::meta, key::notes(area), note.name);
        }
    }
    return {};
}

Result<void> put_notes(Core& core, std::string_view area, const std::vector<Store::Note>& notes) {
    const auto batch = core.database->new_batch();
    NM_TRY(add_notes(*batch, area, notes));
    if (notes.empty()) return {};
    NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
    return core.wait(ticket);
}

Result<std::vector<Store::Note>> read_notes(const Core& core, std::string_view area) {
    NM_TRY(check_area(area));
    std::vector<Store::Note> out;
    const auto cursor = core.database->cursor(kv::Space::meta, key::notes(area));
    for (cursor->seek_first(); cursor->valid(); cursor->next())
        out.push_back({std::string(cursor->key()), std::string(cursor->value())});
    NM_TRY(cursor->status());
    return out;
}

}  // namespace nmstore
