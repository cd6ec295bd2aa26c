#include "query/map_reduce.h"

#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

const std::string kDay = "10.0.0.1:logs:_var_log_syslog:2011:5:22";

void fill(MemoryStore& store) {
    store.put("CFLongType", kDay, "100", "%7B%22returned%22%3A%22disk%20full%5Cn%22%7D");
    store.put("CFLongType", kDay, "200", "plain error 7");
    store.put("CFLongType", kDay, "300", "95");
    store.put("CFLongType", "other", "100", "9.5");
    NM_CHECK(declare_table(store, {"CFLongType", true, "", "", "", "", "", "", ""}).ok());
}

std::string error_text(const Error& error) {
    return std::string(code_name(error.code)) + ": " + error.message;
}

// "row{column=value,…} …" of a family.
std::string content(const Store& store, const std::string& family) {
    std::string out;
    const auto rows = store.rows(family, "", "", 1000);
    if (!rows.ok()) return error_text(rows.error());
    for (const std::string& row : rows.value()) {
        out += (out.empty() ? "" : " ") + row + "{";
        const auto slice = store.slice(family, row, {});
        for (std::size_t i = 0; i < slice->cells.size(); ++i)
            out += (i > 0 ? "," : "") + slice->cells[i].column + "=" + slice->cells[i].value;
        out += "}";
    }
    return out;
}

// Runs the job and shows the table, or the error.
std::string run(Store& store, const std::string& select, const std::string& where,
                const std::string& from = "CFLongType") {
    Execution execution;
    const auto result = run_job(store, {from, "result", select, where}, execution);
    return result.ok() ? content(store, "result") : error_text(result.error());
}

}  // namespace

TEST_CASE("Tables are declared, told and declared again") {
    MemoryStore store;
    CHECK(tables(store)->empty());
    REQUIRE(
        declare_table(store, {"b", false, "k", "UTF8Type", "c", "LongType", "v", "int", ":key,:c,:v"}).ok());
    REQUIRE(declare_table(store, {"a", true, "x", "", "", "", "", "", ""}).ok());
    REQUIRE(declare_table(store, {"a", true, "", "", "", "", "y", "", ""}).ok());
    const auto all = tables(store);
    REQUIRE(all.ok());
    REQUIRE(all->size() == 2);
    CHECK(all->at(0).name == "a");
    CHECK(all->at(0).external);
    CHECK(all->at(0).row_mapping.empty());
    CHECK(all->at(0).value_mapping == "y");
    CHECK(!all->at(1).external);
    CHECK(all->at(1).row_mapping == "k");
    CHECK(all->at(1).column_type == "LongType");
    CHECK(all->at(1).columns_mapping == ":key,:c,:v");
    for (const std::string& name : std::vector<std::string>{"", "a b", "a:b", "ä", std::string(49, 'x')})
        CHECK(declare_table(store, {name, false, "", "", "", "", "", "", ""}).error().code ==
              Code::invalid_argument);
}

TEST_CASE("What a job selects goes where the number of expressions says") {
    MemoryStore store;
    fill(store);
    const std::string where = "rowkey='" + kDay + "' AND value like '%e%'";
    const std::string escaped = "%7B%22returned%22%3A%22disk%20full%5Cn%22%7D";
    struct Case {
        std::string select, table;
    };
    const Case cases[] = {
        {"value", "result{000000000001=" + escaped + ",000000000002=plain error 7}"},
        {"columnname, value", "result{100=" + escaped + ",200=plain error 7}"},
        {"rowkey, columnname, value", kDay + "{100=" + escaped + ",200=plain error 7}"},
        {"*", kDay + "{100=" + escaped + ",200=plain error 7}"},
        {"ROWKEY, ColumnName, 'seen'", kDay + "{100=seen,200=seen}"},
        {"'all', columnname, \"it's\"", "all{100=it's,200=it's}"},
        {"columnname, rowkey, 1", "100{" + kDay + "=1} 200{" + kDay + "=1}"},
        {"1 as value, columnname AS rowkey, rowkey columnname", "100{" + kDay + "=1} 200{" + kDay + "=1}"},
        {"1 as value, columnname, rowkey", "1{100=" + kDay + ",200=" + kDay + "}"},
        {"'same', value", "result{same=plain error 7}"},
        {"COUNT(*)", "result{count=2}"},
        {"count(1) as n", "result{count=2}"},
        {"'hits', COUNT(*)", "result{hits=2}"},
        {"'day', 'hits', COUNT(*);", "day{hits=2}"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.select);
        CHECK(run(store, each.select, where) == each.table);
    }
}

