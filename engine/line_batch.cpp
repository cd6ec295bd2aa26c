#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "engine/batches.h"
#include "engine/block/block.h"
#include "engine/block_builder.h"
#include "engine/commit.h"
#include "engine/key.h"
#include "engine/line_cut.h"
#include "engine/record.h"
#include "engine/sequence_ranges.h"
#include "engine/source_marks.h"
#include "nmstore/value_type.h"

namespace nmstore {
namespace {

Error wrong(std::string message) {
    return {Code::invalid_argument, std::move(message)};
}

Result<void> check_name(std::string_view what, std::string_view name) {
    if (name.empty()) return wrong("the " + std::string(what) + " is empty");
    if (!is_valid_utf8(name)) return wrong("the " + std::string(what) + " is not valid UTF-8");
    return {};
}

// Lines wait in memory until there are enough for a block; all rows together have at most this many bytes.
constexpr std::size_t kMaxGatheredBytes = std::size_t{16} << 20;
constexpr std::size_t kBytesOfLine = 32;  // that a line takes besides its text

class LineBatchOfStore final : public LineBatch {
  public:
    explicit LineBatchOfStore(Core& core)
        : core_(core),
          batch_(core.database->new_batch()),
          family_(core.families.find(kTimeFamily)),
          sequences_(core.sequences) {
        if (family_ != nullptr && family_->schema()->info.is_time_family()) {
            writes_.emplace(core, *batch_, family_);
            writes_->tell_journal(&draft_);
        }
    }

    Result<void> append(const NewLine& line) override {
        NM_TRY(core_.writable());
        NM_TRY(there());
        if (line.text.find('\n') != std::string_view::npos) return wrong("the line holds a newline");
        if (line.fields.size() > kMaxLineBytes)
            return wrong("the line's fields are longer than a line may be");
        if (!turn_to_recent(line)) NM_TRY(turn_to(line));
        NM_ASSIGN(const std::uint64_t sequence, sequences_.next());
        std::string_view text = line.text;
        if (is_too_long(text)) {
            cut_ = kept_of_line(text);
            cut_ += kCutMark;
            text = cut_;
            ++lines_cut_;
        }
        if (!BlockBuilder::fits(line.fields))
            return writes_->put_line(row_->key, line.time_ms, sequence, text, line.fields, row_->display());
        row_->lines.add(line.time_ms, sequence, text, line.fields);
        gathered_bytes_ += text.size() + line.fields.size() + kBytesOfLine;
        if (row_->lines.full(core_.sealing.block_bytes)) return write(*row_);
        return gathered_bytes_ < kMaxGatheredBytes ? Result<void>() : write_all();
    }

    std::size_t bytes() const override { return batch_->bytes() + draft_.steps.size() + gathered_bytes_; }

    void set_origin(std::string_view source, std::uint64_t sequence) override {
        source_ = source;
        sequence_ = sequence;
    }

    Result<CommitResult> commit() override {
        NM_TRY(core_.writable());
        NM_TRY(there());
        if (committed_) return Error{Code::conflict, "the batch has been committed before"};
        committed_ = true;
        NM_TRY(find_repeated());
        if (!repeated_) NM_TRY(write_all());
        NM_ASSIGN(Applied applied, apply());
        if (repeated_) {
            // What was sent before may have been applied this very moment.
            NM_TRY(core_.wait_for_all());
            ++core_.activity.commits_repeated;
            return CommitResult{0, true};
        }
        NM_TRY(wait_for(core_, std::move(applied)));
        core_.activity.lines_written += writes_->entries();
        core_.activity.lines_cut += lines_cut_;
        return CommitResult{writes_->entries(), false};
    }

  private:
    Result<void> there() const {
        if (writes_) return {};
        return Error{Code::not_found,
                     "there is no time family \"" + std::string(kTimeFamily) + "\" for lines"};
    }

    // A day row that lines of this batch belong to.
    struct Row {
        std::string client, log;  // as the lines name them
        std::int32_t day = 0;
        std::string log_key;  // as in the row's key
        std::string key;
        BlockBuilder lines;  // that are not in batch_ yet

        std::string_view display() const {
            return log == log_key ? std::string_view() : std::string_view(log);
        }
    };

    // Makes the row of this line the current one, if it is one of the last that were. Lines of several rows
    // often come by turns.
    bool turn_to_recent(const NewLine& line) {
        const std::int32_t day = day_of(line.time_ms);
        const auto is_its = [&](const Row* row) {
            return row != nullptr && day == row->day && line.log == row->log && line.client == row->client;
        };
        if (is_its(row_)) return true;
        for (Row* const row : recent_) {
            if (!is_its(row)) continue;
            row_ = row;
            return true;
        }
        return false;
    }

    // The same of any row.
    Result<void> turn_to(const NewLine& line) {
        NM_TRY(find_row(line));
        recent_[next_recent_++ % recent_.size()] = row_;
        return {};
    }

