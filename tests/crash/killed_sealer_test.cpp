// Writers, a sealer with tiny limits, merging, compaction, retention and the building of an index are killed
// together at random moments. Afterwards everything that was acknowledged is there once and in order, what
// was removed is not, and sealing goes on where it was.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "nmstore/store.h"
#include "tests/catch.h"
#include "tests/crash/killed_writer.h"
#include "tests/crash/sealing_workload.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr int kKills = 25;
constexpr std::size_t kAll = 1'000'000;

template <class T>
T must(Result<T> result) {
    if (!result.ok()) FAIL(result.error().message);
    return std::move(result).value();
}
void must(const Result<void>& result) {
    if (!result.ok()) FAIL(result.error().message);
}

// What has been done. Of the one operation of each thread that the kill may have cut off, what is found
// decides; from then on it has been done, or never was.
struct Done {
    std::set<std::pair<int, std::uint64_t>> operations;
    std::map<int, std::uint64_t> in_flight;  // by thread; until it is decided
    std::uint64_t next = 1;

    bool has(int thread, std::uint64_t number) const { return operations.contains({thread, number}); }
};

class Found {
  public:
    Found(const Store& store, int thread) : store_(store), thread_(thread) {
        for (LogRow& row : must(store.log_rows({}))) {
            if (row.client == sealing_client(thread)) rows_.emplace(row.key, std::move(row));
        }
        appended = lines_of(appended_row(thread));
        posted = lines_of(posted_row(thread));
        SliceRange all;
        all.limit = kAll;
        for (Cell& cell : must(store.slice(kTimeFamily, posted_row(thread), all)).cells)
            cells.emplace(std::stoll(cell.column), std::move(cell.value));
    }

    std::vector<std::string> lines_of(const std::string& key) const {
        std::vector<std::string> lines;
        const auto row = rows_.find(key);
        if (row == rows_.end()) return lines;
        LineRange range;
        range.order = Order::ascending;
        const auto cursor = must(store_.lines(row->second, range));
        while (must(cursor->next())) lines.emplace_back(cursor->line().text);
        return lines;
    }
    std::string color(std::uint64_t number) const {
        const auto cell = must(store_.get(kIndexFamily, color_row(thread_, number), "color"));
        return cell ? cell->value : "";
    }
    const std::map<std::string, LogRow>& rows() const { return rows_; }
    bool has_lines(std::uint64_t number) const {
        return std::find(appended.begin(), appended.end(), text_of(number, 0)) != appended.end();
    }
    bool has_cell(std::uint64_t number, int cell) const { return cells.contains(time_of(number) + cell); }

    std::vector<std::string> appended, posted;
    std::map<std::int64_t, std::string> cells;

  private:
    const Store& store_;
    const int thread_;
    std::map<std::string, LogRow> rows_;
};

// Whether the operation that was cut off shows.
bool shows(const Found& found, int thread, std::uint64_t number) {
    const std::uint64_t target = target_of(number);
    switch (sealing_work(number)) {
        case SealingWork::lines:
            return found.has_lines(number);
        case SealingWork::color:
            return found.color(number) == std::to_string(number);
        case SealingWork::cells:
        case SealingWork::cells2:
            return found.has_cell(number, 1);
        case SealingWork::erase:
            return !found.has_lines(target);
        case SealingWork::rewrite: {
            const auto cell = found.cells.find(time_of(target));
            return cell != found.cells.end() &&
                   cell->second.find(escape(rewritten_text(number))) != std::string::npos;
        }
        case SealingWork::remove:
            return !found.has_cell(target, kCellsPosted - 1);
        case SealingWork::old: {  // or it was dropped since, which is as good as if it had not been
            const std::vector<std::string> lines = found.lines_of(old_row(thread, number));
            return std::find(lines.begin(), lines.end(), text_of(number, 0)) != lines.end();
        }
    }
    return false;
}

void check_appended(const Found& found, const Done& done, int thread) {
    std::set<std::uint64_t> erased;
    for (const auto& [of, number] : done.operations) {
        if (of == thread && sealing_work(number) == SealingWork::erase) erased.insert(target_of(number));
    }
    std::vector<std::string> wanted;
    for (const auto& [of, number] : done.operations) {
        if (of != thread || sealing_work(number) != SealingWork::lines || erased.contains(number)) continue;
        for (int line = 0; line < kLinesAppended; ++line) wanted.push_back(text_of(number, line));
    }
    CHECK(found.appended == wanted);
}

