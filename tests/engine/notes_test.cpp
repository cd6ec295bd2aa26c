#include "tests/engine/open_store.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("notes are kept by area and name, apart from all families") {
    OpenedStore store;
    CHECK(must(store->notes("rules")).empty());
    must(store->put_notes("rules", {{"b", "2"}, {"a", std::string("x\0y", 3)}}));
    must(store->put_notes("rule", {{"c", ""}}));
    must(store->put_notes("rules", {}));
    store.reopen_after_crash();
    auto notes = must(store->notes("rules"));
    REQUIRE(notes.size() == 2);
    CHECK(notes[0].name == "a");
    CHECK(notes[0].text == std::string("x\0y", 3));
    CHECK(notes[1].text == "2");
    must(store->put_notes("rules", {{"a", std::nullopt}, {"b", "3"}, {"never there", std::nullopt}}));
    notes = must(store->notes("rules"));
    REQUIRE(notes.size() == 1);
    CHECK(notes[0].text == "3");
    CHECK(must(store->notes("rule")).size() == 1);
    store.check();
}

TEST_CASE("names of notes and areas have bounds") {
    OpenedStore store;
    CHECK(code_of(store->put_notes("", {{"a", "1"}})) == Code::invalid_argument);
    CHECK(code_of(store->put_notes(std::string(65, 'a'), {{"a", "1"}})) == Code::invalid_argument);
    CHECK(code_of(store->put_notes("a", {{"", "1"}})) == Code::invalid_argument);
    CHECK(code_of(store->put_notes("a", {{std::string(1025, 'a'), "1"}})) == Code::invalid_argument);
    CHECK(code_of(store->notes("")) == Code::invalid_argument);
    CHECK(must(store->notes("a")).empty());
}
