// How the steps of a journal's record are told apart on disk; docs/formats.md has the bytes.
#pragma once

#include <cstdint>

namespace nmstore::journal {

inline constexpr char kVersion = 1;
inline constexpr char kForeign = 2;  // made at another hub, which is named

// Kinds of steps as they are stored. A row and a display name hold for all that follow.
enum class Stored : std::uint8_t {
    row = 1,
    put_cell = 2,
    remove_cell = 3,
    remove_row = 4,
    display = 5,
    line = 6,
    block = 7,
    add = 8,
    remove_counters = 9,
    create_family = 10,
    drop_family = 11,
    declare_column = 12,
    origin = 13,
    only_rows = 14,
    set_counter = 15,
    only_counters = 16,
    cut = 17,
    only_families = 18,
    begin_copy = 19,
    sources = 20,
    end_copy = 21,
    retold = 22,
    written = 23,
    counters_of = 24,
    cut_filtered = 25,
};
inline constexpr unsigned kExpires = 1;
inline constexpr unsigned kTold = 2;

}  // namespace nmstore::journal
