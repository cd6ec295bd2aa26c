// Full copies of several hubs, one after the other and at once, and of a part of a hub.
#include "tests/engine/copying.h"

using namespace nmstore;
using namespace nmstore::testing;

TEST_CASE("two hubs do not copy to one at the same time") {
    Hub a, b, c;
    a.put("r", "a", "v");
    c.put("r", "c", "v");
    for (int round = 0; round < 2; ++round) {
        send(a, c);
        send(c, a);
    }
    Copying first{&a, &b};
    Copying second{&c, &b};
    first.begin(1);
    REQUIRE(first.step());
    const auto refused = b->apply_journal(second.link(), {}, 1);
    REQUIRE(!refused.ok());
    CHECK(refused.error().code == Code::busy);
    first.finish();
    second.begin(1);
    second.finish();
    CHECK(must(b->get(kIndexFamily, "r", "c"))->value == "v");
    // One that does not go on any more holds up nobody for ever.
    first.begin(1);
    REQUIRE(first.step());
    b.clock.advance(11 * 60'000);
    second.begin(1);
    REQUIRE(second.step());
    CHECK(!must(b->journal_position(first.link())));
    second.finish();
}

TEST_CASE("a copy waits whose maker does not know yet what an earlier one of another hub has brought") {
    Hub a, b, c, third;
    third.append("l", kMorning, "first");
    send(third, a);
    send(third, c);
    third.append("l", kMorning + 1, "second");
    send(third, a);
    Copying first{&a, &b};
    first.begin(1000);
    first.finish();
    Copying second{&c, &b};
    second.begin(1000);
    CHECK_FALSE(second.step());
    CHECK(second.refused);
    CHECK(lines_of(b) == std::vector<std::string>{"first", "second"});
    send(third, c);
    send(a, c);
    second.begin(1000);
    second.finish();
    CHECK(!second.refused);
    CHECK(lines_of(b) == std::vector<std::string>{"first", "second"});
}

TEST_CASE("a copy takes nothing away of a hub that its maker has never heard of") {
    Hub a, b, c;
    a.put("r", "a", "v");
    c.append("l", kMorning, "at c");
    Copying first{&c, &b};
    first.begin(1000);
    first.finish();
    Copying second{&a, &b};
    for (int i = 0; i < 3; ++i) {
        second.begin(1000);
        CHECK_FALSE(second.step());
        CHECK(second.refused);
        CHECK(must(b->incoming_copies()).empty());
        CHECK(!must(b->journal_position(second.link())));
    }
    CHECK(lines_of(b).size() == 1);
    SECTION("nor does it keep others waiting") {
        first.begin(1000);
        CHECK(!first.refused);
        first.finish();
    }
    SECTION("until a copy was made the other way") {
        first = {&b, &a};
        first.attempt = 7;
        first.begin(1000);
        first.finish();
        second.begin(1000);
        second.finish();
        CHECK(!second.refused);
    }
    CHECK(lines_of(b).size() == 1);
}

TEST_CASE("a copy waits whose maker does not know what has gone from its target's journal") {
    Hub b(kept(128 << 10)), c, third;
    const auto write = [&](int from, int to) {
        for (int i = from; i < to; ++i) third.append("l", kMorning + i, "line " + std::to_string(i));
    };
    write(0, 10);
    send(third, b);
    send(third, c);
    write(10, 100);
    for (int i = 0; i < 50; ++i) third.put("r", "c", std::string(10'000, 'x'));
    send(third, b);
    REQUIRE(b->journal().first > 0);
    Copying copying{&c, &b};
    copying.begin(1000);
    CHECK_FALSE(copying.step());
    CHECK(copying.refused);
    send(third, c);
    write(100, 105);  // is still there
    send(third, b);
    copying.begin(1000);
    copying.finish();
    CHECK(!copying.refused);
    CHECK(copying.retold == 5);
    CHECK(lines_of(b).size() == 105);
}

TEST_CASE("who is being copied to makes no copy: it says that it knows what has not come yet") {
    Hub a, b, c;
    for (int i = 0; i < 20; ++i) a.append("l" + std::to_string(i), kMorning, "at a");
    Copying whole{&a, &b};
    whole.begin(1);
    for (int i = 0; i < 10; ++i) REQUIRE(whole.step());
    Copying half{&b, &c};
    half.begin(1);
    CHECK(half.refused);
    CHECK(must(b->incoming_copies()).size() == 1);
    SECTION("until all has come") {
        whole.finish();
    }
    SECTION("or it is given up, and the next has come") {
        must(b->set_journal_position({a->hub_id(), ""}, std::nullopt));
        CHECK(!must(b->journal_position(whole.link())));
        CHECK(must(b->incoming_copies()).size() == 1);
        whole.begin(100);
        whole.finish();
    }
    CHECK(must(b->incoming_copies()).empty());
    half.begin(1);
    half.finish();
    CHECK(difference(a, b).empty());
    CHECK(difference(a, c).empty());
}

TEST_CASE(
    "of two hubs that copy to each other at the same moment one waits until the other's copy has come") {
    Hub a, b;
    for (int i = 0; i < 10; ++i) {
        a.append("l" + std::to_string(i), kMorning, "at a");
        b.append("l" + std::to_string(i), kMorning, "at b");
    }
    send(a, b);
    send(b, a);
    Copying there{&a, &b}, back{&b, &a};
    there.begin(1);
    back.begin(1);
    REQUIRE(there.under_way());
    REQUIRE(back.under_way());
    CHECK_FALSE(there.step());
    CHECK(there.refused);  // and is cut anew later
    REQUIRE(back.step());
    REQUIRE(back.step());
    SECTION("also if both are restarted meanwhile") {
        back.parts.reset();
        a.open();
        b.open();
    }
    there.begin(1);
    CHECK(there.refused);
    if (!back.under_way()) back.begin(1);
    REQUIRE(back.under_way());
    back.finish();
    CHECK(!back.refused);
    there.begin(1);
    there.finish();
    CHECK(!there.refused);
    CHECK(lines_of(a).size() == 20);
    CHECK(difference(a, b).empty());
}

TEST_CASE("what a copy has raised is as it was before, if it is given up") {
    Hub a, b, c, d, third;
    for (int i = 0; i < 10; ++i) a.append("l" + std::to_string(i), kMorning, "at a");
    third.append("l", kMorning, "first of a third one");
    send(third, a);
    send(third, b);
    third.append("l", kMorning + 1, "second of a third one");
    send(third, a);
    b.append("l", kMorning, "at b");
    c.append("l", kMorning, "at c");
    send(a, c);
    send(c, a);
    Copying half{&a, &b};
    half.begin(1);
    for (int i = 0; i < 5; ++i) REQUIRE(half.step());
    std::string gone = a->hub_id();
    const bool takes_place_of_another = GENERATE(false, true);
    if (takes_place_of_another) {
        b.clock.advance(11 * 60'000);
        send(a, c);
        half = {&c, &b};
        half.begin(1);
        REQUIRE(half.step());
        gone = c->hub_id();
    }
    if (GENERATE(false, true)) send(third, b);
    must(b->set_journal_position({gone, ""}, std::nullopt));
    // Of what was known some rows have come, and others have not: nobody goes on from there.
    for (const Hub* hub : {&a, &c, &third}) CHECK(!must(b->journal_position({(*hub).store->hub_id(), ""})));
    CHECK(must(b->incoming_copies()).size() == 1);
    Copying next{&b, &d};
    next.begin(1);
    CHECK(next.refused);
    SECTION("until another one has come") {
        Copying whole{&third, &b};
        whole.begin(1000);
        REQUIRE(whole.step());
        CHECK(must(b->incoming_copies()).size() == 2);
        whole.finish();
        CHECK(!whole.refused);
        CHECK(must(b->incoming_copies()).empty());
        send(third, b);
        CHECK(difference(third, b).empty());
        return;
    }
    must(b->set_journal_position({gone, ""}, std::nullopt));  // it is to do as it is
    CHECK(must(b->incoming_copies()).empty());
    // What it does not have it does not say that it knows: a copy of it takes nothing away of what has come
    // to others.
    for (int i = 0; i < 10; ++i) d.append("l" + std::to_string(i), kMorning, "at d");
    send(a, d);
    next.begin(1);
    next.finish();
    const std::vector<std::string> there = lines_of(d);
    CHECK(std::count(there.begin(), there.end(), "at a") >= 10);
}

TEST_CASE("who passes a copy on may make one of its own before that has come all the way") {
    Hub a, b, c;
    for (int i = 0; i < 20; ++i) a.append("l" + std::to_string(i), kMorning, "at a");
    send(b, c);
    Copying first{&a, &b};
    first.begin(1);
    first.finish();
    send(b, c, 300);  // its beginning
    REQUIRE(must(c->incoming_copies()).size() == 1);
    Copying second{&b, &c};
    second.begin(1);
    REQUIRE(second.under_way());
    second.finish();
    CHECK(must(c->incoming_copies()).empty());
    send(b, c);
    CHECK(difference(a, c).empty());
}

TEST_CASE("a copy that is passed on takes nothing away of a hub that sends there itself") {
    Hub a, b, third, end(kept(128 << 10));
    a.append("l", kMorning, "at a");
    third.append("l of it", kMorning, "of a third one");
    send(third, end);
    const bool gone = GENERATE(false, true);  // from the last one's journal
    for (int i = 0; i < 50 && gone; ++i) end.put("r", "c", std::string(10'000, 'x'));
    REQUIRE((end->journal().first > 0) == gone);
    Copying first{&a, &b};
    first.begin(1000);
    first.finish();
    CHECK(is_busy(try_send(b, end)) == gone);
    CHECK(lines_of(end).size() == (gone ? 1 : 2));
    if (!gone) return;
    // It waits until who passes it on knows that as well, and makes a copy of its own.
    send(third, b);
    Copying own{&b, &end};
    own.begin(1000);
    own.finish();
    CHECK(!own.refused);
    send(b, end);
    CHECK(lines_of(end).size() == 2);
}

TEST_CASE("a removed row stays removed whose lines come as blocks in several parts of a copy") {
    Hub a, b, c;
    {
        const auto batch = a->begin_lines();
        for (int i = 0; i < 200; ++i)
            must(batch->append(
                {"c", "l", kMorning + i, std::string(1000, static_cast<char>('a' + i % 26)), ""}));
        must(batch->commit());
    }
    const auto all = [&] {
        for (Hub* from : {&a, &b, &c}) {
            for (Hub* to : {&a, &b, &c}) {
                if (from != to) send(*from, *to);
            }
        }
    };
    all();
    const std::vector<LogRow> rows = must(c->log_rows({}));
    REQUIRE(rows.size() == 1);
    must(c->remove_row(kTimeFamily, rows[0].key));
    Copying copying{&a, &b};
    copying.begin(60'000);
    REQUIRE(copying.step());
    REQUIRE(copying.step());
    send(c, b);
    copying.finish();
    CHECK(lines_of(b).empty());
    all();
    for (Hub* hub : {&a, &b, &c}) CHECK(lines_of(*hub).empty());
}

TEST_CASE("a copy of some rows loses nothing of what it did not know, and leaves the others alone") {
    Hub a, b;
    a.count("n", "x", 10);
    a.put("r", "a", "at a");
    a.put("other", "a", "at a");
    send(a, b);
    send(b, a);
    b.count("n", "x", 1);
    b.put("r", "b", "at b");
    b.put("other", "b", "at b");
    a.put("other", "c", "not sent");
    Copying copying{&a, &b};
    copying.wanted = [](std::string_view, std::string_view row) { return row != "other"; };
    copying.stream = "some";
    copying.begin(GENERATE(1, 10'000));
    copying.finish();
    CHECK(must(b->counter("n", "x")) == 11);
    CHECK(must(b->get(kIndexFamily, "r", "a"))->value == "at a");
    CHECK(must(b->get(kIndexFamily, "r", "b"))->value == "at b");
    CHECK(must(b->get(kIndexFamily, "other", "b"))->value == "at b");
    CHECK(!must(b->get(kIndexFamily, "other", "c")));
    CHECK(must(b->incoming_copies()).empty());
    // What is outside of it is not taken for known.
    send(a, b);
    CHECK(must(b->get(kIndexFamily, "other", "c"))->value == "not sent");
    send(b, a);
    CHECK(difference(a, b).empty());
}

TEST_CASE("the journal is kept for a copy of some rows until it has ended, or is given up") {
    Hub a, b(kept(1 << 20));
    a.put("r", "a", "at a");
    Copying copying{&a, &b};
    copying.wanted = [](std::string_view, std::string_view row) { return row == "r"; };
    copying.stream = "some";
    const auto first_after_all_have_read = [&] {
        for (int i = 0; i < 40; ++i) b.put("large", "c", std::string(10'000, 'x'));
        b.clock.advance(11 * 60'000);
        b->forget_journal(b->journal().end);
        return b->journal().first;
    };
    copying.begin(1);
    REQUIRE(copying.step());
    const ChangeNumber pinned = first_after_all_have_read();
    CHECK(pinned == b->journal().first);
    SECTION("ended") {
        copying.finish();
    }
    SECTION("given up") {
        must(b->set_journal_position({a->hub_id(), "some"}, std::nullopt));
    }
    SECTION("given up before it had begun") {
        must(b->set_journal_position({a->hub_id(), "some"}, std::nullopt));
        must(b->apply_journal(copying.link(), {}, 1));
        CHECK(first_after_all_have_read() == b->journal().first);
        must(b->set_journal_position({a->hub_id(), "some"}, std::nullopt));
    }
    CHECK(first_after_all_have_read() > pinned);
}

TEST_CASE("as much as is written again after a copy, it is done in parts") {
    Hub a, b;
    a.count("n", "x", 1);
    send(a, b);
    send(b, a);
    constexpr int kBatches = 6;
    constexpr int kCounters = 60'000;  // two keys are held for each
    for (int batch = 0; batch < kBatches; ++batch) {
        const auto steps = b->begin_counters();
        for (int i = 0; i < kCounters; ++i)
            must(steps->add("n" + std::to_string(batch * kCounters + i), "x", 1));
        must(steps->commit());
    }
    b.count("n", "x", 5);
    Copying copying{&a, &b};
    copying.begin(100'000);
    copying.finish();
    CHECK(must(b->counter("n", "x")) == 6);
    for (const int i : {0, kCounters, kBatches * kCounters - 1})
        CHECK(must(b->counter("n" + std::to_string(i), "x")) == 1);
    CHECK(must(b->counter_rows("", "", 1'000'000)).size() == kBatches * kCounters + 1);
}
