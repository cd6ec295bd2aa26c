#include "engine/family_changes.h"

#include <algorithm>

#include "engine/commit.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/stored_block.h"
#include "nmstore/store.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

constexpr std::size_t kRowsPerStep = 1000;
constexpr std::size_t kBytesPerStep = std::size_t{4} << 20;

Error wrong(std::string message) {
    return {Code::invalid_argument, std::move(message)};
}

Result<void> check_name(std::string_view name) {
    const bool fits =
        !name.empty() && name.size() <= kMaxFamilyNameBytes &&
        std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
    if (fits) return {};
    return wrong("\"" + printable(name) + "\" is no name for a family: 1 to " +
                 std::to_string(kMaxFamilyNameBytes) + " letters, digits and '_'");
}

// Removes everything of a family that has a note in kDoomed, and at last the note.
Result<void> purge(Core& core, const Schema& schema) {
    const std::uint32_t id = schema.info.id;
    const std::string partition = key::rows_of_family(id);
    for (bool more = true; more;) {
        const auto batch = core.database->new_batch();
        const auto cursor = core.database->cursor(kv::Space::catalogue, partition, nullptr, true);
        std::size_t rows = 0;
        std::vector<RowId> gone;
        for (cursor->seek_first(); cursor->valid() && rows < kRowsPerStep; cursor->next(), ++rows) {
            NM_ASSIGN(const record::Row row, record::parse_row(cursor->value()));
            batch->remove_partition(schema.space(), key::row(row.id));
            gone.push_back(row.id);
            if (schema.info.is_time_family()) {
                batch->remove_partition(kv::Space::blocks, key::row(row.id));
                NM_ASSIGN(const std::vector<BlockInfo> blocks, list_blocks(core, row.id));
                discount_blocks(*batch, blocks);
            }
            Catalogue::erase(*batch, Row{row.id, id, std::string(cursor->key())});
        }
        NM_TRY(cursor->status());
        more = cursor->valid();
        if (!more) {
            for (const auto& [column, declared] : schema.columns) {
                if (declared.indexed)
                    batch->remove_partition(kv::Space::index, key::index_of_column(id, column));
            }
            batch->remove(kv::Space::meta, key::kDoomed, key::family(id));
        }
        NM_TRY(core.apply_removal(*batch));
        for (const RowId row : gone) core.note_removed(row);
    }
    return core.wait_for_all();
}

// Fills the index of a column with what is there; the family is closed off.
Result<void> build_index(Core& core, std::uint32_t family, const std::string& column) {
    const std::string partition = key::index_of_column(family, column);
    auto batch = core.database->new_batch();
    batch->remove_partition(kv::Space::index, partition);  // what a build that was cut off has left
    const std::int64_t now_ms = core.clock.now_ms();
    const auto rows = core.database->cursor(kv::Space::catalogue, key::rows_of_family(family), nullptr, true);
    for (rows->seek_first(); rows->valid(); rows->next()) {
        NM_ASSIGN(const record::Row row, record::parse_row(rows->value()));
        NM_ASSIGN(const auto bytes, core.database->get(kv::Space::cells, key::row(row.id), column));
        if (!bytes) continue;
        NM_ASSIGN(const record::Entry cell, record::parse_entry(*bytes));
        if (record::has_expired(cell.expires_at_ms, now_ms)) continue;
        batch->put(kv::Space::index, partition, key::index_value(cell.value) + std::string(rows->key()),
                   record::index_entry(row.id, cell.expires_at_ms));
        if (batch->bytes() < kBytesPerStep) continue;
        NM_TRY(core.apply(*batch));
        batch = core.database->new_batch();
    }
    NM_TRY(rows->status());
    NM_TRY(core.apply(*batch));
    return {};
}

}  // namespace

Result<void> create_family(Core& core, std::string_view name, ValueType comparator,
                           const std::optional<JournalOrigin>& origin) {
    NM_TRY(check_name(name));
    const std::lock_guard guard(core.families.changes());
    if (const FamilyPtr family = core.families.find(name)) {
        const SchemaPtr schema = family->schema();
        if (schema->info.comparator == comparator) return core.wait_for_all();
        return Error{Code::conflict, "the family \"" + schema->info.name +
                                         "\" exists already, with comparator " +
                                         std::string(value_type_name(schema->info.comparator))};
    }
    FamilyInfo info;
    NM_ASSIGN(const std::uint64_t id, core.family_ids.take());
    info.id = static_cast<std::uint32_t>(id);
    info.name = name;
    info.comparator = comparator;
    NM_ASSIGN(const SchemaPtr schema, make_schema(info, 0));
    const auto batch = core.database->new_batch();
    batch->put(kv::Space::meta, key::kFamilies, key::family(info.id), record::family(info));
    JournalDraft draft{.origin = origin};
    draft.steps.create_family(name, comparator);
    NM_ASSIGN(Applied applied, apply_writes(core, *batch, {}, BatchKind::any, {}, &draft));
    NM_TRY(wait_for(core, std::move(applied)));
    core.families.add(std::make_shared<Family>(schema));
    return {};
}

