#include "engine/opening.h"

#include <filesystem>

#include "engine/copy_reception.h"
#include "engine/family_changes.h"
#include "engine/hub_id.h"
#include "engine/journal_positions.h"
#include "engine/key.h"
#include "engine/kv_ballast.h"
#include "engine/record.h"
#include "engine/word_indexing.h"

namespace nmstore {
namespace {

namespace fs = std::filesystem;

Result<void> prepare_directory(const StoreOptions& options) {
    std::error_code error;
    if (options.directory.empty()) return Error{Code::invalid_argument, "no data directory is given"};
    if (fs::is_directory(fs::path(options.directory) / kDatabaseDirectoryName, error)) return {};
    if (options.read_only || !options.create_if_missing) {
        return Error{Code::not_found, "there is no store in " + options.directory};
    }
    fs::create_directories(options.directory, error);
    if (error) return Error{Code::io, "cannot make directory " + options.directory + ": " + error.message()};
    return {};
}

Result<bool> holds_nothing(const kv::Database& database) {
    for (const kv::Space space :
         {kv::Space::meta, kv::Space::catalogue, kv::Space::cells, kv::Space::entries}) {
        bool empty = true;
        NM_TRY(database.scan_space(space, nullptr, [&](auto, auto, auto) { return empty = false; }));
        if (!empty) return false;
    }
    return true;
}

Result<void> write_format(Core& core) {
    const auto batch = core.database->new_batch();
    batch->put(kv::Space::meta, key::kFormat, key::kVersion, record::version(record::kFormatVersion));
    NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
    return core.wait(ticket);
}

// Writes the format of a new store, or checks that of an old one.
Result<void> settle_format(Core& core, const std::string& directory) {
    NM_ASSIGN(const auto bytes, core.database->get(kv::Space::meta, key::kFormat, key::kVersion));
    if (bytes) {
        NM_ASSIGN(const std::uint32_t version, record::parse_version(*bytes));
        if (version == record::kFormatVersion) return {};
        if (version == record::kFormatVersionWithoutBlocks || version == record::kFormatVersionWithoutIndex ||
            version == record::kFormatVersionWithoutChanges ||
            version == record::kFormatVersionWithoutJournal)
            return core.read_only ? Result<void>() : write_format(core);
        return Error{Code::unsupported, "cannot open " + directory + ": it has format " +
                                            std::to_string(version) + ", and this program knows formats " +
                                            std::to_string(record::kFormatVersionWithoutBlocks) + ", " +
                                            std::to_string(record::kFormatVersionWithoutIndex) + ", " +
                                            std::to_string(record::kFormatVersionWithoutChanges) + ", " +
                                            std::to_string(record::kFormatVersionWithoutJournal) + " and " +
                                            std::to_string(record::kFormatVersion)};
    }
    NM_ASSIGN(const bool is_new, holds_nothing(*core.database));
    if (!is_new || core.read_only) {
        return Error{Code::corruption,
                     "cannot open " + directory + ": its database does not tell its format"};
    }
    return write_format(core);
}

// A store that was restored from a backup has another name than the one that wrote it. What that one had
// written until the backup is here: other hubs may bring it again, and only what came later is to be taken.
Result<void> note_hub(Core& core) {
    const std::string& hub = core.hub_id;
    NM_ASSIGN(const auto before, core.database->get(kv::Space::meta, key::kChanges, key::kJournalHub));
    const bool has_name = hub.find_first_not_of('0') != std::string::npos;
    if (core.read_only || !has_name || before == hub) return {};
    const auto batch = core.database->new_batch();
    if (before) put_origin_position(*batch, *before, {core.changes.end_at_opening(), 0});
    batch->put(kv::Space::meta, key::kChanges, key::kJournalHub, hub);
    // A full disk must not keep a store from being opened: it is noted when there is room.
    const auto applied = core.apply(*batch);
    return applied.ok() ? core.wait(*applied) : Result<void>();
}

// A family of that name that somebody created anew with another comparator is left as it is.
Result<void> create_missing(Core& core, std::string_view name, ValueType comparator) {
    return core.families.find(name) == nullptr ? create_family(core, name, comparator) : Result<void>();
}

}  // namespace

Result<Opened> open_core(const StoreOptions& options) {
    const Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
    NM_TRY(prepare_directory(options));
    Opened out;
    if (!options.read_only) {
        NM_ASSIGN(out.lock, OwnerLock::acquire(options.directory, options.owner, clock.now_ms()));
    }
    kv::Options database;
    database.directory = (fs::path(options.directory) / kDatabaseDirectoryName).string();
    database.create_if_missing = options.create_if_missing && !options.read_only;
    database.read_only = options.read_only;
    database.sync = options.sync;
    database.sync_interval_ms = options.sync_interval_ms;
    const std::size_t block_memory_bytes = options.memory_bytes / kBlockCacheShare;
    database.memory_bytes = options.memory_bytes - block_memory_bytes;
    database.ballast_path = (fs::path(options.directory) / kv::kBallastName).string();
    database.ballast_bytes = options.ballast_bytes;
    database.disk_room = options.disk_room;
    database.expired = [&clock](kv::Space space, std::string_view value) {
        return record::has_expired(space, value, clock.now_ms());
    };
    NM_ASSIGN(auto opened, kv::Database::open(database));
    out.core = std::make_unique<Core>(std::move(opened), clock, options.read_only, options.sealing,
                                      options.upkeep, options.changes, options.journal, block_memory_bytes);
    NM_TRY(settle_format(*out.core, options.directory));
    NM_TRY(out.core->families.load(*out.core->database));
    NM_TRY(out.core->word_index.load());
    NM_ASSIGN(out.core->hub_id, hub_id(options.directory, options.read_only));
    out.core->changes.set_hub(out.core->hub_id);
    NM_TRY(out.core->changes.open(options.read_only));
    NM_TRY(note_hub(*out.core));
    NM_ASSIGN(const CopyReceptions receptions, read_receptions(*out.core));
    pin_journal(*out.core, receptions);
    if (!options.read_only) {
        NM_TRY(create_missing(*out.core, kIndexFamily, ValueType::utf8));
        NM_TRY(create_missing(*out.core, kTimeFamily, ValueType::long_));
        NM_TRY(purge_dropped_families(*out.core));
        NM_TRY(remove_unfinished_segments(*out.core));
    }
    return out;
}

}  // namespace nmstore
