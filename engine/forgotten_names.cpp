#include "engine/forgotten_names.h"

#include <charconv>
#include <optional>

#include "engine/commit.h"
#include "engine/row_listing.h"
#include "engine/slice.h"
#include "nmstore/column_family.h"
#include "nmstore/day_row.h"
#include "nmstore/store.h"

namespace nmstore {
namespace {

std::optional<DroppedNames::Name> name_of(const LogRow& row) {
    const std::optional<DayRow> day_row = parse_day_row(row.key);
    if (!day_row || day_row->client.empty()) return std::nullopt;
    return DroppedNames::Name{day_row->client + ":" + std::string(row_kind_name(day_row->kind)),
                              log_key_name(day_row->name)};
}

// Milliseconds since the epoch, as agents and line batches write them; anything else is not understood, and
// kept.
bool was_seen_lately(const std::string& value, std::int64_t now_ms) {
    std::int64_t seen_ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seen_ms);
    return error != std::errc{} || end != value.data() + value.size() || now_ms - seen_ms < kForgetAfterMs;
}

class Forgetting {
  public:
    Forgetting(Core& core, FamilyPtr family)
        : core_(core), family_(std::move(family)), now_ms_(core.clock.now_ms()) {}

    // The cell under this name, or under the path that it was made from.
    Result<void> forget(const std::string& row, const std::string& name) {
        SliceRange range;
        while (true) {
            NM_ASSIGN(const Slice slice, read_slice(core_, *family_->schema(), row, range));
            for (const Cell& cell : slice.cells) {
                const bool meant = cell.column == name || log_key_name(cell.column) == name;
                if (!meant || was_seen_lately(cell.value, now_ms_)) continue;
                NM_TRY(remove(row, cell.column));
            }
            if (!slice.more) return {};
            range.from = slice.cells.back().column + '\0';  // the next that there can be
        }
    }
    std::uint64_t forgotten() const { return forgotten_; }

  private:
    Result<void> remove(const std::string& row, const std::string& column) {
        const auto batch = core_.database->new_batch();
        FamilyWrites writes(core_, *batch, family_);
        NM_TRY(writes.remove_cell(row, column));
        NM_TRY(apply_writes(core_, *batch, {&writes}, BatchKind::removal));
        ++forgotten_;
        return {};
    }

    Core& core_;
    const FamilyPtr family_;
    const std::int64_t now_ms_;
    std::uint64_t forgotten_ = 0;
};

}  // namespace

void DroppedNames::add(const LogRow& row) {
    if (auto name = name_of(row)) {
        clients_.insert(row.client);
        names_.insert(std::move(*name));
    }
}

void DroppedNames::keep(const LogRow& row) {
    if (const auto name = name_of(row)) {
        clients_.erase(row.client);
        names_.erase(*name);
    }
}

Result<std::uint64_t> forget_names(Core& core, DroppedNames dropped) {
    const FamilyPtr family = core.families.find(kIndexFamily);
    if (family == nullptr || dropped.empty()) return std::uint64_t{0};
    RowSelection all;
    all.accept = [&](const LogRow& row) {
        dropped.keep(row);
        return false;
    };
    NM_TRY(list_log_rows(core, all, nullptr));
    Forgetting forgetting(core, family);
    for (const DroppedNames::Name& name : dropped.names()) NM_TRY(forgetting.forget(name.row, name.name));
    for (const std::string& client : dropped.clients()) NM_TRY(forgetting.forget("clients", client));
    return forgetting.forgotten();
}

}  // namespace nmstore
