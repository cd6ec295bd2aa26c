// Page walks over a real store against a plain sort of everything in it: random lines with equal times,
// agents' cells with half lines, random queries and page sizes, both directions, while more lines arrive.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "nmstore/escape.h"
#include "query/parse.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::query;

namespace {

constexpr std::int64_t kMidnight = 1321920000000;  // 2011-11-22 00:00 UTC
const std::vector<std::string> kWords = {"alpha", "beta", "gamma", "delta", "10.0.0.1", "x"};
const std::vector<std::string> kQueries = {
    "", "alpha", "-beta", "alpha OR gamma -delta", "client:c1", "log:/var/b alpha", "kind:logs x", "nothere"};

struct Found {
    LineId id;
    std::string text;
    bool operator==(const Found&) const = default;
};

class World {
  public:
    explicit World(unsigned seed) : random_(seed) {
        auto opened = Store::open({.directory = directory_ / "store", .sync = SyncMode::off});
        NM_CHECK(opened.ok());
        store_ = std::move(opened).value();
    }
    Store& store() { return *store_; }
    std::size_t pick(std::size_t count) { return random_() % count; }

    // More lines anywhere in time; more cells only behind those of their row, as an agent posts them.
    void grow(std::size_t steps) {
        for (std::size_t i = 0; i < steps; ++i) pick(3) == 0 ? post_cell() : append_lines();
    }

    // Everything that a query finds, by reading each row alone and sorting.
    std::vector<Found> reference(const SearchRequest& request) const {
        const auto matcher = compile(*request.scope.filter);
        NM_CHECK(matcher.ok());
        std::vector<Found> all;
        const auto rows = store_->log_rows({});
        for (const LogRow& row : rows.value()) {
            auto cursor = std::move(store_->lines(row, {INT64_MIN, INT64_MAX, Order::ascending, {}})).value();
            while (cursor->next().value()) {
                const Line& line = cursor->line();
                const bool inside =
                    line.id.time_ms >= request.scope.from_ms && line.id.time_ms < request.scope.to_ms;
                if (inside && (*matcher)->matches(line)) all.push_back({line.id, std::string(line.text)});
            }
        }
        std::sort(all.begin(), all.end(), [&](const Found& a, const Found& b) {
            return request.order == Order::ascending ? a.id < b.id : b.id < a.id;
        });
        return all;
    }

    // The texts that have been written, each as often as it was.
    std::multiset<std::string> written() const {
        std::multiset<std::string> all = appended_;
        for (const auto& [row, stream] : streams_) {
            std::size_t begin = 0;
            for (std::size_t end = 0; (end = stream.text.find('\n', begin)) != std::string::npos;
                 begin = end + 1)
                all.insert(stream.text.substr(begin, end - begin));
            // Without an end in sight each piece is a line.
            all.insert(stream.open.begin(), stream.open.end());
        }
        return all;
    }

  private:
    struct Stream {
        std::string text;               // of all cells of the row
        std::vector<std::string> open;  // pieces behind its last newline
        std::int64_t time_ms = 0;
    };

    std::string client() { return "c" + std::to_string(pick(3)); }
    std::string log() { return pick(2) == 0 ? "/var/a" : "/var/b"; }
    std::int64_t time() { return kMidnight - 40 + static_cast<std::int64_t>(pick(80)); }
    std::string words() {
        std::string text;
        for (std::size_t i = pick(4); i < 4; ++i)
            text += (text.empty() ? "" : " ") + kWords[pick(kWords.size())];
        return text + " " + std::to_string(++line_);
    }

    void append_lines() {
        auto batch = store_->begin_lines();
        for (std::size_t i = pick(3); i < 3; ++i) {
            const std::string text = words();
            NM_CHECK(batch->append({client(), log(), time(), text, ""}).ok());
            appended_.insert(text);
        }
        NM_CHECK(batch->commit().ok());
    }

