#include "engine/reindexing.h"

#include <algorithm>
#include <map>

#include "engine/block/section.h"
#include "engine/block_check.h"
#include "engine/block_parts.h"
#include "engine/block_verification.h"
#include "engine/cell_blocks.h"
#include "engine/index_verification.h"
#include "engine/key.h"
#include "engine/own_counter.h"
#include "engine/record.h"
#include "engine/row_at_work.h"
#include "engine/row_listing.h"
#include "engine/stored_block.h"
#include "engine/word_indexing.h"

namespace nmstore {
namespace {

// Somebody writes into what a block of cells spans: it is tried again so often.
constexpr int kMaxAttempts = 16;
constexpr std::uint64_t kRowsPerReport = 1024;

// A block that is not stored, as a reader wants it.
class BuiltSections final : public block::SectionSource {
  public:
    explicit BuiltSections(const std::vector<std::string>& sections) : sections_(sections) {}
    std::size_t size() const override { return sections_.size(); }
    Result<std::string> read(std::size_t section) override {
        return block::decompress_section(sections_.at(section));
    }

  private:
    const std::vector<std::string>& sections_;
};

Error spoiled(const std::string& why) {
    return Error{Code::corruption, "it could not be made anew: " + why};
}

// The same lines (and cells) in a block made anew; without a number yet. corruption: they cannot be read.
Result<BuiltBlock> build_again(block::BlockReader& reader, const BlockInfo& head) {
    NM_TRY(reader.read_directory());
    NM_ASSIGN(const std::string_view extras, reader.extras());
    block::BlockWriter writer;
    for (std::size_t i = 0; i < reader.lines(); ++i) {
        NM_ASSIGN(const block::BlockLine line, reader.line(i));
        writer.add(line);
    }
    BuiltBlock out;
    out.info = head;
    NM_ASSIGN(out.sections,
              writer.finish_sections(extras, head.tight ? block::kTightLevel : block::kFastLevel));
    out.info.sections = static_cast<std::uint32_t>(out.sections.size());
    out.info.stored_bytes = 0;
    for (const std::string& section : out.sections) out.info.stored_bytes += section.size();
    return out;
}

// What takes the place of a block is sound, and has the lines that it had.
Result<void> compare(block::BlockReader& old, const BuiltBlock& built, RowKind kind) {
    const auto open = [&] { return block::open_block(std::make_unique<BuiltSections>(built.sections)); };
    NM_ASSIGN(const BlockFindings found, check_block(built.info, built.info, kind, open));
    if (!found.faults.empty()) return spoiled(found.faults.front().what);
    const auto reader = open();
    NM_TRY(reader->read_directory());
    if (reader->lines() != old.lines()) return spoiled("it has another number of lines");
    for (std::size_t i = 0; i < old.lines(); ++i) {
        NM_ASSIGN(const block::BlockLine was, old.line(i));
        NM_ASSIGN(const block::BlockLine is, reader->line(i));
        if (was.time_ms != is.time_ms || was.sequence != is.sequence || was.line != is.line ||
            was.text != is.text || was.fields != is.fields)
            return spoiled("a line came out as another");
    }
    return {};
}

class Reindexing {
  public:
    Reindexing(Core& core, const ReindexRequest& request, const Progress& progress)
        : core_(core), request_(request), progress_(progress) {
        const RowSelection& rows = request.rows;
        whole_store_ = rows.family.empty() && rows.from_ms == INT64_MIN && rows.to_ms == INT64_MAX &&
                       !rows.accept && rows.key_prefix.empty();
        if (whole_store_) total_bytes_ = own_counter(core, key::kBlockText);
    }

    Result<ReindexReport> run() {
        if (request_.all) {
            NM_ASSIGN(end_, whole_store_ ? resume() : core_.block_numbers.take());
        }
        NM_ASSIGN(const std::vector<LogRow> rows, list_log_rows(core_, request_.rows, nullptr));
        for (const LogRow& row : rows) NM_TRY(look_at(row));
        if (whole_store_) NM_TRY(correct_sums());
        NM_TRY(mend_word_index());
        if (whole_store_ && request_.all) NM_TRY(finish());
        NM_TRY(core_.wait_for_all());
        return std::move(out_);
    }

  private:
    void problem(std::string what) {
        ++out_.problem_count;
        if (out_.problems.size() < kMaxProblems) out_.problems.push_back(std::move(what));
    }

