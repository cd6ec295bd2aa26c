#include "query/cql.h"

#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

// "row{column=value,…} …", or the error.
std::string ask(const Store& store, const std::string& text, const std::string& family = "CFUTF8Type",
                Limits limits = {}) {
    Execution execution(limits);
    const auto answer = select(store, family, text, execution);
    if (!answer.ok()) return std::string(code_name(answer.error().code)) + ": " + answer.error().message;
    if (answer->counted) return "count " + std::to_string(answer->count);
    std::string out;
    for (const CqlRow& row : answer->rows) {
        if (!out.empty()) out += ' ';
        out += row.key + "{";
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            out += (i > 0 ? "," : "") + row.cells[i].column + "=" + row.cells[i].value;
        out += "}";
    }
    return out;
}

void fill(MemoryStore& store) {
    store.put("CFUTF8Type", "clients", "10.0.0.1", "5");
    store.put("CFUTF8Type", "clients", "10.0.0.2", "6");
    store.put("CFUTF8Type", "clients", "10.0.0.3", "7");
    store.put("CFUTF8Type", "10.0.0.1:logs", "/var/log/syslog", "8");
    store.put("CFUTF8Type", "it's", "key", "9");
    for (int i = 0; i < 5; ++i)
        store.put("CFLongType", "a:logs:x:2011:5:22", std::to_string(i * 5), "v" + std::to_string(i));
}

}  // namespace

TEST_CASE("CQL selects rows and columns") {
    MemoryStore store;
    fill(store);
    struct Case {
        std::string text, answer, family = "CFUTF8Type";
    };
    const std::string clients = "clients{10.0.0.1=5,10.0.0.2=6,10.0.0.3=7}";
    const std::string all = "10.0.0.1:logs{/var/log/syslog=8} " + clients + " it's{key=9}";
    const std::string day = "a:logs:x:2011:5:22";
    const Case cases[] = {
        {"SELECT *", all},
        {"select * ;", all},
        {"SELECT * FROM CFUTF8Type", all},
        {"SELECT * FROM 'CFUTF8Type' USING CONSISTENCY QUORUM WHERE KEY = clients", clients},
        {"SELECT * WHERE KEY = clients", clients},
        {"SELECT * WHERE key='clients';", clients},
        {"SELECT * WHERE KEY=\"clients\"", clients},
        {"SELECT * WHERE KEY = 10.0.0.1:logs", "10.0.0.1:logs{/var/log/syslog=8}"},
        {"SELECT * WHERE KEY = 'it''s'", "it's{key=9}"},
        {"SELECT 'key' WHERE KEY = 'it''s'", "it's{key=9}"},
        {"SELECT * WHERE KEY = nobody", ""},
        {"SELECT * WHERE KEY IN ('clients', 10.0.0.1:logs, clients, nobody)",
         "10.0.0.1:logs{/var/log/syslog=8} " + clients},
        {"SELECT KEY", "10.0.0.1:logs{} clients{} it's{}"},
        {"SELECT KEY LIMIT 2", "10.0.0.1:logs{} clients{}"},
        {"SELECT KEY WHERE KEY > 10.0.0.1:logs AND KEY <= clients", "clients{}"},
        {"SELECT KEY WHERE KEY >= clients AND KEY < 'it''s'", "clients{}"},
        {"SELECT KEY WHERE KEY > clients", "it's{}"},
        {"SELECT KEY WHERE KEY < clients", "10.0.0.1:logs{}"},
        {"SELECT COUNT(*)", "count 3"},
        {"SELECT count ( * ) WHERE KEY >= clients", "count 2"},
        {"SELECT COUNT(*) LIMIT 2", "count 2"},
        {"SELECT COUNT(1) WHERE KEY = nobody", "count 0"},
        {"SELECT FIRST 2 * WHERE KEY = clients", "clients{10.0.0.1=5,10.0.0.2=6}"},
        {"SELECT FIRST 2 REVERSED * WHERE KEY = clients", "clients{10.0.0.3=7,10.0.0.2=6}"},
        {"SELECT REVERSED FIRST 1 * WHERE KEY = clients", "clients{10.0.0.3=7}"},
        {"SELECT 10.0.0.3, 10.0.0.1, KEY, none WHERE KEY = clients", "clients{10.0.0.1=5,10.0.0.3=7}"},
        {"SELECT none WHERE KEY = clients", "clients{}"},
        {"SELECT none WHERE KEY = nobody", ""},
        {"SELECT '10.0.0.2'..'10.0.0.9' WHERE KEY = clients", "clients{10.0.0.2=6,10.0.0.3=7}"},
        {"SELECT 10.0.0.2..10.0.0.9 WHERE KEY = clients", "clients{10.0.0.2=6,10.0.0.3=7}"},
        {"SELECT 10.0.0.2.. WHERE KEY = clients", "clients{10.0.0.2=6,10.0.0.3=7}"},
        {"SELECT ..10.0.0.2 WHERE KEY = clients", "clients{10.0.0.1=5,10.0.0.2=6}"},
        {"SELECT ''..'' WHERE KEY = clients", clients},
        {"SELECT REVERSED 10.0.0.2..10.0.0.1 WHERE KEY = clients", "clients{10.0.0.2=6,10.0.0.1=5}"},
        {"SELECT REVERSED 10.0.0.1..10.0.0.2 WHERE KEY = clients", "clients{10.0.0.2=6,10.0.0.1=5}"},
        {"SELECT REVERSED 10.0.0.2.. WHERE KEY = clients", "clients{10.0.0.2=6,10.0.0.1=5}"},
        {"SELECT first, reversed WHERE KEY = clients", "clients{}"},
        {"SELECT 5..15 WHERE KEY = " + day, day + "{5=v1,10=v2,15=v3}", "CFLongType"},
        {"SELECT 010, 5 WHERE KEY = " + day, day + "{5=v1,10=v2}", "CFLongType"},
        {"SELECT FIRST 1 REVERSED 15..5", day + "{15=v3}", "CFLongType"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.text);
        CHECK(ask(store, each.text, each.family) == each.answer);
    }
}

