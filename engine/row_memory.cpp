#include "engine/row_memory.h"

#include <algorithm>
#include <utility>

#include "engine/key.h"

namespace nmstore {
namespace {

constexpr std::size_t kRowBytes = 200;  // what a map needs for a row, about

std::vector<RowId> rows_of(const kv::Batch& batch, kv::Space space) {
    std::vector<RowId> rows;
    for (const std::string& partition : batch.partitions(space)) {
        const Result<RowId> row = key::parse_row(partition);
        NM_CHECK(row.ok());
        rows.push_back(*row);
    }
    return rows;
}

}  // namespace

RowMemory::Change::Change(RowMemory& memory, const kv::Batch& batch) : memory_(memory) {
    rows_[kBlocks] = rows_of(batch, kv::Space::blocks);
    rows_[kEntries] = rows_of(batch, kv::Space::entries);
    for (const Kind kind : {kBlocks, kEntries}) memory_.begin_change(rows_[kind], kind);
}

RowMemory::Change::~Change() {
    for (const Kind kind : {kBlocks, kEntries}) memory_.end_change(rows_[kind], kind);
}

void RowMemory::begin_change(const std::vector<RowId>& rows, Kind kind) {
    if (rows.empty()) return;
    const std::lock_guard lock(mutex_);
    const std::uint64_t now = now_();
    for (const RowId row : rows) {
        ++rows_[kind].changing[row];
        const auto at = rows_[kind].known.find(row);
        if (at == rows_[kind].known.end()) continue;
        ++at->second.changing;
        at->second.turn = ++turns_;
        at->second.to = std::min(at->second.to, now);
    }
}

void RowMemory::end_change(const std::vector<RowId>& rows, Kind kind) {
    if (rows.empty()) return;
    const std::lock_guard lock(mutex_);
    const std::uint64_t now = now_();
    for (const RowId row : rows) {
        const auto changing = rows_[kind].changing.find(row);
        if (--changing->second == 0) rows_[kind].changing.erase(changing);
        const auto at = rows_[kind].known.find(row);
        if (at == rows_[kind].known.end()) continue;
        --at->second.changing;
        at->second.changed_at = now;
    }
}

RowMemory::Asked RowMemory::ask(RowId id, Kind kind, std::uint64_t moment) {
    const std::lock_guard lock(mutex_);
    ++asks_;
    Rows& rows = rows_[kind];
    auto at = rows.known.find(id);
    if (at == rows.known.end()) {
        if (!has_room(kRowBytes)) return {};
        at = rows.known.try_emplace(id).first;
        bytes_ += kRowBytes;
        const auto changing = rows.changing.find(id);
        at->second.changing = changing == rows.changing.end() ? 0 : changing->second;
        at->second.turn = ++turns_;
        at->second.changed_at = now_();  // of what was before it knows nothing
    }
    Row& row = at->second;
    row.asked = true;
    if (row.known && row.from <= moment && moment <= row.to) return {true, row.fact, 0};
    return {false, {}, row.changing == 0 && row.changed_at <= moment ? row.turn : 0};
}

void RowMemory::keep(RowId id, Kind kind, std::uint64_t turn, Fact fact) {
    const std::size_t bytes = bytes_of(fact);
    const std::lock_guard lock(mutex_);
    if (!has_room(bytes)) return;
    const auto at = rows_[kind].known.find(id);
    if (at == rows_[kind].known.end() || at->second.turn != turn) return;
    Row& row = at->second;
    bytes_ += bytes;
    bytes_ -= bytes_of(row.fact);
    row.known = true;
    row.from = row.changed_at;
    row.to = UINT64_MAX;
    row.fact = std::move(fact);
}

// Forgets what was not asked for since this was tried last, though not so often that a query over too many
// rows makes room for itself by what it is about to ask for.
bool RowMemory::has_room(std::size_t bytes) {
    if (bytes_ + bytes <= capacity_bytes_) return true;
    const std::size_t known = rows_[kBlocks].known.size() + rows_[kEntries].known.size();
    if (asks_ < 4 * known) return false;
    asks_ = 0;
    for (Rows& rows : rows_) {
        for (auto at = rows.known.begin(); at != rows.known.end();) {
            Row& row = at->second;
            if (std::exchange(row.asked, false) || row.changing != 0) {
                ++at;
                continue;
            }
            bytes_ -= kRowBytes + bytes_of(row.fact);
            at = rows.known.erase(at);
        }
    }
    return bytes_ + bytes <= capacity_bytes_;
}

std::size_t RowMemory::bytes_of(const Fact& fact) {
    return fact.blocks == nullptr ? 0 : fact.blocks->size() * sizeof(BlockInfo);
}

std::size_t RowMemory::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

}  // namespace nmstore
