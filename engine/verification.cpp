#include "engine/verification.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "engine/block_verification.h"
#include "engine/change_verification.h"
#include "engine/index_verification.h"
#include "engine/key.h"
#include "engine/partition_walk.h"
#include "engine/record.h"
#include "engine/unreadable_part.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

constexpr std::uint64_t kStepsPerReport = 4096;

class Verification {
  public:
    Verification(const Core& core, const Progress& progress)
        : core_(core),
          database_(*core.database),
          progress_(progress),
          snapshot_(database_.snapshot()),
          now_ms_(core.clock.now_ms()),
          blocks_(
              core, snapshot_, progress, [this](RowId id) { return find_row(id); },
              [this](std::string what) { problem(std::move(what)); }) {}

    // What cannot be read is told, and what stands beside it is looked at.
    Result<VerifyReport> run() {
        NM_TRY(look_at_everything());
        if (!unreadable_.empty())
            problem(std::to_string(unreadable_.size()) + " rows could not be read whole");
        return std::move(report_);
    }

  private:
    Result<void> look_at_everything() {
        NM_TRY(database_.verify_checksums(progress_, [this](const Error& error) { problem(error.message); }));
        for (const auto part : {key::kFamilies, key::kDoomed})
            NM_TRY(tolerate(load_families(part), "the list of families"));
        NM_TRY(look_at_catalogue());
        NM_TRY(scan(kv::Space::cells, "cells", &Verification::check_entry));
        NM_TRY(scan(kv::Space::entries, "entries", &Verification::check_entry));
        NM_TRY(check_blocks());
        NM_TRY(scan(kv::Space::index, "index entries", &Verification::check_index));
        NM_TRY(scan(kv::Space::counters, "counters", &Verification::check_counter));
        NM_TRY(verify_changes(core_, snapshot_, progress_,
                              [this](std::string what) { problem(std::move(what)); }));
        return tolerate(check_marks(), "the list of marks of numbers in use");
    }

    // Problems that follow from what the catalogue does not tell are not told.
    Result<void> look_at_catalogue() {
        NM_ASSIGN(const bool whole, scan(kv::Space::catalogue, "rows", &Verification::check_catalogue));
        if (whole && catalogue_whole_) {
            check_names();
            return {};
        }
        catalogue_whole_ = false;
        NM_TRY(find_rows_by_name());
        names_.clear();
        problem("the catalogue cannot be read whole: it is not compared with the rest; restore a backup");
        return {};
    }

