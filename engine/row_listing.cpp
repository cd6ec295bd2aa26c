#include "engine/row_listing.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/key.h"
#include "engine/record.h"
#include "engine/slice.h"
#include "engine/typed_value_lookup.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

// The first millisecond of an hour, or the nearest that there is.
std::int64_t hour_begin(std::int64_t hour) {
    constexpr std::int64_t kLeast = INT64_MIN / kHourMs;
    return hour < kLeast ? INT64_MIN : hour * kHourMs;
}
std::int64_t hour_last(std::int64_t hour) {
    constexpr std::int64_t kMost = INT64_MAX / kHourMs;
    return hour >= kMost ? INT64_MAX : (hour + 1) * kHourMs - 1;
}

LogRow make_log_row(const FamilyInfo& family, std::string_view key, const record::Row& row) {
    LogRow out;
    out.id = row.id;
    out.family = family.name;
    out.key = key;
    out.kind = row.kind;
    out.min_time_ms = hour_begin(row.min_hour);
    out.max_time_ms = hour_last(row.max_hour);
    if (row.kind == RowKind::other) {
        out.log = key;
    } else if (auto day_row = parse_day_row(key)) {
        out.client = std::move(day_row->client);
        out.log = row.display.empty() ? std::move(day_row->name) : std::string(row.display);
    }
    return out;
}

Error cannot_list(const FamilyInfo& family, const Error& error) {
    if (error.code != Code::corruption) return error;
    return Error{error.code, "the list of the rows of " + family.name + " is damaged: " + error.message +
                                 "; \"nm-tool verify\" tells what is lost: restore a backup"};
}

Result<void> append_log_rows(const Core& core, const FamilyInfo& family, const RowSelection& selection,
                             const SnapshotPtr& snapshot, std::vector<LogRow>& out) {
    // Every query comes by here: what it reads is worth its place in the database's cache.
    const auto cursor = core.database->cursor(kv::Space::catalogue, key::rows_of_family(family.id), snapshot);
    for (cursor->seek(selection.key_prefix); cursor->valid(); cursor->next()) {
        if (!cursor->key().starts_with(selection.key_prefix)) break;
        const auto parsed = record::parse_row(cursor->value());
        if (!parsed.ok()) return cannot_list(family, parsed.error());
        const record::Row& row = *parsed;
        if (hour_last(row.max_hour) < selection.from_ms || hour_begin(row.min_hour) >= selection.to_ms)
            continue;
        LogRow log_row = make_log_row(family, cursor->key(), row);
        if (!selection.accept || selection.accept(log_row)) out.push_back(std::move(log_row));
    }
    const Result<void> read = cursor->status();
    return read.ok() ? read : Result<void>(cannot_list(family, read.error()));
}

// Finds rows in the index of one column.
class IndexReader {
  public:
    IndexReader(const Core& core, const Schema& schema, const std::string& sortable_column, std::size_t limit)
        : core_(core),
          column_(sortable_column),
          limit_(limit),
          now_ms_(core.clock.now_ms()),
          cursor_(core.database->cursor(kv::Space::index,
                                        key::index_of_column(schema.info.id, sortable_column))) {}

    Result<void> find_text(std::string_view text) {
        return read(key::index_value(text), [text](std::string_view stored) { return stored == text; });
    }
    Result<void> find_value(ValueType type, const std::string& wanted);
    std::vector<std::string> take() { return std::move(rows_); }

  private:
    using Accept = std::function<bool(std::string_view text)>;

    Result<void> read(std::string_view begin, const Accept& accept);
    Result<std::string> stored_text(std::size_t value_bytes, RowId row) const;

    const Core& core_;
    const std::string& column_;
    const std::size_t limit_;
    const std::int64_t now_ms_;
    const std::unique_ptr<kv::Cursor> cursor_;
    const std::size_t head_bytes_ = key::index_value("").size();  // before the text of a value
    std::vector<std::string> rows_;
};