Result<void> drop_family(Core& core, std::string_view name, const std::optional<JournalOrigin>& origin) {
    const std::lock_guard guard(core.families.changes());
    NM_ASSIGN(const FamilyPtr family, core.families.get(name));
    const SchemaPtr schema = family->schema();
    {
        const auto closed = family->close_off();
        const auto batch = core.database->new_batch();
        batch->remove(kv::Space::meta, key::kFamilies, key::family(family->id()));
        batch->put(kv::Space::meta, key::kDoomed, key::family(family->id()), record::family(schema->info));
        JournalDraft draft{.origin = origin};
        draft.steps.drop_family(schema->info.name);
        NM_ASSIGN(Applied applied, apply_writes(core, *batch, {}, BatchKind::removal, {}, &draft));
        NM_TRY(wait_for(core, std::move(applied)));
        family->set_dropped();
    }
    core.families.remove(name);
    core.catalogue.forget(family->id());
    return purge(core, *schema);
}

Result<void> purge_dropped_families(Core& core) {
    std::vector<SchemaPtr> doomed;
    const auto cursor = core.database->cursor(kv::Space::meta, key::kDoomed);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        NM_ASSIGN(const std::uint32_t id, key::parse_family(cursor->key()));
        NM_ASSIGN(FamilyInfo info, record::parse_family(id, cursor->value()));
        NM_ASSIGN(SchemaPtr schema, make_schema(std::move(info), 0));
        doomed.push_back(std::move(schema));
    }
    NM_TRY(cursor->status());
    for (const SchemaPtr& schema : doomed) NM_TRY(purge(core, *schema));
    return {};
}

Result<void> declare_column(Core& core, std::string_view family_name, std::string_view column, ValueType type,
                            std::optional<bool> indexed, const std::optional<JournalOrigin>& origin) {
    const std::lock_guard guard(core.families.changes());
    NM_ASSIGN(const FamilyPtr family, core.families.get(family_name));
    const SchemaPtr schema = family->schema();
    const ValueType comparator = schema->info.comparator;
    if (column.size() > kMaxColumnNameBytes) return wrong("the column name is too long");
    NM_ASSIGN(const std::string sortable, encode_sortable(comparator, column));
    if (indexed.value_or(false) && schema->info.is_time_family()) {
        return Error{Code::unsupported, "cannot index a column of a time family"};
    }
    if (indexed.value_or(false) && sortable.size() > key::kMaxIndexedColumnBytes) {
        return wrong("the name of an indexed column has at most " +
                     std::to_string(key::kMaxIndexedColumnBytes) + " bytes");
    }
    NM_ASSIGN(const std::string canonical, decode_sortable(comparator, sortable));

    FamilyInfo info = schema->info;
    auto declared = std::find_if(info.columns.begin(), info.columns.end(),
                                 [&](const ColumnInfo& known) { return known.name == canonical; });
    const bool is_new = declared == info.columns.end();
    if (is_new) declared = info.columns.insert(declared, {canonical, type, false});
    const bool was_indexed = declared->indexed;
    const bool is_indexed = indexed.value_or(was_indexed);
    // Else hubs that write to each other would tell each other for ever.
    if (!is_new && declared->type == type && is_indexed == was_indexed) return core.wait_for_all();
    declared->type = type;
    declared->indexed = is_indexed;

    const auto closed = family->close_off();
    if (is_indexed && !was_indexed) NM_TRY(build_index(core, family->id(), sortable));
    const auto batch = core.database->new_batch();
    batch->put(kv::Space::meta, key::kFamilies, key::family(family->id()), record::family(info));
    if (was_indexed && !is_indexed) {
        batch->remove_partition(kv::Space::index, key::index_of_column(family->id(), sortable));
    }
    NM_ASSIGN(const SchemaPtr changed,
              make_schema(std::move(info), schema->index_generation + (is_indexed && !was_indexed ? 1 : 0)));
    JournalDraft draft{.origin = origin};
    draft.steps.declare_column(schema->info.name, canonical, type, indexed);
    NM_ASSIGN(Applied applied, apply_writes(core, *batch, {}, BatchKind::any, {}, &draft));
    NM_TRY(wait_for(core, std::move(applied)));
    family->set_schema(changed);
    return {};
}

}  // namespace nmstore