    Result<void> find_row(const NewLine& line) {
        const std::int32_t day = day_of(line.time_ms);
        name_.assign(line.client).append(1, '\n').append(line.log);
        name_.append(1, '\n').append(std::to_string(day));
        if (const auto known = rows_.find(name_); known != rows_.end()) {
            row_ = &known->second;
            if (row_->client == line.client && row_->log == line.log) return {};
        }
        NM_TRY(check_name("client", line.client));
        NM_TRY(check_name("log", line.log));
        std::string log_key = log_key_name(line.log);
        std::string row =
            format_day_row({std::string(line.client), RowKind::logs, log_key, day_of(line.time_ms)});
        const auto parsed = parse_day_row(row);
        if (!parsed || parsed->client != line.client)
            return wrong("the client's name cannot stand in a row key");
        if (row.size() > kMaxRowKeyBytes) return wrong("the names of client and log are too long");
        row_ = &rows_[name_];
        // Names with newlines may look like others: what is gathered for those goes first.
        if (!row_->lines.empty()) NM_TRY(write(*row_));
        row_->client = line.client;
        row_->log = line.log;
        row_->day = day;
        row_->log_key = std::move(log_key);
        row_->key = std::move(row);
        seen_.emplace(row_->client, row_->log_key);
        return {};
    }

    // Puts what is gathered for a row into the batch.
    Result<void> write(Row& row) {
        BlockBuilder& lines = row.lines;
        gathered_bytes_ -= std::min(gathered_bytes_, lines.bytes() + lines.lines() * kBytesOfLine);
        return writes_->put_lines(row.key, lines, row.display());
    }

    Result<void> write_all() {
        for (auto& [name, row] : rows_) {
            if (!row.lines.empty()) NM_TRY(write(row));
        }
        return {};
    }

    // A first look, so that nothing is built for what was committed before. The one that counts is under the
    // lock.
    Result<void> find_repeated() {
        if (source_.empty()) return {};
        if (source_.size() > kMaxSourceBytes)
            return Error{Code::invalid_argument, "the name of the batch's source has more than " +
                                                     std::to_string(kMaxSourceBytes) + " bytes"};
        if (sequence_ > kMaxSourceSequence)
            return Error{Code::invalid_argument,
                         "the batch's number is over " + std::to_string(kMaxSourceSequence)};
        NM_ASSIGN(marks_, SourceMarks::read(*core_.database, source_));
        repeated_ = marks_.any() && sequence_ <= marks_.last();
        return {};
    }

    // Sets repeated_, or applies the batch.
    Result<Applied> apply() {
        if (repeated_) return Applied();
        std::vector<std::unique_lock<std::mutex>> held;
        if (!source_.empty()) {
            RowLocks::Stripes stripe;
            stripe.set(RowLocks::stripe_of(std::hash<std::string>{}(source_)));
            held = core_.origin_locks.lock(stripe);
            NM_TRY(find_repeated());
            if (repeated_) return Applied();
            // Alone, a source's batches come in order. With other hubs some that are smaller may still come.
            if (core_.changes.keeps_journal()) {
                marks_.add(sequence_);
            } else {
                marks_.add_all_to(sequence_);
            }
            marks_.put(*batch_, source_);
            if (core_.changes.keeps_journal()) draft_.steps.origin(source_, sequence_);
        }
        std::vector<FamilyWrites*> parts{&*writes_};
        std::optional<FamilyWrites> notes;
        std::vector<std::string> noted;
        const std::int64_t now_ms = core_.clock.now_ms();
        if (const FamilyPtr family = core_.families.find(kIndexFamily)) {
            notes.emplace(core_, *batch_, family);
            notes->tell_journal(&draft_);
            noted = note(*notes, now_ms);
            if (!noted.empty()) parts.push_back(&*notes);
        }
        NM_ASSIGN(Applied applied,
                  apply_writes(core_, *batch_, parts, BatchKind::any, sequences_.taken(), &draft_));
        for (const std::string& name : noted) core_.presence.noted(name, now_ms);
        return applied;
    }

    // Where an index row cannot take a note (somebody declared its column to hold something else) there is
    // none.
    std::vector<std::string> note(FamilyWrites& notes, std::int64_t now_ms) {
        std::vector<std::string> noted;
        const std::string value = std::to_string(now_ms);
        const auto put = [&](std::string name, const std::string& row, const std::string& column) {
            if (!core_.presence.due(name, now_ms)) return;
            if (notes.put_cell(row, column, value, 0).ok()) noted.push_back(std::move(name));
        };
        const std::string* last_client = nullptr;
        for (const auto& [client, log_key] : seen_) {
            if (last_client == nullptr || *last_client != client) put(client, "clients", client);
            last_client = &client;
            put(client + '\n' + log_key, client + ":logs", log_key);
        }
        return noted;
    }

    Core& core_;
    std::unique_ptr<kv::Batch> batch_;
    const FamilyPtr family_;
    JournalDraft draft_;
    std::optional<FamilyWrites> writes_;  // none: there is no family for lines
    SequenceRanges sequences_;
    std::string source_;
    SourceMarks marks_;
    std::uint64_t sequence_ = 0;
    std::set<std::pair<std::string, std::string>> seen_;  // client and log, as in keys
    std::unordered_map<std::string, Row> rows_;           // by names and day
    Row* row_ = nullptr;                                  // of the last line
    std::array<Row*, 16> recent_{};                       // of lines before it
    std::size_t next_recent_ = 0;
    std::string name_;
    std::size_t gathered_bytes_ = 0;  // of all rows
    std::string cut_;
    std::uint64_t lines_cut_ = 0;
    bool repeated_ = false;
    bool committed_ = false;
};

}  // namespace

std::unique_ptr<LineBatch> new_line_batch(Core& core) {
    return std::make_unique<LineBatchOfStore>(core);
}

}  // namespace nmstore
