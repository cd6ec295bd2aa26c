#include "engine/unfinished_rows.h"

#include "engine/block_merge.h"
#include "engine/key.h"
#include "engine/sealing.h"

namespace nmstore {

void UnfinishedRows::begin_again() {
    if (stage_ != Stage::done) {
        again_ = true;
        return;
    }
    stage_ = Stage::entries;
    last_.reset();
}

void UnfinishedRows::finish_stage() {
    last_.reset();
    if (stage_ == Stage::entries) {
        stage_ = Stage::blocks;
        return;
    }
    stage_ = again_ ? Stage::entries : Stage::done;
    again_ = false;
}

Result<bool> UnfinishedRows::look_on(const std::function<bool()>& go_on,
                                     const std::function<void(const Error&)>& failed) {
    for (std::size_t i = 0; i < kRowsPerStep; ++i) {
        if (stage_ == Stage::done || !core_.fresh_rows.has_room() || !go_on()) return false;
        const kv::Space space = stage_ == Stage::entries ? kv::Space::entries : kv::Space::blocks;
        NM_ASSIGN(auto next, core_.database->next_partition(space, last_));
        if (!next) {
            finish_stage();
            continue;
        }
        last_ = std::move(next);
        const auto row = key::parse_row(*last_);
        const Result<void> looked = row.ok() ? look_at(*row) : Result<void>(row.error());
        if (!looked.ok()) failed(looked.error());
    }
    return true;
}

Result<void> UnfinishedRows::look_at(RowId row) {
    if (stage_ == Stage::entries) {
        NM_ASSIGN(const Sealed fresh, count_fresh(core_, row));
        if (fresh.left_lines != 0)
            core_.fresh_rows.note_found(row, fresh.left_bytes, fresh.left_lines, core_.clock.now_ms());
        return {};
    }
    NM_ASSIGN(const bool to_merge, has_blocks_to_merge(core_, row));
    if (to_merge) core_.fresh_rows.note_sealed(row, core_.clock.now_ms());
    return {};
}

}  // namespace nmstore
