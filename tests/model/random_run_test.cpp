// The operations of a random run, and the runs themselves.
#include <filesystem>

#include "nmstore/escape.h"
#include "tests/model/random_run.h"

namespace nmstore::testing {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kToday = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC

const std::vector<std::string> kCellFamilies{"CFUTF8Type", "Things"};
const std::vector<std::string> kTimeFamilies{"CFLongType", "Readings"};
const std::vector<std::string> kCellRows{"clients", "users", "a", "b\n", std::string("z\0z", 3)};
const std::vector<std::string> kColumns{"a", "b", "ab", "color", "ünï", "10.0.0.1", "~"};
const std::vector<std::string> kIndexable{"a", "color"};
const std::vector<std::string> kTimeRows{
    "1.2.3.4:logs:messages:2011:5:22",
    "1.2.3.4:logs:_var_log:2011:5:22",
    "c:plugins:cpu:2011:5:22",
    "alerts:2011:5:22",
    "other",
};
const std::vector<std::string> kCounterRows{"connections", "x", std::string("x\0y", 3), "xy",
                                            std::string("x\xff", 2)};

}  // namespace

RandomRun::RandomRun(std::uint64_t seed, const SealingOptions& sealing) : random_(seed), store_(sealing) {
    model_.cells["CFUTF8Type"];
    model_.times["CFLongType"];
}

// Few times, so that cells are overwritten and lines fall on them.
std::int64_t RandomRun::some_time() {
    return kToday + static_cast<std::int64_t>(below(40)) * (chance(20) ? kDayMs / 50 : 7);
}

std::int64_t RandomRun::some_ttl() {
    return chance(70) ? 0 : static_cast<std::int64_t>(1 + below(50));
}

std::string RandomRun::some_value() {
    if (chance(5)) return std::string(2000, chance(50) ? 'x' : 'y');  // too long to stand in an index
    return one_of<std::string>({"", "red", "green", "blue", "r%20d", std::string("\0\xff", 2)});
}

std::string RandomRun::some_log_value() {
    if (chance(10)) return some_value();
    std::string returned;
    for (std::size_t i = below(4); i > 0; --i)
        returned += one_of<std::string>({"one ", "two", "", "three\\n", "\\n"});
    std::string value = "{\"date\":1,\"returned\":\"" + returned + "\"}";
    for (std::size_t i = below(3); i > 0; --i) value = escape(value);
    return value;
}

void RandomRun::put_cells() {
    const std::string& name = one_of(kCellFamilies);
    const auto family = model_.cells.find(name);
    if (family == model_.cells.end()) return;
    const auto batch = must(store_->begin_cells(name));
    auto rows = family->second.rows;
    for (std::size_t i = 1 + below(6); i > 0; --i) {
        const std::string& row = one_of(kCellRows);
        if (chance(5)) {
            must(batch->remove_row(row));
            rows.erase(row);
            continue;
        }
        const std::string& column = one_of(kColumns);
        const std::string value = some_value();
        const std::int64_t ttl = some_ttl();
        const Result<void> put = batch->put(row, column, value, ttl);
        const bool fits = !family->second.indexed.contains(column) || value.find('\xff') == std::string::npos;
        REQUIRE(put.ok() == fits);  // declared columns hold UTF8Type
        if (fits) rows[row][column] = {value, ttl == 0 ? 0 : now() + ttl * 1000};
    }
    CHECK(code_of(batch->put("a", "\xff", "v")) == Code::invalid_argument);
    if (chance(15)) return;  // thrown away
    must(batch->commit());
    family->second.rows = std::move(rows);
}

