#include "server/replication_cells.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace nmstore::server {
namespace {

using Kind = CloudsandraWrite::Kind;

constexpr std::size_t kMaxGathered = std::size_t{1} << 20;  // of names and values, then they are told
constexpr std::size_t kMaxCells = 2000;                     // in one post
constexpr std::size_t kPage = 200;                          // of cells that are read at once
constexpr std::int64_t kNearMs = 10'000;  // lines so near to each other are read with what is between them

std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

CloudsandraConversion::CloudsandraConversion(const Store& store, std::int64_t now_ms, Tell tell)
    : store_(store), now_ms_(now_ms), tell_(std::move(tell)) {}

Result<void> CloudsandraConversion::add(const JournalRecord& record, bool without_counters) {
    number_ = record.number;
    NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
    JournalStep each;
    while (true) {
        NM_ASSIGN(const bool more, reader.next(each));
        if (!more) break;
        NM_TRY(step(each, without_counters));
    }
    return put_lines();
}

Result<void> CloudsandraConversion::add_copied(const JournalRecord& record) {
    is_copy_ = true;
    return add(record);
}

Result<void> CloudsandraConversion::step(const JournalStep& step, bool without_counters) {
    using Step = JournalStep::Kind;
    CloudsandraWrite write;
    write.family = step.family;
    write.row = step.row;
    write.column = step.column;
    switch (step.kind) {
        case Step::put_cell:
            return put(step.family, step.row, step.column, step.value, step.expires_at_ms);
        case Step::line:
            lines_[std::string(step.row)].push_back({step.time_ms, step.time_ms});
            return {};
        case Step::block:
            blocks_[std::string(step.row)].push_back({step.first_ms, step.last_ms});
            return {};
        case Step::remove_cell:
            write.kind = Kind::remove_cell;
            NM_TRY(flush_row(step.family, step.row));
            return tell(std::move(write));
        case Step::remove_row:
            if (is_copy_) return {};
            write.kind = Kind::remove_row;
            NM_TRY(flush_row(step.family, step.row));
            return tell(std::move(write));
        case Step::drop_family:
            if (is_copy_) return {};
            write.kind = Kind::drop_family;
            NM_TRY(flush_family(write.family));
            return tell(std::move(write));
        case Step::create_family:
            write.kind = Kind::create_family;
            write.type = step.type;
            return tell(std::move(write));
        case Step::declare_column:
            write.kind = Kind::declare_column;
            write.type = step.type;
            write.indexed = step.indexed;
            NM_TRY(flush_family(write.family));
            return tell(std::move(write));
        case Step::add: {
            if (without_counters) return {};
            auto& sum = sums_[{std::string(step.row), step.column}];
            sum = wrapped_sum(sum, step.delta);
            if (sum == 0) sums_.erase({std::string(step.row), step.column});
            return {};
        }
        case Step::set_counter:
            if (without_counters) return {};
            sums_.erase({std::string(step.row), step.column});
            values_[{std::string(step.row), step.column}] = step.delta;
            return {};
        case Step::remove_counters:
            if (without_counters || is_copy_) return {};
            forget_counters(step);
            write.kind = Kind::remove_counters;
            write.has_column = step.has_column;
            return tell(std::move(write));
        case Step::origin:     // sends of a shipper are known here, and once
        case Step::only_rows:  // what else is there cannot be listed
        case Step::only_counters:
        case Step::counters_of:
        case Step::only_families:
        case Step::begin_copy:  // a plain target has no hubs to know
        case Step::cut:
        case Step::cut_filtered:
        case Step::sources:
        case Step::end_copy:
        case Step::retold:
            return {};
    }
    return {};
}

Result<void> CloudsandraConversion::put(std::string_view family, std::string_view row,
                                        std::string_view column, std::string_view value,
                                        std::int64_t expires_at_ms) {
    auto rows = gathered_.find(family);
    if (rows == gathered_.end()) rows = gathered_.emplace(std::string(family), Rows{}).first;
    auto cells = rows->second.find(row);
    if (cells == rows->second.end()) cells = rows->second.emplace(std::string(row), Row{}).first;
    cells->second.insert_or_assign(std::string(column), Put{std::string(value), expires_at_ms});
    gathered_bytes_ += row.size() + column.size() + value.size();
    return gathered_bytes_ < kMaxGathered ? Result<void>{} : flush();
}

// The removal is told at once, what is gathered behind all else: it would come back.
void CloudsandraConversion::forget_counters(const JournalStep& removal) {
    const std::string row(removal.row);
    for (auto* const gathered : {&sums_, &values_}) {
        if (removal.has_column) {
            gathered->erase({row, removal.column});
            continue;
        }
        const auto first = gathered->lower_bound({row, ""});
        auto end = first;
        while (end != gathered->end() && end->first.first == row) ++end;
        gathered->erase(first, end);
    }
}

Result<void> CloudsandraConversion::tell(CloudsandraWrite write) {
    write.number = number_;
    return tell_(write);
}

Result<void> CloudsandraConversion::flush() {
    while (!gathered_.empty()) {
        const std::string family = gathered_.begin()->first;
        NM_TRY(flush_family(family));
    }
    gathered_bytes_ = 0;
    return {};
}

Result<void> CloudsandraConversion::flush_row(std::string_view family, std::string_view row) {
    const auto rows = gathered_.find(family);
    if (rows == gathered_.end() || rows->second.find(row) == rows->second.end()) return {};
    return flush_family(std::string(family));
}

Result<void> CloudsandraConversion::flush_family(const std::string& family) {
    const auto found = gathered_.find(family);
    if (found == gathered_.end()) return {};
    const Rows rows = std::move(found->second);
    gathered_.erase(found);
    CloudsandraWrite write;
    write.kind = Kind::cells;
    write.family = family;
    for (const auto& [row, cells] : rows) {
        for (const auto& [column, put] : cells) {
            // Also what has run out goes: it may have taken the place of something.
            const std::int64_t rest_s =
                put.expires_at_ms == 0
                    ? 0
                    : std::max<std::int64_t>(1, (put.expires_at_ms - now_ms_ + 999) / 1000);
            write.cells.push_back({row, column, put.value, rest_s});
            if (write.cells.size() < kMaxCells) continue;
            NM_TRY(tell(write));
            write.cells.clear();
        }
    }
    return write.cells.empty() ? Result<void>{} : tell(std::move(write));
}

Result<std::map<std::string, std::set<std::int64_t>>> CloudsandraConversion::times_of_blocks() const {
    std::map<std::string, std::set<std::int64_t>> times;
    if (blocks_.empty()) return times;
    // A commit's record and its change have one number.
    NM_ASSIGN(const std::vector<Change> changes, store_.read_changes(number_, 1));
    if (changes.empty() || changes.front().number != number_) return times;
    for (const ChangedRow& changed : changes.front().rows) {
        NM_ASSIGN(const std::optional<LogRow> row, store_.log_row(changed.row));
        if (!row || !blocks_.contains(row->key)) continue;
        NM_ASSIGN(const auto cursor, store_.changed_lines(changes.front(), changed, *row));
        while (true) {
            NM_ASSIGN(const bool more, cursor->next());
            if (!more) break;
            times[row->key].insert(cursor->line().id.time_ms);
        }
    }
    return times;
}

Result<void> CloudsandraConversion::put_lines() {
    NM_ASSIGN(const auto of_blocks, times_of_blocks());
    auto lines = std::exchange(lines_, {});
    std::set<std::string> inexact;
    for (const auto& [row, blocks] : std::exchange(blocks_, {})) {
        auto& times = lines[row];
        if (const auto known = of_blocks.find(row); known != of_blocks.end()) {
            for (const std::int64_t time_ms : known->second) times.push_back({time_ms, time_ms});
        } else {
            times.insert(times.end(), blocks.begin(), blocks.end());
            inexact.insert(row);
        }
    }
    for (auto& [row, times] : lines) {
        std::sort(times.begin(), times.end(),
                  [](const Times& a, const Times& b) { return a.first_ms < b.first_ms; });
        // What lies between in time is of other records, and is not sent once more with each of them.
        std::set<std::int64_t> exact;
        for (const Times& each : times) exact.insert(each.first_ms);
        if (!inexact.contains(row)) {
            NM_TRY(put_range(row, {*exact.begin(), *exact.rbegin()}, &exact));
            continue;
        }
        Times range = times.front();
        for (const Times& each : times) {
            if (each.first_ms <= range.last_ms + kNearMs) {
                range.last_ms = std::max(range.last_ms, each.last_ms);
                continue;
            }
            NM_TRY(put_range(row, range, nullptr));
            range = each;
        }
        NM_TRY(put_range(row, range, nullptr));
    }
    return {};
}

Result<void> CloudsandraConversion::put_range(const std::string& row, Times times,
                                              const std::set<std::int64_t>* wanted) {
    SliceRange range;
    range.from = std::to_string(times.first_ms);
    range.to = std::to_string(times.last_ms);
    range.limit = kPage;
    while (true) {
        NM_ASSIGN(const Slice slice, store_.slice(kTimeFamily, row, range));
        std::int64_t time_ms = 0;
        for (const Cell& cell : slice.cells) {
            std::from_chars(cell.column.data(), cell.column.data() + cell.column.size(), time_ms);
            if (wanted != nullptr && !wanted->contains(time_ms)) continue;
            // The next page begins with the last cell of this one.
            NM_TRY(put(kTimeFamily, row, cell.column, cell.value, cell.expires_at_ms));
        }
        if (!slice.more || slice.cells.size() < 2) return {};
        range.from = slice.cells.back().column;
        if (wanted == nullptr) continue;
        const auto next = wanted->upper_bound(time_ms);  // at once to what is wanted behind this page
        if (next == wanted->end()) return {};
        range.from = std::to_string(*next);
    }
}

Result<std::size_t> counter_steps_of(const JournalRecord& record) {
    std::size_t steps = 0;
    NM_ASSIGN(JournalReader reader, JournalReader::open(record.bytes));
    JournalStep step;
    while (true) {
        NM_ASSIGN(const bool more, reader.next(step));
        if (!more) return steps;
        if (step.kind == JournalStep::Kind::add) ++steps;
    }
}

}  // namespace nmstore::server
