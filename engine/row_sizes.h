// How much room rows take on disk: the stored bytes of their blocks, which are known exactly, and their share
// of the files that hold entries, which is about. What is only in memory yet takes none.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core.h"

namespace nmstore {

// Rows with numbers from first to last, both inclusive.
struct RowSpan {
    RowId first = 0;
    RowId last = 0;
};
std::vector<kv::PartitionRange> partitions_of(const std::vector<RowSpan>& spans);

Result<std::uint64_t> row_bytes(const Core& core, RowId row);

// Runs of numbers without a gap; `ids` in order.
std::vector<RowSpan> consecutive_rows(const std::vector<RowId>& ids);

// The whole store without its log, and without what rows that have been removed still hold in files. `spans`
// are the rows of all time families; not given, files of entries count as a whole: cheaper, and hardly less.
Result<std::uint64_t> store_bytes(const Core& core, const std::vector<RowSpan>* spans = nullptr);

// Runs of those numbers of `of` that have no others of `among` between them; both in order, `of` a part of
// `among`. Where these are more than `most`, those that lie nearest to each other are one.
std::vector<RowSpan> row_spans(const std::vector<RowId>& of, const std::vector<RowId>& among,
                               std::size_t most);

}  // namespace nmstore