TEST_CASE("CQL asks indexed columns, and compares by the column's type") {
    MemoryStore store;
    REQUIRE(store.create_family("users", ValueType::utf8).ok());
    REQUIRE(store.declare_column("users", "state", ValueType::utf8, true).ok());
    REQUIRE(store.declare_column("users", "age", ValueType::long_, false).ok());
    const char* const people[][3] = {
        {"ann", "UT", "9"}, {"bob", "UT", "30"}, {"cid", "TX", "40"}, {"dan", "UT", "old"}};
    for (const auto& person : people) {
        store.put("users", person[0], "state", person[1]);
        store.put("users", person[0], "age", person[2]);
    }
    CHECK(ask(store, "SELECT KEY WHERE state = UT", "users") == "ann{} bob{} dan{}");
    CHECK(ask(store, "SELECT KEY WHERE state = UT AND age > 9", "users") == "bob{}");
    CHECK(ask(store, "SELECT KEY WHERE age >= 9 AND 'state' = 'UT'", "users") == "ann{} bob{}");
    CHECK(ask(store, "SELECT KEY WHERE state = UT AND age <= 9", "users") == "ann{}");
    CHECK(ask(store, "SELECT KEY WHERE state = UT AND KEY > ann AND KEY < dan", "users") == "bob{}");
    CHECK(ask(store, "SELECT age WHERE state = UT LIMIT 1", "users") == "ann{age=9}");
    CHECK(ask(store, "SELECT COUNT(*) WHERE state = UT", "users") == "count 3");
    CHECK(ask(store, "SELECT KEY WHERE KEY IN (ann, cid) AND age > 10", "users") == "cid{}");
    CHECK(ask(store, "SELECT KEY WHERE age > 9", "users").starts_with("conflict: column 18: "));
    CHECK(ask(store, "SELECT KEY WHERE state > UT", "users").starts_with("conflict: column 18: "));
    CHECK(ask(store, "SELECT KEY WHERE state = UT AND age > young", "users")
              .starts_with("invalid_argument: column 39: \"young\" is not a"));
}

