#include "engine/copy_retelling.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/foreign_commit.h"
#include "engine/journal_apply.h"
#include "engine/journal_positions.h"
#include "engine/write_stamps.h"

namespace nmstore {
namespace {

using Kind = JournalStep::Kind;

constexpr std::size_t kReadBytes = std::size_t{4} << 20;
constexpr std::size_t kMostKeys = 500'000;  // that are held at once: some 60 MB

// Names of what a step is about: a row, a cell or a counter in it, and whatever is in it.
std::string key_of_row(const JournalStep& step) {
    return write_stamps::row_key(step.family, step.row);
}
std::string key_of_part(const JournalStep& step) {
    return write_stamps::cell_key(key_of_row(step), step.column);
}
std::string key_of_any_part(const JournalStep& step) {
    return write_stamps::cell_key(key_of_row(step), std::string_view("\0any", 4));
}

class Retell {
  public:
    Retell(Core& core, const std::string& maker, const CopyReception& reception)
        : core_(core), maker_(maker), reception_(reception) {}

    Result<Retelling> run() {
        const ChangeNumber pin = reception_.pin;
        out_.in_part = core_.changes.journal_range().first > pin;
        NM_ASSIGN(cut_, read_cut(core_, maker_));
        find_end();
        for (ChangeNumber from = std::max(pin, reception_.retold); from < end_;) {
            NM_ASSIGN(from, part(from));
        }
        return out_;
    }

  private:
    // As much of the journal from there on as is held at once. Gives where the next one begins.
    Result<ChangeNumber> part(ChangeNumber from) {
        overwritten_.clear();
        first_.reset();
        ChangeNumber part_end = UINT64_MAX;
        const auto note_each = [&](const JournalRecord& record) -> Result<bool> {
            NM_TRY(note_rows(record));
            if (overwritten_.size() >= kMostKeys) part_end = record.number + 1;
            return part_end == UINT64_MAX;
        };
        const auto note_overwriting_each = [&](const JournalRecord& record) -> Result<bool> {
            NM_TRY(note_overwriting(record));
            return true;
        };
        const auto write_each_again = [&](const JournalRecord& record) -> Result<bool> {
            if (record.number < part_end) NM_TRY(write_again(record));
            return record.number < part_end;
        };
        NM_TRY(walk(from, note_each));
        if (!first_) return end_;
        NM_TRY(walk(*first_, note_overwriting_each));
        NM_TRY(walk(*first_, write_each_again));
        return std::min(part_end, end_);
    }

    // Up to end_, which may move, or until `each` gives false.
    template <class Each>
    Result<void> walk(ChangeNumber from, const Each& each) {
        while (from < end_) {
            NM_ASSIGN(const auto records, read_journal(core_, from, kReadBytes));
            if (records.empty()) break;
            for (const JournalRecord& record : records) {
                if (record.number >= end_) return settle();
                if (core_.closed.load(std::memory_order_acquire))
                    return Error{Code::unavailable, "the store is closed"};
                NM_ASSIGN(const bool more, each(record));
                if (!more) return settle();
            }
            NM_TRY(settle());
            from = records.back().number + 1;
        }
        return {};
    }
    // A commit that the copy has overwritten may still wait for the disk.
    void find_end() {
        core_.changes.wait_for_all_given();
        end_ = core_.changes.journal_range().end;
    }
    Result<void> settle() {
        if (applied_.empty()) return {};
        NM_TRY(core_.wait_for_all());
        applied_.clear();
        return {};
    }

