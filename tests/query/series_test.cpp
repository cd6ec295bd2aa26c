#include "query/series.h"

#include <cmath>

#include "query/histogram_step.h"
#include "tests/catch.h"
#include "tests/query/block_store.h"
#include "tests/query/series_values.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::BlockStore;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kMidnight = 1321833600000;  // 2011-11-21

void put(MemoryStore& store, const std::string& client, const std::string& plugin, std::int64_t time_ms,
         const std::string& value) {
    store.add_line(client, plugin, time_ms, value, "", RowKind::plugins);
}

std::string shown(double number) {
    std::string text = std::to_string(number);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

// "client plugin field: time min mean max n, …" of each series; times from midnight.
std::string shown(const Result<SeriesResult>& result) {
    if (!result.ok()) return std::string(code_name(result.error().code)) + ": " + result.error().message;
    std::string out;
    for (const Series& series : result->series) {
        out += series.client + " " + series.plugin + " " + series.field + ":";
        for (const SeriesPoint& point : series.points) {
            out += " " + std::to_string((point.time_ms - kMidnight) / kMinute) + "=" + shown(point.min) +
                   "/" + shown(point.mean) + "/" + shown(point.max) + "*" + std::to_string(point.count);
        }
        out += "\n";
    }
    return out;
}

std::string ask(const Store& store, const SeriesRequest& request, Limits limits = {}) {
    Execution execution(limits);
    return shown(series(store, request, execution));
}

SeriesRequest everything(std::int64_t step_ms) {
    SeriesRequest request;
    request.step_ms = step_ms;
    return request;
}

}  // namespace

TEST_CASE("series: the last reading is the newest one, and not what its step comes to") {
    MemoryStore store;
    put(store, "web1", "disk", kMidnight - kMinute, R"({"used":1,"rare":7})");
    put(store, "web1", "disk", kMidnight + kMinute, R"({"used":58})");
    put(store, "web1", "disk", kMidnight + 2 * kMinute, R"({"used":"59\n"})");
    put(store, "web1", "disk", kMidnight + 3 * kMinute, R"({"used":"none"})");
    put(store, "web2", "disk", kMidnight + kMinute, R"({"used":5})");
    SeriesRequest request = everything(kDay);
    const auto last = [&] {
        Execution execution;
        const auto result = series(store, request, execution);
        REQUIRE(result.ok());
        std::string out;
        for (const Series& each : result->series) {
            out += each.client + " " + each.field + ": ";
            out += each.last ? std::to_string((each.last->time_ms - kMidnight) / kMinute) + "=" +
                                   shown(each.last->value)
                             : "-";
            out += "\n";
        }
        return out;
    };
    CHECK(last() == "web1 rare: -\nweb1 used: -\nweb2 used: -\n");
    request.last = true;
    CHECK(last() == "web1 rare: -1=7\nweb1 used: 2=59\nweb2 used: 1=5\n");
    request.to_ms = kMidnight + 2 * kMinute;
    CHECK(last() == "web1 rare: -1=7\nweb1 used: 1=58\nweb2 used: 1=5\n");
    // Of a field that the newest values do not have, it is not looked for any further.
    request.to_ms = INT64_MAX;
    for (std::size_t i = 0; i < kFieldReadings; ++i)
        put(store, "web1", "disk", kMidnight + kHour + static_cast<std::int64_t>(i), R"({"used":60})");
    CHECK(last() == "web1 rare: -\nweb1 used: 60=60\nweb2 used: 1=5\n");
}

TEST_CASE("series: steps across days, and gaps that stay gaps") {
    MemoryStore store;
    put(store, "web1", "cpu", kMidnight - 10 * kMinute, R"({"date":1,"value":"10"})");
    put(store, "web1", "cpu", kMidnight + 10 * kMinute, R"({"date":2,"value":"20"})");
    put(store, "web1", "cpu", kMidnight + 20 * kMinute, R"({"date":3,"value":60})");
    put(store, "web1", "cpu", kMidnight + 10 * kHour, R"({"date":4,"value":"-1.5"})");
    SeriesRequest request = everything(kHour);
    CHECK(ask(store, request) == "web1 cpu value: -60=10/10/10*1 0=20/40/60*2 600=-1.5/-1.5/-1.5*1\n");
    request.step_ms = 2 * kDay;
    CHECK(ask(store, request) == "web1 cpu value: -1440=-1.5/22.125/60*4\n");

    SECTION("from and to in the middle of a step") {
        request.step_ms = kHour;
        request.from_ms = kMidnight + 10 * kMinute;
        request.to_ms = kMidnight + 20 * kMinute;
        CHECK(ask(store, request) == "web1 cpu value: 0=20/20/20*1\n");
        request.to_ms = request.from_ms;
        CHECK(ask(store, request).empty());
        request.to_ms = request.from_ms - 1;
        CHECK(ask(store, request).starts_with("invalid_argument"));
    }
    SECTION("a fitting step") {
        request.step_ms = 0;
        Execution execution;
        const auto result = series(store, request, execution);
        REQUIRE(result.ok());
        CHECK(result->step_ms == 2 * kMinute);
        CHECK(execution.stats.lines_scanned == 4);
    }
}