TEST_CASE("The where of a job") {
    MemoryStore store;
    fill(store);
    store.put("CFLongType", "z%", "400", "50%25 off_x");
    struct Case {
        std::string where;
        int count;
    };
    const Case cases[] = {
        {"", 5},
        {"rowkey = '" + kDay + "'", 3},
        {"'" + kDay + "' = rowkey", 3},
        {"rowkey != '" + kDay + "'", 2},
        {"rowkey <> '" + kDay + "' and columnname = '100'", 1},
        {"columnname != '100'", 3},
        {"columnname > 100", 3},
        {"columnname >= 100 AND columnname < 300", 3},
        {"columnname = 100.0", 2},
        {"value > 9", 2},
        {"value > 9.5", 1},
        {"value <= 95", 2},
        {"NOT value > 9", 3},
        {"value = '95'", 1},
        {"value > '9'", 3},
        {"value like '%disk full%'", 1},
        {"value like '%disk%20full%'", 1},
        {"value LIKE '%DISK%'", 0},
        {"value not like '%e%'", 3},
        {"value like '9_'", 1},
        {"value like '9%'", 2},
        {"value like '50\\% off\\_x'", 1},
        {"value like '__% off%'", 1},
        {"rowkey like '%\\%'", 1},
        {"rowkey like '%:logs:%' and (value like '%full%' or value = '95')", 2},
        {"value = '95' or rowkey = 'other' and columnname = '7'", 1},
        {"(value = '95' or rowkey = 'other') and columnname = 100", 1},
        {"not (value = '95' or rowkey = 'other')", 3},
        {"not not value = '95'", 1},
        {"value is null", 0},
        {"value is not null", 5},
        {"1 = 1", 5},
        {"'a' = 'b'", 0},
    };
    for (const Case& each : cases) {
        CAPTURE(each.where);
        CHECK(run(store, "count(*)", each.where) == "result{count=" + std::to_string(each.count) + "}");
    }
}

TEST_CASE("A job knows the names and types that a table maps") {
    MemoryStore store;
    REQUIRE(store.create_family("readings", ValueType::utf8).ok());
    store.put("readings", "load", "a", "9");
    store.put("readings", "load", "b", "10");
    store.put("readings", "load", "c", "ten");
    REQUIRE(declare_table(store, {"readings", true, "host", "UTF8Type", "sensor", "UTF8Type", "reading",
                                  "IntegerType", ""})
                .ok());
    REQUIRE(declare_table(store, {"result", false, "k", "", "c", "", "v", "", ""}).ok());
    CHECK(run(store, "SENSOR, reading", "host = 'load'", "readings") == "result{a=9,b=10,c=ten}");
    CHECK(run(store, "sensor, value", "reading > '9'", "readings") == "result{b=10}");
    CHECK(run(store, "sensor, value", "reading < columnname", "readings").empty());
    CHECK(run(store, "reading as v, sensor as c, host as k", "value = '9'", "readings") == "load{a=9}");
}

TEST_CASE("A job says what is wrong with it") {
    MemoryStore store;
    fill(store);
    struct Case {
        std::string select, where, error;
    };
    const std::string operand = "rowkey, columnname, value, a name that the table maps, ";
    const Case cases[] = {
        {"", "",
         "select: column 1: expected " + operand + "COUNT(*), a number or a quoted text, not the end"},
        {"value,", "",
         "select: column 7: expected " + operand + "COUNT(*), a number or a quoted text, not the end"},
        {"nothing", "",
         "select: column 1: expected " + operand + "COUNT(*), a number or a quoted text, not \"nothing\""},
        {"value, value, value, value", "",
         "select: column 22: expected at most three expressions, not \"value\""},
        {"value as", "", "select: column 9: expected a name, not the end"},
        {"value )", "", "select: column 7: expected ',', AS or the end, not \")\""},
        {"count(value)", "", "select: column 7: expected '*', not \"value\""},
        {"count(*), value", "", "select: beside COUNT(*) only constants can stand: there are no groups"},
        {"value", "value", "where: column 6: expected =, !=, <>, <, <=, >, >=, LIKE or IS, not the end"},
        {"value",
         "value = ", "where: column 9: expected " + operand + "a number or a quoted text, not the end"},
        {"value", "value = x",
         "where: column 9: expected " + operand + "a number or a quoted text, not \"x\""},
        {"value", "value like x", "where: column 12: expected a quoted pattern, not \"x\""},
        {"value", "value not = 'x'", "where: column 11: expected LIKE, not \"=\""},
        {"value", "value is 5", "where: column 10: expected NULL, not \"5\""},
        {"value", "(value = 'x'", "where: column 13: expected ')', not the end"},
        {"value", "value = 'x' value", "where: column 13: expected AND, OR or the end, not \"value\""},
        {"value", "value = 'x", "where: column 9: expected a closing ' for the literal that begins here"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.select, each.where);
        CHECK(run(store, each.select, each.where) == "invalid_argument: " + each.error);
    }
    const std::string deep = std::string(200, '(') + "value = 'x'" + std::string(200, ')');
    CHECK(run(store, "value", deep)
              .starts_with("invalid_argument: where: column 101: expected at most 100 levels"));
    CHECK(
        run(store, "value", "value like '" + std::string(2000, '%') + "'").starts_with("too_large: where: "));
    CHECK(run(store, "value", "", "nowhere").starts_with("not_found: "));
    CHECK(run(store, "value", "", "").starts_with("invalid_argument: "));
    CHECK(!store.family("result").ok());  // a job that cannot be read makes nothing
}

