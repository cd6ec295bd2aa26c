#include "query/parse.h"
#include "query/search.h"
#include "tests/catch.h"
#include "tests/query/memory_store.h"

using namespace nmstore;
using namespace nmstore::query;
using nmstore::testing::MemoryStore;

namespace {

constexpr std::int64_t kNoon = 1321876800000;

// "name lines/distinct value=count …" of each field; a '?' where not every value was counted.
std::vector<std::string> show(const std::vector<FieldCount>& fields) {
    std::vector<std::string> out;
    for (const FieldCount& field : fields) {
        std::string& text = out.emplace_back(field.name + " " + std::to_string(field.lines) + "/" +
                                             std::to_string(field.distinct) + (field.complete ? "" : "?"));
        for (const auto& [value, count] : field.values) text += " " + value + "=" + std::to_string(count);
    }
    return out;
}
using Texts = std::vector<std::string>;

std::vector<FieldCount> fields_of(const MemoryStore& store, const std::string& text = "",
                                  std::size_t values = 10) {
    const auto query = parse(text);
    Scope scope;
    scope.filter = query->filter.get();
    Execution execution;
    auto fields = count_fields(store, scope, values, execution);
    REQUIRE(fields.ok());
    return *fields;
}

}  // namespace

TEST_CASE("Fields are counted with their most frequent values, sources first") {
    MemoryStore store;
    store.add_line("web1", "app", kNoon, "level=error status=500 took=7 refused");
    store.add_line("web1", "app", kNoon + 1, "status=200 took=9");
    store.add_line("web2", "app", kNoon + 2, "status=200");
    CHECK(show(fields_of(store)) == Texts{"client 3/2 web1=2 web2=1", "log 3/1 app=3", "level 1/1 error=1",
                                          "status 3/2 200=2 500=1", "took 2/2 7=1 9=1"});
    CHECK(show(fields_of(store, "refused", 1)) == Texts{"client 1/1 web1=1", "log 1/1 app=1",
                                                        "level 1/1 error=1", "status 1/1 500=1",
                                                        "took 1/1 7=1"});
    CHECK(show(fields_of(store, "nothing")).empty());
    Execution execution;
    CHECK(count_fields(store, {}, 0, execution).error().code == Code::invalid_argument);
    CHECK(count_fields(store, {}, kMaxFieldValues + 1, execution).error().code == Code::invalid_argument);
}

TEST_CASE(
    "Fields are those that a query finds: of JSON with the members of its objects, and those that came "
    "along") {
    MemoryStore store;
    store.add_line("a", "x", kNoon, R"({"user":{"name":"anna","ids":[1,2]},"ok":true,"none":null,"n":1.50})");
    store.add_line("a", "x", kNoon + 1, "note=\"two words\" user.name=bela",
                   R"({"user":{"name":"chen"},"ok":false})");
    const auto fields = fields_of(store);
    const Texts shown = show(fields);
    CHECK(Texts(shown.begin() + 2, shown.end()) ==
          Texts{"ok 2/2 false=1 true=1", "user.name 2/2 anna=1 chen=1", "n 1/1 1.50=1", "none 1/1 null=1",
                "note 1/1 two words=1", "user.ids 1/1 [1,2]=1"});
    // Each of them is found again as what it is told to be.
    for (const FieldCount& field : fields) {
        if (field.name == "client" || field.name == "log") continue;
        for (const auto& [value, count] : field.values) {
            const auto query = parse(field.name + "=\"" + value + '"');
            REQUIRE(query.ok());
            Scope scope;
            scope.filter = query->filter.get();
            Execution execution;
            INFO(field.name << " = " << value);
            CHECK(*count_lines(store, scope, execution) == count);
        }
    }
}

TEST_CASE("What is counted of fields is bounded, and what is left out is told") {
    MemoryStore store;
    for (int i = 0; i < 1100; ++i) {
        const std::string n = std::to_string(i);
        store.add_line("a", "x", kNoon + i, "id=" + n + " name" + n + "=1 same=1");
    }
    store.add_line("a", "x", kNoon + 2000, "same=" + std::string(300, 'v'));
    const auto fields = fields_of(store, "", 2);
    CHECK(fields.size() == kMaxFields);
    const auto of = [&](const std::string& name) {
        for (const FieldCount& field : fields) {
            if (field.name == name) return show({field}).front();
        }
        return std::string("none");
    };
    CHECK(of("same") == "same 1101/1? 1=1100");
    CHECK(of("id") == "id 1100/1000? 100=1 1000=1");
    CHECK(of("name1099") == "name1099 1/1 1=1");
    CHECK(of("name0") == "none");

    Limits limits;
    limits.memory_bytes = 100'000;
    Execution execution(limits);
    const auto few = count_fields(store, {}, 10, execution);
    REQUIRE(few.ok());
    CHECK(few->size() < 400);
    CHECK(execution.stats.stopped_by.empty());
    CHECK((*few)[0].lines == 1101);
}