TEST_CASE("series: which clients, plugins and fields") {
    MemoryStore store;
    put(store, "web1", "disk", kMidnight, R"({"date":5,"root":{"used":1,"free":2},"home":{"used":3}})");
    put(store, "web2", "disk", kMidnight, R"({"root":{"used":4}})");
    put(store, "web2", "disk:2", kMidnight, R"({"root":{"used":6}})");
    put(store, "db1", "cpu", kMidnight, "7");
    store.add_line("web1", "disk", kMidnight, R"({"root":{"used":99}})");  // a log
    store.put("CFUTF8Type", "client-tags", "db1", "master");
    SeriesRequest request = everything(kMinute);
    const std::string web1 = "web1 disk home.used: 0=3/3/3*1\nweb1 disk root.free: 0=2/2/2*1\n";
    const std::string web1_used = "web1 disk root.used: 0=1/1/1*1\n";
    const std::string web2 = "web2 disk root.used: 0=4/4/4*1\n";
    const std::string web2_other = "web2 disk:2 root.used: 0=6/6/6*1\n";
    const std::string db1 = "db1 cpu value: 0=7/7/7*1\n";
    CHECK(ask(store, request) == db1 + web1 + web1_used + web2 + web2_other);
    request.fields = {"*.used"};
    CHECK(ask(store, request) == web1.substr(0, web1.find('\n') + 1) + web1_used + web2 + web2_other);
    request.fields = {"root.used", "value"};
    request.clients = {"web?", "db1"};
    CHECK(ask(store, request) == db1 + web1_used + web2 + web2_other);
    request.clients = {"web2", "nobody"};
    CHECK(ask(store, request) == web2 + web2_other);
    request.plugins = {"disk"};
    CHECK(ask(store, request) == web2);
    request.plugins = {"disk", "disk:2"};
    CHECK(ask(store, request) == web2 + web2_other);
    request.plugins = {"disk*"};
    CHECK(ask(store, request) == web2 + web2_other);
    request.clients = {"master"};
    request.plugins = {};
    CHECK(ask(store, request) == db1);
    request.clients = {"m*r"};
    CHECK(ask(store, request) == db1);

    SECTION("the agents' own time is a reading only if it is asked for") {
        request = everything(kMinute);
        request.clients = {"web1"};
        request.fields = {"d*"};
        CHECK(ask(store, request).empty());
        request.fields = {"date"};
        CHECK(ask(store, request) == "web1 disk date: 0=5/5/5*1\n");
    }
    SECTION("which fields there are") {
        Execution execution;
        request = everything(0);
        const auto found = series_fields(store, request, execution);
        REQUIRE(found.ok());
        REQUIRE(found->size() == 4);
        CHECK(found->at(0).fields == std::vector<std::string>{"value"});
        CHECK(found->at(1).plugin == "disk");
        CHECK(found->at(1).fields == std::vector<std::string>{"home.used", "root.free", "root.used"});
    }
}

TEST_CASE("series: an answer is whole, or an error") {
    BlockStore store;
    for (int i = 0; i < 3000; ++i)
        put(store, "web" + std::to_string(i % 3), "cpu", kMidnight + i * kMinute, std::to_string(i));
    const SeriesRequest request = everything(kHour);
    Limits limits;
    limits.time = std::chrono::milliseconds(0);
    CHECK(ask(store, request, limits).starts_with("deadline_exceeded"));
    limits = {};
    limits.lines = 10;
    CHECK(ask(store, request, limits).starts_with("limit_exceeded"));
    limits = {};
    limits.memory_bytes = 100;
    CHECK(ask(store, request, limits).starts_with("limit_exceeded"));
    Execution execution;
    execution.gone = [] { return true; };
    CHECK(shown(series(store, request, execution)).starts_with("cancelled"));

    SeriesRequest bad = request;
    bad.clients.assign(kMaxSeriesPatterns + 1, "x");
    CHECK(ask(store, bad).starts_with("invalid_argument"));
    CHECK(ask(store, everything(-1)).starts_with("invalid_argument"));
}

