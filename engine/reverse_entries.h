// Entries of a time row from the newest to the oldest. What has not been written to a table file yet has no
// way back: there, each step backwards is a search from the top. So this reads forwards, a window of time
// after the other, each before the last, and hands the windows out reversed. Windows begin small (many
// readers want a few entries only) and follow the density of the row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/kv.h"
#include "nmstore/result.h"

namespace nmstore {

// Belongs to one thread. Views are valid until the next move.
class ReverseEntries {
  public:
    static constexpr std::size_t kMostEntries = 1024;                // of a window
    static constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of one with more than one entry

    // A cursor over a partition of Space::entries.
    explicit ReverseEntries(std::unique_ptr<kv::Cursor> cursor) : cursor_(std::move(cursor)) {}

    // To the last entry whose key is not greater. Not valid() behind it: there is none.
    Result<void> seek_for_prev(std::string_view key);
    Result<void> prev();
    bool valid() const { return at_ > 0; }
    std::string_view key() const;
    std::string_view value() const;

  private:
    struct Place {  // in bytes_: the key, then the value
        std::size_t begin = 0;
        std::size_t key_bytes = 0;
        std::size_t end = 0;
    };

    Result<void> take_from_cursor();
    Result<void> take_window();
    bool read_window(const std::string& first, const std::string& last);
    void clear();
    void append();

    const std::unique_ptr<kv::Cursor> cursor_;
    std::string bytes_;
    std::vector<Place> places_;  // ascending
    std::size_t at_ = 0;         // one more than the place of the current entry; 0: none
    int singles_ = 0;            // entries taken one by one so far
    std::int64_t newest_ms_ = 0;
    std::uint64_t width_ms_ = 0;
};

}  // namespace nmstore
