#include "tests/model/cell_run.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/time_cell.h"

namespace nmstore::testing {
namespace {

struct SeenLine {
    LineId id;
    ModelLine line;
};

std::string show(const ModelLine& line) {
    return std::to_string(line.time_ms) + (line.appended ? "+" : "." + std::to_string(line.line)) + " (" +
           std::to_string(line.text.size()) + " bytes) " + printable(line.text);
}

template <class T>
T got(Result<T> result) {
    if (!result.ok()) throw std::runtime_error("error: " + result.error().message);
    return std::move(result).value();
}
void done(const Result<void>& result) {
    if (!result.ok()) throw std::runtime_error("error: " + result.error().message);
}

std::vector<SeenLine> read_all(LineCursor& cursor) {
    std::vector<SeenLine> out;
    while (got(cursor.next())) {
        const Line& line = cursor.line();
        out.push_back(
            {line.id, {line.id.time_ms, line.id.sequence != 0, line.id.line, std::string(line.text)}});
    }
    return out;
}

std::string compare(const std::string& what, const std::vector<SeenLine>& seen,
                    const std::vector<ModelLine>& wanted) {
    for (std::size_t i = 0; i < std::max(seen.size(), wanted.size()); ++i) {
        if (i < seen.size() && i < wanted.size() && seen[i].line == wanted[i]) continue;
        return what + ": line " + std::to_string(i) + " of " + std::to_string(wanted.size()) + " is " +
               (i < seen.size() ? show(seen[i].line) : "missing") + "\n  wanted " +
               (i < wanted.size() ? show(wanted[i]) : "no more");
    }
    return {};
}

// As a searcher reads them: blocks, and what is in none.
std::vector<SeenLine> read_by_parts(const Store& store, const LogRow& row, const LineRange& range) {
    const SnapshotPtr snapshot = store.snapshot();
    std::vector<SeenLine> out = read_all(*got(store.fresh_lines(row, range, snapshot)));
    for (const BlockInfo& block : got(store.blocks(row, snapshot))) {
        std::vector<SeenLine> more = read_all(*got(store.block_lines(row, block, range, snapshot)));
        out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    std::sort(out.begin(), out.end(), [](const SeenLine& a, const SeenLine& b) { return a.id < b.id; });
    return out;
}

}  // namespace

std::string CellRowModel::ask(const Store& store, std::int64_t now_ms, std::uint64_t salt) const {
    RowSelection selection;
    selection.family = name_.family;
    selection.key_prefix = name_.key;
    std::string wrong = ask_cells(store, now_ms, salt);
    bool there = false;
    for (const LogRow& row : got(store.log_rows(selection))) {
        if (row.key != name_.key) continue;
        there = true;
        if (wrong.empty()) wrong = ask_lines(store, row, now_ms, salt);
    }
    if (wrong.empty() && !there && content.live(now_ms)) wrong = "the row is not there";
    if (wrong.empty()) wrong = ask_counter(store);
    return wrong.empty() ? wrong : "row " + name_.key + ": " + wrong;
}

std::string CellRowModel::ask_counter(const Store& store) const {
    const auto kind = name_.key.find(":logs:") != std::string::npos ? "logs" : "plugins";
    const std::int64_t value = got(store.counter(name_.key, kind));
    if (value == counted) return {};
    return "the counter is " + std::to_string(value) + ", wanted " + std::to_string(counted);
}

std::string CellRowModel::ask_cells(const Store& store, std::int64_t now_ms, std::uint64_t salt) const {
    const auto day_row = parse_day_row(name_.key);
    const RowKind kind = day_row ? day_row->kind : RowKind::other;
    std::map<std::int64_t, TimeCell> cells;
    for (const auto& [time, cell] : content.posted) {
        if (cell.live(now_ms)) cells[time].set_posted(cell.value, cell.expires_at_ms);
    }
    for (const auto& [time, lines] : content.appended) {
        for (const std::string& line : lines) cells[time].add_line(line);
    }
    std::mt19937_64 random(salt);
    const std::size_t limit = 1 + random() % (2 * cells.size() + 2);
    for (const bool reversed : {false, true}) {
        for (const bool whole : {true, false}) {
            std::vector<std::int64_t> times;
            for (const auto& [time, cell] : cells) times.push_back(time);
            if (reversed) std::reverse(times.begin(), times.end());
            SliceRange range;
            range.reversed = reversed;
            range.limit = whole ? times.size() + 1 : limit;
            if (!whole && !times.empty()) {
                const std::int64_t from =
                    times[random() % times.size()] + static_cast<std::int64_t>(random() % 3) - 1;
                range.from = std::to_string(from);
                std::erase_if(times, [&](std::int64_t time) { return reversed ? time > from : time < from; });
            }
            const bool more = times.size() > range.limit;
            if (more) times.resize(range.limit);
            const Slice slice = got(store.slice(name_.family, name_.key, range));
            const std::string what =
                std::string(whole ? "slice" : "part of a slice") + (reversed ? ", reversed" : "");
            if (slice.cells.size() != times.size() || slice.more != more)
                return what + ": " + std::to_string(slice.cells.size()) + " cells" +
                       (slice.more ? " and more" : "") + ", wanted " + std::to_string(times.size()) +
                       (more ? " and more" : "");
            for (std::size_t i = 0; i < times.size(); ++i) {
                const Cell& cell = slice.cells[i];
                if (cell.column == std::to_string(times[i]) &&
                    cell.value == cells[times[i]].value(kind, times[i]) &&
                    cell.expires_at_ms == cells[times[i]].expires_at_ms())
                    continue;
                return what + ": " + cell.column + " is " + printable(cell.value) + "\n  wanted " +
                       std::to_string(times[i]) + " " + printable(cells[times[i]].value(kind, times[i]));
            }
        }
    }
    if (content.posted.empty()) return {};
    auto one = content.posted.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(random() % content.posted.size()));
    const auto found = got(store.get(name_.family, name_.key, std::to_string(one->first)));
    const auto wanted = cells.find(one->first);
    if (found.has_value() != (wanted != cells.end()) ||
        (found && found->value != wanted->second.value(kind, one->first)))
        return "get " + std::to_string(one->first) + " gives something else";
    return {};
}

std::string CellRowModel::ask_lines(const Store& store, const LogRow& row, std::int64_t now_ms,
                                    std::uint64_t salt) const {
    std::vector<ModelLine> wanted = content.lines(row.kind, now_ms);
    LineRange range;
    range.order = Order::ascending;
    const std::vector<SeenLine> all = read_all(*got(store.lines(row, range)));
    if (std::string wrong = compare("lines", all, wanted); !wrong.empty()) return wrong;
    for (const SeenLine& line : all) {
        if (line.id.time_ms < row.min_time_ms || line.id.time_ms > row.max_time_ms)
            return "a line is outside of its row's times: " + show(line.line);
    }
    if (std::string wrong = compare("lines by parts", read_by_parts(store, row, range), wanted);
        !wrong.empty())
        return wrong;

    std::mt19937_64 random(salt);
    for (const bool whole : {true, false}) {
        LineRange part;
        part.order = whole || random() % 2 == 0 ? Order::descending : Order::ascending;
        if (!whole && !all.empty()) {
            const auto some = [&] { return all[random() % all.size()].id; };
            if (random() % 2 == 0) part.from_ms = some().time_ms;
            if (random() % 2 == 0) part.to_ms = some().time_ms;
            if (random() % 2 == 0) part.after = some();
        }
        const bool up = part.order == Order::ascending;
        std::vector<ModelLine> of_part;
        for (const SeenLine& line : all) {
            const bool behind = !part.after || (up ? line.id > *part.after : line.id < *part.after);
            if (line.id.time_ms >= part.from_ms && line.id.time_ms < part.to_ms && behind)
                of_part.push_back(line.line);
        }
        if (!up) std::reverse(of_part.begin(), of_part.end());
        const std::string what = std::string(whole ? "all lines" : "some lines") + (up ? "" : ", backwards");
        const auto cursor = got(store.lines(row, part));
        if (std::string wrong = compare(what, read_all(*cursor), of_part); !wrong.empty()) return wrong;
    }
    return {};
}

CellRun::CellRun(const SealingOptions& sealing) : store_(sealing) {
    must(store_->create_family("Readings", ValueType::long_));
    for (const CellRowName& name : cell_rows()) rows_.emplace_back(name);
}

void CellRun::write(const CellStep& step) {
    std::map<std::string, std::unique_ptr<CellBatch>> batches;
    std::set<std::pair<std::size_t, std::int64_t>> added;
    const std::int64_t now_ms = store_.clock.now_ms();
    for (const CellPut& put : step.puts) {
        CellRowModel& row = rows_[put.row];
        auto& batch = batches[row.name().family];
        if (batch == nullptr) batch = got(store_->begin_cells(row.name().family, step.counted));
        done(batch->put(row.name().key, std::to_string(put.time_ms), put.value, put.ttl_s));
        const auto there = row.content.posted.find(put.time_ms);
        if (there == row.content.posted.end() || !there->second.live(now_ms))
            added.emplace(put.row, put.time_ms);
        row.content.posted[put.time_ms] = {put.value, put.ttl_s == 0 ? 0 : now_ms + put.ttl_s * 1000};
    }
    for (auto& [family, batch] : batches) got(batch->commit());
    for (const auto& [row, time] : added) {
        const auto day_row = parse_day_row(rows_[row].name().key);
        const bool counts = day_row && (day_row->kind == RowKind::logs || day_row->kind == RowKind::plugins);
        if (step.counted && counts) ++rows_[row].counted;
    }
}

void CellRun::take(const CellStep& step) {
    using What = CellStep::What;
    CellRowModel* const row = step.puts.empty() ? nullptr : &rows_[step.puts[0].row];
    switch (step.what) {
        case What::write:
            return write(step);
        case What::remove_cell:
            done(store_->remove_cell(row->name().family, row->name().key,
                                     std::to_string(step.puts[0].time_ms)));
            row->content.posted.erase(step.puts[0].time_ms);
            row->content.appended.erase(step.puts[0].time_ms);
            return;
        case What::remove_row:
            done(store_->remove_row(row->name().family, row->name().key));
            row->content = {};
            return;
        case What::append: {
            const auto batch = store_->begin_lines();
            const CellPut& put = step.puts[0];
            done(batch->append(
                {"1.2.3.4", put.row == 0 ? "messages" : "/var/log", put.time_ms, put.value, {}}));
            got(batch->commit());
            row->content.appended[put.time_ms].push_back(put.value);
            return;
        }
        case What::wait:
            return store_.clock.advance(step.ms);
        case What::seal:
            return done(store_->seal());
        case What::compact:
            return done(store_->compact());
        case What::reopen:
            return store_.reopen();
        case What::crash:
            return store_.reopen_after_crash();
    }
}

std::string CellRun::ask(std::uint64_t salt, bool all) const {
    for (const CellRowModel& row : rows_) {
        if (std::string wrong = row.ask(*store_, store_.clock.now_ms(), salt); !wrong.empty()) return wrong;
    }
    if (!all) return {};
    const VerifyReport report = got(store_->verify());
    return report.problem_count == 0 ? "" : "verify: " + report.problems.front();
}

std::string CellRun::run(const std::vector<CellStep>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        std::string wrong;
        try {
            take(steps[i]);
            const bool asked = i % 4 == 0 || steps[i].what != CellStep::What::write || i + 1 == steps.size();
            if (asked) wrong = ask(steps[i].salt, i % 16 == 0 || i + 1 == steps.size());
        } catch (const std::runtime_error& error) {
            wrong = error.what();
        }
        if (!wrong.empty()) return "after step " + std::to_string(i) + ": " + wrong;
    }
    return {};
}

