// Many filters at once say of every line what each says by itself, in whatever form the lines stand.
#include "query/standing.h"

#include "query/parse.h"
#include "query/standing_words.h"
#include "tests/query/oracle_query.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

using Matches = std::vector<std::pair<query::StandingQueries::Id, LineId>>;

struct Asked {
    std::string text;
    query::Query query;
    std::unique_ptr<query::Matcher> matcher;
};

class Run {
  public:
    explicit Run(std::uint64_t seed) : random_(seed), writer_(random_), world_(some_sealing()) {}

    void go() {
        write();
        for (int round = 0; round < 6; ++round) {
            ask_anew();
            write();
            compare();
            if (round == 2) must(world_.store->seal());
            if (round == 3) must(world_.store->compact());
            if (round == 4) world_.store.reopen();
            from_ = round % 2 == 0 ? 0 : from_;
            compare();
        }
    }
    std::size_t matches() const { return matches_; }

  private:
    SealingOptions some_sealing() {
        SealingOptions sealing;
        sealing.background = false;
        static constexpr std::size_t kBlocks[] = {300, 2000, 1 << 20};
        static constexpr std::size_t kDirect[] = {40, 200, 1 << 17};
        sealing.block_bytes = oracle_pick(random_, kBlocks);
        sealing.direct_bytes = oracle_pick(random_, kDirect);
        return sealing;
    }

    void write() {
        std::vector<OracleStep> steps;
        writer_.write(steps, 5 + oracle_below(random_, 25));
        for (const OracleStep& step : steps) world_.apply(step);
        world_.finish();
    }

    // Takes some filters away and adds others.
    void ask_anew() {
        OracleAnswers answers(world_);
        OracleAsker asker(random_, answers.lines());
        for (std::size_t i = 0; i < 40; ++i) {
            const query::StandingQueries::Id id = 1 + oracle_below(random_, 60);
            standing_.remove(id);
            asked_.erase(id);
            Asked asked;
            asked.text = asker.query(i % 4);
            auto parsed = query::parse(asked.text);
            if (!parsed.ok()) continue;
            asked.query = std::move(*parsed);
            auto matcher = query::compile(*asked.query.filter);
            if (!matcher.ok()) continue;
            asked.matcher = std::move(*matcher);
            must(standing_.add(id, *asked.query.filter));
            asked_.emplace(id, std::move(asked));
        }
    }

    void compare() {
        const Store& store = *world_.store;
        for (const Change& change : must(store.read_changes(from_, SIZE_MAX))) {
            from_ = change.number + 1;
            for (const ChangedRow& changed : change.rows) {
                const auto row = must(store.log_row(changed.row));
                if (row) compare(store, change, changed, *row);
            }
        }
    }

    void compare(const Store& store, const Change& change, const ChangedRow& changed, const LogRow& row) {
        Matches expected, told;
        const auto lines = must(store.changed_lines(change, changed, row));
        while (must(lines->next())) {
            for (const auto& [id, asked] : asked_) {
                if (asked.matcher->matches(lines->line())) expected.emplace_back(id, lines->line().id);
            }
        }
        must(standing_.match_changed(store, change, changed, row, [&](auto id, const Line& line) {
            told.emplace_back(id, line.id);
            CHECK(asked_.at(id).matcher->matches(line));
        }));
        std::sort(expected.begin(), expected.end());
        std::sort(told.begin(), told.end());
        matches_ += told.size();
        if (told == expected) return;
        for (const auto& [id, asked] : asked_) {
            Matches one, other;
            const auto is_its = [&, number = id](const auto& match) { return match.first == number; };
            std::copy_if(expected.begin(), expected.end(), std::back_inserter(one), is_its);
            std::copy_if(told.begin(), told.end(), std::back_inserter(other), is_its);
            INFO("query: " << asked.text);
            CHECK(one.size() == other.size());
            REQUIRE(one == other);
        }
    }

    OracleRandom random_;
    OracleWriter writer_;
    OracleStore world_;
    std::map<query::StandingQueries::Id, Asked> asked_;
    query::StandingQueries standing_;
    ChangeNumber from_ = 0;
    std::size_t matches_ = 0;
};

}  // namespace