void RandomRun::put_times() {
    const std::string& name = one_of(kTimeFamilies);
    const auto family = model_.times.find(name);
    if (family == model_.times.end()) return;
    const bool counting = chance(50);
    const auto batch = must(store_->begin_cells(name, counting));
    auto rows = family->second;
    std::set<std::pair<std::string, std::int64_t>> added;
    for (std::size_t i = 1 + below(8); i > 0; --i) {
        const std::string& row = one_of(kTimeRows);
        if (chance(3)) {
            must(batch->remove_row(row));
            rows.erase(row);
            std::erase_if(added, [&](const auto& cell) { return cell.first == row; });
            continue;
        }
        const std::int64_t time = some_time();
        const std::string value = some_log_value();
        const std::int64_t ttl = some_ttl();
        must(batch->put(row, std::to_string(time), value, ttl));
        auto& posted = rows[row].posted;
        const auto there = posted.find(time);
        if (there == posted.end() || !there->second.live(now())) added.emplace(row, time);
        posted[time] = {value, ttl == 0 ? 0 : now() + ttl * 1000};
    }
    if (chance(15)) return;
    must(batch->commit());
    family->second = std::move(rows);
    if (!counting) return;
    for (const auto& [row, time] : added) {
        if (row.find(":logs:") != std::string::npos) ++model_.counters[row]["logs"];
        if (row.find(":plugins:") != std::string::npos) ++model_.counters[row]["plugins"];
    }
}

void RandomRun::append_lines() {
    const auto family = model_.times.find("CFLongType");
    const auto batch = store_->begin_lines();
    if (family == model_.times.end()) {
        CHECK(code_of(batch->append({"c", "l", kToday, "text", {}})) == Code::not_found);
        return;
    }
    auto rows = family->second;
    std::uint64_t count = 0;
    for (std::size_t i = 1 + below(8); i > 0; --i, ++count) {
        const std::int64_t time = some_time();
        const bool slashes = chance(50);
        const std::string text = one_of<std::string>({"appended", "", "with \"quotes\"", "tab\tand \xff"});
        must(batch->append(
            {"1.2.3.4", slashes ? "/var/log" : "messages", time, text, chance(30) ? "{\"a\":1}" : ""}));
        rows[slashes ? kTimeRows[1] : kTimeRows[0]].appended[time].push_back(text);
    }
    const bool repeated = origin_ > 0 && chance(20);
    const bool named = repeated || chance(50);
    const std::uint64_t sequence = repeated ? origin_ - (origin_ > 1 ? below(2) : 0) : origin_ + 1 + below(3);
    if (named) batch->set_origin("shipper", sequence);
    if (chance(10)) return;  // thrown away
    const CommitResult result = must(batch->commit());
    if (named && !repeated) origin_ = sequence;
    CHECK(result.repeated == repeated);
    CHECK(result.entries == (repeated ? 0 : count));
    if (!repeated) family->second = std::move(rows);
}

void RandomRun::step_counters() {
    const auto batch = store_->begin_counters();
    for (std::size_t i = 1 + below(4); i > 0; --i) {
        const std::string& row = one_of(kCounterRows);
        const std::string& column = one_of(kColumns);
        const std::int64_t delta = static_cast<std::int64_t>(below(11)) - 5;
        must(batch->add(row, column, delta));
        model_.counters[row][column] += delta;
    }
    must(batch->commit());
}

void RandomRun::remove_something() {
    const std::string& row = one_of(kCellRows);
    const std::string& time_row = one_of(kTimeRows);
    const std::string& column = one_of(kColumns);
    const std::string& counter_row = one_of(kCounterRows);
    const auto cells = model_.cells.find(one_of(kCellFamilies));
    const auto times = model_.times.find(one_of(kTimeFamilies));
    switch (below(6)) {
        case 0:
            if (cells == model_.cells.end()) break;
            must(store_->remove_row(cells->first, row));
            cells->second.rows.erase(row);
            break;
        case 1:
            if (cells == model_.cells.end()) break;
            must(store_->remove_cell(cells->first, row, column));
            cells->second.rows[row].erase(column);
            break;
        case 2:
            if (times == model_.times.end() || chance(50)) break;
            must(store_->remove_row(times->first, time_row));
            times->second.erase(time_row);
            break;
        case 3: {
            if (times == model_.times.end()) break;
            const std::int64_t time = some_time();
            must(store_->remove_cell(times->first, time_row, std::to_string(time)));
            times->second[time_row].posted.erase(time);
            times->second[time_row].appended.erase(time);
            break;
        }
        case 4:
            must(store_->remove_counters(counter_row, std::nullopt));
            model_.counters.erase(counter_row);
            break;
        case 5:
            must(store_->remove_counters(counter_row, column));
            model_.counters[counter_row].erase(column);
            break;
    }
}