    // One or two whole lines, cut anywhere: the rest goes into the row's next cell.
    void post_cell() {
        const std::int32_t day = day_of(kMidnight) - static_cast<std::int32_t>(pick(2));
        const std::string row = format_day_row({client(), RowKind::logs, log_key_name(log()), day});
        Stream& stream = streams_[row];
        if (stream.time_ms == 0) stream.time_ms = day == day_of(kMidnight) ? kMidnight : kMidnight - 60;
        stream.time_ms += 1 + static_cast<std::int64_t>(pick(4));
        std::string text = words() + "\n" + words() + (pick(2) == 0 ? "\n" : "");
        const std::size_t cut = pick(4) == 0 ? text.size() : pick(text.size());
        text.resize(cut);
        stream.text += text;
        const std::size_t newline = text.rfind('\n');
        if (newline != std::string::npos) stream.open.clear();
        const std::string piece = text.substr(newline == std::string::npos ? 0 : newline + 1);
        if (!piece.empty()) stream.open.push_back(piece);
        std::string json = "{\"date\":1,\"returned\":\"";
        for (const char c : text) json += c == '\n' ? std::string("\\n") : std::string(1, c);
        auto batch = std::move(store_->begin_cells(kTimeFamily)).value();
        NM_CHECK(batch->put(row, std::to_string(stream.time_ms), escape(json + "\"}")).ok());
        NM_CHECK(batch->commit().ok());
    }

    testing::TempDirectory directory_;
    std::unique_ptr<Store> store_;
    std::mt19937 random_;
    std::map<std::string, Stream> streams_;
    std::multiset<std::string> appended_;
    std::size_t line_ = 0;
};

struct RandomQuery {
    explicit RandomQuery(World& world) {
        query = std::move(parse(kQueries[world.pick(kQueries.size())])).value();
        request.scope.filter = query.filter.get();
        request.order = world.pick(2) == 0 ? Order::ascending : Order::descending;
        request.limit = 1 + world.pick(world.pick(2) == 0 ? 4 : 40);
        if (world.pick(3) == 0)
            request.scope.from_ms = kMidnight - 20 + static_cast<std::int64_t>(world.pick(20));
        if (world.pick(3) == 0) request.scope.to_ms = kMidnight + static_cast<std::int64_t>(world.pick(20));
    }
    Query query;
    SearchRequest request;
};

SearchPage page_at(const Store& store, SearchRequest request, const std::string& cursor) {
    request.cursor = cursor;
    Execution execution;
    auto page = search(store, request, execution);
    if (!page.ok()) FAIL(page.error().message);
    CHECK(page->entries.size() <= request.limit);
    return std::move(page).value();
}

std::vector<Found> found_in(const SearchPage& page) {
    std::vector<Found> found;
    for (const Entry& entry : page.entries) found.push_back({entry.id, entry.line});
    return found;
}

// From the first page to the end; `last_prev` leads back from behind the last line.
std::vector<Found> walk_on(World& world, const SearchRequest& request, std::size_t growth,
                           std::string& last_prev) {
    std::vector<Found> walked;
    std::string cursor;
    do {
        const SearchPage page = page_at(world.store(), request, cursor);
        for (Found& found : found_in(page)) walked.push_back(std::move(found));
        cursor = page.next;
        last_prev = page.prev;
        world.grow(growth);
    } while (!cursor.empty());
    return walked;
}

std::vector<Found> walk_back(World& world, const SearchRequest& request, std::size_t growth,
                             std::string cursor) {
    std::vector<Found> walked;
    while (true) {
        const SearchPage page = page_at(world.store(), request, cursor);
        if (page.entries.empty()) return walked;
        std::vector<Found> found = found_in(page);
        found.insert(found.end(), walked.begin(), walked.end());
        walked = std::move(found);
        cursor = page.prev;
        world.grow(growth);
        if (walked.size() > 3000) growth = 0;  // lines may come as fast as they are read
    }
}

std::set<LineId> ids_of(const std::vector<Found>& found) {
    std::set<LineId> ids;
    for (const Found& each : found) ids.insert(each.id);
    return ids;
}

void check_order(const std::vector<Found>& walked, Order order) {
    for (std::size_t i = 1; i < walked.size(); ++i) {
        const bool ordered =
            order == Order::ascending ? walked[i - 1].id < walked[i].id : walked[i].id < walked[i - 1].id;
        if (!ordered) FAIL("line " << i << " of the walk is out of order");
    }
}

}  // namespace