TEST_CASE("standing queries tell what each filter tells by itself") {
    std::size_t matches = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        Run run(seed);
        run.go();
        matches += run.matches();
    }
    CHECK(matches > 5'000);
}

TEST_CASE("a block is opened once, however many filters ask for it") {
    OpenedStore store;
    const auto batch = store->begin_lines();
    for (int i = 0; i < 20'000; ++i)
        must(batch->append({"c", "l", 1'308'700'800'000 + i, "line of number " + std::to_string(i), {}}));
    must(batch->commit());
    const Change change = must(store->read_changes(0, SIZE_MAX)).at(0);
    REQUIRE_FALSE(change.rows.at(0).blocks.empty());
    const LogRow row = *must(store->log_row(change.rows[0].row));
    const auto looks = [&](std::size_t filters) {
        query::StandingQueries standing;
        for (std::size_t id = 1; id <= filters; ++id)
            must(standing.add(id, *must(query::parse("number -" + std::to_string(id))).filter));
        const StoreStats before = store->stats();
        std::size_t told = 0;
        must(standing.match_changed(*store, change, change.rows[0], row, [&](auto, const Line&) { ++told; }));
        CHECK(told == filters * 19'999);
        const StoreStats after = store->stats();
        return after.block_cache_hits + after.block_cache_misses + after.block_cache_section_hits +
               after.block_cache_section_misses - before.block_cache_hits - before.block_cache_misses -
               before.block_cache_section_hits - before.block_cache_section_misses;
    };
    (void)looks(1);
    const auto of_one = looks(1);
    CHECK(looks(20) == of_one);
}

TEST_CASE("the words that a line must have") {
    struct Case {
        const char* query;
        const char* words;  // "none": not known
    };
    static constexpr Case kCases[] = {
        {"Error", "error"},
        {"\"disk is full\"", "disk"},
        {"10.0.0.17", "10"},
        {"c\"Failed\"", "failed"},
        {"\"in stage fail\"*", "stage"},
        {"fail*", "none"},
        {"*\"ail from us\"*", "from"},
        {"*ail*", "none"},
        {"error disk1234", "error"},
        {"error *x*", "error"},
        {"error OR warning", "error,warning"},
        {"error OR *x*", "none"},
        {"-error", "none"},
        {"-error disk", "disk"},
        {"level:warning", "level warn"},
        {"level:*", "none"},
        {"(level:error OR level:fatal) -x", "level error,level fatal"},
        {"level:error timeout", "timeout"},
        {"client:a", "none"},
        {"/abc/", "none"},
        {"user:x", "none"},
        {"*", "none"},
    };
    for (const Case& each : kCases) {
        INFO(each.query);
        const auto required = query::required_words(*must(query::parse(each.query)).filter);
        std::string told;
        if (!required) told = "none";
        if (required) {
            for (const auto& word : required->words) told += (told.empty() ? "" : ",") + word;
            for (const auto& level : required->levels) told += (told.empty() ? "level " : ",level ") + level;
        }
        CHECK(told == each.words);
    }
}

TEST_CASE("ids of standing queries are told apart") {
    query::StandingQueries standing;
    const auto filter = must(query::parse("error"));
    must(standing.add(1, *filter.filter));
    CHECK(code_of(standing.add(1, *filter.filter)) == Code::conflict);
    CHECK(standing.size() == 1);
    standing.remove(2);
    standing.remove(1);
    CHECK(standing.empty());
}

TEST_CASE("names of clients count as they are once rows were forgotten") {
    std::string tag;
    query::StandingQueries standing;
    const auto names = [&](std::string_view) { return std::vector<std::string>{tag}; };
    const auto filter = must(query::parse("client:web OR wanted"));
    must(standing.add(1, *filter.filter, names));
    LogRow row;
    row.id = 1;
    row.client = "10.0.0.1";
    Line line;
    line.row = &row;
    line.text = "something";
    const auto matches = [&] {
        bool any = false;
        standing.match(line, [&](auto) { any = true; });
        return any;
    };
    for (const bool is_web : {false, true, false}) {
        tag = is_web ? "web" : "db";
        standing.forget_rows();
        CHECK(matches() == is_web);
        CHECK(matches() == is_web);
    }
}
