// What is written, changed and removed while a sealer with tiny limits is at work, until all of it is killed.
// Each thread has rows of its own and does one operation after another, numbered; the number decides what it
// does, and to which earlier operation.
#pragma once

#include <cstdint>
#include <string>

#include "nmstore/escape.h"
#include "nmstore/retention.h"
#include "nmstore/store.h"

namespace nmstore::testing {

inline constexpr int kSealingThreads = 3;
inline constexpr std::int64_t kSealingDay = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC
inline constexpr std::int64_t kOldDay = kSealingDay - std::int64_t{86'400'000} * 365;

enum class SealingWork {
    lines,    // three, appended
    color,    // one cell of a family with an index that comes and goes
    cells,    // five, posted, in which six lines stand; one of them goes over two cells
    cells2,   // likewise
    erase,    // the lines of an earlier operation
    rewrite,  // the first cell of an earlier operation, which is in a block by now
    remove,   // the last cell of another
    old,      // two lines in a row that is dropped for its age every now and then
};
inline SealingWork sealing_work(std::uint64_t number) {
    return static_cast<SealingWork>(number % 8);
}
// The operation whose lines or cells are changed; 0: none.
inline std::uint64_t target_of(std::uint64_t number) {
    const std::uint64_t back = sealing_work(number) == SealingWork::erase     ? 12
                               : sealing_work(number) == SealingWork::rewrite ? 19
                               : sealing_work(number) == SealingWork::remove  ? 27
                                                                              : number;
    return number > back ? number - back : 0;
}

inline constexpr int kLinesAppended = 3;
inline constexpr int kOldLines = 2;
inline constexpr int kCellsPosted = 5;

inline std::string sealing_client(int thread) {
    return "t" + std::to_string(thread);
}
inline std::string appended_row(int thread) {
    return sealing_client(thread) + ":logs:appended:2011:5:22";
}
inline std::string posted_row(int thread) {
    return sealing_client(thread) + ":logs:posted:2011:5:22";
}
inline std::string old_log(std::uint64_t number) {
    return "old" + std::to_string(number / 64);
}
inline std::string old_row(int thread, std::uint64_t number) {
    return sealing_client(thread) + ":logs:" + old_log(number) + ":2010:5:22";
}
inline std::string color_row(int thread, std::uint64_t number) {
    return sealing_client(thread) + "-" + std::to_string(number / 8 % 5);
}

inline std::int64_t time_of(std::uint64_t number) {
    return kSealingDay + static_cast<std::int64_t>(number) * 10;
}
inline std::string text_of(std::uint64_t number, int part) {
    return std::to_string(number) + "/" + std::to_string(part) + " of the lines that are written";
}
inline std::string rewritten_text(std::uint64_t number) {
    return "rewritten by " + std::to_string(number);
}
inline std::string posted_value(std::int64_t time_ms, const std::string& returned) {
    return escape("{\"date\":" + std::to_string(time_ms) + ",\"returned\":\"" + returned + "\"}");
}
// The cells of an operation: the second ends in half a line, which the third ends; the fourth has two.
inline std::string posted_value(std::uint64_t number, int cell) {
    std::string returned = text_of(number, cell);
    if (cell == 3) returned += "\\n" + text_of(number, cell + 2);
    if (cell != 1) returned += "\\n";
    return posted_value(time_of(number) + cell, returned);
}

// Everything is sealed, merged and settled as soon as it is there.
inline SealingOptions tiny_sealing() {
    SealingOptions sealing;
    sealing.direct_bytes = 100;
    sealing.block_bytes = 800;
    sealing.idle_bytes = 1;
    sealing.idle_ms = 0;
    sealing.settle_ms = 0;
    return sealing;
}

inline RetentionPolicy old_rows_go() {
    RetentionPolicy policy;
    policy.rules.push_back({[](const LogRow& row) { return row.log.starts_with("old"); }, 86'400'000});
    return policy;
}

}  // namespace nmstore::testing