TEST_CASE("CQL says where a statement could not be read, and what was expected") {
    MemoryStore store;
    fill(store);
    struct Case {
        std::string text, error, family = "CFUTF8Type";
    };
    const Case cases[] = {
        {"", "column 1: expected SELECT, not the end"},
        {"DELETE *", "column 1: expected SELECT, not \"DELETE\""},
        {"SELECT", "column 7: expected *, COUNT(*), KEY, columns or a range of columns, not the end"},
        {"SELECT WHERE KEY = a",
         "column 8: expected *, COUNT(*), KEY, columns or a range of columns, not \"WHERE\""},
        {"SELECT a,", "column 10: expected *, COUNT(*), KEY, columns or a range of columns, not the end"},
        {"SELECT * WHERE", "column 15: expected KEY or a column, not the end"},
        {"SELECT * WHERE KEY", "column 19: expected =, <, <=, >, >= or IN, not the end"},
        {"SELECT * WHERE KEY != a", "column 20: expected =, <, <=, >, >= or IN, not \"!=\""},
        {"SELECT * WHERE KEY = ", "column 22: expected a literal, not the end"},
        {"SELECT * WHERE KEY IN (a", "column 25: expected ')', not the end"},
        {"SELECT * WHERE KEY IN ()", "column 24: expected a row key, not \")\""},
        {"SELECT * WHERE KEY = a AND KEY = b", "column 34: expected KEY = or KEY IN only once, not \"b\""},
        {"SELECT * WHERE KEY = 'a", "column 22: expected a closing ' for the literal that begins here"},
        {"SELECT * WHERE KEY = 'ä' x", "column 26: expected AND, LIMIT or the end, not \"x\""},
        {"SELECT * LIMIT 0", "column 16: expected a number of rows, 1 to 1000000, not \"0\""},
        {"SELECT * LIMIT many", "column 16: expected a number of rows, 1 to 1000000, not \"many\""},
        {"SELECT * LIMIT 1 WHERE KEY = a", "column 18: expected the end, not \"WHERE\""},
        {"SELECT FIRST 1000001 *", "column 14: expected a number of columns, 1 to 1000000, not \"1000001\""},
        {"SELECT * FROM other",
         "column 15: expected the family that is asked, \"CFUTF8Type\", not \"other\""},
        {"SELECT * USING QUORUM", "column 16: expected CONSISTENCY, not \"QUORUM\""},
        {"SELECT COUNT(x)", "column 14: expected '*', not \"x\""},
        {"SELECT * {",
         "column 10: expected a name, a literal or an operator, not \"{\" (quote it if it belongs to a "
         "literal)"},
        {"SELECT b..a", "column 11: expected a column that is not before the range's beginning, not \"a\""},
        {"SELECT abc", "column 8: \"abc\" is not a LongType", "CFLongType"},
        {"SELECT ..abc", "column 10: \"abc\" is not a LongType", "CFLongType"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.text);
        CHECK(ask(store, each.text, each.family) == "invalid_argument: " + each.error);
    }
    CHECK(ask(store, "SELECT *", "nowhere").starts_with("not_found: "));
    CHECK(ask(store, std::string(70000, ' ')).starts_with("too_large: "));
}

TEST_CASE("CQL reads rows and columns beyond a page, and keeps to its limits") {
    MemoryStore store;
    REQUIRE(store.create_family("many", ValueType::long_).ok());
    auto batch = std::move(store.begin_cells("many")).value();
    for (int i = 0; i < 2500; ++i) REQUIRE(batch->put("wide", std::to_string(i), "v").ok());
    for (int i = 0; i < 2500; ++i) REQUIRE(batch->put("row" + std::to_string(10000 + i), "1", "v").ok());
    REQUIRE(batch->commit().ok());
    const auto columns = [&](const std::string& text) {
        Execution execution;
        const auto answer = select(store, "many", text, execution);
        REQUIRE(answer.ok());
        return answer->rows.at(0).cells.size();
    };
    CHECK(columns("SELECT * WHERE KEY = wide") == 1000);
    CHECK(columns("SELECT FIRST 2200 * WHERE KEY = wide") == 2200);
    CHECK(columns("SELECT FIRST 9999 REVERSED * WHERE KEY = wide") == 2500);
    CHECK(ask(store, "SELECT COUNT(*)", "many") == "count 2501");

    Limits few_lines;
    few_lines.lines = 100;
    CHECK(ask(store, "SELECT COUNT(*)", "many", few_lines).starts_with("limit_exceeded: "));
    Limits little_memory;
    little_memory.memory_bytes = 5000;
    CHECK(ask(store, "SELECT *", "many", little_memory).starts_with("limit_exceeded: "));
    Limits no_time;
    no_time.time = std::chrono::milliseconds(0);
    CHECK(ask(store, "SELECT *", "many", no_time).starts_with("deadline_exceeded: "));
    Execution cancelled;
    cancelled.cancel();
    CHECK(select(store, "many", "SELECT *", cancelled).error().code == Code::cancelled);
}