void RandomRun::change_families() {
    const std::string& cells = one_of(kCellFamilies);
    const std::string& times = one_of(kTimeFamilies);
    switch (below(5)) {
        case 0:
            must(store_->create_family(cells, ValueType::utf8));
            CHECK(code_of(store_->create_family(cells, ValueType::uuid)) == Code::conflict);
            model_.cells[cells];
            break;
        case 1:
            must(store_->create_family(times, ValueType::long_));
            model_.times[times];
            break;
        case 2:
            if (chance(80)) break;
            CHECK(store_->drop_family(cells).ok() == model_.cells.contains(cells));
            model_.cells.erase(cells);
            break;
        case 3:
            if (chance(80)) break;
            CHECK(store_->drop_family(times).ok() == model_.times.contains(times));
            model_.times.erase(times);
            break;
        case 4: {
            if (!model_.cells.contains(cells)) break;
            const std::string& column = one_of(kIndexable);
            const bool indexed = chance(60);
            must(store_->declare_column(cells, column, ValueType::utf8, indexed));
            model_.cells[cells].indexed[column] = indexed;
            break;
        }
    }
}

void RandomRun::restart() {
    switch (below(3)) {
        case 0:
            store_.reopen();
            break;
        case 1:
            store_.reopen_after_crash();
            break;
        case 2:
            must(store_->compact());
            break;
    }
    // A start creates what must always be there.
    model_.cells["CFUTF8Type"];
    model_.times["CFLongType"];
    if (!store_->family("CFUTF8Type").ok() || !store_->family("CFLongType").ok()) store_.reopen();
}

void RandomRun::steps(int count) {
    for (int step = 0; step < count; ++step) {
        if (chance(20)) store_.clock.advance(static_cast<std::int64_t>(below(20'000)));
        const std::size_t what = below(100);
        if (what < 25) {
            put_cells();
        } else if (what < 50) {
            put_times();
        } else if (what < 65) {
            append_lines();
        } else if (what < 75) {
            step_counters();
        } else if (what < 90) {
            remove_something();
        } else if (what < 96) {
            change_families();
        } else if (what < 99) {
            chance(50) ? must(store_->seal()) : must(store_->compact());
        } else {
            restart();
        }
        if (chance(10)) compare_all();
    }
    compare_all();
}

}  // namespace nmstore::testing

TEST_CASE("a store does what plain maps would do") {
    const auto seed = GENERATE(std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{4},
                               std::uint64_t{5}, std::uint64_t{6}, std::uint64_t{7}, std::uint64_t{8});
    INFO("seed " << seed);
    nmstore::testing::RandomRun run(seed, {});
    run.steps(1000);
}

TEST_CASE("so does one that seals lines as soon as there are two or three") {
    const auto seed = GENERATE(std::uint64_t{11}, std::uint64_t{12}, std::uint64_t{13}, std::uint64_t{14},
                               std::uint64_t{15}, std::uint64_t{16}, std::uint64_t{17}, std::uint64_t{18});
    INFO("seed " << seed);
    nmstore::SealingOptions sealing;
    sealing.direct_bytes = 12 + seed % 3 * 10;
    sealing.block_bytes = 40;
    // In the background of every second run, whenever the clock is moved.
    sealing.background = seed % 2 == 0;
    sealing.idle_bytes = 1;
    sealing.idle_ms = 10'000;
    sealing.settle_ms = 20'000;
    nmstore::testing::RandomRun run(seed, sealing);
    run.steps(1000);
}
