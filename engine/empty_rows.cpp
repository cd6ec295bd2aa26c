#include "engine/commit.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/slice.h"
#include "engine/verification.h"

namespace nmstore {
namespace {

constexpr std::size_t kRowsPerStep = 256;

// The keys of the next rows without a live cell from `from` on, which is moved behind what was looked at.
Result<std::vector<std::string>> next_empty_rows(const Core& core, const Schema& schema, std::string& from,
                                                 std::uint64_t& looked_at, bool& more) {
    std::vector<std::string> empty;
    const std::int64_t now_ms = core.clock.now_ms();
    const auto cursor =
        core.database->cursor(kv::Space::catalogue, key::rows_of_family(schema.info.id), nullptr, true);
    std::size_t steps = 0;
    for (cursor->seek(from); cursor->valid() && steps < kRowsPerStep; cursor->next(), ++steps) {
        NM_ASSIGN(const record::Row row, record::parse_row(cursor->value()));
        const auto live = has_live_cell(core, schema.space(), row.id, now_ms);
        // A row that cannot be read stays: a verification names it.
        if (!live.ok() && live.error().code != Code::corruption) return live.error();
        if (live.ok() && !*live) empty.emplace_back(cursor->key());
    }
    NM_TRY(cursor->status());
    looked_at += steps;
    more = cursor->valid();
    if (more) from = cursor->key();
    return empty;
}

}  // namespace

Result<void> remove_empty_rows(Core& core, const Progress& progress) {
    std::uint64_t looked_at = 0;
    for (const FamilyPtr& family : core.families.all()) {
        std::string from;
        for (bool more = true; more && !family->dropped();) {
            NM_ASSIGN(const std::vector<std::string> rows,
                      next_empty_rows(core, *family->schema(), from, looked_at, more));
            if (!rows.empty()) {
                const auto batch = core.database->new_batch();
                FamilyWrites writes(core, *batch, family);
                for (const std::string& row : rows) NM_TRY(writes.remove_row_if_empty(row));
                const Result<Applied> applied = apply_writes(core, *batch, {&writes});
                // Dropped or indexed at this moment: another compaction will come.
                if (!applied.ok() && applied.error().code == Code::conflict) break;
                if (!applied.ok()) return applied.error();
            }
            if (progress && !progress({"empty rows", looked_at, 0, "rows"})) {
                return Error{Code::cancelled, "the compaction was stopped"};
            }
        }
    }
    return core.wait_for_all();
}

}  // namespace nmstore
