// The questions that a random run asks both of the store and of its model.
#include <algorithm>
#include <set>

#include "tests/model/random_run.h"

namespace nmstore::testing {
namespace {

const std::vector<std::string> kNoted{"clients"};  // the store writes these itself when lines come

std::string format(const ModelLine& line) {
    return std::to_string(line.time_ms) + (line.appended ? "+" : "." + std::to_string(line.line)) + " " +
           line.text;
}

}  // namespace

void RandomRun::compare_all() {
    for (const auto& [family, content] : model_.cells) {
        for (const auto& [row, cells] : content.rows) compare_cells(family, row);
    }
    for (const auto& [family, rows] : model_.times) {
        for (const auto& [row, content] : rows) compare_times(family, row);
        RowSelection selection;
        selection.family = family;
        std::size_t live = 0;
        for (const LogRow& row : must(store_->log_rows(selection))) {
            const auto model = rows.find(row.key);
            if (model == rows.end()) {
                CHECK(store_.lines(row, {}).empty());
            } else {
                compare_lines(row, model->second);
                live += model->second.live(now()) ? 1 : 0;
            }
        }
        const auto count =
            std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return row.second.live(now()); });
        CHECK(live == static_cast<std::size_t>(count));
    }
    compare_rows();
    compare_index();
    compare_counters();
    store_.check();
}

void RandomRun::compare_cells(const std::string& family, const std::string& row) {
    if (family == "CFUTF8Type" && row == "clients") return;
    const StoreModel::CellRow& model = model_.cells[family].rows[row];
    SliceRange range;
    range.reversed = chance(50);
    range.limit = 1 + below(6);
    if (chance(50)) range.from = one_of<std::string>({"a", "b", "ab", "zz", "~"});
    if (chance(30)) range.to = one_of<std::string>({"a", "b", "ab", "zz", "~"});
    const auto [keys, more] = StoreModel::page<StoreModel::CellRow, std::string>(
        model, range.from, range.to, range.reversed, range.limit,
        [&](const std::string& column) { return model.at(column).live(now()); });
    const Slice slice = must(store_->slice(family, row, range));
    REQUIRE(slice.cells.size() == keys.size());
    CHECK(slice.more == more);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        CHECK(slice.cells[i].column == keys[i]);
        CHECK(slice.cells[i].value == model.at(keys[i]).value);
        CHECK(slice.cells[i].expires_at_ms == model.at(keys[i]).expires_at_ms);
    }
}

void RandomRun::compare_times(const std::string& family, const std::string& row) {
    const ModelTimeRow& model = model_.times[family][row];
    std::map<std::int64_t, int> times;
    for (const auto& [time, cell] : model.posted) {
        if (cell.live(now())) times[time] = 0;
    }
    for (const auto& [time, lines] : model.appended) times[time] = 0;

    SliceRange range;
    range.reversed = chance(50);
    range.limit = 1 + below(10);
    std::optional<std::int64_t> from, to;
    if (chance(50)) range.from = std::to_string(*(from = some_time()));
    if (chance(30)) range.to = std::to_string(*(to = some_time()));
    const auto [keys, more] = StoreModel::page<std::map<std::int64_t, int>, std::int64_t>(
        times, from, to, range.reversed, range.limit, [](std::int64_t) { return true; });
    const Slice slice = must(store_->slice(family, row, range));
    REQUIRE(slice.cells.size() == keys.size());
    CHECK(slice.more == more);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        CHECK(slice.cells[i].column == std::to_string(keys[i]));
        const auto posted = model.posted.find(keys[i]);
        if (posted == model.posted.end() || !posted->second.live(now()) || model.appended.contains(keys[i]))
            continue;
        CHECK(slice.cells[i].value == posted->second.value);
    }
}

