#include "engine/batches.h"
#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {
constexpr std::int64_t kMorning = 1'308'700'800'000;
constexpr std::int64_t kDayMs = 86'400'000;

std::string noted(OpenedStore& store, const std::string& row, const std::string& column) {
    const auto cell = must(store->get(kIndexFamily, row, column));
    return cell ? cell->value : "";
}
}  // namespace

TEST_CASE("what cannot be a line is refused by itself") {
    OpenedStore store;
    const auto batch = store->begin_lines();
    const std::string long_name(kMaxRowKeyBytes, 'x');
    const std::vector<NewLine> wrong{
        {"", "l", kMorning, "t", {}},         {"c", "", kMorning, "t", {}},
        {"\xff", "l", kMorning, "t", {}},     {"c", "\xff", kMorning, "t", {}},
        {"c", "l", kMorning, "a\nb", {}},     {long_name, "l", kMorning, "t", {}},
        {"a:logs:b", "l", kMorning, "t", {}},
    };
    for (const NewLine& line : wrong) CHECK(code_of(batch->append(line)) == Code::invalid_argument);
    must(batch->append({"c", "l", kMorning, "good", {}}));
    CHECK(must(batch->commit()).entries == 1);
    CHECK(code_of(batch->commit()) == Code::conflict);
    CHECK(store->stats().lines_written == 1);
    store.check();
}

TEST_CASE("lines go to the day of their time, in UTC") {
    OpenedStore store;
    for (const std::int64_t time :
         {kMorning - 1, kMorning, kMorning + kDayMs - 1, kMorning + kDayMs, std::int64_t{-1}}) {
        store.append("10.0.0.1", "/var/log/x", time, "text");
    }
    CHECK(must(store->rows(kTimeFamily, "", "", 10)) ==
          std::vector<std::string>{"10.0.0.1:logs:_var_log_x:1969:11:31",
                                   "10.0.0.1:logs:_var_log_x:2011:5:21", "10.0.0.1:logs:_var_log_x:2011:5:22",
                                   "10.0.0.1:logs:_var_log_x:2011:5:23"});
    RowSelection selection;
    selection.from_ms = kMorning;
    selection.to_ms = kMorning + kDayMs;
    CHECK(must(store->log_rows(selection)).size() == 1);
    selection.to_ms = kMorning + kDayMs + 1;
    CHECK(must(store->log_rows(selection)).size() == 2);
    store.check();
}

TEST_CASE("client and log are noted, but not with every batch") {
    OpenedStore store;
    const std::string first = std::to_string(store.clock.now_ms());
    store.append("c", "/var/log/x", kMorning, "1");
    CHECK(noted(store, "clients", "c") == first);
    CHECK(noted(store, "c:logs", "_var_log_x") == first);
    store.clock.advance(9'999);
    store.append("c", "/var/log/x", kMorning, "2");
    CHECK(noted(store, "clients", "c") == first);
    store.append("c", "y", kMorning, "2");  // another log is news
    CHECK(noted(store, "c:logs", "y") == std::to_string(store.clock.now_ms()));
    store.clock.advance(1);
    store.append("c", "/var/log/x", kMorning, "3");
    CHECK(noted(store, "clients", "c") == std::to_string(store.clock.now_ms()));

    // Taken out of the index, it comes back when it has something to say.
    must(store->remove_cell(kIndexFamily, "clients", "c"));
    must(store->remove_row(kIndexFamily, "c:logs"));
    store.append("c", "/var/log/x", kMorning, "4");
    CHECK(noted(store, "clients", "c").empty());
    store.clock.advance(10'000);
    store.append("c", "/var/log/x", kMorning, "5");
    CHECK(noted(store, "clients", "c") == std::to_string(store.clock.now_ms()));
    CHECK(noted(store, "c:logs", "_var_log_x") == std::to_string(store.clock.now_ms()));
    store.check();
}

TEST_CASE("a batch that comes again from its source is recognised, also after a restart") {
    OpenedStore store;
    const auto send = [&](const std::string& source, std::uint64_t sequence) {
        const auto batch = store->begin_lines();
        must(batch->append({"c", "l", kMorning, "text", {}}));
        batch->set_origin(source, sequence);
        return must(batch->commit()).repeated;
    };
    CHECK_FALSE(send("a", 5));
    CHECK(send("a", 5));
    CHECK(send("a", 4));
    CHECK_FALSE(send("b", 4));
    store.reopen();
    CHECK(send("a", 5));
    CHECK_FALSE(send("a", 6));
    CHECK(store->stats().commits_repeated == 1);
    CHECK(store.lines(must(store->log_rows({})).at(0), {}).size() == 3);
}

TEST_CASE("without the family for lines there is no place for them, and without index rows no notes") {
    OpenedStore store;
    must(store->drop_family(kIndexFamily));
    store.append("c", "l", kMorning, "text");
    auto begun_before = store->begin_lines();
    must(begun_before->append({"c", "l", kMorning, "text", {}}));
    must(store->drop_family(kTimeFamily));
    CHECK(code_of(begun_before->commit()) == Code::conflict);
    begun_before.reset();
    CHECK(code_of(store->begin_lines()->append({"c", "l", kMorning, "text", {}})) == Code::not_found);
    store.reopen();
    store.append("c", "l", kMorning, "text");
    CHECK(must(store->log_rows({})).size() == 1);
    store.check();
}

TEST_CASE("a log is shown by the name that its lines gave, once one of them came") {
    OpenedStore store;
    store.put("CFLongType", "c:logs:_var_log_x:2011:5:22", std::to_string(kMorning), "v");
    CHECK(must(store->log_rows({})).at(0).log == "_var_log_x");
    store.append("c", "/var/log/x", kMorning, "text");
    CHECK(must(store->log_rows({})).at(0).log == "/var/log/x");
    store.append("c", "_var/log_x", kMorning, "text");
    store.reopen();
    const LogRow row = must(store->log_rows({})).at(0);
    CHECK(row.log == "/var/log/x");
    CHECK(must(store->log_row(row.id))->log == "/var/log/x");
    CHECK_FALSE(must(store->log_row(row.id + 1000)).has_value());
}
