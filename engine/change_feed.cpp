#include "engine/change_feed.h"

#include <algorithm>
#include <random>
#include <utility>

#include "engine/bytes.h"
#include "engine/key.h"
#include "engine/write_stamps.h"

namespace nmstore {
namespace {

constexpr unsigned kRunShift = 40;                                   // numbers of one opening: 2^40
constexpr std::int64_t kParts = 64;                                  // in which changes are forgotten
constexpr std::uint64_t kJournalPartBytes = std::uint64_t{8} << 20;  // of the journal, at the most
constexpr std::uint64_t kLeastPartBytes = 1024;
// What stays of the journal while the disk is nearly full: who keeps up goes on.
constexpr std::uint64_t kShortJournalBytes = std::uint64_t{16} << 20;
// What everybody has read stays for a while: a full copy that was cut before that may still be on its way,
// and overwrite it here.
constexpr std::uint64_t kSpareJournalBytes = std::uint64_t{64} << 20;
constexpr std::int64_t kSpareJournalMs = 10 * 60'000;
// Batches that are applied at the same time end in any order, and the mark is of the last of them.
constexpr std::uint64_t kStampsInFlight = std::uint64_t{100} << JournalReader::kStampShift;

std::uint64_t part_of(std::uint64_t bytes) {
    return bytes / static_cast<std::uint64_t>(kParts);
}

}  // namespace

ChangeFeed::ChangeFeed(kv::Database& database, const Clock& clock, const ChangeOptions& options,
                       const JournalOptions& journal)
    : database_(database),
      clock_(clock),
      believed_(clock),
      options_(options),
      journal_(journal),
      runs_(database, "run", 1),
      changes_kept_(database, key::kChangeRecords, key::kForgotten, part_of(options.keep_bytes),
                    options.keep_ms / kParts),
      journal_kept_(database, key::kJournalRecords, key::kJournalFirst,
                    std::clamp(part_of(journal.keep_bytes), kLeastPartBytes, kJournalPartBytes)) {}

Result<void> ChangeFeed::open(bool read_only) {
    std::vector<KeptRecords*> damaged;
    NM_ASSIGN(next_, open_kept(
                         changes_kept_,
                         [](std::string_view record) -> Result<std::int64_t> {
                             NM_ASSIGN(const ChangeRecord change, parse_change(record));
                             return change.time_ms;
                         },
                         damaged));
    if (changes_kept_.newest_ms() != 0) believed_.start_at(changes_kept_.newest_ms());
    NM_TRY(open_journal(read_only, damaged));
    return give_up(damaged, read_only);
}

Result<ChangeNumber> ChangeFeed::open_kept(KeptRecords& kept, const KeptRecords::TimeOf& time_of,
                                           std::vector<KeptRecords*>& damaged) {
    auto next = kept.open(time_of, kRunShift);
    if (next.ok() || next.error().code != Code::corruption) return next;
    damaged.push_back(&kept);
    return kept.first();
}

// A store of which nothing else is damaged has to open. Who reads them learns that there is a gap, as where
// they were forgotten.
Result<void> ChangeFeed::give_up(const std::vector<KeptRecords*>& damaged, bool read_only) {
    if (damaged.empty()) return {};
    if (!read_only) {
        NM_TRY(begin_numbers());
        end_at_opening_ = next_;
    }
    const auto batch = database_.new_batch();
    for (KeptRecords* const kept : damaged) {
        kept->set_first(next_);
        kept->erase(*batch, next_);
    }
    if (read_only) return {};
    NM_ASSIGN(const std::uint64_t ticket, database_.apply(*batch));
    return database_.wait_durable(ticket);
}

// Where it begins anew, nothing of an older one may be told: there would be a gap.
Result<void> ChangeFeed::open_journal(bool read_only, std::vector<KeptRecords*>& damaged) {
    NM_ASSIGN(const auto mark, database_.get(kv::Space::meta, key::kChanges, key::kJournalFirst));
    NM_ASSIGN(const ChangeNumber end, open_kept(
                                          journal_kept_,
                                          [this](std::string_view record) -> Result<std::int64_t> {
                                              NM_ASSIGN(const JournalReader reader,
                                                        JournalReader::open(record));
                                              last_stamp_ = reader.stamp();
                                              return reader.time_ms();
                                          },
                                          damaged));
    // The last record may be another hub's, whose clock is behind, and is gone once all have read it.
    NM_ASSIGN(const auto stamp, database_.get(kv::Space::meta, key::kChanges, key::kJournalStamp));
    if (stamp && stamp->size() == sizeof(std::uint64_t)) {
        const auto greatest = bytes::read_little<std::uint64_t>(*stamp);
        last_stamp_ = std::max(last_stamp_, greatest + kStampsInFlight);
    }
    next_ = std::max({next_, end, journal_kept_.first()});
    end_at_opening_ = next_;
    if (journal_.keep && mark) {
        journal_.on = true;
        journal_.keep_bytes = UINT64_MAX;  // what of it may go is for its owner to say
    }
    if (read_only) return {};
    // A target may have been told of a number that has no record. They begin behind it at once, if the disk
    // is not full.
    if (journal_.on) (void)begin_numbers();
    if (journal_.on == mark.has_value()) return {};
    const auto batch = database_.new_batch();
    if (journal_.on) {
        NM_TRY(begin_numbers());
        // A store in which nothing was ever written has a journal of all of it.
        NM_ASSIGN(const auto written, database_.next_partition(kv::Space::catalogue, std::nullopt));
        NM_ASSIGN(const auto counted, database_.next_partition(kv::Space::counters, std::nullopt));
        journal_kept_.set_first(written || counted ? next_ : 0);
        journal_kept_.erase(*batch, journal_kept_.first());
    } else {
        if (end != 0) let_go_bytes_ = std::max<std::uint64_t>(journal_kept_.bytes(), 1);
        batch->remove(kv::Space::meta, key::kChanges, key::kJournalFirst);
        batch->remove_partition(kv::Space::changes, key::kJournalRecords);
        batch->remove_partition(kv::Space::changes, key::kWriteStamps);
        std::erase(damaged, &journal_kept_);
    }
    NM_ASSIGN(const std::uint64_t ticket, database_.apply(*batch));
    return database_.wait_durable(ticket);
}

Result<void> ChangeFeed::begin_numbers() {
    if (began_) return {};
    NM_ASSIGN(const std::uint64_t run, runs_.take());
    NM_CHECK(run << kRunShift >= next_);
    // By chance, so that a directory that was put back from a copy does not give the numbers again that
    // others know of its later life: half of the numbers are more than enough.
    std::random_device random;
    const std::uint64_t chance = (std::uint64_t{random()} << 32 | random()) >> (64 - kRunShift + 1);
    next_ = (run << kRunShift) + chance;
    began_ = true;
    return {};
}

std::uint64_t ChangeFeed::rise(std::uint64_t foreign) {
    const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.now_ms(), 0))
                     << JournalReader::kStampShift;
    const std::uint64_t stamp = foreign != 0 ? foreign : std::max(now, last_stamp_ + 1);
    last_stamp_ = std::max(last_stamp_, stamp);
    return stamp;
}

