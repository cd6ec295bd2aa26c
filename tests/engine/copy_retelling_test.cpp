// A full copy to a hub that is written to meanwhile, by others and itself: nothing of it is lost, nor
// doubled.
#include <optional>
#include <random>

#include "tests/engine/copying.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

constexpr int kHubs = 3;

// What all hubs are to have in the end, however it got there.
struct Written {
    std::int64_t counted = 0;
    std::vector<std::string> lines{};
};

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& some) {
    std::vector<std::string> out;
    std::set_difference(all.begin(), all.end(), some.begin(), some.end(), std::back_inserter(out));
    return out;
}

std::int64_t counted_at(const Hub& hub) {
    std::int64_t out = 0;
    for (const std::string& row : must(hub.store->counter_rows("", "", 1000))) {
        if (row[0] != 'n') continue;
        for (const Counter& counter : must(hub.store->counters(row, "", 1000))) out += counter.value;
    }
    return out;
}

// Each hub has rows of cells of its own; logs and counters are everybody's.
void write(Hub& hub, int which, int i, std::mt19937& random, Written& written) {
    const std::string own = "row" + std::to_string(which) + std::to_string(random() % 4);
    const std::string column = "c" + std::to_string(random() % 3);
    const std::string line = "line " + std::to_string(i);
    const std::string log = "l" + std::to_string(random() % 3);
    switch (random() % 8) {
        case 0:
            must(hub->remove_row(kIndexFamily, own));
            break;
        case 1:
            must(hub->remove_cell(kIndexFamily, own, column));
            break;
        case 2: {
            const auto delta = static_cast<std::int64_t>(random() % 9);
            hub.count("n" + std::to_string(random() % 2), column, delta);
            written.counted += delta;
            break;
        }
        case 3:
        case 4:
            hub.append(log, kMorning + i, line);
            written.lines.push_back(line);
            break;
        case 5: {
            const auto batch = hub->begin_lines();
            for (int k = 0; k < 40; ++k) {
                must(batch->append({"c", log, kMorning + i, line + "," + std::to_string(k), ""}));
                written.lines.push_back(line + "," + std::to_string(k));
            }
            batch->set_origin("shipper" + std::to_string(which), static_cast<std::uint64_t>(i));
            must(batch->commit());
            break;
        }
        case 6:
            hub.put("c:plugins:p" + std::to_string(which) + ":2011:5:22",
                    std::to_string(kMorning + static_cast<std::int64_t>(random() % 5)), line,
                    std::string(kTimeFamily));
            break;
        default:
            hub.put(own, column, line);
    }
}

void all_tell_all(Hub (&hubs)[kHubs]) {
    for (Hub& from : hubs) {
        for (Hub& to : hubs) {
            if (&from != &to) send(from, to);
        }
    }
}

}  // namespace

TEST_CASE("a full copy within a mesh that is written to all the while loses nothing and doubles nothing") {
    const unsigned seed = GENERATE(range(1U, 13U));
    CAPTURE(seed);
    std::mt19937 random(seed);
    Hub hubs[kHubs];
    Written written;
    const bool by_two = GENERATE(false, true);
    CAPTURE(by_two);
    Copying by_one{&hubs[0], &hubs[1]}, by_another{&hubs[2], &hubs[1]};
    const auto makes_copy = [&](int hub) { return (hub == 0 ? by_one : by_another).under_way(); };
    const auto tell = [&](std::size_t max_bytes) {
        const auto from = static_cast<int>(random() % kHubs);
        const auto to = static_cast<int>(random() % kHubs);
        if (from == to || (from != 1 && to == 1 && makes_copy(from))) return;
        const auto sent = try_send(hubs[from], hubs[to], max_bytes);
        REQUIRE((sent.ok() || is_busy(sent)));  // it waits for a copy that comes
    };
    // Who does not send to the maker of a copy is to become the same as that.
    if (by_two) all_tell_all(hubs);
    for (int i = 0; i < 600; ++i) {
        const auto which = static_cast<int>(random() % kHubs);
        hubs[which].clock.advance(static_cast<std::int64_t>(random() % 3));
        const auto what = random() % 12;
        if (what < 4) {
            write(hubs[which], which, i, random, written);
        } else if (what < 7) {
            tell(1 + random() % 3000);
        } else if (what == 7 && random() % 8 == 0) {
            if (which == 1 || !makes_copy(which)) hubs[which].open();  // a copy goes with who makes it
        } else if (what == 8 && random() % 10 == 0) {
            Copying& copying = by_two && random() % 2 == 0 ? by_another : by_one;
            const Copying& other = &copying == &by_one ? by_another : by_one;
            if (!other.under_way()) copying.begin(1 + random() % 600);  // perhaps in the middle of one
        } else if (by_one.under_way()) {
            by_one.step();
        } else if (by_another.under_way()) {
            by_another.step();
        }
    }
    for (Copying* copying : {&by_one, &by_another}) {
        if (copying->under_way()) copying->finish();
    }
    for (int round = 0; round < 3; ++round) all_tell_all(hubs);
    std::sort(written.lines.begin(), written.lines.end());
    for (const Hub& hub : hubs) {
        CAPTURE(&hub - hubs);
        const std::vector<std::string> there = lines_of(hub);
        CHECK(without(written.lines, there).empty());
        CHECK(without(there, written.lines).empty());
        CHECK(counted_at(hub) == written.counted);
    }
    CHECK(difference(hubs[0], hubs[1]).empty());
    CHECK(difference(hubs[0], hubs[2]).empty());
}

