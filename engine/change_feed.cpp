#include "engine/change_feed.h"

#include <utility>

#include "engine/key.h"
#include "engine/record.h"

namespace nmstore {
namespace {

constexpr unsigned kRunShift = 40;            // numbers of one opening: 2^40
constexpr std::uint64_t kParts = 64;          // in which changes are forgotten
constexpr std::uint64_t kBytesOfRecord = 32;  // that one takes besides itself, about

}  // namespace

ChangeFeed::ChangeFeed(kv::Database& database, const Clock& clock, const ChangeOptions& options)
    : database_(database), clock_(clock), options_(options), runs_(database, "run", 1) {}

Result<void> ChangeFeed::open() {
    NM_ASSIGN(const auto forgotten, database_.get(kv::Space::meta, key::kChanges, key::kForgotten));
    if (forgotten) {
        NM_ASSIGN(first_, record::parse_number(*forgotten));
    }
    const auto cursor = database_.cursor(kv::Space::changes, key::kChangeRecords);
    cursor->seek_last();
    NM_TRY(cursor->status());
    if (cursor->valid()) {
        NM_ASSIGN(const ChangeNumber last, key::parse_change(cursor->key()));
        NM_ASSIGN(const ChangeRecord record, parse_change(cursor->value()));
        next_ = last + 1;
        // What is there is forgotten at once some day; how much it is the files tell.
        NM_ASSIGN(const std::uint64_t bytes, database_.space_size(kv::Space::changes));
        marks_.push_back({last, bytes, record.time_ms});
        bytes_ = bytes;
    }
    return {};
}

Result<ChangeFeed::Told> ChangeFeed::tell(kv::Batch& batch, const ChangeRecord& change) {
    if (change.empty()) return Told();
    const std::string record = format_change(change);
    ChangeNumber number = 0;
    {
        const std::lock_guard guard(mutex_);
        if (!began_) {
            NM_ASSIGN(const std::uint64_t run, runs_.take());
            NM_CHECK(run << kRunShift >= next_);
            next_ = run << kRunShift;
            began_ = true;
        }
        number = next_++;
        unsettled_.insert(number);
        open_mark_.last = number;
        open_mark_.bytes += record.size() + kBytesOfRecord;
        if (open_mark_.time_ms == 0) open_mark_.time_ms = change.time_ms;
    }
    Told told(*this, number);
    batch.put(kv::Space::changes, key::kChangeRecords, key::change(number), record);
    return told;
}

void ChangeFeed::settle(ChangeNumber number) {
    const std::lock_guard guard(mutex_);
    const bool oldest = *unsettled_.begin() == number;
    unsettled_.erase(number);
    if (oldest) changed_.notify_all();
}

ChangeRange ChangeFeed::range() const {
    const std::lock_guard guard(mutex_);
    return {first_, unsettled_.empty() ? next_ : *unsettled_.begin()};
}

ChangeNumber ChangeFeed::wait(ChangeNumber end, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    const auto now = [&] { return unsettled_.empty() ? next_ : *unsettled_.begin(); };
    changed_.wait_for(lock, patience, [&] { return stopped_ || now() != end; });
    return now();
}

void ChangeFeed::stop() {
    const std::lock_guard guard(mutex_);
    stopped_ = true;
    changed_.notify_all();
}

Result<void> ChangeFeed::read(ChangeNumber from,
                              const std::function<bool(ChangeNumber, std::string_view)>& each) const {
    const ChangeRange readable = range();
    from = std::max(from, readable.first);
    if (from >= readable.end) return {};
    // Made after the range was asked for, so that it sees all of it.
    const auto cursor = database_.cursor(kv::Space::changes, key::kChangeRecords, nullptr, true);
    for (cursor->seek(key::change(from)); cursor->valid(); cursor->next()) {
        NM_ASSIGN(const ChangeNumber number, key::parse_change(cursor->key()));
        if (number >= readable.end || !each(number, cursor->value())) return {};
    }
    return cursor->status();
}

void ChangeFeed::trim() {
    ChangeNumber first = 0;
    {
        const std::lock_guard guard(mutex_);
        const std::int64_t now_ms = clock_.now_ms();
        if (open_mark_.bytes > options_.keep_bytes / kParts ||
            (open_mark_.bytes != 0 &&
             now_ms - open_mark_.time_ms > options_.keep_ms / static_cast<std::int64_t>(kParts))) {
            bytes_ += open_mark_.bytes;
            marks_.push_back(std::exchange(open_mark_, {}));
        }
        const ChangeNumber settled = unsettled_.empty() ? next_ : *unsettled_.begin();
        while (!marks_.empty() && marks_.front().last < settled &&
               (bytes_ > options_.keep_bytes || now_ms - marks_.front().time_ms > options_.keep_ms)) {
            first = marks_.front().last + 1;
            bytes_ -= marks_.front().bytes;
            marks_.pop_front();
        }
        if (first == 0) return;
        first_ = first;
    }
    const auto batch = database_.new_batch();
    batch->put(kv::Space::meta, key::kChanges, key::kForgotten, record::number(first));
    batch->remove_range(kv::Space::changes, key::kChangeRecords, key::change(0), key::change(first));
    // Of a batch that fails nothing is read any more all the same, and the next one takes its range as well.
    (void)database_.apply_removal(*batch);
}

}  // namespace nmstore
