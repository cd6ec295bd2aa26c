// What records come to for a plain server: what is told at once, and counters behind all else.
#include "server/replication_cells.h"

#include "engine/journal_record.h"
#include "tests/catch.h"
#include "tests/server/replication_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;

namespace {

using Counters = std::map<CounterName, std::int64_t>;
using Steps = std::function<void(JournalSteps&)>;

// Counters as a target without any has them in the end.
struct Converted {
    OpenedStore store;
    std::vector<std::string> told;  // removals of counters, "row/column" or "row"
    CloudsandraConversion conversion{
        *store, 0, [this](const CloudsandraWrite& write) -> Result<void> {
            told.push_back(write.row + (write.has_column ? "/" + write.column : ""));
            return {};
        }};
    void add(const Steps& steps, bool without_counters = false) {
        must(conversion.add(record(steps), without_counters));
    }
    static JournalRecord record(const Steps& steps) {
        JournalSteps all;
        steps(all);
        return {1, format_journal_record(1, nullptr, all)};
    }
    Counters end() const {
        Counters all = conversion.values();
        for (const auto& [name, sum] : conversion.sums()) all[name] += sum;
        return all;
    }
};

}  // namespace

TEST_CASE("a removal of counters takes what was gathered before it", "[replication]") {
    const Steps add_x = [](JournalSteps& steps) { steps.add("r", "x", 5); };
    const Steps add_y = [](JournalSteps& steps) { steps.add("r", "y", 2); };
    const Steps set_x = [](JournalSteps& steps) { steps.set_counter("r", "x", 9); };
    const Steps other = [](JournalSteps& steps) {
        steps.add("r2", "x", 1);
        steps.set_counter("q", "x", 1);
    };
    const Steps remove_x = [](JournalSteps& steps) { steps.remove_counters("r", "x"); };
    const Steps remove_all = [](JournalSteps& steps) { steps.remove_counters("r", std::nullopt); };
    const Counters others{{{"q", "x"}, 1}, {{"r2", "x"}, 1}};
    struct Case {
        std::vector<Steps> steps;
        std::vector<std::string> told;
        Counters end;  // of row r
    };
    const CounterName x{"r", "x"}, y{"r", "y"};
    const std::vector<Case> cases = {
        {{set_x, remove_x}, {"r/x"}, {}},
        {{set_x, add_y, remove_x}, {"r/x"}, {{y, 2}}},
        {{set_x, add_x, add_y, remove_all}, {"r"}, {}},
        {{add_x, remove_x}, {"r/x"}, {}},
        {{add_x, add_y, remove_x}, {"r/x"}, {{y, 2}}},
        {{add_x, add_y, remove_all, add_y}, {"r"}, {{y, 2}}},
        {{remove_x, set_x}, {"r/x"}, {{x, 9}}},
        {{set_x, remove_all, set_x, add_x}, {"r"}, {{x, 14}}},
        {{add_x, set_x}, {}, {{x, 9}}},
        {{add_x, set_x, add_x, add_y}, {}, {{x, 14}, {y, 2}}},
    };
    const bool in_one_record = GENERATE(false, true);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        INFO("case " << i << (in_one_record ? " in one record" : ""));
        Converted converted;
        converted.add(other);
        if (in_one_record) {
            converted.add([&](JournalSteps& all) {
                for (const Steps& each : cases[i].steps) each(all);
            });
        } else {
            for (const Steps& each : cases[i].steps) converted.add(each);
        }
        CHECK(converted.told == cases[i].told);
        Counters expected = cases[i].end;
        expected.insert(others.begin(), others.end());
        CHECK(converted.end() == expected);
    }
}

TEST_CASE("counters that have been told take no part, and a copy removes none", "[replication]") {
    Converted converted;
    converted.add([](JournalSteps& steps) { steps.add("r", "x", 5); });
    converted.add(
        [](JournalSteps& steps) {
            steps.add("r", "x", 5);
            steps.set_counter("r", "x", 9);
            steps.remove_counters("r", std::nullopt);
        },
        true);
    CHECK(converted.told.empty());
    CHECK(converted.end() == Counters{{{"r", "x"}, 5}});

    Converted copied;
    must(copied.conversion.add_copied(Converted::record([](JournalSteps& steps) {
        steps.remove_counters("r", std::nullopt);
        steps.set_counter("r", "x", 9);
    })));
    CHECK(copied.told.empty());
    CHECK(copied.end() == Counters{{{"r", "x"}, 9}});
}