TEST_CASE("what a copied hub did not know of is written again once, also where it was removed meanwhile") {
    Hub a, b;
    a.put("r", "x", "old");
    a.count("n", "x", 5);
    send(a, b);
    send(b, a);
    b.append("l", kMorning, "only at b");
    b.put("r", "y", "at b");
    must(b->remove_cell(kIndexFamily, "r", "x"));
    b.count("n", "x", 2);
    b.count("n", "z", 1);
    must(b->remove_counters("n", "x"));
    b.count("n", "x", 3);
    Copying copying{&a, &b};
    copying.begin(GENERATE(1, 100'000));
    copying.finish();
    CHECK(copying.retold > 0);
    CHECK(lines_of(b) == std::vector<std::string>{"only at b"});
    CHECK(must(b->get(kIndexFamily, "r", "y"))->value == "at b");
    CHECK(!must(b->get(kIndexFamily, "r", "x")));
    CHECK(must(b->counter("n", "x")) == 3);
    CHECK(must(b->counter("n", "z")) == 1);
    send(b, a);
    send(a, b);
    CHECK(difference(a, b).empty());
    CHECK(must(b->verify()).problems.empty());
}

TEST_CASE("what is written again goes on where it was cut off") {
    Hub a, b;
    a.append("l", kMorning, "at a");
    send(a, b);
    send(b, a);
    for (int i = 0; i < 20; ++i) b.append("l", kMorning + i, "at b " + std::to_string(i));
    Copying copying{&a, &b};
    copying.begin(1000);
    while (copying.step()) b.open();
    CHECK(lines_of(b).size() == 21);
    b.open();
    CHECK(lines_of(b).size() == 21);
}

TEST_CASE("a copy that is not ended keeps the journal until it is given up, or another one has come") {
    Hub a, b;
    a.append("l", kMorning, "at a");
    send(a, b);
    send(b, a);
    b.append("l", kMorning + 1, "at b");
    Copying copying{&a, &b};
    copying.begin(1);
    for (int i = 0; i < 3; ++i) REQUIRE(copying.step());
    send(b, a);
    b->forget_journal(b->journal().end);
    must(b->set_journal_position({a->hub_id(), ""}, std::nullopt));
    const std::vector<std::string> there = lines_of(b);
    CHECK(std::count(there.begin(), there.end(), "at b") == 1);
    Copying next{&a, &b};
    next.attempt = 1;
    next.begin(1);
    next.finish();
    CHECK(lines_of(b) == std::vector<std::string>{"at a", "at b"});
}

TEST_CASE("what others have read since the cut is kept for a copy that comes by way of another hub") {
    Hub a, b, c;
    Hub* const ring[] = {&a, &b, &c};
    const auto round = [&] {
        for (int i = 0; i < 3; ++i) send(*ring[i], *ring[(i + 1) % 3]);
    };
    for (int i = 0; i < 3; ++i) ring[i]->append("l", kMorning - i - 1, "first");
    for (int i = 0; i < 3; ++i) round();
    Copying copying{&a, &b};
    copying.begin(10'000);
    for (int i = 0; i < 100; ++i) {
        b.append("l", kMorning + i, "at b " + std::to_string(i));
        c.append("l", kMorning + 1000 + i, "at c " + std::to_string(i));
    }
    send(b, c);
    send(c, a);
    for (Hub* hub : {&b, &c}) (*hub)->forget_journal((*hub)->journal().end);
    copying.finish();
    for (int i = 0; i < 3; ++i) round();
    for (const Hub* hub : ring) CHECK(lines_of(*hub).size() == 203);
    CHECK(difference(a, b).empty());
    CHECK(difference(a, c).empty());
}

TEST_CASE("a copy leaves no counter, and no older cell, that the copied hub does not have") {
    Hub a, b;
    b.options.journal = {};
    b.open();
    b.count("n", "gone", 9);
    b.count("n", "kept", 4);
    b.options.journal = kept();
    b.open();
    a.count("n", "kept", 7);
    a.count("n", "more", 1);
    copy(a, b, GENERATE(1, 100'000));
    CHECK(difference(a, b).empty());
    Hub next;
    send(b, next);
    CHECK(difference(a, next).empty());
}

TEST_CASE("values from before their column was declared come with a copy") {
    Hub a, b;
    a.put("r", "n", "no number");
    must(a->declare_column(kIndexFamily, "n", ValueType::integer, true));
    copy(a, b, 1000);
    CHECK(must(b->get(kIndexFamily, "r", "n"))->value == "no number");
    CHECK(difference(a, b).empty());
}

TEST_CASE("much that is to go for a copy goes in several commits") {
    Hub a, b;
    b.options.journal = {};
    b.open();
    {
        const auto batch = must(b->begin_cells(kIndexFamily));
        for (int i = 0; i < 5000; ++i) must(batch->put("old" + std::to_string(i), "c", "v"));
        must(batch->commit());
        const auto counters = b->begin_counters();
        for (int i = 0; i < 2500; ++i) must(counters->add("old" + std::to_string(i), "c", 1));
        must(counters->commit());
    }
    b.options.journal = kept();
    b.open();
    a.put("r", "c", "v");
    copy(a, b, 100'000);
    CHECK(difference(a, b).empty());
    for (const JournalRecord& record : must(b->read_journal(0, SIZE_MAX)))
        CHECK(record.bytes.size() < 100'000);
    CHECK(must(b->verify()).problems.empty());
}
