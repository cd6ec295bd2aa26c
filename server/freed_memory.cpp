#include "server/freed_memory.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

namespace nmstore::server {
namespace {

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)

constexpr std::chrono::seconds kPause{5};
constexpr std::size_t kMostKept = std::size_t{64} << 20;

void give_back() {
    if (mallinfo2().fordblks > kMostKept) malloc_trim(0);
}

void watch(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    for (;;) {
        stopped.wait_for(lock, stop, kPause, [] { return false; });
        if (stop.stop_requested()) return;
        give_back();
    }
}

#else
void watch(const std::stop_token&) {}
#endif

}  // namespace

// Bodies and answers come and go in megabytes. As such blocks are freed glibc takes ever larger ones from its
// arenas, from which they do not return. Fixed thresholds keep large blocks apart and give them back. What is
// smaller than a body, as all that a block is made with, stays at hand: to get its pages from the system each
// time took a fifth of the time of a load. So that little stays for each arena, there are only as many as
// there are processors.
void keep_little_freed_memory() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
    mallopt(M_ARENA_MAX, static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
#endif
}

FreedMemory::FreedMemory() : thread_([](const std::stop_token& stop) { watch(stop); }) {}

}  // namespace nmstore::server
