// Full copies between two hubs of which at least one sends by patterns: both are written to meanwhile, and
// nothing is lost nor doubled.
#include <map>
#include <random>
#include <set>

#include "tests/engine/copying.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

bool shared(std::string_view, std::string_view row) {
    return !row.starts_with("private");
}

// The stream from one hub to the other, and its copies.
struct Way {
    bool filtered = false;
    Copying copying{};
    bool asked_for = false;  // a copy: nothing else is sent until it has come

    void send(std::size_t max_bytes) {
        Hub& from = *copying.from;
        Hub& to = *copying.to;
        const auto sent =
            filtered ? try_send_part(from, to, "shared", shared, max_bytes) : try_send(from, to, max_bytes);
        REQUIRE((sent.ok() || is_busy(sent)));
    }
    // One thing or the other, as a sender does.
    void step(std::size_t max_bytes) {
        if (!asked_for) return send(max_bytes);
        if (!copying.under_way()) return copying.begin(max_bytes / 5 + 1);
        if (!copying.step() && !copying.refused) asked_for = false;
    }
};

}  // namespace

TEST_CASE("a copy loses and doubles nothing where a hub sends by patterns, whoever makes it") {
    const unsigned seed = GENERATE(range(1U, 13U));
    const bool there_filtered = GENERATE(false, true);
    CAPTURE(seed, there_filtered);
    std::mt19937 random(seed);
    Hub a, b;
    Way there{there_filtered, {&a, &b}}, back{true, {&b, &a}};
    for (Way* way : {&there, &back}) {
        if (!way->filtered) continue;
        way->copying.wanted = shared;
        way->copying.stream = "shared";
    }
    // Who does not send to the maker of a copy is to become the same as that.
    for (Way* way : {&there, &back}) {
        way->copying.from->put("r0", "c", "first");
        way->send(SIZE_MAX);
    }
    std::int64_t counted = 0;
    std::multiset<std::string> lines;
    std::map<std::string, std::string> own;  // cells of rows to which one hub writes; "": none
    for (int i = 0; i < 500; ++i) {
        Hub& hub = random() % 2 == 0 ? a : b;
        Way& way = random() % 2 == 0 ? there : back;
        hub.clock.advance(static_cast<std::int64_t>(random() % 3));
        switch (random() % 10) {
            case 0: {
                const auto delta = static_cast<std::int64_t>(random() % 9);
                hub.count("n" + std::to_string(random() % 2), "x", delta);
                counted += delta;
                break;
            }
            case 1: {
                const std::string line = "line " + std::to_string(i);
                hub.append("l" + std::to_string(random() % 3), kMorning + i, line);
                lines.insert(line);
                break;
            }
            case 2:
                hub.put("r" + std::to_string(random() % 3), "c", std::to_string(i));
                break;
            case 3:
                if (&hub == &a || there_filtered) hub.put("private", "c", std::to_string(i));
                break;
            case 4:
                // A hub that restarts loses the copy that it makes.
                if (random() % 6 != 0) break;
                (&hub == &a ? there : back).copying.parts.reset();
                hub.open();
                break;
            case 5:
                if (random() % 4 == 0) way.asked_for = true;
                break;
            case 6:
            case 7: {
                const std::string row = (&hub == &a ? "a" : "b") + std::to_string(random() % 3);
                const std::string value = random() % 2 == 0 ? std::to_string(i) : "";
                if (!value.empty()) {
                    hub.put(row, "c", value);
                } else {
                    hub.remove(row, random() % 2 == 0 ? "c" : "");
                }
                own[row] = value;
                break;
            }
            default:
                way.step(1 + random() % 3000);
        }
    }
    for (int i = 0; i < 1000 && (there.asked_for || back.asked_for); ++i) {
        there.step(3000);
        back.step(3000);
    }
    CHECK(!there.asked_for);
    CHECK(!back.asked_for);
    for (int round = 0; round < 3; ++round) {
        there.send(SIZE_MAX);
        back.send(SIZE_MAX);
    }
    for (const Hub* hub : {&a, &b}) {
        CAPTURE(hub == &a);
        const std::vector<std::string> found = lines_of(*hub);
        CHECK(std::multiset<std::string>(found.begin(), found.end()) == lines);
        std::int64_t sum = 0;
        for (const std::string row : {"n0", "n1"}) sum += must(hub->store->counter(row, "x"));
        CHECK(sum == counted);
    }
    for (const auto& [row, value] : own) {
        for (const Hub* hub : {&a, &b}) {
            const auto cell = must(hub->store->get(kIndexFamily, row, "c"));
            CAPTURE(hub == &a, row, value);
            CHECK((cell ? cell->value : "") == value);
        }
    }
    for (const std::string row : {"r0", "r1", "r2"}) {
        const auto at_a = must(a->get(kIndexFamily, row, "c"));
        const auto at_b = must(b->get(kIndexFamily, row, "c"));
        REQUIRE(at_a.has_value() == at_b.has_value());
        if (at_a) CHECK(at_a->value == at_b->value);
    }
}