    // Where the record was made, if it is one that the copied hub did not know of.
    std::optional<JournalOrigin> unknown(const JournalRecord& record, const JournalReader& reader) const {
        JournalOrigin origin{reader.origin(), reader.origin_number(), reader.stamp()};
        if (origin.hub.empty()) origin = {core_.hub_id, record.number, reader.stamp()};
        if (!origin.is_of_journal()) return {};
        const auto is_before = [&](const auto& place) { return origin.number_there() < place->second; };
        const auto reached = cut_.reached.find(origin.hub);
        const bool is_reached = reached != cut_.reached.end();
        if (is_reached && is_before(reached)) return {};
        const auto filtered = cut_.reached_filtered.find(origin.hub);
        const bool is_filtered = filtered != cut_.reached_filtered.end();
        if (is_filtered && is_before(filtered)) return {};
        // Who is copied to, and does not send to the copied hub, is to be the same as that.
        const bool is_heard = is_reached || is_filtered;
        if (!is_heard && write_stamps::hub_number(origin.hub) == reception_.target) return {};
        // Else it was written in a life of that hub which it does not remember.
        const bool is_of_this_life = origin.hub != maker_ || origin.stamp > reception_.stamp;
        return is_of_this_life ? std::optional(std::move(origin)) : std::nullopt;
    }

    Result<void> note_rows(const JournalRecord& record) {
        NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
        if (!unknown(record, reader)) return {};
        if (!first_) first_ = record.number;
        JournalStep step;
        for (;;) {
            NM_ASSIGN(const bool more, reader.next(step));
            if (!more) return {};
            for (const std::string& key : keys_of(step)) overwritten_.try_emplace(key);
        }
    }

    // What overwrites one of these overwrites the step.
    static std::vector<std::string> keys_of(const JournalStep& step) {
        switch (step.kind) {
            case Kind::line:
            case Kind::block:
                return {key_of_row(step)};
            case Kind::put_cell:
            case Kind::remove_cell:
            case Kind::add:
                return {key_of_row(step), key_of_part(step)};
            case Kind::remove_counters:
                return {key_of_row(step), step.has_column ? key_of_part(step) : key_of_any_part(step)};
            case Kind::remove_row:
                return {key_of_row(step), key_of_any_part(step)};
            default:
                return {};
        }
    }

    void mark(const std::string& key, ChangeNumber number) {
        const auto there = overwritten_.find(key);
        if (there != overwritten_.end()) there->second = std::max(there->second, number);
    }

    Result<void> note_overwriting(const JournalRecord& record) {
        NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
        if (record.number < reception_.since || (reader.origin_number() & JournalOrigin::kOfCopy) == 0)
            return {};
        JournalStep step;
        bool retold = false;
        for (;;) {
            NM_ASSIGN(const bool more, reader.next(step));
            if (!more) return {};
            if (step.kind == Kind::retold) retold = true;
            note_overwriting(step, record.number, retold);
        }
    }
    void note_overwriting(const JournalStep& step, ChangeNumber number, bool retold) {
        switch (step.kind) {
            // Of a row that has later cells too a copy removes all others one by one.
            case Kind::remove_cell:
                if (!retold) mark(key_of_row(step), number);
                break;
            case Kind::remove_row:
                mark(key_of_row(step), number);
                break;
            // A row may come in several parts, and be written to between them.
            case Kind::put_cell:
            case Kind::line:
            case Kind::block:
                if (retold) break;
                [[fallthrough]];
            case Kind::set_counter:
                mark(key_of_part(step), number);
                mark(key_of_any_part(step), number);
                break;
            case Kind::counters_of:
                mark(key_of_row(step), number);
                mark(key_of_any_part(step), number);
                break;
            case Kind::remove_counters:
                mark(step.has_column ? key_of_part(step) : key_of_row(step), number);
                break;
            case Kind::drop_family:
                dropped_[std::string(step.family)] = number;
                break;
            default:
                break;
        }
    }

    bool is_overwritten(const JournalStep& step, ChangeNumber number) const {
        // To do these again is harmless.
        if (step.kind == Kind::create_family || step.kind == Kind::declare_column ||
            step.kind == Kind::drop_family)
            return true;
        const std::vector<std::string> keys = keys_of(step);
        if (keys.empty()) return false;
        const auto dropped = dropped_.find(step.family);
        if (dropped != dropped_.end() && number < dropped->second) return true;
        return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
            const auto there = overwritten_.find(key);
            return there != overwritten_.end() && number < there->second;
        });
    }

