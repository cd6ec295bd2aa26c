// Stores that tell each other what they write, without a network between them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "nmstore/store.h"
#include "tests/engine/open_store.h"

namespace nmstore::testing {

inline constexpr std::int64_t kMorning = 1'308'700'800'000;

inline JournalOptions kept(std::uint64_t bytes = std::uint64_t{1} << 30) {
    JournalOptions out;
    out.on = true;
    out.keep_bytes = bytes;
    return out;
}

struct Hub {
    explicit Hub(const JournalOptions& journal = kept(), std::int64_t now_ms = kMorning) : clock(now_ms) {
        options.directory = directory / "data";
        options.clock = &clock;
        options.journal = journal;
        options.sealing.background = false;
        options.upkeep.background = false;
        open();
    }
    void open() {
        store.reset();
        store = must(Store::open(options));
    }
    Store* operator->() { return store.get(); }

    void put(const std::string& row, const std::string& column, const std::string& value,
             const std::string& family = std::string(kIndexFamily), std::int64_t ttl = 0) {
        const auto batch = must(store->begin_cells(family));
        must(batch->put(row, column, value, ttl));
        must(batch->commit());
    }
    // column "": the whole row
    void remove(const std::string& row, const std::string& column = "") {
        must(column.empty() ? store->remove_row(kIndexFamily, row)
                            : store->remove_cell(kIndexFamily, row, column));
    }
    void append(const std::string& log, std::int64_t time_ms, const std::string& text,
                const std::string& fields = "") {
        const auto batch = store->begin_lines();
        must(batch->append({"c", log, time_ms, text, fields}));
        must(batch->commit());
    }
    void count(const std::string& row, const std::string& column, std::int64_t delta) {
        const auto batch = store->begin_counters();
        must(batch->add(row, column, delta));
        must(batch->commit());
    }

    TempDirectory directory;
    FakeClock clock;
    StoreOptions options;
    std::unique_ptr<Store> store;
};

// All that a user sees, as text.
inline std::vector<std::string> content(const Store& store) {
    std::vector<std::string> out;
    for (const FamilyInfo& family : store.families()) {
        out.push_back("family " + family.name + " " + std::string(value_type_name(family.comparator)));
        for (const ColumnInfo& column : family.columns)
            out.push_back("column " + column.name + " " + std::string(value_type_name(column.type)) +
                          (column.indexed ? " indexed" : ""));
        for (const std::string& row : must(store.rows(family.name, "", "", 1'000'000))) {
            SliceRange range;
            range.limit = 1'000'000;
            for (const Cell& cell : must(store.slice(family.name, row, range)).cells)
                out.push_back(family.name + "/" + row + "/" + cell.column + "=" + cell.value + " until " +
                              std::to_string(cell.expires_at_ms));
        }
    }
    for (const LogRow& row : must(store.log_rows({}))) {
        const auto lines = must(store.lines(row, {}));
        while (must(lines->next()))
            out.push_back("line " + row.key + " (" + row.log + ") " +
                          std::to_string(lines->line().id.time_ms) + " " + std::string(lines->line().text) +
                          " " + std::string(lines->line().fields));
    }
    for (const std::string& row : must(store.counter_rows("", "", 1'000'000))) {
        for (const Counter& counter : must(store.counters(row, "", 1'000'000)))
            out.push_back("counter " + row + "/" + counter.column + "=" + std::to_string(counter.value));
    }
    std::sort(out.begin(), out.end());
    return out;
}

inline std::string difference(const Hub& a, const Hub& b) {
    const auto first = content(*a.store);
    const auto second = content(*b.store);
    std::vector<std::string> differing;
    std::set_difference(first.begin(), first.end(), second.begin(), second.end(),
                        std::back_inserter(differing));
    for (std::string& each : differing) each = "only at the first: " + each;
    std::vector<std::string> other;
    std::set_difference(second.begin(), second.end(), first.begin(), first.end(), std::back_inserter(other));
    for (const std::string& each : other) differing.push_back("only at the second: " + each);
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(differing.size(), 10); ++i) out += differing[i] + "\n";
    UNSCOPED_INFO(out);
    return out;
}

// What a sender does, as far as the store matters.
inline Result<AppliedJournal> try_send(Hub& from, Hub& to, std::size_t max_bytes = SIZE_MAX,
                                       const std::string& stream = "") {
    const JournalLink link{from->hub_id(), stream};
    const ChangeNumber position = must(to->journal_position(link)).value_or(0);
    const ChangeNumber end = from->journal().end;
    const std::vector<JournalRecord> records = must(from->read_journal(position, max_bytes));
    std::vector<JournalRecordView> views;
    for (const JournalRecord& record : records) {
        if (must(JournalReader::open(record.bytes)).origin() == to->hub_id()) continue;
        views.push_back({record.number, record.bytes});
    }
    return to->apply_journal(link, views,
                             max_bytes == SIZE_MAX ? end
                             : records.empty()     ? end
                                                   : records.back().number + 1);
}
inline AppliedJournal send(Hub& from, Hub& to, std::size_t max_bytes = SIZE_MAX,
                           const std::string& stream = "") {
    return must(try_send(from, to, max_bytes, stream));
}

// As send(), over a link of its own that brings what the filter wants.
inline Result<AppliedJournal> try_send_part(Hub& from, Hub& to, const std::string& stream,
                                            const JournalFilter& wanted, std::size_t max_bytes = SIZE_MAX) {
    const JournalLink link{from->hub_id(), stream};
    const ChangeNumber position = must(to->journal_position(link)).value_or(0);
    const std::vector<JournalRecord> records = must(from->read_journal(position, max_bytes));
    std::vector<JournalRecord> parts;
    for (const JournalRecord& record : records) {
        if (must(JournalReader::open(record.bytes)).origin() == to->hub_id()) continue;
        std::string part = must(filter_journal_record(record.bytes, wanted));
        if (!part.empty()) parts.push_back({record.number, std::move(part)});
    }
    std::vector<JournalRecordView> views;
    for (const JournalRecord& part : parts) views.push_back({part.number, part.bytes});
    // What is behind the last record may be used again.
    return to->apply_journal(link, views, records.empty() ? position : records.back().number + 1);
}
inline AppliedJournal send_part(Hub& from, Hub& to, const std::string& stream, const JournalFilter& wanted) {
    return must(try_send_part(from, to, stream, wanted));
}

inline void copy(Hub& from, Hub& to, std::size_t max_bytes) {
    const JournalLink link{from->hub_id(), "copy 1"};
    must(to->apply_journal(link, {}, 1));
    const auto copied = must(from->copy_for_journal({}));
    while (const auto record = must(copied->next(max_bytes)))
        must(to->apply_journal(link, {{record->number, record->bytes}}, record->number + 1));
    must(to->set_journal_position({from->hub_id(), ""}, copied->at()));
    must(to->set_journal_position(link, std::nullopt));
}

}  // namespace nmstore::testing