// Texts stand in the index by length: each length that there is, is looked into by itself.
Result<void> IndexReader::find_value(ValueType type, const std::string& wanted) {
    const auto accept = [&](std::string_view text) {
        const auto value = encode_sortable(type, text);
        return value.ok() && *value == wanted;
    };
    NM_ASSIGN(const std::string canonical, decode_sortable(type, wanted));
    for (std::size_t bytes = canonical.size(); bytes <= key::kMaxIndexedBytes; ++bytes) {
        cursor_->seek(key::index_value(std::string(bytes, '\0')).substr(0, head_bytes_));
        if (!cursor_->valid() || key::is_hashed_index_value(cursor_->key())) break;
        NM_ASSIGN(const std::size_t value_bytes, key::index_value_bytes(cursor_->key()));
        bytes = value_bytes - head_bytes_;
        for (std::string& prefix : spellings(type, canonical, bytes)) {
            const std::size_t kept = head_bytes_ + prefix.size();
            prefix.resize(bytes);
            NM_TRY(read(key::index_value(prefix).substr(0, kept), accept));
        }
    }
    NM_TRY(cursor_->status());
    return read(key::index_value(std::string(key::kMaxIndexedBytes + 1, '0')).substr(0, 1), accept);
}

Result<void> IndexReader::read(std::string_view begin, const Accept& accept) {
    for (cursor_->seek(begin); cursor_->valid() && rows_.size() < limit_; cursor_->next()) {
        if (!cursor_->key().starts_with(begin)) break;
        NM_ASSIGN(const record::IndexEntry entry, record::parse_index_entry(cursor_->value()));
        if (record::has_expired(entry.expires_at_ms, now_ms_)) continue;
        NM_ASSIGN(const std::size_t value_bytes, key::index_value_bytes(cursor_->key()));
        NM_ASSIGN(const std::string text, stored_text(value_bytes, entry.row));
        if (accept(text)) rows_.emplace_back(cursor_->key().substr(value_bytes));
    }
    return cursor_->status();
}

// Of the entry that the cursor is at. Empty, which no type takes, if the cell has gone meanwhile.
Result<std::string> IndexReader::stored_text(std::size_t value_bytes, RowId row) const {
    if (!key::is_hashed_index_value(cursor_->key()))
        return std::string(cursor_->key().substr(head_bytes_, value_bytes - head_bytes_));
    NM_ASSIGN(const auto bytes, core_.database->get(kv::Space::cells, key::row(row), column_));
    if (!bytes) return std::string();
    NM_ASSIGN(const record::Entry cell, record::parse_entry(*bytes));
    return std::string(cell.value);
}

}  // namespace

Result<std::vector<std::string>> list_rows(const Core& core, const Schema& schema, std::string_view from,
                                           std::string_view prefix, std::size_t limit) {
    std::vector<std::string> out;
    const std::int64_t now_ms = core.clock.now_ms();
    const auto cursor = core.database->cursor(kv::Space::catalogue, key::rows_of_family(schema.info.id));
    for (cursor->seek(std::max(from, prefix)); cursor->valid() && out.size() < limit; cursor->next()) {
        if (!cursor->key().starts_with(prefix)) break;
        const auto row = record::parse_row(cursor->value());
        if (!row.ok()) return cannot_list(schema.info, row.error());
        const auto live = has_live_cell(core, schema.space(), row->id, now_ms);
        // A row that cannot be read is there: who does not see it cannot drop it.
        if (!live.ok() && live.error().code != Code::corruption) return live.error();
        if (!live.ok() || *live) out.emplace_back(cursor->key());
    }
    const Result<void> read = cursor->status();
    if (!read.ok()) return cannot_list(schema.info, read.error());
    return out;
}