    Result<void> report() {
        NM_TRY(core_.writable());
        if (!progress_ || progress_({"reindex", std::min(done_bytes_, total_bytes_), total_bytes_, "bytes"}))
            return {};
        return Error{Code::cancelled, "the reindexing was stopped"};
    }

    // Blocks of all rows with a smaller number are made anew, also if it takes several runs: those made
    // meanwhile have greater ones.
    Result<std::uint64_t> resume() {
        NM_ASSIGN(const auto noted, core_.database->get(kv::Space::meta, key::kReindex, key::kReindexEnd));
        if (noted) return record::parse_number(*noted);
        NM_ASSIGN(const std::uint64_t end, core_.block_numbers.take());
        const auto batch = core_.database->new_batch();
        batch->put(kv::Space::meta, key::kReindex, key::kReindexEnd, record::number(end));
        NM_TRY(core_.apply(*batch));
        return end;
    }
    Result<void> finish() {
        const auto batch = core_.database->new_batch();
        batch->remove(kv::Space::meta, key::kReindex, key::kReindexEnd);
        NM_TRY(core_.apply(*batch));
        return {};
    }

    Result<void> look_at(const LogRow& row) {
        ++out_.rows;
        const SnapshotPtr snapshot = core_.database->snapshot();
        const auto found = find_block_parts(core_, row.id, snapshot);
        if (!found.ok() && found.error().code == Code::corruption) {
            problem("row number " + std::to_string(row.id) + " (\"" + row.key +
                    "\"): " + found.error().message + "; restore a backup, or drop the row");
            return report();
        }
        NM_ASSIGN(const BlockPartsByNumber blocks, found);
        for (const auto& [number, parts] : blocks) {
            NM_TRY(report());
            done_bytes_ += parts.info.text_bytes;
            if (number >= end_) continue;
            ++out_.blocks;
            const Result<void> looked = look_at(row, parts, snapshot);
            if (looked.ok()) continue;
            if (looked.error().code != Code::corruption) return looked;
            problem(name_of_block(number, row.id, row.key) + ": " + looked.error().message);
        }
        return report();
    }

    // corruption: what is wrong with the block cannot be mended.
    Result<void> look_at(const LogRow& row, const BlockParts& parts, const SnapshotPtr& snapshot) {
        if (!parts.has_head) return Error{Code::corruption, "it has no head; restore a backup"};
        BlockFindings found;
        NM_ASSIGN(found, check_block(parts.info, parts.as_stored(), kind_of_row(row.key),
                                     [&] { return open_block_parts(core_, parts, snapshot); }));
        if (!found.readable) {
            const auto why = std::find_if(found.faults.begin(), found.faults.end(),
                                          [](const BlockFault& fault) { return !fault.derived; });
            return Error{Code::corruption, (why != found.faults.end() ? why->what : "it cannot be read") +
                                               "; restore a backup"};
        }
        if (found.faults.empty() && !request_.all) return {};
        for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
            NM_ASSIGN(const bool done, rebuild(row, found.head));
            if (done) return {};
        }
        return Error{Code::corruption, "it could not be made anew, as its row is being written; try again"};
    }

    // `head`: as it should be. false: the row was written where it matters; the block is as it was.
    Result<bool> rebuild(const LogRow& row, const BlockInfo& head) {
        const std::lock_guard turn(core_.sealing_turn);
        const std::int64_t to_ms = head.cells != 0 ? head.last_cell_ms : Row::kNotSealing;
        NM_ASSIGN(const std::unique_ptr<RowAtWork> work, RowAtWork::begin(core_, row.id, to_ms));
        if (work == nullptr) return true;  // the row is gone
        NM_ASSIGN(const auto parts, find_block_parts(core_, row.id, head.number, work->snapshot()));
        if (!parts) return true;  // the block is: merged, or entries again
        const auto reader = open_block_parts(core_, *parts, work->snapshot());
        NM_ASSIGN(BuiltBlock built, build_again(*reader, head));
        NM_TRY(compare(*reader, built, kind_of_row(row.key)));
        NM_ASSIGN(built.info.number, core_.block_numbers.take());
        const auto batch = core_.database->new_batch();
        erase_block_parts(*batch, *parts);
        put_block(*batch, built);
        NM_ASSIGN(const bool applied, work->apply(*batch, [&](std::int64_t) {
            Row& locked = work->locked_row();
            if (head.cells != 0)
                locked.cells_sealed_to_ms = std::max(locked.cells_sealed_to_ms, head.decided_to_ms);
        }));
        if (applied) ++out_.rebuilt;
        return applied;
    }

