#include "engine/kept_records.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

constexpr std::uint64_t kBytesOfRecord = 32;  // that one takes besides itself, about
constexpr std::uint64_t kMostParts = 1024;    // that are told apart when opening, and one for each run

}  // namespace

KeptRecords::KeptRecords(kv::Database& database, std::string_view partition, std::string_view mark,
                         std::uint64_t part_bytes, std::int64_t part_ms)
    : database_(database), partition_(partition), mark_(mark), part_bytes_(part_bytes), part_ms_(part_ms) {}

Result<ChangeNumber> KeptRecords::open(const TimeOf& time_of, unsigned run_bits) {
    NM_ASSIGN(const auto forgotten, database_.get(kv::Space::meta, key::kChanges, mark_));
    if (forgotten) {
        NM_ASSIGN(first_, record::parse_number(*forgotten));
    }
    const auto cursor = database_.cursor(kv::Space::changes, partition_);
    // What is before the first may be damaged, and given up for that: it is not read again.
    cursor->seek(key::change(first_));
    NM_TRY(cursor->status());
    if (!cursor->valid()) return ChangeNumber{0};
    cursor->seek_last();
    NM_TRY(cursor->status());
    NM_ASSIGN(const ChangeNumber last, key::parse_change(cursor->key()));
    NM_ASSIGN(const std::int64_t time_ms, time_of(cursor->value()));
    const std::string partition(partition_);
    NM_ASSIGN(const auto bytes, database_.sizes(kv::Space::changes, {{partition, partition}}));
    NM_TRY(mark_what_is_there(*cursor, run_bits, bytes.front(), time_ms));
    return last + 1;
}

// So that it goes in parts as well. How much it is the files tell; all numbers are taken to be alike.
Result<void> KeptRecords::mark_what_is_there(kv::Cursor& cursor, unsigned run_bits, std::uint64_t bytes,
                                             std::int64_t time_ms) {
    std::vector<std::pair<ChangeNumber, ChangeNumber>> runs;  // first and last
    std::uint64_t records = 0;
    for (cursor.seek(key::change(first_)); cursor.valid();) {
        NM_ASSIGN(const ChangeNumber first, key::parse_change(cursor.key()));
        const ChangeNumber next_run = ((first >> run_bits) + 1) << run_bits;
        cursor.seek_for_prev(key::change(next_run - 1));
        NM_TRY(cursor.status());
        if (!cursor.valid()) break;
        NM_ASSIGN(const ChangeNumber last, key::parse_change(cursor.key()));
        runs.emplace_back(first, last);
        records += last - first + 1;
        cursor.seek(key::change(next_run));
    }
    NM_TRY(cursor.status());
    const std::uint64_t parts =
        std::clamp<std::uint64_t>(bytes / std::max<std::uint64_t>(part_bytes_, 1), 1, kMostParts);
    const std::uint64_t of_part = std::max<std::uint64_t>(records / parts, 1);
    for (const auto& [first, last] : runs) {
        for (ChangeNumber from = first; from <= last; from += of_part) {
            const ChangeNumber to = std::min(last, from + of_part - 1);
            const auto share = static_cast<double>(to - from + 1) / static_cast<double>(records);
            marks_.push_back(
                {to, static_cast<std::uint64_t>(share * static_cast<double>(bytes)), time_ms, time_ms});
            bytes_ += marks_.back().bytes;
        }
    }
    return {};
}

void KeptRecords::put(kv::Batch& batch, ChangeNumber number, std::string_view record) const {
    batch.put(kv::Space::changes, partition_, key::change(number), record);
}

void KeptRecords::note(ChangeNumber number, std::size_t record_bytes, std::int64_t time_ms) {
    // Else it would go with what came long before it.
    if (open_.bytes != 0 && time_ms - open_.first_ms > part_ms_) close_part();
    if (open_.bytes == 0) open_.first_ms = open_.last_ms = time_ms;
    open_.last = std::max(open_.last, number);
    open_.bytes += record_bytes + kBytesOfRecord;
    open_.last_ms = std::max(open_.last_ms, time_ms);
    if (open_.bytes > part_bytes_) close_part();
}

void KeptRecords::close_part() {
    bytes_ += open_.bytes;
    // Commits end in any order.
    if (!marks_.empty()) open_.last = std::max(open_.last, marks_.back().last);
    marks_.push_back(std::exchange(open_, {}));
}

bool KeptRecords::goes(const Mark& mark, const Bounds& bounds) const {
    return mark.last < bounds.settled &&
           (bytes() - mark.bytes >= std::max<std::uint64_t>(bounds.bytes, 1) ||
            bounds.now_ms - mark.last_ms > bounds.keep_ms ||
            (mark.last < bounds.before &&
             (bytes_ > bounds.spare_bytes || bounds.now_ms - mark.last_ms > bounds.spare_ms)));
}

ChangeNumber KeptRecords::trim(const Bounds& bounds) {
    if (open_.bytes != 0 && bounds.now_ms - open_.first_ms > part_ms_) close_part();
    ChangeNumber first = 0;
    while (!marks_.empty() && goes(marks_.front(), bounds)) {
        first = std::max(first_, marks_.front().last + 1);
        bytes_ -= marks_.front().bytes;
        marks_.pop_front();
    }
    if (first != 0) first_ = first;
    return first;
}

void KeptRecords::erase(kv::Batch& batch, ChangeNumber before) const {
    batch.put(kv::Space::meta, key::kChanges, mark_, record::number(before));
    batch.remove_range(kv::Space::changes, partition_, key::change(0), key::change(before));
}

}  // namespace nmstore
