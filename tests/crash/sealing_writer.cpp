// Writes while everything is sealed, merged, compacted, dropped and indexed, until it is killed.
// sealing_writer DIRECTORY FIRST: operations start with number FIRST in every thread. Says "thread number" on
// its standard output as soon as an operation has been acknowledged.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "nmstore/store.h"
#include "tests/crash/sealing_workload.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

template <class T>
void must(const Result<T>& result) {
    if (result.ok()) return;
    std::fprintf(stderr, "sealing_writer: %s\n", result.error().message.c_str());
    std::_Exit(1);
}

// Whether it is in the store; false: an index of the family that is noted in came in between, once more.
template <class Batch>
bool commit(Batch& batch) {
    const auto committed = batch.commit();
    if (!committed.ok() && committed.error().code == Code::unavailable) return false;
    must(committed);
    return true;
}

void append(Store& store, int thread, std::uint64_t number, const std::string& log, std::int64_t time_ms,
            int lines) {
    for (bool done = false; !done;) {
        const auto batch = store.begin_lines();
        for (int line = 0; line < lines; ++line) {
            const std::string text = text_of(number, line);
            must(batch->append({sealing_client(thread), log, time_ms, text, {}}));
        }
        done = commit(*batch);
    }
}

void post(Store& store, int thread, std::uint64_t number) {
    auto batch = store.begin_cells(kTimeFamily, true);
    must(batch);
    for (int cell = 0; cell < kCellsPosted; ++cell) {
        must((*batch)->put(posted_row(thread), std::to_string(time_of(number) + cell),
                           posted_value(number, cell)));
    }
    must((*batch)->commit());
}

void rewrite(Store& store, int thread, std::uint64_t number) {
    const std::int64_t time_ms = time_of(target_of(number));
    auto batch = store.begin_cells(kTimeFamily, true);
    must(batch);
    must((*batch)->put(posted_row(thread), std::to_string(time_ms),
                       posted_value(time_ms, rewritten_text(number) + "\\n")));
    must((*batch)->commit());
}

void color(Store& store, int thread, std::uint64_t number) {
    for (bool done = false; !done;) {
        auto batch = store.begin_cells(kIndexFamily);
        must(batch);
        must((*batch)->put(color_row(thread, number), "color", std::to_string(number)));
        done = commit(**batch);
    }
}

void work(Store& store, int thread, std::uint64_t number) {
    const std::uint64_t target = target_of(number);
    switch (sealing_work(number)) {
        case SealingWork::lines:
            return append(store, thread, number, "appended", time_of(number), kLinesAppended);
        case SealingWork::color:
            return color(store, thread, number);
        case SealingWork::cells:
        case SealingWork::cells2:
            return post(store, thread, number);
        case SealingWork::erase:
            if (target == 0) return;
            return must(
                store.remove_cell(kTimeFamily, appended_row(thread), std::to_string(time_of(target))));
        case SealingWork::rewrite:
            return target == 0 ? void() : rewrite(store, thread, number);
        case SealingWork::remove:
            if (target == 0) return;
            return must(store.remove_cell(kTimeFamily, posted_row(thread),
                                          std::to_string(time_of(target) + kCellsPosted - 1)));
        case SealingWork::old:
            return append(store, thread, number, old_log(number),
                          kOldDay + static_cast<std::int64_t>(number), kOldLines);
    }
}

void maintain(Store& store) {
    for (std::uint64_t i = 0;; ++i) {
        must(store.seal());
        must(store.retain(old_rows_go()));
        must(store.declare_column(kIndexFamily, "color", ValueType::utf8, i % 2 == 0));
        if (i % 3 == 2) must(store.compact());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    StoreOptions options;
    options.directory = argv[1];
    options.sealing = tiny_sealing();
    options.memory_bytes = std::size_t{8} << 20;
    const auto store = Store::open(options);
    must(store);
    const std::uint64_t first = std::strtoull(argv[2], nullptr, 10);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kSealingThreads; ++thread) {
        threads.emplace_back([&store, thread, first] {
            for (std::uint64_t number = first;; ++number) {
                work(**store, thread, number);
                const std::string done = std::to_string(thread) + " " + std::to_string(number) + "\n";
                if (::write(STDOUT_FILENO, done.data(), done.size()) < 0) std::_Exit(1);
            }
        });
    }
    threads.emplace_back([&store] { maintain(**store); });
    for (std::thread& thread : threads) thread.join();
}