bool ChangeFeed::is_own(std::string_view family, std::string_view row) const {
    if (family.empty()) family = "counters";
    return std::any_of(journal_.own_rows.begin(), journal_.own_rows.end(), [&](const std::string_view own) {
        return own.size() == family.size() + 1 + row.size() && own.starts_with(family) &&
               own[family.size()] == '/' && own.ends_with(row);
    });
}

Result<ChangeFeed::Told> ChangeFeed::tell(kv::Batch& batch, const ChangeRecord& change,
                                          const JournalDraft* draft) {
    const bool in_journal = journal_.on && draft != nullptr && !draft->steps.empty();
    if (change.empty() && !in_journal) return Told();
    const std::string record = change.empty() ? std::string() : format_change(change);
    const JournalOrigin* origin = draft != nullptr && draft->origin ? &*draft->origin : nullptr;
    Put put;
    put.time_ms = change.time_ms;
    put.change_bytes = record.size();
    std::uint64_t stamp = 0;
    std::uint64_t greatest = 0;
    {
        const std::lock_guard guard(mutex_);
        NM_TRY(begin_numbers());
        put.number = next_++;
        unsettled_.insert(put.number);
        if (in_journal) stamp = rise(origin != nullptr ? origin->stamp : 0);
        greatest = last_stamp_;
    }
    Told told(*this, put);
    if (!change.empty()) changes_kept_.put(batch, put.number, record);
    if (!in_journal) return told;
    const std::string journal_record = format_journal_record(stamp, origin, draft->steps);
    told.set_journal_bytes(journal_record.size());
    const write_stamps::Stamp written =
        draft->retold
            ? *draft->retold
            : write_stamps::Stamp{stamp, write_stamps::hub_number(origin != nullptr ? origin->hub : hub_)};
    for (const std::string& key : draft->stamped) {
        // A copy's stamp tells when the copy was made. What other hubs wrote before, and the hub that made it
        // had not heard of, is still to come, and would lose against that.
        const bool copied = origin != nullptr && origin->is_of_copy() && !draft->retold;
        const auto known = copied ? draft->written.find(key) : draft->written.end();
        if (copied && known == draft->written.end()) {
            write_stamps::remove(batch, key);
        } else {
            write_stamps::put(batch, key, copied ? known->second : written, change.time_ms);
        }
    }
    journal_kept_.put(batch, put.number, journal_record);
    std::string mark;
    bytes::append_little(mark, greatest);
    batch.put(kv::Space::meta, key::kChanges, key::kJournalStamp, mark);
    return told;
}