void check_posted(const Store& store, const Found& found, const Done& done, int thread) {
    std::map<std::int64_t, std::string> cells, lines;  // by time of the cell
    std::int64_t counted = 0;
    for (const auto& [of, number] : done.operations) {
        if (of != thread) continue;
        const std::int64_t at = time_of(number);
        const std::uint64_t target = target_of(number);
        switch (sealing_work(number)) {
            case SealingWork::cells:
            case SealingWork::cells2:
                for (int cell = 0; cell < kCellsPosted; ++cell) {
                    cells[at + cell] = posted_value(number, cell);
                    lines[at + cell] = text_of(number, cell);
                }
                lines[at + 1] += text_of(number, 2);
                lines.erase(at + 2);
                lines[at + 3] += "\n" + text_of(number, 5);
                counted += kCellsPosted;
                break;
            case SealingWork::rewrite:
                if (target == 0) break;
                counted += cells.contains(time_of(target)) ? 0 : 1;
                cells[time_of(target)] =
                    posted_value(time_of(target), rewritten_text(number) + "\\n");
                lines[time_of(target)] = rewritten_text(number);
                break;
            case SealingWork::remove:
                cells.erase(time_of(target) + kCellsPosted - 1);
                lines.erase(time_of(target) + kCellsPosted - 1);
                break;
            default:
                break;
        }
    }
    CHECK(found.cells == cells);
    std::vector<std::string> wanted;
    for (const auto& [time_ms, text] : lines) {
        const std::size_t newline = text.find('\n');
        wanted.push_back(text.substr(0, newline));
        if (newline != std::string::npos) wanted.push_back(text.substr(newline + 1));
    }
    CHECK(found.posted == wanted);
    CHECK(must(store.counter(posted_row(thread), "logs")) == counted);
}

void check_colors(const Store& store, const Found& found, const Done& done, int thread) {
    std::map<std::string, std::uint64_t> last;
    for (const auto& [of, number] : done.operations) {
        if (of == thread && sealing_work(number) == SealingWork::color)
            last[color_row(thread, number)] = number;
    }
    for (const auto& [row, number] : last) {
        CHECK(found.color(number) == std::to_string(number));
        const auto rows = store.find_rows(kIndexFamily, "color", std::to_string(number), kAll);
        if (!rows.ok()) {
            CHECK(rows.error().code == Code::conflict);  // there is no index at the moment
            continue;
        }
        CHECK(std::count(rows->begin(), rows->end(), row) == 1);
    }
}

// What a row was dropped with is gone, what came later is there: the last operations, each as a whole.
// Whether some of them are gone.
bool check_old(const Found& found, const Done& done, int thread) {
    std::map<std::string, std::vector<std::uint64_t>> logs;
    for (const auto& [of, number] : done.operations) {
        if (of == thread && sealing_work(number) == SealingWork::old)
            logs[old_log(number)].push_back(number);
    }
    bool dropped = false;
    std::size_t seen = 0;
    for (const auto& [log, numbers] : logs) {
        const std::string key = old_row(thread, numbers.front());
        seen += found.rows().contains(key) ? 1 : 0;
        const std::vector<std::string> lines = found.lines_of(key);
        REQUIRE(lines.size() % kOldLines == 0);
        const std::size_t left = lines.size() / kOldLines;
        REQUIRE(left <= numbers.size());
        std::vector<std::string> wanted;
        for (std::size_t i = numbers.size() - left; i < numbers.size(); ++i) {
            for (int line = 0; line < kOldLines; ++line) wanted.push_back(text_of(numbers[i], line));
        }
        CHECK(lines == wanted);
        dropped = dropped || left < numbers.size();
    }
    const auto old = std::count_if(found.rows().begin(), found.rows().end(), [](const auto& row) {
        return row.second.log.starts_with("old");
    });
    CHECK(static_cast<std::size_t>(old) == seen);
    return dropped;
}

// Whether a row was found dropped.
bool check(const Store& store, Done& done) {
    const VerifyReport report = must(store.verify());
    for (const std::string& problem : report.problems) UNSCOPED_INFO(problem);
    CHECK(report.problem_count == 0);
    bool dropped = false;
    for (int thread = 0; thread < kSealingThreads; ++thread) {
        INFO("thread " << thread);
        const Found found(store, thread);
        if (const auto cut_off = done.in_flight.extract(thread); !cut_off.empty()) {
            if (shows(found, thread, cut_off.mapped())) done.operations.emplace(thread, cut_off.mapped());
        }
        check_appended(found, done, thread);
        check_posted(store, found, done, thread);
        check_colors(store, found, done, thread);
        dropped = check_old(found, done, thread) || dropped;
    }
    return dropped;
}

void write_and_kill(const std::string& directory, int acknowledgements, Done& done) {
    for (int thread = 0; thread < kSealingThreads; ++thread) done.in_flight[thread] = done.next;
    for (const auto& [thread, number] :
         run_and_kill(NM_SEALING_WRITER, directory, done.next, acknowledgements)) {
        done.operations.emplace(thread, number);
        done.in_flight[thread] = number + 1;
    }
    for (const auto& [thread, number] : done.in_flight) done.next = std::max(done.next, number + 1);
}

}  // namespace

TEST_CASE("kills while all is sealed, merged, dropped and indexed lose nothing and bring nothing back") {
    TempDirectory directory;
    std::mt19937_64 random(43);
    Done done;
    std::uint64_t blocks = 0;
    bool dropped = false;
    for (int kill = 0; kill < kKills; ++kill) {
        INFO("kill " << kill);
        write_and_kill(directory / "data", 1 + static_cast<int>(random() % 250), done);
        StoreOptions options;
        options.directory = directory / "data";
        options.sealing = tiny_sealing();
        options.sealing.background = false;
        const auto store = must(Store::open(options));
        blocks += store->stats().blocks;
        dropped = check(*store, done) || dropped;
        if (kill % 3 == 0) {
            must(store->seal());
            check(*store, done);
        }
        if (kill % 6 == 0) {
            must(store->compact());
            check(*store, done);
        }
    }
    CHECK(blocks > kKills);
    CHECK(dropped);
    CHECK(done.operations.size() > kKills);
}