void RandomRun::compare_lines(const LogRow& row, const ModelTimeRow& model) {
    const std::vector<ModelLine> expected = model.lines(row.kind, now());
    LineRange all;
    all.order = Order::ascending;
    std::vector<LineId> ids;
    const auto cursor = must(store_->lines(row, all));
    for (const ModelLine& line : expected) {
        REQUIRE(must(cursor->next()));
        const Line& found = cursor->line();
        const ModelLine as_model{found.id.time_ms, found.id.sequence != 0, found.id.line,
                                 std::string(found.text)};
        REQUIRE(format(as_model) == format(line));
        REQUIRE((ids.empty() || ids.back() < found.id));
        ids.push_back(found.id);
        REQUIRE(line.time_ms >= row.min_time_ms);
        REQUIRE(line.time_ms <= row.max_time_ms);
    }
    REQUIRE_FALSE(must(cursor->next()));

    // Any part of it, in either direction, from anywhere.
    LineRange part;
    part.order = chance(50) ? Order::ascending : Order::descending;
    if (chance(50)) part.from_ms = some_time();
    if (chance(50)) part.to_ms = some_time();
    if (!ids.empty() && chance(60)) part.after = one_of(ids);
    if (part.after && chance(20)) part.after->row += chance(50) ? 1u : static_cast<RowId>(-1);
    std::vector<std::string> wanted;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i].time_ms < part.from_ms || ids[i].time_ms >= part.to_ms) continue;
        if (part.after && (part.order == Order::ascending ? ids[i] <= *part.after : ids[i] >= *part.after))
            continue;
        wanted.push_back(expected[i].text);
    }
    if (part.order == Order::descending) std::reverse(wanted.begin(), wanted.end());
    CHECK(store_.lines(row, part) == wanted);
}

void RandomRun::compare_rows() {
    const std::string from = one_of<std::string>({"", "a", "b", "c", "x"});
    const std::string prefix = one_of<std::string>({"", "", "1.2.3.4:", "cl", "b"});
    const std::size_t limit = 1 + below(8);
    for (const auto& [name, rows] : model_.times) {
        std::vector<std::string> wanted;
        for (const auto& [row, content] : rows) {
            if (row >= from && row.starts_with(prefix) && content.live(now()) && wanted.size() < limit)
                wanted.push_back(row);
        }
        CHECK(must(store_->rows(name, from, prefix, limit)) == wanted);
    }
    for (const auto& [name, family] : model_.cells) {
        if (name == "CFUTF8Type") continue;  // has rows that lines brought
        std::vector<std::string> wanted;
        for (const auto& [row, content] : family.rows) {
            const bool in = row >= from && row.starts_with(prefix);
            if (in && StoreModel::row_lives(content, now()) && wanted.size() < limit) wanted.push_back(row);
        }
        CHECK(must(store_->rows(name, from, prefix, limit)) == wanted);
    }
}

void RandomRun::compare_index() {
    for (const auto& [name, family] : model_.cells) {
        for (const auto& [column, indexed] : family.indexed) {
            const std::string value = some_value();
            const auto found = store_->find_rows(name, column, value, 100);
            if (!indexed) {
                CHECK(code_of(found) == Code::conflict);
                continue;
            }
            std::set<std::string> wanted;
            for (const auto& [row, cells] : family.rows) {
                const auto cell = cells.find(column);
                if (cell != cells.end() && cell->second.live(now()) && cell->second.value == value)
                    wanted.insert(row);
            }
            const auto rows = must(found);
            CHECK(std::set<std::string>(rows.begin(), rows.end()) == wanted);
            CHECK(rows.size() == wanted.size());
        }
    }
}

void RandomRun::compare_counters() {
    std::vector<std::string> rows;
    for (const auto& [row, columns] : model_.counters) {
        if (!columns.empty()) rows.push_back(row);
        std::vector<std::string> wanted;
        for (const auto& [column, value] : columns) wanted.push_back(column + "=" + std::to_string(value));
        std::vector<std::string> found;
        for (const Counter& counter : must(store_->counters(row, "", 100))) {
            found.push_back(counter.column + "=" + std::to_string(counter.value));
            CHECK(must(store_->counter(row, counter.column)) == counter.value);
        }
        CHECK(found == wanted);
    }
    CHECK(must(store_->counter_rows("", "", 100)) == rows);
    std::erase_if(rows, [](const std::string& row) { return !row.starts_with("x"); });
    CHECK(must(store_->counter_rows("", "x", 100)) == rows);
}

}  // namespace nmstore::testing