void ChangeFeed::settle(const Put& put) {
    {
        const std::lock_guard guard(mutex_);
        if (put.applied && put.change_bytes != 0)
            changes_kept_.note(put.number, put.change_bytes, put.time_ms);
        if (put.applied && put.journal_bytes != 0)
            journal_kept_.note(put.number, put.journal_bytes, put.time_ms);
        const bool oldest = *unsettled_.begin() == put.number;
        unsettled_.erase(put.number);
        if (oldest) changed_.notify_all();
    }
    if (!put.applied && short_of_room_) short_of_room_();
}

ChangeNumber ChangeFeed::journal_end() const {
    ChangeNumber first = 0;
    ChangeNumber before = 0;
    {
        const std::lock_guard guard(mutex_);
        first = journal_kept_.first();
        before = next_;
    }
    return journal_end(first, before);
}

// One behind a record, always: a target's position is one of these, so that one which is none tells of a
// record that was lost here.
ChangeNumber ChangeFeed::journal_end(ChangeNumber first, ChangeNumber before) const {
    if (before <= first) return first;
    const auto cursor = database_.cursor(kv::Space::changes, key::kJournalRecords, nullptr, true);
    cursor->seek_for_prev(key::change(before - 1));
    if (!cursor->valid()) return cursor->status().ok() ? first : before;
    const auto last = key::parse_change(cursor->key());
    return last.ok() ? std::max(first, *last + 1) : before;
}

std::uint64_t ChangeFeed::next_stamp() {
    const std::lock_guard guard(mutex_);
    return rise(0);
}

ChangeRange ChangeFeed::range() const {
    const std::lock_guard guard(mutex_);
    return {changes_kept_.first(), settled()};
}

JournalRange ChangeFeed::journal_range() const {
    JournalRange range;
    {
        const std::lock_guard guard(mutex_);
        if (!journal_.on) return {settled(), settled(), 0, let_go_bytes_};
        range = {journal_kept_.first(), settled(), journal_kept_.bytes(), let_go_bytes_};
    }
    range.end = journal_end(range.first, range.end);
    return range;
}

ChangeNumber ChangeFeed::wait(ChangeNumber end, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return stopped_ || settled() != end; });
    return settled();
}

void ChangeFeed::wait_for_all_given() const {
    std::unique_lock lock(mutex_);
    const ChangeNumber given = next_;
    changed_.wait(lock, [&] { return stopped_ || settled() >= given; });
}

