#include "engine/number_reserve.h"

#include <algorithm>

#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {

NumberReserve::NumberReserve(kv::Database& database, std::string name, std::uint64_t chunk)
    : database_(database), name_(std::move(name)), chunk_(chunk) {
    NM_CHECK(chunk_ > 0);
}

Result<NumberReserve::Range> NumberReserve::take_up_to(std::uint64_t most) {
    const std::lock_guard guard(mutex_);
    if (next_ == end_) NM_TRY(reserve());
    const std::uint64_t first = next_;
    next_ += std::min(most, end_ - next_);
    return Range{first, next_};
}

Result<void> NumberReserve::reserve() {
    std::uint64_t begin = end_;
    if (begin == 0) {
        NM_ASSIGN(const auto mark, database_.get(kv::Space::meta, key::kReserved, name_));
        begin = 1;
        if (mark) {
            NM_ASSIGN(begin, record::parse_number(*mark));
        }
    }
    const auto batch = database_.new_batch();
    batch->put(kv::Space::meta, key::kReserved, name_, record::number(begin + chunk_));
    NM_TRY(database_.apply(*batch));
    next_ = begin;
    end_ = begin + chunk_;
    return {};
}

}  // namespace nmstore
