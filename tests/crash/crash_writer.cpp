// Writes until it is killed. crash_writer DIRECTORY FIRST: operations start with number FIRST in every
// thread. Says "thread number" on its standard output as soon as an operation has been acknowledged.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "nmstore/store.h"
#include "tests/crash/crash_workload.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

template <class T>
void must(const Result<T>& result) {
    if (result.ok()) return;
    std::fprintf(stderr, "crash_writer: %s\n", result.error().message.c_str());
    std::_Exit(1);
}

void write_bulk(Store& store, int thread, std::uint64_t number) {
    auto batch = store.begin_cells(kTimeFamily, true);
    must(batch);
    for (int row = 0; row < 2; ++row) {
        for (int cell = 0; cell < kCellsPerBulk; ++cell) {
            must((*batch)->put(bulk_row(thread, row), std::to_string(bulk_time(number, cell)), "value"));
        }
    }
    must((*batch)->commit());
}

void write_cells(Store& store, int thread, std::uint64_t number) {
    auto batch = store.begin_cells(kIndexFamily);
    must(batch);
    for (int cell = 0; cell < kCellsPerBulk; ++cell) {
        must((*batch)->put(cell_row(thread), cell_column(number, cell), "value"));
    }
    must((*batch)->commit());
}

void write_lines(Store& store, int thread, std::uint64_t number) {
    const auto batch = store.begin_lines();
    for (int line = 0; line < kLinesPerBatch; ++line) {
        const std::string text = line_text(number, line);
        must(batch->append(
            {line_client(thread), "lines", kCrashDay + static_cast<std::int64_t>(number), text, {}}));
    }
    batch->set_origin(line_client(thread), number + 1);
    must(batch->commit());
}

void step_counter(Store& store, int thread) {
    const auto batch = store.begin_counters();
    must(batch->add("steps", line_client(thread), 1));
    must(batch->commit());
}

void work(Store& store, int thread, std::uint64_t number) {
    switch (work_of(number)) {
        case CrashWork::bulk:
            return write_bulk(store, thread, number);
        case CrashWork::cells:
            return write_cells(store, thread, number);
        case CrashWork::lines:
            return write_lines(store, thread, number);
        case CrashWork::counter:
            return step_counter(store, thread);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    StoreOptions options;
    options.directory = argv[1];
    options.sealing.direct_bytes = 16;  // some batches become blocks, others do not
    options.memory_bytes = std::size_t{8} << 20;
    const auto store = Store::open(options);
    must(store);
    const std::uint64_t first = std::strtoull(argv[2], nullptr, 10);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kCrashThreads; ++thread) {
        threads.emplace_back([&store, thread, first] {
            for (std::uint64_t number = first;; ++number) {
                work(**store, thread, number);
                const std::string done = std::to_string(thread) + " " + std::to_string(number) + "\n";
                if (::write(STDOUT_FILENO, done.data(), done.size()) < 0) std::_Exit(1);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
}
