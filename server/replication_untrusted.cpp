#include "server/replication_untrusted.h"

#include <set>

#include "ingest/json_text.h"
#include "nmstore/journal_check.h"
#include "nmstore/store.h"

namespace nmstore::server {
namespace {

using Kind = JournalStep::Kind;

bool is_of_copy(const JournalStep& step) {
    return step.stamp != 0 || step.kind == Kind::only_rows || step.kind == Kind::only_families ||
           step.kind == Kind::only_counters || step.kind == Kind::counters_of ||
           step.kind == Kind::set_counter || step.kind == Kind::begin_copy || step.kind == Kind::cut ||
           step.kind == Kind::cut_filtered || step.kind == Kind::sources || step.kind == Kind::end_copy ||
           step.kind == Kind::retold;
}

bool is_of_family(Kind kind) {
    return kind == Kind::create_family || kind == Kind::drop_family || kind == Kind::declare_column;
}

// Longer names are refused where they are written, one by one.
bool is_too_long(const JournalReader& reader, const JournalStep& step) {
    // Of numbers the text is longer than what is kept.
    constexpr std::size_t kMostColumn = 4 * kMaxColumnNameBytes;
    return step.family.size() > kMaxFamilyNameBytes || step.row.size() > kMaxRowKeyBytes ||
           step.column.size() > kMostColumn || reader.display().size() > kMaxRowKeyBytes ||
           (step.kind == Kind::origin && step.value.size() > kMaxSourceBytes);
}

// Of all records of a post.
class Cost {
  public:
    Result<void> add(const JournalStep& step, ValueType comparator) {
        sum_ += of(step, comparator);
        // One that is not there is made.
        const bool is_new = !step.family.empty() && families_.emplace(step.family).second;
        if (is_new && !is_of_family(step.kind)) sum_ += kCostOfFamily;
        if (step.kind == Kind::origin && sources_.emplace(step.value).second) sum_ += kCostOfSource;
        if (sum_ <= kMostUntrustedCost) return {};
        return Error{Code::too_large,
                     "more than " + std::to_string(kMostUntrustedCost) + " steps in one post, or " +
                         std::to_string(kMostUntrustedCost / kCostOfRemoval) + " removals of rows, " +
                         std::to_string(kMostUntrustedCost / kCostOfCellRemoval) + " of times, or " +
                         std::to_string(kMostUntrustedCost / kCostOfFamily) +
                         " families and columns of these, or " +
                         std::to_string(kMostUntrustedCost / kCostOfIndex) + " indexes, need the role admin"};
    }

  private:
    static std::uint64_t of(const JournalStep& step, ValueType comparator) {
        switch (step.kind) {
            case Kind::block:
                return 1 + step.lines / kLinesForOne;
            case Kind::remove_row:
            case Kind::remove_counters:
                return kCostOfRemoval;
            case Kind::remove_cell:
                return comparator == ValueType::long_ ? kCostOfCellRemoval : 1;
            case Kind::declare_column:
                return step.indexed ? kCostOfIndex : kCostOfFamily;
            default:
                return is_of_family(step.kind) ? kCostOfFamily : 1;
        }
    }

    std::uint64_t sum_ = 0;
    std::set<std::string, std::less<>> families_, sources_;
};

// What can be told without looking into blocks.
Result<void> check_steps(const JournalRecordView& record, std::int64_t now_ms, Cost& cost) {
    const std::string which = "record " + std::to_string(record.number);
    auto reader = JournalReader::open(record.bytes);
    if (!reader.ok()) return Error{Code::invalid_argument, reader.error().message};
    if (!reader->origin().empty()) return lack_replication_admin(which + " was written at another hub first");
    if (reader->time_ms() > now_ms + kMostAheadMs)
        return Error{Code::conflict,
                     which + " is more than " + std::to_string(kMostAheadMs / 1000) +
                         " s ahead of this hub's clock, and comes by credentials that lack the "
                         "role admin: it is taken then"};
    JournalStep step;
    for (;;) {
        const auto more = reader->next(step);
        if (!more.ok()) return Error{Code::invalid_argument, more.error().message};
        if (!*more) return {};
        if (is_of_copy(step)) return lack_replication_admin(which + " is of a full copy");
        if (is_too_long(*reader, step))
            return Error{Code::invalid_argument, which + " has a name that is too long"};
        NM_TRY(cost.add(step, reader->comparator()));
    }
}

}  // namespace

Error lack_replication_admin(const std::string& what) {
    return {Code::conflict, what + ": these credentials lack the role admin"};
}

Result<void> check_untrusted_records(const std::vector<JournalRecordView>& records, std::int64_t now_ms) {
    Cost cost;
    for (const JournalRecordView& record : records) NM_TRY(check_steps(record, now_ms, cost));
    std::uint64_t text_left = kMostUntrustedText;
    for (const JournalRecordView& record : records)
        NM_TRY(check_journal_lines(record.bytes, ingest::is_compact_object, text_left));
    return {};
}

}  // namespace nmstore::server
