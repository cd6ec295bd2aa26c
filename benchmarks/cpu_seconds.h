// What this process has taken of the processors so far, all its threads together, in seconds.
#pragma once

#include <sys/resource.h>

namespace nmstore::benchmarks {

inline double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace nmstore::benchmarks