    // What the sums are and what they should be is found in one snapshot; as they only ever change by
    // addition, the difference is right whatever is written meanwhile.
    Result<void> correct_sums() {
        const SnapshotPtr snapshot = core_.database->snapshot();
        std::map<std::string_view, std::int64_t> missing{{key::kRowCount, 0},
                                                         {key::kBlockCount, 0},
                                                         {key::kBlockLines, 0},
                                                         {key::kBlockText, 0},
                                                         {key::kBlockBytes, 0}};
        const auto rows = core_.database->cursor(kv::Space::catalogue, key::kRowsById, snapshot, true);
        for (rows->seek_first(); rows->valid(); rows->next()) {
            if (++missing[key::kRowCount] % kRowsPerReport == 0) NM_TRY(report());
            NM_ASSIGN(const RowId row, key::parse_row(rows->key()));
            const auto blocks = list_blocks(core_, row, snapshot);
            if (!blocks.ok()) {
                problem("the sums over all blocks cannot be told: " + blocks.error().message);
                return {};
            }
            for (const BlockInfo& block : *blocks) {
                ++missing[key::kBlockCount];
                missing[key::kBlockLines] += static_cast<std::int64_t>(block.lines);
                missing[key::kBlockText] += static_cast<std::int64_t>(block.text_bytes);
                missing[key::kBlockBytes] += static_cast<std::int64_t>(block.stored_bytes);
            }
        }
        NM_TRY(rows->status());
        const auto batch = core_.database->new_batch();
        for (auto& [name, number] : missing) {
            NM_ASSIGN(const auto said,
                      core_.database->get(kv::Space::counters, key::kOwnCounters, name, snapshot));
            if (said) {
                NM_ASSIGN(const std::int64_t sum, record::parse_counter(*said));
                number -= sum;
            }
            if (number == 0) continue;
            batch->add(key::kOwnCounters, name, number);
            ++out_.sums;
        }
        if (batch->count() != 0) NM_TRY(core_.apply(*batch));
        return {};
    }

    // Blocks that were made anew are not in the word index; and it can be damaged itself.
    Result<void> mend_word_index() {
        IndexWhen when = whole_store_ ? IndexWhen::now : IndexWhen::worth_it;
        if (whole_store_) NM_TRY(remove_lost_segments());
        if (whole_store_ && request_.all) {
            when = IndexWhen::anew;
        } else if (whole_store_) {
            NM_TRY(verify_index(core_, core_.database->snapshot(), progress_,
                                [&](std::uint64_t, const std::string&) { when = IndexWhen::anew; }));
        }
        NM_ASSIGN(const Indexed indexed, index_blocks(core_, when, progress_));
        out_.segments = indexed.segments;
        return {};
    }

    // Those of which the head cannot be read: they cover nothing.
    Result<void> remove_lost_segments() {
        std::optional<std::string> partition;
        const auto batch = core_.database->new_batch();
        for (;;) {
            NM_ASSIGN(partition, core_.database->next_partition(kv::Space::words, partition));
            if (!partition) break;
            NM_ASSIGN(const auto head,
                      core_.database->get(kv::Space::words, *partition, key::segment_head()));
            if (head && !postings::parse_segment(*head).ok())
                batch->remove_partition(kv::Space::words, *partition);
        }
        if (batch->count() != 0) NM_TRY(core_.apply(*batch));
        return {};
    }

    Core& core_;
    const ReindexRequest& request_;
    const Progress& progress_;
    bool whole_store_ = false;
    std::uint64_t end_ = UINT64_MAX;  // blocks with this number and greater ones are left alone
    std::uint64_t total_bytes_ = 0;
    std::uint64_t done_bytes_ = 0;
    ReindexReport out_;
};

}  // namespace

Result<ReindexReport> reindex_blocks(Core& core, const ReindexRequest& request, const Progress& progress) {
    NM_TRY(core.writable());
    const std::unique_lock running(core.reindexing, std::try_to_lock);
    if (!running.owns_lock()) return Error{Code::busy, "a reindexing is running already"};
    return Reindexing(core, request, progress).run();
}

}  // namespace nmstore
