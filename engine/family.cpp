#include "engine/family.h"

#include <algorithm>

#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {

bool Schema::has_index() const {
    return std::any_of(columns.begin(), columns.end(),
                       [](const auto& column) { return column.second.indexed; });
}

Result<SchemaPtr> make_schema(FamilyInfo info, std::uint64_t index_generation) {
    auto schema = std::make_shared<Schema>();
    std::sort(info.columns.begin(), info.columns.end(),
              [](const ColumnInfo& a, const ColumnInfo& b) { return a.name < b.name; });
    for (const ColumnInfo& column : info.columns) {
        auto sortable = encode_sortable(info.comparator, column.name);
        if (!sortable.ok())
            return Error{Code::corruption, "cannot read the store: " + sortable.error().message};
        schema->columns[std::move(sortable).value()] = {column.name, column.type, column.indexed};
    }
    schema->info = std::move(info);
    schema->index_generation = index_generation;
    return SchemaPtr(std::move(schema));
}

SchemaPtr Family::schema() const {
    const std::lock_guard guard(schema_mutex_);
    return schema_;
}

void Family::set_schema(SchemaPtr schema) {
    const std::lock_guard guard(schema_mutex_);
    schema_ = std::move(schema);
}

Result<void> Families::load(const kv::Database& database) {
    const auto cursor = database.cursor(kv::Space::meta, key::kFamilies);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        NM_ASSIGN(const std::uint32_t id, key::parse_family(cursor->key()));
        NM_ASSIGN(FamilyInfo info, record::parse_family(id, cursor->value()));
        NM_ASSIGN(SchemaPtr schema, make_schema(std::move(info), 0));
        add(std::make_shared<Family>(std::move(schema)));
    }
    return cursor->status();
}

FamilyPtr Families::find(std::string_view name) const {
    const std::shared_lock guard(mutex_);
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : it->second;
}

Result<FamilyPtr> Families::get(std::string_view name) const {
    if (FamilyPtr family = find(name)) return family;
    return Error{Code::not_found, "there is no family \"" + printable(name) + "\""};
}

FamilyPtr Families::find_id(std::uint32_t id) const {
    const std::shared_lock guard(mutex_);
    for (const auto& [name, family] : by_name_) {
        if (family->id() == id) return family;
    }
    return nullptr;
}

std::vector<FamilyPtr> Families::all() const {
    const std::shared_lock guard(mutex_);
    std::vector<FamilyPtr> out;
    out.reserve(by_name_.size());
    for (const auto& [name, family] : by_name_) out.push_back(family);
    return out;
}

void Families::add(const FamilyPtr& family) {
    const std::string name = family->schema()->info.name;
    const std::unique_lock guard(mutex_);
    by_name_[name] = family;
}

void Families::remove(std::string_view name) {
    const std::unique_lock guard(mutex_);
    if (const auto it = by_name_.find(name); it != by_name_.end()) by_name_.erase(it);
}

}  // namespace nmstore