TEST_CASE("Walks in both directions give what sorting everything gives") {
    const unsigned seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    World world(seed);
    world.grow(120);
    Query everything = std::move(parse("")).value();
    SearchRequest all;
    all.scope.filter = everything.filter.get();
    std::multiset<std::string> texts;
    for (const Found& found : world.reference(all)) texts.insert(found.text);
    CHECK(texts == world.written());
    for (int i = 0; i < 40; ++i) {
        const RandomQuery random(world);
        const std::vector<Found> reference = world.reference(random.request);
        std::string last_prev;
        const std::vector<Found> walked = walk_on(world, random.request, 0, last_prev);
        CHECK(walked == reference);
        // The last page again, then those before it.
        const SearchPage before_last = page_at(world.store(), random.request, last_prev);
        std::vector<Found> back = walk_back(world, random.request, 0, last_prev);
        const std::size_t last_page = reference.size() - back.size();
        CHECK(last_page <= random.request.limit);
        CHECK(std::equal(back.begin(), back.end(), reference.begin()));
        const SearchPage again = page_at(world.store(), random.request, before_last.next);
        CHECK(found_in(again) ==
              std::vector<Found>(reference.end() - static_cast<std::ptrdiff_t>(last_page), reference.end()));
    }
}

TEST_CASE("Walks miss and repeat nothing while lines arrive") {
    const unsigned seed = GENERATE(11U, 12U, 13U);
    CAPTURE(seed);
    World world(seed);
    world.grow(60);
    for (int i = 0; i < 10; ++i) {
        const RandomQuery random(world);
        const auto check_walk = [&](const std::set<LineId>& before, const std::vector<Found>& walked) {
            check_order(walked, random.request.order);
            const std::set<LineId> after = ids_of(world.reference(random.request)), seen = ids_of(walked);
            for (const LineId& id : before)
                if (after.count(id) != 0 && seen.count(id) == 0)
                    FAIL("a line that was there all the time is missing");
        };
        std::string last_prev;
        std::set<LineId> before = ids_of(world.reference(random.request));
        check_walk(before, walk_on(world, random.request, 1, last_prev));

        const SearchPage last = page_at(world.store(), random.request, last_prev);
        if (last.entries.empty()) continue;
        before.clear();
        for (const Found& found : world.reference(random.request)) {
            const LineId& end = last.entries.back().id;
            if (random.request.order == Order::ascending ? found.id <= end : end <= found.id)
                before.insert(found.id);
        }
        check_walk(before, walk_back(world, random.request, 1, last_prev));
    }
}

TEST_CASE("Pages cut short by a limit on lines make the same walk over a real store") {
    World world(21);
    world.grow(150);
    for (int i = 0; i < 20; ++i) {
        const RandomQuery random(world);
        const std::vector<Found> reference = world.reference(random.request);
        Limits limits;
        limits.lines = 13 + world.pick(30);  // there are 12 rows, and one line of each must be seen
        std::vector<Found> walked;
        SearchRequest request = random.request;
        do {
            Execution execution(limits);
            const auto page = search(world.store(), request, execution);
            if (!page.ok()) FAIL(page.error().message);
            for (Found& found : found_in(page.value())) walked.push_back(std::move(found));
            request.cursor = page->next;
        } while (!request.cursor.empty());
        CHECK(walked == reference);
    }
}
