#include <set>

#include "engine/batches.h"
#include "engine/commit.h"
#include "engine/key.h"
#include "engine/line_cut.h"
#include "engine/record.h"
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

class LineBatchOfStore final : public LineBatch {
  public:
    explicit LineBatchOfStore(Core& core)
        : core_(core), batch_(core.database->new_batch()), family_(core.families.find(kTimeFamily)) {
        if (family_ != nullptr && family_->schema()->info.is_time_family()) {
            writes_.emplace(core, *batch_, family_);
        }
    }

    Result<void> append(const NewLine& line) override {
        NM_TRY(core_.writable());
        NM_TRY(there());
        if (line.text.find('\n') != std::string_view::npos) return wrong("the line holds a newline");
        if (line.fields.size() > kMaxLineBytes)
            return wrong("the line's fields are longer than a line may be");
        if (line.client != client_ || line.log != log_ || day_of(line.time_ms) != day_) NM_TRY(turn_to(line));
        NM_ASSIGN(const std::uint64_t sequence, core_.sequences.take());
        std::string_view text = line.text;
        if (is_too_long(text)) {
            cut_ = kept_of_line(text);
            cut_ += kCutMark;
            text = cut_;
            ++lines_cut_;
        }
        const std::string_view display = log_ == log_key_ ? std::string_view() : std::string_view(log_);
        return writes_->put_line(row_, line.time_ms, sequence, text, line.fields, display);
    }

    std::size_t bytes() const override { return batch_->bytes(); }

    void set_origin(std::string_view source, std::uint64_t sequence) override {
        source_ = source;
        sequence_ = sequence;
    }

    Result<CommitResult> commit() override {
        NM_TRY(core_.writable());
        NM_TRY(there());
        if (committed_) return Error{Code::conflict, "the batch has been committed before"};
        committed_ = true;
        NM_ASSIGN(const std::uint64_t ticket, apply());
        if (repeated_) {
            // What was sent before may have been applied this very moment.
            NM_TRY(core_.wait_for_all());
            ++core_.activity.commits_repeated;
            return CommitResult{0, true};
        }
        NM_TRY(core_.wait(ticket));
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

    // Makes the row of this line the current one.
    Result<void> turn_to(const NewLine& line) {
        NM_TRY(check_name("client", line.client));
        NM_TRY(check_name("log", line.log));
        std::string log_key = log_key_name(line.log);
        std::string row =
            format_day_row({std::string(line.client), RowKind::logs, log_key, day_of(line.time_ms)});
        const auto parsed = parse_day_row(row);
        if (!parsed || parsed->client != line.client)
            return wrong("the client's name cannot stand in a row key");
        if (row.size() > kMaxRowKeyBytes) return wrong("the names of client and log are too long");
        client_ = line.client;
        log_ = line.log;
        log_key_ = std::move(log_key);
        row_ = std::move(row);
        day_ = day_of(line.time_ms);
        seen_.emplace(client_, log_key_);
        return {};
    }

    // Sets repeated_, or applies the batch and gives its ticket.
    Result<std::uint64_t> apply() {
        std::vector<std::unique_lock<std::mutex>> held;
        if (!source_.empty()) {
            RowLocks::Stripes stripe;
            stripe.set(RowLocks::stripe_of(std::hash<std::string>{}(source_)));
            held = core_.origin_locks.lock(stripe);
            NM_ASSIGN(const auto last, core_.database->get(kv::Space::meta, key::kOrigins, source_));
            if (last) {
                NM_ASSIGN(const std::uint64_t committed, record::parse_number(*last));
                repeated_ = sequence_ <= committed;
                if (repeated_) return std::uint64_t{0};
            }
            batch_->put(kv::Space::meta, key::kOrigins, source_, record::number(sequence_));
        }
        std::vector<FamilyWrites*> parts{&*writes_};
        std::optional<FamilyWrites> notes;
        std::vector<std::string> noted;
        const std::int64_t now_ms = core_.clock.now_ms();
        if (const FamilyPtr family = core_.families.find(kIndexFamily)) {
            notes.emplace(core_, *batch_, family);
            noted = note(*notes, now_ms);
            if (!noted.empty()) parts.push_back(&*notes);
        }
        NM_ASSIGN(const std::uint64_t ticket, apply_writes(core_, *batch_, parts));
        for (const std::string& name : noted) core_.presence.noted(name, now_ms);
        return ticket;
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
    std::optional<FamilyWrites> writes_;  // none: there is no family for lines
    std::string source_;
    std::uint64_t sequence_ = 0;
    std::set<std::pair<std::string, std::string>> seen_;  // client and log, as in keys
    std::string client_, log_, log_key_, row_;            // of the last line
    std::int32_t day_ = 0;
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