    Result<void> write_again(const JournalRecord& record) {
        NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
        const auto origin = unknown(record, reader);
        if (!origin) return {};
        JournalSteps steps;
        steps.retold(origin->hub, origin->number, origin->stamp);
        const std::size_t before = steps.size();
        std::vector<JournalStep> removals;
        bool any_lines = false;
        JournalStep step;
        for (;;) {
            NM_ASSIGN(const bool more, reader.next(step));
            if (!more) break;
            const bool of_lines = step.kind == Kind::origin && any_lines;  // it stands behind them
            if (!of_lines && !is_overwritten(step, record.number)) continue;
            any_lines = any_lines || step.kind == Kind::line || step.kind == Kind::block;
            steps.repeat(reader, step.kind, reader.step_bytes());
            if (step.kind == Kind::remove_row || step.kind == Kind::remove_counters ||
                step.kind == Kind::drop_family)
                removals.push_back(step);
        }
        if (steps.size() == before) return {};
        NM_ASSIGN(Applied applied, write(record.number, *origin, steps));
        // They took along what came later, and had not been overwritten: that is written again as well.
        for (const JournalStep& removal : removals) note_overwriting(removal, applied.told.number(), true);
        applied_.push_back(std::move(applied));
        if (removals.empty()) return {};
        NM_TRY(settle());
        find_end();
        return {};
    }

    // As a part of the copy, behind all others, so that it goes to whoever gets the copy by way of this hub.
    Result<Applied> write(ChangeNumber number, const JournalOrigin& made, const JournalSteps& steps) {
        NM_ASSIGN(const CopyPosition position, read_copy_position(core_, maker_));
        const JournalOrigin origin{maker_, position.number, reception_.stamp};
        const std::string bytes = format_journal_record(origin.stamp, &origin, steps);
        reception_.retold = number + 1;
        const Retold retold{made, cut_, reception_};
        const JournalRecordView view{number, bytes};
        const JournalLink link{maker_, ""};
        const Store::RefusedNotes no_notes;
        const RefusedNoting noting("", no_notes);
        RefusedSteps refused;  // was written once, so that there is nothing to tell
        ForeignCommit commit(core_, {link, view, origin}, noting, &retold);
        NM_ASSIGN(Applied applied, commit.apply(refused));
        ++out_.records;
        return applied;
    }

    Core& core_;
    const std::string& maker_;
    CopyReception reception_;
    CopyCut cut_;
    ChangeNumber end_ = 0;               // of this hub's journal: as far as this goes
    std::optional<ChangeNumber> first_;  // record that may have to be written again
    // By what such records of this part are about: the number of the last record that has overwritten it; 0:
    // none has.
    std::unordered_map<std::string, ChangeNumber> overwritten_;
    std::map<std::string, ChangeNumber, std::less<>> dropped_;  // families, likewise
    std::vector<Applied> applied_;
    Retelling out_;
};

}  // namespace

Result<Retelling> retell(Core& core, std::string_view maker) {
    Retelling out;
    NM_ASSIGN(auto receptions, read_receptions(core));
    for (auto at = receptions.begin(); at != receptions.end();) {
        const auto& [hub, reception] = *at;
        if (!reception.ended && hub != maker) {
            ++at;
            continue;
        }
        const auto batch = core.database->new_batch();
        if (reception.stamp == 0 || reception.pin == CopyReception::kNoJournal) {
            // It had not begun, or there was no journal then that anything could be read from.
        } else if (core.changes.keeps_journal()) {
            const Result<Retelling> one = Retell(core, hub, reception).run();
            // Of what cannot be read nothing is written again, and nothing else is held up.
            if (!one.ok() && one.error().code != Code::corruption) return one.error();
            if (one.ok()) out.records += one->records;
            out.in_part = out.in_part || !one.ok() || one->in_part;
        } else {
            out.in_part = true;  // it is not kept any more
        }
        if (!reception.ended) {
            NM_ASSIGN(const auto places, read_places_before(core, hub));
            if (places) NM_TRY(give_up(core, *batch, hub, *places));
        }
        remove_reception(*batch, hub);
        NM_ASSIGN(const std::uint64_t ticket, core.apply(*batch));
        NM_TRY(core.wait(ticket));
        at = receptions.erase(at);
    }
    pin_journal(core, receptions);
    return out;
}

}  // namespace nmstore