TEST_CASE("A job replaces a table as a whole, or leaves it as it was") {
    MemoryStore store;
    fill(store);
    CHECK(run(store, "rowkey, columnname, value", "rowkey = 'other'") == "other{100=9.5}");
    CHECK(run(store, "value", "value = '95'") == "result{000000000001=95}");
    CHECK(run(store, "value", "value = 'none'").empty());
    CHECK(run(store, "'n', value", "value = '95'") == "result{n=95}");
    CHECK(tables(store)->size() == 2);

    SECTION("the disk fails") {
        store.fail_commit = true;
        CHECK(run(store, "value", "") == "io: the disk said no");
    }
    SECTION("limits") {
        Limits limits;
        SECTION("memory") {
            limits.memory_bytes = 100;
        }
        SECTION("cells") {
            limits.lines = 0;
        }
        SECTION("time") {
            limits.time = std::chrono::milliseconds(0);
        }
        Execution execution(limits);
        const auto result = run_job(store, {"CFLongType", "result", "*", ""}, execution);
        REQUIRE(!result.ok());
        CHECK(
            (result.error().code == Code::limit_exceeded || result.error().code == Code::deadline_exceeded));
    }
    SECTION("cancelled half way") {
        Execution execution;
        store.on_slice = [&execution, slices = 0]() mutable {
            if (++slices == 3) execution.cancel();
        };
        const auto result = run_job(store, {"CFLongType", "result", "*", ""}, execution);
        store.on_slice = {};
        REQUIRE(!result.ok());
        CHECK(result.error().code == Code::cancelled);
    }
    SECTION("a name that does not fit") {
        REQUIRE(store.create_family("longs", ValueType::long_).ok());
        Execution execution;
        REQUIRE(
            run_job(store, {"CFLongType", "longs", "columnname, value", "rowkey = 'other'"}, execution).ok());
        const auto result = run_job(store, {"CFLongType", "longs", "rowkey, value", ""}, execution);
        REQUIRE(!result.ok());
        CHECK(error_text(result.error()).starts_with("invalid_argument: cannot write to table \"longs\": "));
        CHECK(content(store, "longs") == "longs{100=9.5}");
    }
    CHECK(content(store, "result") == "result{n=95}");
}

TEST_CASE("A job may read the table that it overwrites") {
    MemoryStore store;
    fill(store);
    CHECK(run(store, "columnname, value", "value = '95' or value = '9.5'") == "result{100=9.5,300=95}");
    CHECK(run(store, "columnname, value", "value > 10", "result") == "result{300=95}");
}

TEST_CASE("A job does not overwrite what is no table of its own") {
    MemoryStore store;
    fill(store);
    const auto overwrite = [&store](const std::string& name) {
        Execution execution;
        const auto result = run_job(store, {"CFLongType", name, "*", ""}, execution);
        return result.ok() ? "" : std::string(code_name(result.error().code));
    };
    CHECK(overwrite("CFLongType") == "invalid_argument");
    CHECK(overwrite("CFUTF8Type") == "invalid_argument");
    CHECK(overwrite("mapreduce_tables") == "invalid_argument");
    CHECK(overwrite("") == "invalid_argument");
    CHECK(overwrite("bad name") == "invalid_argument");
    REQUIRE(store.create_family("users", ValueType::utf8).ok());
    CHECK(overwrite("users").empty());  // empty so far
    REQUIRE(store.create_family("people", ValueType::utf8).ok());
    store.put("people", "ann", "age", "9");
    CHECK(overwrite("people") == "conflict");
    CHECK(content(store, "people") == "ann{age=9}");
    REQUIRE(declare_table(store, {"people", true, "", "", "", "", "", "", ""}).ok());
    CHECK(overwrite("people") == "conflict");
    REQUIRE(declare_table(store, {"people", false, "", "", "", "", "", "", ""}).ok());
    CHECK(overwrite("people").empty());
    CHECK(content(store, "people") != "ann{age=9}");
}