void ChangeFeed::stop() {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

Result<void> ChangeFeed::read(const KeptRecords& kept, std::string_view partition, ChangeNumber from,
                              const Each& each) const {
    ChangeRange readable;
    {
        const std::lock_guard guard(mutex_);
        readable = {kept.first(), settled()};
    }
    from = std::max(from, readable.first);
    if (from >= readable.end) return {};
    // Made after the range was asked for, so that it sees all of it.
    const auto cursor = database_.cursor(kv::Space::changes, partition, nullptr, true);
    for (cursor->seek(key::change(from)); cursor->valid(); cursor->next()) {
        NM_ASSIGN(const ChangeNumber number, key::parse_change(cursor->key()));
        if (number >= readable.end || !each(number, cursor->value())) return {};
    }
    return cursor->status();
}

Result<void> ChangeFeed::read(ChangeNumber from, const Each& each) const {
    return read(changes_kept_, key::kChangeRecords, from, each);
}

Result<void> ChangeFeed::read_journal(ChangeNumber from, const Each& each) const {
    return read(journal_kept_, key::kJournalRecords, from, each);
}

// Within the numbers of one opening nearly every one has a record.
Result<std::uint64_t> ChangeFeed::journal_records(ChangeNumber from) const {
    const JournalRange range = journal_range();
    from = std::max(from, range.first);
    std::uint64_t out = 0;
    const auto cursor = database_.cursor(kv::Space::changes, key::kJournalRecords, nullptr, true);
    while (from < range.end) {
        cursor->seek(key::change(from));
        if (!cursor->valid()) break;
        NM_ASSIGN(const ChangeNumber first, key::parse_change(cursor->key()));
        if (first >= range.end) break;
        const ChangeNumber end = std::min(range.end, ((first >> kRunShift) + 1) << kRunShift);
        cursor->seek_for_prev(key::change(end - 1));
        if (!cursor->valid()) break;
        NM_ASSIGN(const ChangeNumber last, key::parse_change(cursor->key()));
        out += last - first + 1;
        from = end;
    }
    NM_TRY(cursor->status());
    return out;
}

void ChangeFeed::trim() {
    ChangeNumber changes_first = 0;
    ChangeNumber journal_first = 0;
    bool let_go = false;
    {
        const std::lock_guard guard(mutex_);
        KeptRecords::Bounds bounds;
        bounds.now_ms = believed_.now_ms();
        bounds.settled = settled();
        bounds.bytes = options_.keep_bytes;
        bounds.keep_ms = options_.keep_ms;
        changes_first = changes_kept_.trim(bounds);
        if (journal_.on) {
            bounds.bytes = journal_.keep_bytes;
            bounds.keep_ms = INT64_MAX;
            bounds.before = std::min(journal_read_, journal_pin_);
            bounds.spare_bytes = std::min(kSpareJournalBytes, journal_.keep_bytes / 4);
            bounds.spare_ms = kSpareJournalMs;
            journal_first = journal_kept_.trim(bounds);
            if (database_.room_is_short()) {
                const std::uint64_t bytes = journal_kept_.bytes();
                bounds.bytes = std::min(bounds.bytes, kShortJournalBytes);
                journal_first = std::max(journal_first, journal_kept_.trim(bounds));
                let_go_bytes_ += bytes - journal_kept_.bytes();
                let_go = bytes != journal_kept_.bytes();
            }
        }
    }
    if (changes_first == 0 && journal_first == 0) return;
    const auto batch = database_.new_batch();
    if (changes_first != 0) changes_kept_.erase(*batch, changes_first);
    if (journal_first != 0) journal_kept_.erase(*batch, journal_first);
    // Of a batch that fails nothing is read any more all the same, and the next one takes its range as well.
    (void)database_.apply_removal(*batch);
    if (!let_go) return;
    let_go_ = true;
    if (short_of_room_) short_of_room_();
}

ChangeNumber ChangeFeed::pin_journal() {
    const std::lock_guard guard(mutex_);
    journal_pin_ = std::min(journal_pin_, journal_kept_.first());
    return journal_pin_;
}

void ChangeFeed::set_journal_pin(ChangeNumber from) {
    const std::lock_guard guard(mutex_);
    journal_pin_ = from;
}

void ChangeFeed::forget_journal(ChangeNumber before) {
    {
        const std::lock_guard guard(mutex_);
        journal_read_ = std::max(journal_read_, before);
    }
    trim();
}

}  // namespace nmstore