Result<std::vector<std::string>> find_rows_by_value(const Core& core, const Schema& schema,
                                                    std::string_view column, std::string_view value,
                                                    std::size_t limit) {
    NM_ASSIGN(const std::string sortable, encode_sortable(schema.info.comparator, column));
    const auto declared = schema.columns.find(sortable);
    if (declared == schema.columns.end() || !declared->second.indexed) {
        return Error{Code::conflict, "the column \"" + printable(column) + "\" is not indexed"};
    }
    const auto& type = declared->second.type;
    IndexReader reader(core, schema, sortable, limit);
    // What does not fit the type may have been there before the type was declared.
    const auto wanted = encode_sortable(type, value);
    if (is_spelled_one_way(type) || !wanted.ok()) {
        NM_TRY(reader.find_text(value));
    } else {
        NM_TRY(reader.find_value(type, *wanted));
    }
    return reader.take();
}

Result<std::vector<LogRow>> list_log_rows(const Core& core, const RowSelection& selection,
                                          const SnapshotPtr& snapshot) {
    std::vector<LogRow> out;
    if (selection.family.empty()) {
        for (const FamilyPtr& family : core.families.all()) {
            const SchemaPtr schema = family->schema();
            if (schema->info.is_time_family()) {
                NM_TRY(append_log_rows(core, schema->info, selection, snapshot, out));
            }
        }
    } else {
        NM_ASSIGN(const FamilyPtr family, core.families.get(selection.family));
        const SchemaPtr schema = family->schema();
        if (!schema->info.is_time_family()) {
            return Error{Code::invalid_argument, "\"" + schema->info.name + "\" is not a time family"};
        }
        NM_TRY(append_log_rows(core, schema->info, selection, snapshot, out));
    }
    std::sort(out.begin(), out.end(), [](const LogRow& a, const LogRow& b) { return a.id < b.id; });
    return out;
}

Result<std::optional<LogRow>> find_log_row(const Core& core, RowId id, const SnapshotPtr& snapshot) {
    NM_ASSIGN(const auto name_bytes,
              core.database->get(kv::Space::catalogue, key::kRowsById, key::row(id), snapshot));
    if (!name_bytes) return std::optional<LogRow>();
    NM_ASSIGN(const record::RowName name, record::parse_row_name(*name_bytes));
    for (const FamilyPtr& family : core.families.all()) {
        const SchemaPtr schema = family->schema();
        if (family->id() != name.family || !schema->info.is_time_family()) continue;
        NM_ASSIGN(const auto bytes, core.database->get(kv::Space::catalogue, key::rows_of_family(name.family),
                                                       name.key, snapshot));
        if (!bytes) break;
        NM_ASSIGN(const record::Row row, record::parse_row(*bytes));
        if (row.id == id) return std::optional<LogRow>(make_log_row(schema->info, name.key, row));
    }
    return std::optional<LogRow>();
}

Result<std::vector<Counter>> list_counters(const Core& core, std::string_view row, std::string_view from,
                                           std::size_t limit) {
    std::vector<Counter> out;
    const std::string begin = key::counters_begin(row);
    const auto cursor = core.database->cursor(kv::Space::counters, key::kUserCounters);
    for (cursor->seek(key::counter(row, from)); cursor->valid() && out.size() < limit; cursor->next()) {
        if (!cursor->key().starts_with(begin)) break;
        NM_ASSIGN(const std::int64_t value, record::parse_counter(cursor->value()));
        out.push_back({std::string(cursor->key().substr(begin.size())), value});
    }
    NM_TRY(cursor->status());
    return out;
}

// From row to row, not from counter to counter.
Result<std::vector<std::string>> list_counter_rows(const Core& core, std::string_view from,
                                                   std::string_view prefix, std::size_t limit) {
    std::vector<std::string> out;
    const auto cursor = core.database->cursor(kv::Space::counters, key::kUserCounters);
    cursor->seek(key::counter_rows_from(std::max(from, prefix)));
    while (cursor->valid() && out.size() < limit) {
        NM_ASSIGN(key::Counter counter, key::parse_counter(cursor->key()));
        if (!counter.row.starts_with(prefix)) break;
        cursor->seek(key::counters_end(counter.row));
        out.push_back(std::move(counter.row));
    }
    NM_TRY(cursor->status());
    return out;
}

}  // namespace nmstore