    // Of a family whose list of rows is damaged: a record in a block of the file that is whole can be had by
    // the row's name.
    Result<void> find_rows_by_name() {
        const auto cursor = database_.cursor(kv::Space::catalogue, key::kRowsById, snapshot_, true);
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            const auto id = key::parse_row(cursor->key());
            const auto name = record::parse_row_name(cursor->value());
            if (!id.ok() || !name.ok() || rows_.count(*id) != 0) continue;
            const std::string list = key::rows_of_family(name->family);
            const auto bytes = database_.get(kv::Space::catalogue, list, name->key, snapshot_);
            const Result<void> checked =
                !bytes.ok() ? Result<void>(bytes.error())
                : *bytes    ? check_catalogue(kv::Space::catalogue, list, name->key, **bytes)
                            : Result<void>(Error{Code::corruption, "it has a name, but no record"});
            if (checked.ok()) continue;
            if (checked.error().code != Code::corruption) return checked;
            unreadable_.insert(*id);
            problem("row \"" + printable(name->key) + "\" of " + family_name(name->family) +
                    " has no readable record: " + checked.error().message + "; restore a backup");
        }
        return tolerate(cursor->status(), "the list of the rows' names");
    }

    std::string family_name(std::uint32_t id) const {
        const auto family = families_.find(id);
        return family == families_.end() ? "family number " + std::to_string(id)
                                         : "family " + family->second->info.name;
    }

    Result<void> tolerate(const Result<void>& read, const std::string& what) {
        if (read.ok() || read.error().code != Code::corruption) return read;
        catalogue_whole_ = false;
        problem(what + " cannot be read whole: " + read.error().message + "; restore a backup");
        return {};
    }

    void unreadable(kv::Space space, const std::string& partition, const Error& error) {
        const auto id = key::parse_row(partition);
        if (holds_rows(space) && id.ok()) unreadable_.insert(*id);
        problem(name_unreadable(database_, snapshot_, space, partition, error,
                                [this](std::uint32_t family) { return family_name(family); }));
    }

    std::vector<std::string> known_partitions(kv::Space space) const {
        if (!holds_rows(space)) return partitions_beside_rows(space, families_);
        std::vector<std::string> out;
        for (const auto& [id, row] : rows_) {
            if ((space == kv::Space::cells) == (row.schema->space() == kv::Space::cells))
                out.push_back(key::row(id));
        }
        return out;
    }

    using Check = Result<void> (Verification::*)(kv::Space, std::string_view, std::string_view,
                                                 std::string_view);

    struct RowSeen {
        SchemaPtr schema;
        std::int64_t min_hour = 0;
        std::int64_t max_hour = 0;
        std::size_t name_hash = 0;
        bool named = false;
    };

    void problem(std::string what) {
        ++report_.problem_count;
        if (report_.problems.size() < kMaxProblems) report_.problems.push_back(std::move(what));
    }

    // An Error of a check is a problem of what it looked at. Whether the space could be read from end to end.
    Result<bool> scan(kv::Space space, std::string_view unit, Check check) {
        std::uint64_t done = 0;
        PartitionWalk walk;
        walk.each = [&](auto partition, auto key, auto value) -> Result<void> {
            const Result<void> checked = (this->*check)(space, partition, key, value);
            if (!checked.ok()) problem(checked.error().message + " (" + printable(key) + ")");
            if (++done % kStepsPerReport != 0 || !progress_ || progress_({"verify", done, 0, unit}))
                return {};
            return Error{Code::cancelled, "the verification was stopped"};
        };
        walk.known = [&] { return known_partitions(space); };
        walk.unreadable = [&](const std::string& partition, const Error& error) {
            unreadable(space, partition, error);
        };
        NM_ASSIGN(const bool whole, walk_partitions(database_, space, snapshot_, walk));
        if (!whole && space == kv::Space::counters) counters_whole_ = false;
        return whole;
    }

    Result<void> load_families(std::string_view partition) {
        const auto cursor = database_.cursor(kv::Space::meta, partition, snapshot_);
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            NM_ASSIGN(const std::uint32_t id, key::parse_family(cursor->key()));
            NM_ASSIGN(FamilyInfo info, record::parse_family(id, cursor->value()));
            NM_ASSIGN(families_[id], make_schema(std::move(info), 0));
        }
        return cursor->status();
    }

    static std::size_t hash_name(std::uint32_t family, std::string_view key) {
        return std::hash<std::string>{}(key::family(family) + std::string(key));
    }

    Result<void> check_catalogue(kv::Space, std::string_view partition, std::string_view key,
                                 std::string_view value) {
        if (partition == key::kRowsById) {
            NM_ASSIGN(const RowId id, key::parse_row(key));
            NM_ASSIGN(const record::RowName name, record::parse_row_name(value));
            names_[id] = hash_name(name.family, name.key);
            return {};
        }
        const auto family = key::parse_rows_of_family(partition);
        if (!family) return Error{Code::corruption, "the catalogue has an unknown part"};
        const auto known = families_.find(*family);
        if (known == families_.end()) {
            if (!catalogue_whole_) return {};
            problem("row \"" + printable(key) + "\" belongs to family number " + std::to_string(*family) +
                    ", which does not exist");
            return {};
        }
        NM_ASSIGN(const record::Row row, record::parse_row(value));
        ++report_.rows;
        const RowSeen seen{known->second, row.min_hour, row.max_hour, hash_name(*family, key), false};
        if (!rows_.emplace(row.id, seen).second) {
            problem("two rows have the number " + std::to_string(row.id) + "; one is \"" + printable(key) +
                    "\"");
        }
        if (row.id >= next_row_) next_row_ = row.id + 1;
        return {};
    }

    // Every row is known by its key and by its number alike.
    void check_names() {
        for (const auto& [id, hash] : names_) {
            const auto row = rows_.find(id);
            if (row == rows_.end()) {
                problem("row number " + std::to_string(id) + " has a name, but no record");
            } else if (row->second.name_hash != hash) {
                problem("row number " + std::to_string(id) + " is known by two names");
            } else {
                row->second.named = true;
            }
        }
        for (const auto& [id, row] : rows_) {
            if (!row.named) problem("row number " + std::to_string(id) + " has a record, but no name");
        }
        names_.clear();
    }

    Result<void> check_entry(kv::Space space, std::string_view partition, std::string_view key,
                             std::string_view value) {
        NM_ASSIGN(const RowId id, key::parse_row(partition));
        const auto row = rows_.find(id);
        if (row == rows_.end()) {
            if (!catalogue_whole_) return {};
            problem("a cell belongs to row number " + std::to_string(id) + ", which is not in the catalogue");
            return {};
        }
        const Schema& schema = *row->second.schema;
        if (schema.space() != space) {
            problem("row number " + std::to_string(id) + " of family " + schema.info.name +
                    " has cells among those of other families");
            return {};
        }
        NM_ASSIGN(const record::Entry entry, record::parse_entry(value));
        ++(entry.is_line ? report_.lines : report_.cells);
        if (space == kv::Space::cells) return check_cell(schema, id, key, entry);
        NM_ASSIGN(const key::Entry at, key::parse_entry(key));
        if (entry.is_line != (at.sequence != 0))
            problem("an entry is a line by its key or by its value only");
        if (at.sequence >= next_sequence_) next_sequence_ = at.sequence + 1;
        const std::int64_t hour = hour_of(at.time_ms);
        if (hour < row->second.min_hour || hour > row->second.max_hour) {
            problem("an entry at " + std::to_string(at.time_ms) +
                    " is outside of the time that its row, number " + std::to_string(id) +
                    ", is said to span");
        }
        return {};
    }

    Result<void> check_cell(const Schema& schema, RowId id, std::string_view key,
                            const record::Entry& entry) {
        NM_TRY(decode_sortable(schema.info.comparator, key));
        const auto declared = schema.columns.find(key);
        if (declared == schema.columns.end() || !declared->second.indexed) return {};
        if (record::has_expired(entry.expires_at_ms, now_ms_)) return {};
        NM_ASSIGN(const auto name,
                  database_.get(kv::Space::catalogue, key::kRowsById, key::row(id), snapshot_));
        if (!name) return {};
        NM_ASSIGN(const record::RowName row, record::parse_row_name(*name));
        NM_ASSIGN(const auto indexed,
                  database_.get(kv::Space::index, key::index_of_column(schema.info.id, key),
                                key::index_value(entry.value) + std::string(row.key), snapshot_));
        if (!indexed) problem("the index lacks a value of row \"" + printable(row.key) + "\"");
        return {};
    }

    Result<void> check_index(kv::Space, std::string_view partition, std::string_view key,
                             std::string_view value) {
        NM_ASSIGN(const key::IndexPartition index, key::parse_index_partition(partition));
        const auto family = families_.find(index.family);
        if (family == families_.end()) {
            if (!catalogue_whole_) return {};
            problem("an index belongs to family number " + std::to_string(index.family) +
                    ", which does not exist");
            return {};
        }
        const auto declared = family->second->columns.find(index.sortable_column);
        // What an index under construction has left counts for nothing: nobody reads it.
        if (declared == family->second->columns.end() || !declared->second.indexed) return {};
        ++report_.index_entries;
        NM_ASSIGN(const std::size_t length, key::index_value_bytes(key));
        NM_ASSIGN(const record::IndexEntry entry, record::parse_index_entry(value));
        if (record::has_expired(entry.expires_at_ms, now_ms_)) return {};
        NM_ASSIGN(const auto bytes,
                  database_.get(kv::Space::cells, key::row(entry.row), index.sortable_column, snapshot_));
        bool agrees = bytes.has_value();
        if (agrees) {
            NM_ASSIGN(const record::Entry cell, record::parse_entry(*bytes));
            agrees = key::index_value(cell.value) == key.substr(0, length) &&
                     cell.expires_at_ms == entry.expires_at_ms;
        }
        if (!agrees)
            problem("the index has a value that row \"" + printable(key.substr(length)) + "\" has not");
        return {};
    }

    Result<void> check_counter(kv::Space, std::string_view partition, std::string_view key,
                               std::string_view value) {
        NM_ASSIGN(const std::int64_t number, record::parse_counter(value));
        if (partition == key::kUserCounters) {
            ++report_.counters;
            NM_TRY(key::parse_counter(key));
            return {};
        }
        if (partition != key::kOwnCounters)
            return Error{Code::corruption, "there is an unknown kind of counter"};
        own_counters_[std::string(key)] = number;
        return {};
    }

    void check_own_counter(std::string_view name, std::uint64_t found) {
        const auto counted = own_counters_.extract(std::string(name));
        const std::int64_t number = counted.empty() ? 0 : counted.mapped();
        if (number == static_cast<std::int64_t>(found)) return;
        problem("there are " + std::to_string(found) + " " + std::string(name) + ", and the sum says " +
                std::to_string(number) + "; \"nm-tool reindex\" corrects it");
    }

    Result<std::optional<BlockVerification::RowSeen>> find_row(RowId id) const {
        std::optional<BlockVerification::RowSeen> none;
        const auto row = rows_.find(id);
        // Nothing can be said of a row that a damaged catalogue may have had.
        if (row == rows_.end() && !catalogue_whole_)
            return std::optional<BlockVerification::RowSeen>({{}, INT64_MIN, INT64_MAX});
        if (row == rows_.end() || !row->second.schema->info.is_time_family()) return none;
        BlockVerification::RowSeen seen{{}, row->second.min_hour, row->second.max_hour};
        const auto bytes = database_.get(kv::Space::catalogue, key::kRowsById, key::row(id), snapshot_);
        const auto name = record::parse_row_name(bytes.ok() && *bytes ? std::string_view(**bytes) : "");
        if (name.ok()) seen.key = name->key;
        return std::optional<BlockVerification::RowSeen>(std::move(seen));
    }

    Result<void> check_blocks() {
        NM_ASSIGN(blocks_whole_, blocks_.run([this] { return known_partitions(kv::Space::blocks); },
                                             [this](const std::string& partition, const Error& error) {
                                                 unreadable(kv::Space::blocks, partition, error);
                                             }));
        report_.blocks = blocks_.blocks();
        report_.lines += blocks_.appended_lines();
        report_.cells += blocks_.cells();
        const Result<void> index =
            verify_index(core_, snapshot_, progress_,
                         [this](std::uint64_t, std::string what) { problem(std::move(what)); });
        if (index.ok() || index.error().code != Code::corruption) return index;
        problem("the word index cannot be read whole: " + index.error().message +
                "; \"nm-tool reindex\" makes it anew");
        return {};
    }

    // Numbers in use are below the marks from which the next ones are taken.
    Result<void> check_marks() {
        // A sum over what could not be read proves nothing.
        if (catalogue_whole_ && counters_whole_) check_own_counter(key::kRowCount, report_.rows);
        if (catalogue_whole_ && counters_whole_ && blocks_whole_) {
            check_own_counter(key::kBlockCount, report_.blocks);
            check_own_counter(key::kBlockLines, blocks_.lines());
            check_own_counter(key::kBlockText, blocks_.text_bytes());
            check_own_counter(key::kBlockBytes, blocks_.stored_bytes());
            for (const auto& [name, count] : own_counters_) problem("there is an unknown sum of " + name);
        }
        next_sequence_ = std::max(next_sequence_, blocks_.next_sequence());
        for (const auto& [name, next] : {std::pair{"row", next_row_}, std::pair{"sequence", next_sequence_},
                                         std::pair{"block", blocks_.next_number()}}) {
            NM_ASSIGN(const auto bytes, database_.get(kv::Space::meta, key::kReserved, name, snapshot_));
            NM_ASSIGN(const std::uint64_t mark,
                      bytes ? record::parse_number(*bytes) : Result<std::uint64_t>(1));
            if (next > mark) problem(std::string("a ") + name + " number in use could be given again");
        }
        return {};
    }

    const Core& core_;
    const kv::Database& database_;
    const Progress& progress_;
    const SnapshotPtr snapshot_;
    const std::int64_t now_ms_;
    VerifyReport report_;
    std::map<std::uint32_t, SchemaPtr> families_;  // dropped ones that are not yet purged too
    std::unordered_map<RowId, RowSeen> rows_;
    std::unordered_map<RowId, std::size_t> names_;
    std::uint64_t next_row_ = 1;
    std::uint64_t next_sequence_ = 1;
    std::map<std::string, std::int64_t> own_counters_;
    std::set<RowId> unreadable_;
    bool catalogue_whole_ = true;
    bool blocks_whole_ = true;
    bool counters_whole_ = true;
    BlockVerification blocks_;
};

}  // namespace

Result<VerifyReport> verify_store(const Core& core, const Progress& progress) {
    return Verification(core, progress).run();
}

}  // namespace nmstore