std::string shortened(std::vector<CellStep> steps, const SealingOptions& sealing) {
    const auto wrong = [&](const std::vector<CellStep>& some) { return CellRun(sealing).run(some); };
    constexpr int kMostRuns = 400;
    int runs = 0;
    for (std::size_t size = steps.size() / 2; size > 0 && runs < kMostRuns; size /= 2) {
        for (std::size_t at = 0; at + size <= steps.size() && runs < kMostRuns; ++runs) {
            std::vector<CellStep> fewer = steps;
            const auto first = fewer.begin() + static_cast<std::ptrdiff_t>(at);
            fewer.erase(first, first + static_cast<std::ptrdiff_t>(size));
            if (wrong(fewer).empty()) {
                at += size;
            } else {
                steps = std::move(fewer);
            }
        }
    }
    for (std::size_t i = 0; i < steps.size() && runs < kMostRuns; ++i) {
        for (std::size_t put = 0; steps[i].puts.size() > 1 && put < steps[i].puts.size() && runs < kMostRuns;
             ++runs) {
            std::vector<CellStep> fewer = steps;
            fewer[i].puts.erase(fewer[i].puts.begin() + static_cast<std::ptrdiff_t>(put));
            if (wrong(fewer).empty()) {
                ++put;
            } else {
                steps = std::move(fewer);
            }
        }
    }
    std::string out = wrong(steps);
    for (std::size_t i = 0; i < steps.size(); ++i)
        out += "\n  " + std::to_string(i) + " " + describe(steps[i]);
    return out;
}

}  // namespace nmstore::testing