TEST_CASE("a copy of some rows brings what was removed and had not come") {
    Hub a, b;
    for (const char* row : {"gone", "of last cell", "again", "private"}) a.put(row, "c", "1");
    a.count("gone", "x", 3);
    a.count("there", "x", 4);
    a.append("l", kMorning, "line");
    must(a->create_family("Dropped", ValueType::utf8));
    a.put("r", "c", "1", "Dropped");
    send_part(a, b, "shared", [](std::string_view, std::string_view) { return true; });
    b.put("own", "c", "1");
    const auto before = content(*b.store);
    a.remove("gone");
    a.remove("of last cell", "c");
    a.remove("again");
    a.put("again", "d", "2");
    a.remove("private");
    must(a->remove_counters("gone", std::nullopt));
    must(a->drop_family("Dropped"));
    const bool forgotten = GENERATE(false, true);  // by the journal
    if (forgotten) {
        a->forget_journal(a->journal().end);
        a.options.journal.keep_bytes = 0;
        a.open();
    }
    Copying copying{&a, &b};
    copying.wanted = [](std::string_view, std::string_view row) { return row != "private"; };
    copying.begin(200);
    copying.finish();
    CHECK(must(b->get(kIndexFamily, "private", "c")));
    CHECK(must(b->get(kIndexFamily, "own", "c")));
    CHECK(must(b->get(kIndexFamily, "again", "d")));
    CHECK_FALSE(must(b->get(kIndexFamily, "again", "c")));
    CHECK(lines_of(b) == std::vector<std::string>{"line"});
    CHECK(must(b->counter("there", "x")) == 4);
    if (forgotten && a->journal().first == a->journal().end) return;
    CHECK_FALSE(must(b->get(kIndexFamily, "gone", "c")));
    CHECK_FALSE(must(b->get(kIndexFamily, "of last cell", "c")));
    CHECK(must(b->counter("gone", "x")) == 0);
    CHECK_FALSE(b->family("Dropped").ok());
}

TEST_CASE("a copy takes no rows away that come to its target, and not to its maker") {
    Hub a, b, third;
    third.append("l of all", kMorning, "shared");
    third.put("private", "c", "value");
    send(third, b);
    send_part(third, a, "shared", shared);
    Copying copying{&a, &b};
    copying.begin(1000);
    CHECK_FALSE(copying.step());
    CHECK(copying.refused);
    CHECK(must(b->get(kIndexFamily, "private", "c")));
    // Until the maker has all of it.
    Copying all{&third, &a};
    all.begin(1000);
    all.finish();
    copying.begin(1000);
    copying.finish();
    CHECK(!copying.refused);
    CHECK(must(b->get(kIndexFamily, "private", "c")));
    CHECK(lines_of(b).size() == 1);
}
