// Full copies to a hub that keeps no journal: nothing could be written again there.
#include "tests/engine/copying.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("a target without a journal takes no copy that takes the rows of a third hub away") {
    Hub a, third, target(JournalOptions{});
    third.put("of the third", "c", "1");
    third.count("of the third", "x", 5);
    send(third, target);
    a.put("of the maker", "c", "1");
    Copying copying{&a, &target};
    copying.begin(1000);
    CHECK_FALSE(copying.step());
    CHECK(copying.refused);
    CHECK(must(target->get(kIndexFamily, "of the third", "c")));
    CHECK(must(target->counter("of the third", "x")) == 5);
    // Until the maker knows all of it.
    send(third, a);
    copying.begin(1000);
    copying.finish();
    CHECK_FALSE(copying.refused);
    CHECK(difference(a, target) == "");
}

TEST_CASE("a hub that nobody has written to is in nobody's way") {
    Hub a, third, target(JournalOptions{});
    REQUIRE(must(third->journal_records(0)) > 0);
    send(third, target);
    REQUIRE(must(target->journal_position({third->hub_id(), ""})));
    a.put("of the maker", "c", "1");
    Copying copying{&a, &target};
    copying.begin(1000);
    copying.finish();
    CHECK_FALSE(copying.refused);
    CHECK(difference(a, target) == "");
}

TEST_CASE("half a copy is known for such without a journal") {
    Hub a, target(JournalOptions{});
    for (int i = 0; i < 50; ++i) a.put("row " + std::to_string(i), "c", std::string(100, 'x'));
    Copying copying{&a, &target};
    copying.begin(500);
    for (int i = 0; i < 5; ++i) REQUIRE(copying.step());
    const auto coming = [&] { return must(target->incoming_copies()).size(); };
    CHECK(coming() == 1);
    const bool ends = GENERATE(false, true);
    if (ends) copying.finish();
    target.options.journal = kept();
    target.open();
    if (ends) {
        CHECK(coming() == 0);
        CHECK(target->copy_for_journal({}).ok());
        CHECK(difference(a, target) == "");
        return;
    }
    CHECK(coming() == 1);
    CHECK(code_of(target->copy_for_journal({})) == Code::busy);
    must(target->set_journal_position({a->hub_id(), ""}, std::nullopt));
    CHECK(coming() == 1);  // of that there is half still
    CHECK(code_of(target->copy_for_journal({})) == Code::busy);
    Copying again{&a, &target};
    again.attempt = 7;
    again.begin(500);
    again.finish();
    CHECK(coming() == 0);
    CHECK(difference(a, target) == "");
}