TEST_CASE("series: a great many points are refused") {
    MemoryStore store;
    std::string value = "{";
    for (int i = 0; i < 1000; ++i) value += "\"f" + std::to_string(i) + "\":1,";
    value.back() = '}';
    for (int i = 0; i < 251; ++i) put(store, "web1", "cpu", kMidnight + i * kMinute, value);
    CHECK(ask(store, everything(kMinute)).starts_with("invalid_argument: the answer would have more than"));
    CHECK_FALSE(ask(store, everything(2 * kMinute)).starts_with("invalid_argument"));
}

TEST_CASE("series: many rows, read by several threads, come to the same") {
    MemoryStore plain;
    BlockStore sealed;
    std::mt19937 random(3);
    for (int i = 0; i < 4000; ++i) {
        const std::string client = "web" + std::to_string(random() % 3);
        const std::int64_t time = kMidnight + static_cast<std::int64_t>(random() % 60) * kDay + i;
        const std::string value =
            "{\"value\":" + std::to_string(random() % 1000) + "." + std::to_string(random() % 100) + "}";
        put(plain, client, "cpu", time, value);
        put(sealed, client, "cpu", time, value);
    }
    sealed.seal(random, 20, 7);
    const std::string expected = ask(plain, everything(5 * kDay));
    CHECK(std::count(expected.begin(), expected.end(), '*') == 3 * 13);
    for (int i = 0; i < 20; ++i) CHECK(ask(sealed, everything(5 * kDay)) == expected);
    Limits limits;
    limits.lines = 100;
    for (int i = 0; i < 20; ++i)
        CHECK(ask(sealed, everything(5 * kDay), limits).starts_with("limit_exceeded"));
}

TEST_CASE("series: fields whose names are not the same in all lines of a template") {
    BlockStore store;
    std::mt19937 random(1);
    for (int i = 0; i < 100; ++i) {
        const std::string name = "eth" + std::to_string(i % 2);
        put(store, "web1", "net", kMidnight + i, "{\"" + name + "\":{\"rx\":" + std::to_string(i) + "}}");
    }
    store.seal(random, 1000, 0);
    CHECK(ask(store, everything(kDay)) == "web1 net eth0.rx: 0=0/49/98*50\nweb1 net eth1.rx: 0=1/50/99*50\n");
}

TEST_CASE("series: readings of sealed blocks are those of their texts") {
    for (unsigned seed = 0; seed < 300; ++seed) {
        INFO(seed);
        std::mt19937 random(seed);
        nmstore::testing::ValueMaker maker(seed);
        MemoryStore plain;
        BlockStore sealed;
        const std::int64_t step = std::int64_t{1} << random() % 28;
        const std::int64_t spread = 1 + static_cast<std::int64_t>(random() % (4 * kDay));
        std::map<std::string, std::map<std::int64_t, std::vector<double>>> expected;
        SeriesRequest request;
        request.step_ms = step;
        if (random() % 2 == 0) request.from_ms = kMidnight + static_cast<std::int64_t>(random()) % spread;
        if (random() % 2 == 0)
            request.to_ms =
                std::max(request.from_ms, kMidnight + static_cast<std::int64_t>(random()) % spread);
        const std::size_t count = random() % 400;
        for (std::size_t i = 0; i < count; ++i) {
            const std::int64_t time = kMidnight + static_cast<std::int64_t>(random()) % spread;
            const auto made = maker.make(time);
            put(plain, "web1", "cpu", time, made.text);
            put(sealed, "web1", "cpu", time, made.text);
            if (time < request.from_ms || time >= request.to_ms) continue;
            for (const auto& [field, value] : made.readings)
                expected[field][bucket_start(time, step)].push_back(value);
        }
        sealed.seal(random, 1 + random() % 200, random() % 5);
        const std::string from_text = ask(plain, request);
        CHECK(ask(sealed, request) == from_text);

        Execution execution;
        const auto result = series(sealed, request, execution);
        REQUIRE(result.ok());
        REQUIRE(result->series.size() == expected.size());
        for (const Series& one : result->series) {
            INFO(one.field);
            const auto& steps = expected[one.field];
            REQUIRE(one.points.size() == steps.size());
            auto at = steps.begin();
            for (const SeriesPoint& point : one.points) {
                CHECK(point.time_ms == at->first);
                const auto& values = at->second;
                CHECK(point.count == values.size());
                CHECK(point.min == *std::min_element(values.begin(), values.end()));
                CHECK(point.max == *std::max_element(values.begin(), values.end()));
                long double sum = 0;
                for (const double value : values) sum += value;
                const auto mean = static_cast<double>(sum / static_cast<long double>(values.size()));
                CHECK(std::abs(point.mean - mean) <= 1e-12 * (std::abs(mean) + point.max - point.min));
                ++at;
            }
        }
    }
}
