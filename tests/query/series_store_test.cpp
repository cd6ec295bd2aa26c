// Series of a real store: of cells that are overwritten, removed and expire, fresh, in blocks, and in both.
#include <map>
#include <random>

#include "nmstore/escape.h"
#include "query/series.h"
#include "tests/engine/open_store.h"
#include "tests/query/memory_store.h"
#include "tests/query/series_values.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;
using nmstore::testing::must;
using nmstore::testing::OpenedStore;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::int64_t kStart = 1'308'700'800'000;  // 2011-06-22, 0:00 UTC

std::string shown(const Result<SeriesResult>& result) {
    if (!result.ok()) return result.error().message;
    std::string out = std::to_string(result->step_ms) + "\n";
    for (const Series& series : result->series) {
        out += series.client + " " + series.plugin + " " + series.field + ":";
        for (const SeriesPoint& point : series.points) {
            out += " " + std::to_string(point.time_ms);
            for (const double number : {point.min, point.mean, point.max})
                out += "/" + std::to_string(number);
            out += "*" + std::to_string(point.count);
        }
        out += "\n";
    }
    return out;
}

std::string ask(const Store& store, const SeriesRequest& request) {
    Execution execution;
    execution.help_after = std::chrono::microseconds(0);
    return shown(series(store, request, execution));
}

struct Posted {
    std::string value;
    std::int64_t expires_at_ms;
};

// What is posted, beside the store.
class Readings {
  public:
    explicit Readings(unsigned seed) : store_(sealing()), random_(seed), values_(seed) {}

    void post(std::size_t count) {
        const auto batch = must(store_->begin_cells("CFLongType", true));
        for (; count > 0; --count) {
            const std::string client = "web" + std::to_string(random_() % 2);
            const std::int64_t day = static_cast<std::int64_t>(random_() % 3) * kDay;
            const std::int64_t time = kStart + day + static_cast<std::int64_t>(random_() % 700) * 2 * kMinute;
            std::string value = values_.make(time).text;
            for (std::size_t passes = random_() % 3; passes > 0; --passes) value = escape(value);
            const std::int64_t ttl = random_() % 6 == 0 ? static_cast<std::int64_t>(1 + random_() % 100) : 0;
            must(batch->put(key(client, time), std::to_string(time), value, ttl));
            posted_[client][time] = {value, ttl == 0 ? 0 : store_.clock.now_ms() + ttl * 1000};
        }
        must(batch->commit());
    }
    void remove_some() {
        for (auto& [client, cells] : posted_) {
            for (auto cell = cells.begin(); cell != cells.end();) {
                if (random_() % 40 != 0) {
                    ++cell;
                    continue;
                }
                must(
                    store_->remove_cell("CFLongType", key(client, cell->first), std::to_string(cell->first)));
                cell = cells.erase(cell);
            }
        }
    }
    void wait() { store_.clock.advance(static_cast<std::int64_t>(random_() % 30'000)); }
    OpenedStore& store() { return store_; }

    void compare() {
        MemoryStore plain;
        for (const auto& [client, cells] : posted_) {
            for (const auto& [time, cell] : cells) {
                if (cell.expires_at_ms == 0 || cell.expires_at_ms > store_.clock.now_ms())
                    plain.add_line(client, "cpu", time, unescape_fully(cell.value), "", RowKind::plugins);
            }
        }
        SeriesRequest request;
        request.step_ms = 1 + static_cast<std::int64_t>(random_() % (6 * 60)) * kMinute;
        if (random_() % 2 == 0) request.from_ms = kStart + static_cast<std::int64_t>(random_() % kDay);
        if (random_() % 2 == 0) request.to_ms = kStart + kDay + static_cast<std::int64_t>(random_() % kDay);
        if (random_() % 3 == 0) request.clients = {"web1"};
        CHECK(ask(*store_, request) == ask(plain, request));
    }

  private:
    static SealingOptions sealing() {
        SealingOptions sealing;
        sealing.background = false;
        sealing.block_bytes = 3000;
        return sealing;
    }
    static std::string key(const std::string& client, std::int64_t time_ms) {
        return format_day_row({client, RowKind::plugins, "cpu", day_of(time_ms)});
    }

    OpenedStore store_;
    std::mt19937_64 random_;
    nmstore::testing::ValueMaker values_;
    std::map<std::string, std::map<std::int64_t, Posted>> posted_;
};

}  // namespace

TEST_CASE("series: cells that are overwritten, removed and expire, in blocks and in none") {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        INFO("seed " << seed);
        Readings readings(seed);
        for (int round = 0; round < 8; ++round) {
            readings.post(150);
            readings.compare();
            must(readings.store()->seal());
            readings.compare();
            readings.wait();
            readings.compare();
            readings.remove_some();
            readings.compare();
            if (round % 3 == 2) must(readings.store()->compact());
            if (round == 5) readings.store().reopen();
            readings.compare();
        }
        readings.store().check();
    }
}

TEST_CASE("series: numbers of one field in every form, over the border of days, from blocks") {
    OpenedStore store;
    const std::vector<std::string> values{"5",       "\"-5\"",    "0.25",       "\"1e3\"",
                                          "-1.5E-1", "\" 7\\n\"", "true",       "null",
                                          "\"x\"",   "[1]",       "{\"in\":3}", "12345678901234567890",
                                          "\"NaN\"", "+4",        "007",        "\"\""};
    const auto batch = must(store->begin_cells("CFLongType"));
    const std::int64_t first = kStart + kDay - 8 * kMinute;  // eight before midnight, eight behind it
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::int64_t time = first + static_cast<std::int64_t>(i) * kMinute;
        const std::string value = "{\"date\":" + std::to_string(time) + ",\"v\":" + values[i] + "}";
        must(batch->put(format_day_row({"c", RowKind::plugins, "p", day_of(time)}), std::to_string(time),
                        escape(value)));
    }
    must(batch->commit());
    SeriesRequest request;
    request.fields = {"v"};
    request.step_ms = 365 * kDay;
    const std::string fresh = ask(*store, request);
    CHECK(fresh.find("*9\n") != std::string::npos);
    must(store->compact());
    CHECK(ask(*store, request) == fresh);
    request.fields = {"v.in"};
    CHECK(ask(*store, request).find("/3.000000/3.000000/3.000000*1\n") != std::string::npos);
    request.fields = {"v*"};
    request.step_ms = kMinute;
    const std::string steps = ask(*store, request);
    CHECK(std::count(steps.begin(), steps.end(), '*') == 10);  // gaps stay gaps
    request.step_ms = INT64_MAX;
    CHECK(ask(*store, request).find("*9\n") != std::string::npos);
    request.step_ms = 1;
    CHECK(ask(*store, request).find("*1") != std::string::npos);
}
