// A writer is killed at random moments, many times; what it was told to be written must be there, once, and
// nothing half.
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "nmstore/store.h"
#include "tests/catch.h"
#include "tests/crash/crash_workload.h"
#include "tests/crash/killed_writer.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr int kKills = 30;

template <class T>
T must(Result<T> result) {
    if (!result.ok()) FAIL(result.error().message);
    return std::move(result).value();
}

struct Done {
    std::set<std::pair<int, std::uint64_t>> acknowledged;  // thread, number
    std::uint64_t next = 0;                                // no operation of this number has been begun

    // What a thread may have been doing when it was killed.
    bool maybe(int thread, std::uint64_t number) const { return in_flight.contains({thread, number}); }
    std::set<std::pair<int, std::uint64_t>> in_flight;
};

void write_and_kill(const std::string& directory, int acknowledgements, Done& done) {
    std::map<int, std::uint64_t> next;
    for (int thread = 0; thread < kCrashThreads; ++thread) next[thread] = done.next;
    for (const auto& [thread, number] :
         run_and_kill(NM_CRASH_WRITER, directory, done.next, acknowledgements)) {
        done.acknowledged.emplace(thread, number);
        next[thread] = number + 1;
    }
    for (const auto& [each, number] : next) {
        done.in_flight.emplace(each, number);
        done.next = std::max(done.next, number + 1);
    }
}

std::set<std::string> columns_of(const Store& store, std::string_view family, const std::string& row) {
    SliceRange range;
    range.limit = 1'000'000;
    std::set<std::string> columns;
    for (const Cell& cell : must(store.slice(family, row, range)).cells) columns.insert(cell.column);
    return columns;
}

// Each operation of `work` is there as a whole or not at all, and surely if it was acknowledged. Gives how
// many there are.
std::uint64_t check_whole(const Done& done, int thread, CrashWork work, int parts,
                          const std::function<int(std::uint64_t)>& there) {
    std::uint64_t found = 0;
    for (std::uint64_t number = 0; number < done.next; ++number) {
        if (work_of(number) != work) continue;
        INFO("thread " << thread << ", operation " << number);
        const int count = there(number);
        if (done.acknowledged.contains({thread, number})) {
            CHECK(count == parts);
        } else if (done.maybe(thread, number)) {
            CHECK((count == 0 || count == parts));
        } else {
            CHECK(count == 0);
        }
        found += count == parts ? 1u : 0u;
    }
    return found;
}

void check(const Store& store, const Done& done) {
    const VerifyReport report = must(store.verify());
    for (const std::string& problem : report.problems) UNSCOPED_INFO(problem);
    CHECK(report.problem_count == 0);

    std::map<std::string, LogRow> rows;
    for (LogRow& row : must(store.log_rows({}))) rows.emplace(row.key, std::move(row));
    for (int thread = 0; thread < kCrashThreads; ++thread) {
        for (int row = 0; row < 2; ++row) {
            const auto columns = columns_of(store, kTimeFamily, bulk_row(thread, row));
            const auto bulks =
                check_whole(done, thread, CrashWork::bulk, kCellsPerBulk, [&](std::uint64_t number) {
                    int count = 0;
                    for (int cell = 0; cell < kCellsPerBulk; ++cell) {
                        count += columns.contains(std::to_string(bulk_time(number, cell))) ? 1 : 0;
                    }
                    return count;
                });
            CHECK(must(store.counter(bulk_row(thread, row), "logs")) ==
                  static_cast<std::int64_t>(bulks * kCellsPerBulk));
        }
        const auto cells = columns_of(store, kIndexFamily, cell_row(thread));
        check_whole(done, thread, CrashWork::cells, kCellsPerBulk, [&](std::uint64_t number) {
            int count = 0;
            for (int cell = 0; cell < kCellsPerBulk; ++cell)
                count += cells.contains(cell_column(number, cell)) ? 1 : 0;
            return count;
        });
        std::multiset<std::string> texts;
        if (const auto row = rows.find(line_row(thread)); row != rows.end()) {
            const auto cursor = must(store.lines(row->second, {}));
            while (must(cursor->next())) texts.emplace(cursor->line().text);
        }
        check_whole(done, thread, CrashWork::lines, kLinesPerBatch, [&](std::uint64_t number) {
            int count = 0;
            for (int line = 0; line < kLinesPerBatch; ++line) {
                count += static_cast<int>(texts.count(line_text(number, line)));
            }
            return count;
        });
        std::int64_t least = 0, most = 0;
        for (std::uint64_t number = 0; number < done.next; ++number) {
            if (work_of(number) != CrashWork::counter) continue;
            const bool surely = done.acknowledged.contains({thread, number});
            least += surely ? 1 : 0;
            most += surely || done.maybe(thread, number) ? 1 : 0;
        }
        const std::int64_t steps = must(store.counter("steps", line_client(thread)));
        CHECK(steps >= least);
        CHECK(steps <= most);
    }
}

// Sends the lines again that may or may not have arrived, as a shipper does that has got no answer.
void resend(Store& store, Done& done) {
    for (const auto& [thread, number] : done.in_flight) {
        if (work_of(number) != CrashWork::lines) continue;
        const auto batch = store.begin_lines();
        const std::string client = line_client(thread);
        for (int line = 0; line < kLinesPerBatch; ++line) {
            const std::string text = line_text(number, line);
            const NewLine one{client, "lines", kCrashDay + static_cast<std::int64_t>(number), text, {}};
            REQUIRE(batch->append(one).ok());
        }
        batch->set_origin(client, number + 1);
        REQUIRE(batch->commit().ok());
        done.acknowledged.emplace(thread, number);
    }
}

}  // namespace

TEST_CASE("what was acknowledged survives kills, once and whole") {
    TempDirectory directory;
    std::mt19937_64 random(42);
    Done done;
    for (int kill = 0; kill < kKills; ++kill) {
        INFO("kill " << kill);
        write_and_kill(directory / "data", 1 + static_cast<int>(random() % 150), done);
        StoreOptions options;
        options.directory = directory / "data";
        const auto store = must(Store::open(options));
        if (kill % 3 == 0 || kill + 1 == kKills) check(*store, done);
        resend(*store, done);
    }
    StoreOptions options;
    options.directory = directory / "data";
    check(*must(Store::open(options)), done);
    CHECK(done.acknowledged.size() > kKills);
}
