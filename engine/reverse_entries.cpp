#include "engine/reverse_entries.h"

#include <algorithm>

#include "engine/key.h"

namespace nmstore {
namespace {

constexpr int kSingles = 8;
constexpr std::uint64_t kFewestWanted = 16;
constexpr std::uint64_t kMostWanted = 512;
constexpr std::uint64_t kWidestMs = std::uint64_t{1} << 48;

// The width that should hold some more entries than the last one did.
std::uint64_t next_width(std::uint64_t width_ms, std::uint64_t entries) {
    const std::uint64_t wanted = std::clamp(4 * entries, kFewestWanted, kMostWanted);
    return std::clamp<std::uint64_t>(std::min(width_ms, kWidestMs) * wanted / entries, 1, kWidestMs);
}

// The first millisecond of a window of that width that ends with `last_ms`.
std::int64_t window_begin(std::int64_t last_ms, std::uint64_t width_ms) {
    const auto back = static_cast<std::int64_t>(width_ms - 1);
    return last_ms < INT64_MIN + back ? INT64_MIN : last_ms - back;
}

}  // namespace

std::string_view ReverseEntries::key() const {
    const Place& place = places_[at_ - 1];
    return std::string_view(bytes_).substr(place.begin, place.key_bytes);
}

std::string_view ReverseEntries::value() const {
    const Place& place = places_[at_ - 1];
    return std::string_view(bytes_).substr(place.begin + place.key_bytes,
                                           place.end - place.begin - place.key_bytes);
}

Result<void> ReverseEntries::seek_for_prev(std::string_view key) {
    singles_ = 0;
    cursor_->seek_for_prev(key);
    return take_from_cursor();
}

Result<void> ReverseEntries::prev() {
    NM_CHECK(valid());
    if (--at_ > 0) return {};
    // What was handed out last is the oldest of all so far; after a window the cursor is somewhere behind it.
    const Place& oldest = places_.front();
    const std::string_view oldest_key = std::string_view(bytes_).substr(oldest.begin, oldest.key_bytes);
    if (!cursor_->valid() || cursor_->key() != oldest_key) cursor_->seek_for_prev(oldest_key);
    if (cursor_->valid()) cursor_->prev();
    return take_from_cursor();
}

Result<void> ReverseEntries::take_from_cursor() {
    clear();
    if (!cursor_->valid()) return cursor_->status();
    if (singles_ < kSingles) {
        NM_ASSIGN(const key::Entry entry, key::parse_entry(cursor_->key()));
        if (singles_ == 0) newest_ms_ = entry.time_ms;
        ++singles_;
        width_ms_ =
            next_width(static_cast<std::uint64_t>(newest_ms_) - static_cast<std::uint64_t>(entry.time_ms) + 1,
                       static_cast<std::uint64_t>(singles_));
        append();
    } else {
        NM_TRY(take_window());
    }
    at_ = places_.size();
    return {};
}

// The window that ends with the entry at the cursor.
Result<void> ReverseEntries::take_window() {
    const std::string last(cursor_->key());
    NM_ASSIGN(const key::Entry entry, key::parse_entry(last));
    while (!read_window(key::entry(window_begin(entry.time_ms, width_ms_), 0), last)) {
        NM_TRY(cursor_->status());
        if (width_ms_ == 1) {
            // More in one millisecond than a window may hold: sequences divide them.
            const std::uint64_t back = std::min<std::uint64_t>(entry.sequence, kMostWanted);
            if (!read_window(key::entry(entry.time_ms, entry.sequence - back), last)) read_window(last, last);
            break;
        }
        width_ms_ = std::max<std::uint64_t>(1, width_ms_ / 4);
    }
    NM_TRY(cursor_->status());
    NM_CHECK(!places_.empty());
    width_ms_ = next_width(width_ms_, places_.size());
    return {};
}

// Reads [first, last]; false if that is more than a window may hold.
bool ReverseEntries::read_window(const std::string& first, const std::string& last) {
    clear();
    for (cursor_->seek(first); cursor_->valid() && cursor_->key() <= last; cursor_->next()) {
        append();
        if (places_.size() > 1 && (places_.size() > kMostEntries || bytes_.size() > kMostBytes)) return false;
    }
    return true;
}

void ReverseEntries::clear() {
    bytes_.clear();
    places_.clear();
    at_ = 0;
}

void ReverseEntries::append() {
    const std::size_t begin = bytes_.size();
    bytes_ += cursor_->key();
    const std::size_t key_bytes = bytes_.size() - begin;
    bytes_ += cursor_->value();
    places_.push_back({begin, key_bytes, bytes_.size()});
}

}  // namespace nmstore
