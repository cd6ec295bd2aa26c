// What the writer that gets killed writes, and what is looked for afterwards. Each thread does one operation
// after another, numbered; the number decides what it does.
#pragma once

#include <cstdint>
#include <string>

namespace nmstore::testing {

inline constexpr int kCrashThreads = 4;
inline constexpr int kCellsPerBulk = 5;
inline constexpr int kLinesPerBatch = 3;
inline constexpr std::int64_t kCrashDay = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC

enum class CrashWork { bulk, cells, lines, counter };

inline CrashWork work_of(std::uint64_t number) {
    return static_cast<CrashWork>(number % 4);
}

inline std::string bulk_row(int thread, int row) {
    return "t" + std::to_string(thread) + ":logs:bulk" + std::to_string(row) + ":2011:5:22";
}
inline std::string cell_row(int thread) {
    return "cells" + std::to_string(thread);
}
inline std::string cell_column(std::uint64_t number, int cell) {
    return std::to_string(number) + "/" + std::to_string(cell);
}
inline std::string line_client(int thread) {
    return "t" + std::to_string(thread);
}
inline std::string line_row(int thread) {
    return line_client(thread) + ":logs:lines:2011:5:22";
}
inline std::string line_text(std::uint64_t number, int line) {
    return cell_column(number, line);
}
inline std::int64_t bulk_time(std::uint64_t number, int cell) {
    return kCrashDay + static_cast<std::int64_t>(number) * kCellsPerBulk + cell;
}

}  // namespace nmstore::testing
