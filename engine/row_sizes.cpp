#include "engine/row_sizes.h"

#include <algorithm>
#include <functional>

#include "engine/key.h"
#include "engine/own_counter.h"
#include "engine/stored_block.h"

namespace nmstore {
namespace {

std::uint64_t sum_of(const std::vector<std::uint64_t>& sizes) {
    std::uint64_t sum = 0;
    for (const std::uint64_t size : sizes) sum += size;
    return sum;
}

}  // namespace

std::vector<kv::PartitionRange> partitions_of(const std::vector<RowSpan>& spans) {
    std::vector<kv::PartitionRange> out;
    out.reserve(spans.size());
    for (const RowSpan& span : spans) out.push_back({key::row(span.first), key::row(span.last)});
    return out;
}

Result<std::uint64_t> row_bytes(const Core& core, RowId row) {
    const auto blocks = list_blocks(core, row);
    // Of a damaged row what can be told: it is not to keep others from being dropped.
    if (!blocks.ok() && blocks.error().code != Code::corruption) return blocks.error();
    NM_ASSIGN(const std::vector<std::uint64_t> entries,
              core.database->sizes(kv::Space::entries, partitions_of({{row, row}})));
    std::uint64_t bytes = sum_of(entries);
    for (const BlockInfo& block : blocks.ok() ? *blocks : std::vector<BlockInfo>())
        bytes += block.stored_bytes;
    return bytes;
}

Result<std::uint64_t> store_bytes(const Core& core, const std::vector<RowSpan>* spans) {
    std::uint64_t bytes = own_counter(core, key::kBlockBytes);
    for (std::size_t i = 0; i < kv::kSpaces; ++i) {
        const auto space = static_cast<kv::Space>(i);
        if (space == kv::Space::blocks || (space == kv::Space::entries && spans != nullptr)) continue;
        NM_ASSIGN(const std::uint64_t size, core.database->space_size(space));
        bytes += size;
    }
    if (spans != nullptr) {
        NM_ASSIGN(const std::vector<std::uint64_t> entries,
                  core.database->sizes(kv::Space::entries, partitions_of(*spans)));
        bytes += sum_of(entries);
    }
    return bytes;
}

std::vector<RowSpan> consecutive_rows(const std::vector<RowId>& ids) {
    std::vector<RowSpan> out;
    for (const RowId id : ids) {
        if (!out.empty() && id == out.back().last + 1) {
            out.back().last = id;
        } else {
            out.push_back({id, id});
        }
    }
    return out;
}

std::vector<RowSpan> row_spans(const std::vector<RowId>& of, const std::vector<RowId>& among,
                               std::size_t most) {
    std::vector<RowSpan> runs;
    auto next = among.begin();
    for (const RowId id : of) {
        if (!runs.empty() && next != among.end() && *next == id) {
            runs.back().last = id;
        } else {
            runs.push_back({id, id});
            next = std::lower_bound(among.begin(), among.end(), id);
        }
        if (next != among.end()) ++next;
    }
    if (runs.size() <= most || most == 0) return runs;

    std::vector<RowId> gaps;
    for (std::size_t i = 1; i < runs.size(); ++i) gaps.push_back(runs[i].first - runs[i - 1].last);
    std::nth_element(gaps.begin(), gaps.begin() + static_cast<std::ptrdiff_t>(most - 1), gaps.end(),
                     std::greater<>());
    const RowId least_gap = gaps[most - 1];  // gaps over this one stay
    std::vector<RowSpan> out{runs.front()};
    for (std::size_t i = 1; i < runs.size(); ++i) {
        if (runs[i].first - out.back().last > least_gap) {
            out.push_back(runs[i]);
        } else {
            out.back().last = runs[i].last;
        }
    }
    return out;
}

}  // namespace nmstore
