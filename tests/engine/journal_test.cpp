// The journal: what one store tells another can write, exactly once, and two that write to each other end up
// the same.
#include <filesystem>
#include <random>

#include "engine/block/section.h"
#include "engine/journal_record.h"
#include "engine/key.h"
#include "engine/record.h"
#include "engine/stored_block.h"
#include "nmstore/journal_check.h"
#include "tests/engine/hubs.h"
#include "tests/engine/kv_database.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

std::string long_line(int i) {
    return "a line of a bulk body, number " + std::to_string(i) + " user=" + std::to_string(i * 7919 % 1000);
}

void write_everything(Hub& hub) {
    must(hub->create_family("Things", ValueType::integer));
    must(hub->declare_column("Things", "7", ValueType::utf8, true));
    hub.put("row", "7", "seven", "Things");
    hub.put("row", "-12345678901234567890", "", "Things");
    hub.put("clients", "10.0.0.1", "1");
    hub.put("clients", "10.0.0.1", "2");
    hub.put("going", "x", "y", std::string(kIndexFamily), 3600);
    hub.put("gone", "x", "y");
    must(hub->remove_row(kIndexFamily, "gone"));
    hub.put("partly", "a", "1");
    hub.put("partly", "b", "2");
    must(hub->remove_cell(kIndexFamily, "partly", "a"));
    {
        const auto batch = must(hub->begin_cells(kTimeFamily, true));
        must(batch->put("10.0.0.1:plugins:df:2011:5:22", std::to_string(kMorning + 5),
                        R"({"date":1,"value":"5"})"));
        must(batch->put("10.0.0.1:plugins:df:2011:5:22", std::to_string(kMorning + 6), "raw"));
        must(batch->commit());
    }
    hub.append("/var/log/a_b", kMorning + 1, "one");
    hub.append("/var/log/a_b", kMorning + 1, "one again", R"({"k":"v"})");
    hub.append("/var/log/a_b", kMorning + 2, "fields over lines", "{\"k\":\n\"v\"}");
    {
        const auto batch = hub->begin_lines();
        for (int i = 0; i < 3000; ++i)
            must(
                batch->append({"c", "bulk", kMorning + i / 7, long_line(i), i % 5 == 0 ? R"({"n":1})" : ""}));
        batch->set_origin("shipper", 7);
        must(batch->commit());
    }
    hub.count("hits", "page", 5);
    hub.count("hits", "page", -2);
    hub.count("lost", "page", 1);
    must(hub->remove_counters("lost", std::nullopt));
}

}  // namespace

TEST_CASE("what one store has written another one writes from its journal, once") {
    Hub a, b;
    CHECK(a->hub_id() != b->hub_id());
    CHECK(a->journal().first == 0);
    write_everything(a);
    const std::size_t step = GENERATE(std::size_t{1}, std::size_t{5000}, SIZE_MAX);
    for (int i = 0; i < 200; ++i) CHECK(send(a, b, step).refused.empty());
    CHECK(difference(a, b).empty());
    // Again from the beginning: all of it is known.
    std::vector<JournalRecordView> views;
    const auto records = must(a->read_journal(0, SIZE_MAX));
    for (const JournalRecord& record : records) views.push_back({record.number, record.bytes});
    const AppliedJournal again = must(b->apply_journal({a->hub_id(), ""}, views, a->journal().end));
    CHECK(again.records == 0);
    CHECK(again.repeated == records.size());
    CHECK(difference(a, b).empty());
    CHECK(must(b->verify()).problems.empty());
    // The source of lines is known as well.
    const auto batch = b->begin_lines();
    must(batch->append({"c", "bulk", kMorning, "sent again to the other hub", ""}));
    batch->set_origin("shipper", 7);
    CHECK(must(batch->commit()).repeated);
}

TEST_CASE("blocks go as they are, with numbers of their own") {
    Hub a, b;
    b.append("bulk", kMorning, "was there before");
    for (int round = 0; round < 3; ++round) {
        const auto batch = a->begin_lines();
        for (int i = 0; i < 2000; ++i) must(batch->append({"c", "bulk", kMorning + i / 3, long_line(i), ""}));
        must(batch->commit());
    }
    REQUIRE(a->stats().blocks == 3);
    send(a, b);
    CHECK(b->stats().blocks == 3);
    CHECK(b->stats().block_lines == 6000);
    const LogRow row = must(b->log_rows({})).front();
    const auto lines = must(b->lines(row, {}));
    std::size_t found = 0;
    std::optional<LineId> last;
    while (must(lines->next())) {
        if (last) CHECK(lines->line().id < *last);
        last = lines->line().id;
        ++found;
    }
    CHECK(found == 6001);
    CHECK(must(b->verify()).problems.empty());
    // And they are found by those who follow changes.
    std::size_t told = 0;
    for (const Change& change : must(b->read_changes(0, SIZE_MAX))) {
        for (const ChangedRow& changed : change.rows) {
            const LogRow of = *must(b->log_row(changed.row));
            const auto cursor = must(b->changed_lines(change, changed, of));
            while (must(cursor->next())) told += change.foreign ? 1 : 0;
        }
    }
    CHECK(told == 6000);
}

TEST_CASE("a copy replaces what the other store has, and the journal goes on from it") {
    Hub a, b;
    write_everything(a);
    must(a->seal());
    write_everything(b);
    b.put("only here", "x", "y");
    b.put("zzz", "x", "y");
    b.count("only here", "x", 3);
    b.count("hits", "page", 100);
    b.append("only here", kMorning, "line");
    b.put("partly", "c", "only here");
    a.clock.advance(1000);
    copy(a, b, GENERATE(std::size_t{200}, std::size_t{1} << 20));
    CHECK(difference(a, b).empty());
    a.put("after", "x", "y");
    a.append("bulk", kMorning + 900'000, "after");
    a.count("hits", "page", 1);
    send(a, b);
    CHECK(difference(a, b).empty());
    CHECK(must(b->verify()).problems.empty());
}

TEST_CASE("of two writes of a cell the later one stays, whichever comes first") {
    Hub a, b;
    a.put("r", "c", "at a, first");
    b.clock.advance(10);
    b.put("r", "c", "at b, later");
    a.clock.advance(20);
    a.put("r", "d", "at a, last");
    b.put("r", "d", "at b, before");
    b.put("removed later at a", "x", "y");
    a.put("removed later at a", "x", "older");
    a.clock.advance(20);
    must(a->remove_row(kIndexFamily, "removed later at a"));
    a.put("removed before at a", "x", "old");
    must(a->remove_row(kIndexFamily, "removed before at a"));
    b.clock.advance(100);
    b.put("removed before at a", "x", "new");
    const bool a_first = GENERATE(true, false);
    if (a_first) send(a, b);
    send(b, a);
    send(a, b);
    CHECK(difference(a, b).empty());
    CHECK(must(a->get(kIndexFamily, "r", "c"))->value == "at b, later");
    CHECK(must(a->get(kIndexFamily, "r", "d"))->value == "at a, last");
    CHECK_FALSE(must(a->get(kIndexFamily, "removed later at a", "x")));
    CHECK(must(a->get(kIndexFamily, "removed before at a", "x"))->value == "new");
    // Who has learnt of a later time writes behind it, however slow its clock is.
    a.put("r", "c", "at a, at last");
    send(a, b);
    CHECK(must(b->get(kIndexFamily, "r", "c"))->value == "at a, at last");
}

TEST_CASE("a hub gets nothing back, and passes on what is new to others") {
    Hub a, b, c;
    a.append("l", kMorning, "from a");
    b.append("l", kMorning + 1, "from b");
    c.append("l", kMorning + 2, "from c");
    for (int round = 0; round < 4; ++round) {
        send(a, b);
        send(b, c);
        send(c, a);
    }
    CHECK(difference(a, b).empty());
    CHECK(difference(a, c).empty());
    const ChangeNumber end = a->journal().end;
    send(a, b);
    send(b, c);
    send(c, a);
    CHECK(a->journal().end == end);
    CHECK(content(*a.store).size() == content(*c.store).size());
    // Over two ways a record is written once.
    a.count("n", "x", 1);
    send(a, b);
    send(b, c);
    CHECK(must(c->counter("n", "x")) == 1);
    CHECK(send(a, c).records == 0);
    CHECK(must(c->counter("n", "x")) == 1);
}

TEST_CASE("two stores that are written at random end up the same") {
    const unsigned seed = GENERATE(1U, 2U, 3U, 4U);
    std::mt19937 random(seed);
    Hub hubs[2];
    for (int i = 0; i < 400; ++i) {
        Hub& hub = hubs[random() % 2];
        const std::string row = "row" + std::to_string(random() % 4);
        const std::string column = "c" + std::to_string(random() % 4);
        hub.clock.advance(static_cast<std::int64_t>(random() % 3));
        switch (random() % 10) {
            case 0:
                must(hub->remove_row(kIndexFamily, row));
                break;
            case 1:
                must(hub->remove_cell(kIndexFamily, row, column));
                break;
            case 2:
                hub.count(row, column, static_cast<std::int64_t>(random() % 9));
                break;
            case 3:
                hub.append("l", kMorning + i, "line " + std::to_string(i));
                break;
            case 4:
                send(hubs[0], hubs[1], 100);
                break;
            case 5:
                send(hubs[1], hubs[0], 100);
                break;
            case 6:
                hub.open();
                break;
            case 7:
                hub.put("c:plugins:p:2011:5:22",
                        std::to_string(kMorning + static_cast<std::int64_t>(random() % 5)), std::to_string(i),
                        std::string(kTimeFamily));
                break;
            default:
                hub.put(row, column, std::to_string(i));
        }
    }
    for (int i = 0; i < 3; ++i) {
        send(hubs[0], hubs[1]);
        send(hubs[1], hubs[0]);
    }
    CHECK(difference(hubs[0], hubs[1]).empty());
}

TEST_CASE("a journal forgets what everybody has read, and what is beyond its bound") {
    Hub a(kept(200'000));
    for (int i = 0; i < 100; ++i) a.put("r", std::to_string(i), std::string(10'000, 'x'));
    const JournalRange range = a->journal();
    CHECK(range.first > 0);
    CHECK(range.bytes < 250'000);
    CHECK(must(a->journal_records(range.first)) < 25);
    const auto kept = must(a->read_journal(0, SIZE_MAX));
    CHECK(kept.front().number >= range.first);
    CHECK(kept.back().number + 1 == range.end);
    // A quarter of its bound stays for ten minutes.
    a->forget_journal(range.end);
    CHECK(a->journal().bytes > 20'000);
    CHECK(a->journal().bytes < 70'000);
    a.clock.advance(11 * 60'000);
    a->forget_journal(range.end);
    CHECK(a->journal().bytes < 20'000);
    a.open();
    CHECK(a->journal().first > range.first);
}

TEST_CASE("a journal that was not kept for a while begins anew") {
    Hub a(JournalOptions{});
    a.put("r", "c", "before");
    CHECK(must(a->read_journal(0, SIZE_MAX)).empty());
    CHECK(code_of(a->copy_for_journal({})) == Code::conflict);
    a.options.journal.on = true;
    a.open();
    const ChangeNumber first = a->journal().first;
    CHECK(first > 0);
    a.put("r", "c", "told");
    CHECK(must(a->read_journal(0, SIZE_MAX)).size() == 1);
    a.options.journal.on = false;
    a.open();
    a.put("r", "c", "not told");
    a.options.journal.on = true;
    a.open();
    CHECK(a->journal().first > first);
    CHECK(must(a->read_journal(0, SIZE_MAX)).empty());
}

TEST_CASE("a journal that is there goes on with who only keeps it, and all that it holds") {
    Hub a(kept(100'000)), b;
    for (int i = 0; i < 9; ++i) a.put("r", std::to_string(i), std::string(10'000, 'x'));
    const JournalRange range = a->journal();
    const JournalOptions of_server = a.options.journal;
    a.options.journal = {};
    a.options.journal.keep = true;
    a.options.journal.keep_bytes = 1;  // how much is kept is not for it to say
    a.options.journal.own_rows = {"counters/own"};
    a.open();
    must(a->compact());
    a.put("r", "0", "later");
    a.count("own", "x", 1);
    a.count("n", "x", 1);
    must(a->remove_row(kIndexFamily, "nothing"));
    CHECK(a->journal().first == range.first);
    CHECK(a->journal().end > range.end);
    CHECK(a->journal().let_go_bytes == 0);
    a.options.journal = of_server;
    a.options.journal.keep_bytes *= 2;
    a.open();
    CHECK(a->journal().first == range.first);
    // Also the stamps: what was written before is older.
    a.clock.advance(-1000);
    b.clock.advance(-1000);
    b.put("r", "0", "earlier");
    send(b, a);
    send(a, b);
    CHECK(must(a->get(kIndexFamily, "r", "0"))->value == "later");
    CHECK(must(b->counter("own", "x")) == 0);
    a.count("own", "x", -1);
    must(a->remove_counters("own", std::nullopt));
    CHECK(difference(a, b).empty());
}

TEST_CASE("who only keeps a journal begins none") {
    JournalOptions options;
    options.keep = true;
    Hub a(options);
    a.put("r", "c", "v");
    a.open();
    CHECK(code_of(a->copy_for_journal({})) == Code::conflict);
    CHECK(must(a->read_journal(0, SIZE_MAX)).empty());
}

TEST_CASE("a journal that ends tells how much went with it") {
    Hub a;
    a.put("r", "c", "v");
    a.options.journal.on = false;
    a.open();
    CHECK(a->journal().let_go_bytes > 0);
    a.open();
    CHECK(a->journal().let_go_bytes == 0);
    a.options.journal.on = true;
    a.open();
    a.options.journal.on = false;
    a.open();
    CHECK(a->journal().let_go_bytes == 0);  // there was nothing in it
}

TEST_CASE("where a journal ends, and a copy stands, is behind a record") {
    Hub a;
    a.put("r", "c", "v");
    const ChangeNumber last = must(a->read_journal(0, SIZE_MAX)).back().number;
    must(a->put_notes("area", {{"note", "none of the journal"}}));
    CHECK(a->journal().end == last + 1);
    const ChangeNumber told = must(a->copy_for_journal({}))->at();
    CHECK(told == last + 1);
    a.open();
    CHECK(a->journal().end == told);
    a.put("r", "c", "w");
    CHECK(must(a->read_journal(told, SIZE_MAX)).size() == 1);
}

TEST_CASE("a store that is restored from a backup is another hub") {
    Hub a;
    a.put("r", "c", "v");
    const std::string id = a->hub_id();
    const std::string backups = a.directory / "backups";
    must(a->backup(backups));
    a.open();
    CHECK(a->hub_id() == id);
    a.store.reset();
    a.options.directory = a.directory / "restored";
    must(restore_backup(backups, 0, a.options.directory));
    a.open();
    CHECK(a->hub_id() != id);
    CHECK(must(a->get(kIndexFamily, "r", "c"))->value == "v");
}

TEST_CASE(
    "what a restored store wrote before its backup does not come back to it twice, and what came later "
    "does") {
    Hub a, b;
    const std::string backups = a.directory / "backups";
    a.count("n", "x", 10);
    a.append("l", kMorning, "before the backup");
    send(a, b);
    must(a->backup(backups));
    a.append("l", kMorning + 1, "after the backup");
    a.count("n", "x", 1);
    send(a, b);
    b.count("n", "x", 5);
    a.store.reset();
    a.options.directory = a.directory / "restored";
    must(restore_backup(backups, 0, a.options.directory));
    a.open();
    send(b, a);
    CHECK(must(a->counter("n", "x")) == 16);
    CHECK(difference(a, b).empty());
    // Its own journal from before is not b's business again.
    CHECK(must(b->counter("n", "x")) == 16);
}

TEST_CASE("what a copy has brought does not come again on another way") {
    Hub a, b, c;
    a.count("n", "x", 10);
    send(a, b);
    send(b, c);
    a.count("n", "x", 10);
    send(a, b);
    copy(b, c, 1000);
    CHECK(must(c->counter("n", "x")) == 20);
    CHECK(send(a, c).records == 0);
    CHECK(must(c->counter("n", "x")) == 20);
    a.count("n", "x", 1);
    send(a, c);
    send(a, b);
    send(b, c);
    CHECK(must(c->counter("n", "x")) == 21);
}

TEST_CASE("a copy leaves a family alone that is another one at the target") {
    Hub a, b;
    must(a->create_family("Conf", ValueType::long_));
    must(b->create_family("Conf", ValueType::utf8));
    b.put("r", "c", "stays", "Conf");
    a.clock.advance(1000);
    const auto copied = must(a->copy_for_journal({}));
    std::size_t refused = 0;
    while (const auto record = must(copied->next(1000)))
        refused += must(b->apply_journal({a->hub_id(), "copy 1"}, {{record->number, record->bytes}},
                                         record->number + 1))
                       .refused.size();
    CHECK(refused > 0);
    CHECK(must(b->get("Conf", "r", "c"))->value == "stays");
}

TEST_CASE("a family is dropped over a filter only where all of it is wanted") {
    Hub a;
    must(a->create_family("F", ValueType::utf8));
    must(a->drop_family("F"));
    const std::string drop = must(a->read_journal(0, SIZE_MAX)).back().bytes;
    const auto kept = [&](const std::string& prefix) {
        return !must(filter_journal_record(drop, [&](std::string_view, std::string_view row) {
                    return row.starts_with(prefix);
                })).empty();
    };
    CHECK(kept(""));
    CHECK_FALSE(kept("keep"));
}

TEST_CASE("a hub's own rows are neither told nor taken") {
    JournalOptions journal = kept();
    journal.own_rows = {"CFUTF8Type/users", "counters/connections"};
    Hub a(journal), b(journal), open_one;
    a.put("users", "1", "at a");
    a.count("connections", "live", 1);
    b.count("connections", "live", 2);
    for (const JournalRecord& record : must(a->read_journal(0, SIZE_MAX))) {
        JournalReader reader = must(JournalReader::open(record.bytes));
        JournalStep step;
        while (must(reader.next(step))) CHECK(step.kind == JournalStep::Kind::create_family);
    }
    copy(a, b, 1000);
    CHECK(must(b->counter("connections", "live")) == 2);
    open_one.put("users", "2", "from elsewhere");
    open_one.count("connections", "live", 40);
    send(open_one, b);
    CHECK(must(b->rows(kIndexFamily, "", "", 10)).empty());
    CHECK(must(b->counter("connections", "live")) == 2);
}

TEST_CASE("what cannot be written is told, and the rest is written") {
    Hub a, b;
    must(a->create_family("F", ValueType::utf8));
    must(b->create_family("F", ValueType::long_));
    must(b->declare_column(kIndexFamily, "number", ValueType::long_, std::nullopt));
    a.put("r", "c", "v", "F");
    {
        const auto batch = must(a->begin_cells(kIndexFamily));
        must(batch->put("r", "number", "none"));
        must(batch->put("r", "other", "good"));
        must(batch->commit());
    }
    const AppliedJournal applied = send(a, b);
    REQUIRE(applied.refused.size() == 3);  // the family, its cell, the number
    CHECK(applied.refused.back().what == "CFUTF8Type/r/number");
    CHECK(applied.refused.back().value == "none");
    CHECK(must(b->get(kIndexFamily, "r", "other"))->value == "good");
    CHECK(applied.position == a->journal().end);
}

TEST_CASE("what is no record is refused, and nothing behind it is written") {
    Hub a, b;
    a.put("r", "c", "v");
    const JournalRecord good = must(a->read_journal(0, SIZE_MAX)).front();
    const JournalLink link{a->hub_id(), ""};
    for (const std::string& bad :
         {std::string(), std::string("x"), good.bytes.substr(0, good.bytes.size() - 1)}) {
        CHECK(code_of(b->apply_journal(link, {{good.number, bad}, {good.number + 1, good.bytes}},
                                       good.number + 2)) == Code::invalid_argument);
        CHECK(content(*b.store) == content(*Hub().store));
    }
    CHECK(code_of(b->apply_journal({"nonsense", ""}, {}, 1)) == Code::invalid_argument);
    // Any byte that is wrong is found, or gives something that can be written.
    std::mt19937 random(5);
    write_everything(a);
    for (const JournalRecord& record : must(a->read_journal(0, SIZE_MAX))) {
        for (int i = 0; i < 20; ++i) {
            std::string wrong = record.bytes;
            wrong[random() % wrong.size()] = static_cast<char>(random());
            auto reader = JournalReader::open(wrong);
            JournalStep step;
            while (reader.ok()) {
                const auto more = reader->next(step);
                if (!more.ok() || !*more) break;
            }
            (void)b->apply_journal({a->hub_id(), std::to_string(i)}, {{record.number, wrong}},
                                   record.number + 1);
        }
    }
}

TEST_CASE("a filter leaves the steps that are wanted") {
    Hub a, b;
    write_everything(a);
    const JournalFilter wanted = [](std::string_view family, std::string_view row) {
        return (family == kTimeFamily && row.starts_with("c:logs:bulk")) || (family.empty() && row == "hits");
    };
    std::vector<JournalRecord> kept;
    for (const JournalRecord& record : must(a->read_journal(0, SIZE_MAX))) {
        std::string filtered = must(filter_journal_record(record.bytes, wanted));
        if (!filtered.empty()) kept.push_back({record.number, std::move(filtered)});
    }
    std::vector<JournalRecordView> views;
    for (const JournalRecord& record : kept) views.push_back({record.number, record.bytes});
    CHECK(must(b->apply_journal({a->hub_id(), "f"}, views, a->journal().end)).refused.empty());
    CHECK(must(b->rows(kTimeFamily, "", "", 10)) == std::vector<std::string>{"c:logs:bulk:2011:5:22"});
    CHECK(must(b->rows(kIndexFamily, "", "", 10)).empty());
    CHECK(must(b->counter_rows("", "", 10)) == std::vector<std::string>{"hits"});
    CHECK(must(b->counter("hits", "page")) == 3);
}

TEST_CASE("what is removed before it comes stays away") {
    Hub a, b;
    a.put("r1", "x", "1");
    a.put("r1", "y", "2");
    a.put("r2", "x", "3");
    b.clock.advance(10);
    must(b->remove_cell(kIndexFamily, "r1", "x"));
    must(b->remove_row(kIndexFamily, "r2"));
    send(a, b);
    send(b, a);
    CHECK(difference(a, b).empty());
    CHECK_FALSE(must(b->get(kIndexFamily, "r1", "x")));
    CHECK(must(b->get(kIndexFamily, "r1", "y")));
    CHECK_FALSE(must(b->get(kIndexFamily, "r2", "x")));
    CHECK(must(a->verify()).problems.empty());
}

TEST_CASE("lines that their source sends to both hubs stand once") {
    Hub a, b;
    const auto ship = [](Hub& hub, std::uint64_t sequence) {
        const auto batch = hub->begin_lines();
        must(batch->append({"c", "l", kMorning + static_cast<std::int64_t>(sequence),
                            "batch " + std::to_string(sequence), ""}));
        batch->set_origin("shipper", sequence);
        return must(batch->commit()).repeated;
    };
    for (std::uint64_t i = 1; i <= 30; ++i) CHECK_FALSE(ship(a, i));
    // Nobody heard of the last one, and a is away.
    for (std::uint64_t i = 30; i <= 33; ++i) CHECK_FALSE(ship(b, i));
    CHECK(ship(b, 32));
    send(a, b);
    send(b, a);
    CHECK(difference(a, b).empty());
    CHECK(must(a->slice(kTimeFamily, "c:logs:l:2011:5:22", {})).cells.size() == 33);
    CHECK(ship(a, 33));
    CHECK(ship(b, 1));
    CHECK_FALSE(ship(a, 34));
    // A copy knows of them as well.
    Hub c;
    copy(a, c, 1000);
    CHECK(ship(c, 34));
    CHECK(ship(c, 2));
    CHECK(difference(a, c).empty());
}

TEST_CASE("a record of cells and of counters that stand alone is written whole") {
    Hub a, b;
    b.count("n", "x", 5);
    JournalSteps steps;
    const auto families = b->families();
    const auto index = std::find_if(families.begin(), families.end(),
                                    [](const FamilyInfo& family) { return family.name == kIndexFamily; });
    steps.turn_to(*index, "row");
    steps.put_cell("column", 0, false, "value");
    steps.set_counter("n", "x", 7);
    const std::string record = format_journal_record(std::uint64_t{kMorning} << 20, nullptr, steps);
    must(b->apply_journal({a->hub_id(), ""}, {{1, record}}, 2));
    CHECK(must(b->counter("n", "x")) == 7);
    CHECK(must(b->rows(kIndexFamily, "", "", 10)) == std::vector<std::string>{"row"});
    CHECK(must(b->verify()).problems.empty());
}

TEST_CASE("blocks of lines that are all alike go as well") {
    Hub a, b;
    const auto post = [&a](const std::string& log, int lines, const auto& text) {
        const auto batch = a->begin_lines();
        for (int i = 0; i < lines; ++i) must(batch->append({"c", log, kMorning + i, text(i), ""}));
        must(batch->commit());
    };
    post("same", 1000, [](int) { return "the same line as all others of this log"; });
    post("turns", 2000, [](int i) { return i % 2 == 0 ? "one of two lines" : "the other one of these two"; });
    post("long", 1, [](int) { return std::string(40'000, 'x'); });
    post("unlike", 400, [](int i) { return std::string(100, static_cast<char>('a' + i % 20)); });
    REQUIRE(a->stats().blocks == 4);
    CHECK(send(a, b).refused.empty());
    CHECK(b->stats().blocks == 4);
    CHECK(difference(a, b).empty());
    CHECK(must(b->verify()).problems.empty());
}

TEST_CASE("the greatest number of a batch is refused, and its source can go on") {
    Hub a, b;
    const auto ship = [](Hub& hub, std::uint64_t sequence) {
        const auto batch = hub->begin_lines();
        must(batch->append({"c", "l", kMorning, "batch " + std::to_string(sequence), ""}));
        batch->set_origin("shipper", sequence);
        return batch->commit();
    };
    CHECK(code_of(ship(a, UINT64_MAX)) == Code::invalid_argument);
    CHECK(code_of(ship(a, kMaxSourceSequence + 1)) == Code::invalid_argument);
    CHECK(must(ship(a, 1)).entries == 1);
    JournalSteps steps;
    steps.origin("shipper", UINT64_MAX);
    steps.add("n", "x", 7);
    const std::string record = format_journal_record(std::uint64_t{kMorning} << 20, nullptr, steps);
    CHECK(must(b->apply_journal({a->hub_id(), ""}, {{1, record}}, 2)).refused.size() == 1);
    CHECK(must(b->counter("n", "x")) == 7);
    CHECK(must(ship(b, 1)).entries == 1);
    CHECK(must(ship(b, kMaxSourceSequence)).entries == 1);
    CHECK(must(ship(b, kMaxSourceSequence)).repeated);
    Hub c;
    copy(b, c, 1000);
    CHECK(difference(b, c).empty());
}

TEST_CASE("stamps do not go back over a restart, whoever wrote the last record") {
    Hub a, b, c;
    a.clock.advance(3000);
    a.put("r", "x", "1");
    send(a, b);
    b.put("r", "x", "2");
    b.put("r", "gone", "soon");
    send(b, a);
    c.put("r", "other", "of a clock that is not ahead");
    send(c, b);
    const bool forgotten = GENERATE(false, true);
    if (forgotten) b->forget_journal(b->journal().end);
    b.open();
    b.put("r", "x", "3");
    must(b->remove_cell(kIndexFamily, "r", "gone"));
    if (forgotten) must(a->set_journal_position({b->hub_id(), ""}, b->journal().first));
    send(b, a);
    CHECK(must(a->get(kIndexFamily, "r", "x"))->value == "3");
    CHECK_FALSE(must(a->get(kIndexFamily, "r", "gone")));
    CHECK(must(b->get(kIndexFamily, "r", "x"))->value == "3");
    // A time that leaves no room for later ones is none.
    JournalSteps steps;
    steps.add("n", "x", 7);
    const std::string record = format_journal_record(UINT64_MAX, nullptr, steps);
    CHECK(code_of(b->apply_journal({a->hub_id(), "s"}, {{1, record}}, 2)) == Code::invalid_argument);
}

TEST_CASE("lines are taken into time families only, and counters with names that they may have") {
    Hub a, b;
    const auto families = b->families();
    const auto index = std::find_if(families.begin(), families.end(),
                                    [](const FamilyInfo& family) { return family.name == kIndexFamily; });
    JournalSteps steps;
    steps.turn_to(*index, "row");
    steps.line(kMorning, "a line", "");
    steps.put_cell("column", 0, false, "value");
    steps.add("n", std::string(100'000, 'n'), 7);
    const std::string record = format_journal_record(std::uint64_t{kMorning} << 20, nullptr, steps);
    CHECK(must(b->apply_journal({a->hub_id(), ""}, {{1, record}}, 2)).refused.size() == 2);
    CHECK(must(b->slice(kIndexFamily, "row", {})).cells.size() == 1);
    CHECK(must(b->counter_rows("", "", 10)).empty());
    CHECK(must(b->verify()).problems.empty());
}

namespace {

Result<void> check_lines(std::string_view record, std::uint64_t text_left = UINT64_MAX) {
    return check_journal_lines(
        record, [](std::string_view fields) { return fields.front() == '{'; }, text_left);
}

}  // namespace

TEST_CASE("a block that is whole and cannot be read is found by who looks") {
    Hub a;
    const auto batch = a->begin_lines();
    for (int i = 0; i < 2000; ++i) must(batch->append({"c", "bulk", kMorning + i / 3, long_line(i), ""}));
    must(batch->commit());
    const std::vector<JournalRecord> records = must(a->read_journal(0, SIZE_MAX));
    for (const JournalRecord& each : records) CHECK(check_lines(each.bytes).ok());
    const auto with_block = std::max_element(
        records.begin(), records.end(),
        [](const JournalRecord& x, const JournalRecord& y) { return x.bytes.size() < y.bytes.size(); });
    JournalReader reader = must(JournalReader::open(with_block->bytes));
    JournalStep step;
    while (step.kind != JournalStep::Kind::block) REQUIRE(must(reader.next(step)));
    const auto families = a->families();
    const auto family = std::find_if(families.begin(), families.end(),
                                     [](const FamilyInfo& each) { return each.name == kTimeFamily; });
    std::size_t found = 0;
    for (std::size_t section = block::kNumbers; section < reader.block_sections().size(); ++section) {
        BuiltBlock made;
        made.info = must(record::parse_block_head(1, 0, reader.block_head()));
        made.sections.assign(reader.block_sections().begin(), reader.block_sections().end());
        const std::string raw = must(block::decompress_section(made.sections[section]));
        made.sections[section] = must(block::compress_section(raw.substr(0, raw.size() / 2), 1));
        JournalSteps steps;
        steps.turn_to(*family, step.row);
        steps.block(made);
        const std::string bytes = format_journal_record(std::uint64_t{kMorning} << 20, nullptr, steps);
        const auto checked = check_lines(bytes);
        if (checked.ok()) continue;  // what is only there to leave blocks out
        CHECK(checked.error().code == Code::invalid_argument);
        ++found;
    }
    CHECK(found >= 3);  // numbers, ids, columns
    CHECK(code_of(check_lines("none")) == Code::invalid_argument);
}

TEST_CASE("a block that cannot be read is refused") {
    Hub a;
    {
        const auto batch = a->begin_lines();
        for (int i = 0; i < 2000; ++i) must(batch->append({"c", "bulk", kMorning + i / 3, long_line(i), ""}));
        must(batch->commit());
    }
    REQUIRE(a->stats().blocks == 1);
    const JournalRecord good = must(a->read_journal(0, SIZE_MAX)).front();
    std::mt19937 random(7);
    std::size_t refused = 0;
    for (int i = 0; i < 200; ++i) {
        Hub b;
        std::string bytes = good.bytes;
        for (int times = 0; times < 3; ++times)
            bytes[bytes.size() - 1 - random() % (bytes.size() * 9 / 10)] = static_cast<char>(random());
        const auto applied = b->apply_journal({a->hub_id(), ""}, {{good.number, bytes}}, good.number + 1);
        refused += !applied.ok() || !applied->refused.empty() ? 1 : 0;
        if (applied.ok() && applied->refused.empty()) CHECK(check_lines(bytes).ok());
        // What is taken can be read.
        CHECK(content(*b.store).size() >= 2);
    }
    CHECK(refused > 100);
}

TEST_CASE("what is refused is noted in the batch of its record, whatever becomes of the next one") {
    Hub a, b;
    must(b->declare_column(kIndexFamily, "number", ValueType::long_, std::nullopt));
    const ChangeNumber from = a->journal().end;
    a.put("r", "number", "none");
    a.put("r", "c", "good");
    a.put("s", "number", "none either");
    const auto records = must(a->read_journal(from, SIZE_MAX));
    REQUIRE(records.size() == 3);
    std::vector<std::size_t> asked;
    const auto note = [&](const std::vector<AppliedJournal::Refused>& refused) -> std::vector<Store::Note> {
        asked.push_back(refused.size());
        if (refused.empty()) return {{"refused", std::nullopt}};
        return {{"refused", refused.back().what}};
    };
    const auto noted = [&]() -> std::string {
        const auto notes = must(b->notes("area"));
        return notes.empty() ? "" : notes.front().text.value_or("");
    };
    const JournalLink link{a->hub_id(), ""};
    CHECK(code_of(b->apply_journal(link,
                                   {{records[0].number, records[0].bytes}, {records[1].number, "no record"}},
                                   records[1].number + 1, "area", note, {})) == Code::invalid_argument);
    CHECK(must(b->journal_position(link)) == records[0].number + 1);
    CHECK(noted() == "CFUTF8Type/r/number");
    b.open();
    CHECK(noted() == "CFUTF8Type/r/number");
    asked.clear();
    must(b->apply_journal(link,
                          {{records[1].number, records[1].bytes}, {records[2].number, records[2].bytes}},
                          records[2].number + 1, "area", note, {}));
    CHECK(asked == std::vector<std::size_t>{0, 1});
    CHECK(noted() == "CFUTF8Type/s/number");
    // Also with what stands between all other commits, and with a position alone.
    JournalSteps steps;
    steps.set_counter("n", std::string(100'000, 'n'), 7);
    const std::string record = format_journal_record(std::uint64_t{kMorning} << 20, nullptr, steps);
    const JournalLink copied{a->hub_id(), std::string(kCopyStream) + "1"};
    must(b->apply_journal(copied, {{1, record}}, 2, "area", note, {}));
    CHECK(noted().starts_with("counters/n/"));
    must(b->apply_journal(link, {}, records[2].number + 5, "area", note, {}));
    CHECK(noted().empty());
    CHECK(code_of(b->apply_journal(link, {}, records[2].number + 6, "", note, {})) == Code::invalid_argument);
}

TEST_CASE("a store whose last record is damaged opens, and tells of a gap", "[damage]") {
    Hub a, b;
    a.put("r", "x", "1");
    a.append("l", kMorning, "a line");
    send(a, b);
    a.put("r", "x", "2");
    const ChangeNumber end = a->journal().end;
    const ChangeRange changes = a->changes();
    const std::string_view partition = GENERATE(key::kJournalRecords, key::kChangeRecords);
    CAPTURE(partition);
    a.store.reset();
    {
        const auto database = open_database(a.options.directory + "/db");
        write(*database, [&](kv::Batch& batch) {
            batch.put(kv::Space::changes, partition, key::change(end - 1), "\xff damaged");
        });
    }
    const bool of_journal = partition == key::kJournalRecords;
    {
        StoreOptions looking = a.options;
        looking.read_only = true;
        looking.create_if_missing = false;
        const auto store = must(Store::open(looking));
        CHECK(must(store->get(kIndexFamily, "r", "x"))->value == "2");
        CHECK(must(store->verify()).problems.size() == 1);
    }
    for (int opening = 0; opening < 2; ++opening) {
        a.open();
        CHECK(must(a->get(kIndexFamily, "r", "x"))->value == "2");
        const ChangeNumber first = of_journal ? a->journal().first : a->changes().first;
        CHECK(first >= end);
        CHECK((of_journal ? a->changes().first : a->journal().first) <= changes.first);
        CHECK(must(a->verify()).problems.empty());
    }
    // What comes now is told, with numbers that nobody has seen, and is the latest.
    a.put("r", "x", "3");
    const auto told = must(a->read_journal(of_journal ? 0 : end, SIZE_MAX));
    REQUIRE(told.size() == 1);
    CHECK(told.front().number >= end);
    must(b->apply_journal({a->hub_id(), ""}, {{told.front().number, told.front().bytes}},
                          told.front().number + 1));
    CHECK(difference(a, b).empty());
}

TEST_CASE("a journal that is damaged and not kept any more leaves nothing behind", "[damage]") {
    Hub a;
    a.put("r", "x", "1");
    const ChangeNumber end = a->journal().end;
    a.store.reset();
    {
        const auto database = open_database(a.options.directory + "/db");
        write(*database, [&](kv::Batch& batch) {
            batch.put(kv::Space::changes, key::kJournalRecords, key::change(end - 1), "\xff damaged");
        });
    }
    a.options.journal.on = false;
    a.open();
    a.put("r", "x", "2");
    a.options.journal.on = true;
    a.open();
    CHECK(a->journal().first >= end);  // there is a gap before it
    CHECK(must(a->verify()).problems.empty());
}

TEST_CASE("a copy brings families, and no others stay") {
    Hub a, b;
    must(a->create_family("Kept", ValueType::utf8));
    must(a->create_family("Redo", ValueType::long_));
    must(b->create_family("Aside", ValueType::utf8));
    must(b->create_family("Old", ValueType::utf8));
    must(b->create_family("Zebra", ValueType::utf8));
    a.put("r", "c", "v", "Kept");
    a.put("r", "7", "v", "Redo");
    b.put("r", "old", "v", "Old");
    for (int again = 0; again < 2; ++again) {
        copy(a, b, 1000);
        CHECK(difference(a, b).empty());
        CHECK(must(b->verify()).problems.empty());
    }
    // Also at a hub to which b sends; that keeps what it has written itself.
    Hub c;
    c.options.journal = {};
    c.open();
    must(c->create_family("Old", ValueType::utf8));
    c.options.journal = kept();
    c.open();
    send(b, c);
    CHECK(difference(a, c).empty());
    Hub d;
    d.put("r", "own", "v");
    send(b, d);
    CHECK(must(d->get(kIndexFamily, "r", "own"))->value == "v");
    must(d->remove_row(kIndexFamily, "r"));
    CHECK(difference(a, d).empty());
}

TEST_CASE("a directory that is put back does not give its numbers again") {
    namespace fs = std::filesystem;
    Hub a;
    a.put("r", "c", "1");
    a.store.reset();
    const std::string kept = a.directory / "kept";
    fs::copy(a.options.directory, kept, fs::copy_options::recursive);
    a.open();
    a.put("r", "c", "of a life that is forgotten");
    const ChangeNumber forgotten = a->journal().end;
    a.store.reset();
    fs::remove_all(a.options.directory);
    fs::rename(kept, a.options.directory);
    a.open();
    a.put("r", "c", "2");
    const auto records = must(a->read_journal(0, SIZE_MAX));
    REQUIRE_FALSE(records.empty());
    CHECK(records.back().number + 1 != forgotten);
}

TEST_CASE("a batch of records that are known moves the link on") {
    Hub a, b, c;
    a.put("r", "x", "1");
    a.count("n", "x", 5);
    send(a, b);
    send(a, c);
    const JournalLink link{b->hub_id(), ""};
    send(b, c);  // all of it came from a
    CHECK(must(c->journal_position(link)) == b->journal().end);
    c.open();
    CHECK(must(c->journal_position(link)) == b->journal().end);
    const auto records = must(b->read_journal(0, SIZE_MAX));
    REQUIRE_FALSE(records.empty());
    // Also where the batch ends with the last of them.
    Hub d;
    send(a, d);
    std::vector<JournalRecordView> views;
    for (const JournalRecord& record : records) views.push_back({record.number, record.bytes});
    must(d->apply_journal(link, views, records.back().number + 1));
    CHECK(must(d->journal_position(link)) == records.back().number + 1);
    CHECK(must(d->counter("n", "x")) == 5);
}

TEST_CASE("counters that a copy has set are set at the next hub, which may have them") {
    Hub a, b, c;
    a.count("n", "x", 100);
    send(a, b);
    send(a, c);
    Hub fresh;  // in b's place
    copy(a, fresh, 1000);
    send(fresh, c);
    CHECK(must(c->counter("n", "x")) == 100);
    Hub last;
    send(fresh, last);
    CHECK(must(last->counter("n", "x")) == 100);
    a.count("n", "x", 1);
    send(a, fresh);
    send(a, c);
    send(fresh, c);
    CHECK(must(c->counter("n", "x")) == 101);
}

TEST_CASE("a full copy within a mesh goes to its target, and ends there") {
    Hub a, b, c;
    must(a->create_family("Own", ValueType::utf8));
    must(a->declare_column("Own", "x", ValueType::utf8, std::nullopt));
    a.put("r", "x", "at a");
    a.count("n", "x", 5);
    a.append("l", kMorning, "from a");
    Hub* const all[] = {&a, &b, &c};
    const auto exchange = [&] {
        for (int round = 0; round < 3; ++round) {
            for (Hub* from : all) {
                for (Hub* to : all) {
                    if (from != to) send(*from, *to);
                }
            }
        }
    };
    exchange();
    // What comes to c while b is copied to stays there.
    const std::size_t max_bytes = GENERATE(1, 100'000);
    c.append("l", kMorning + 1, "from c");
    c.put("r", "y", "at c");
    copy(a, b, max_bytes);
    send(b, c);
    CHECK(must(c->get(kIndexFamily, "r", "y"))->value == "at c");
    exchange();
    CHECK(difference(a, b).empty());
    CHECK(difference(a, c).empty());
    CHECK(must(b->counter("n", "x")) == 5);
    const ChangeNumber ends[] = {a->journal().end, b->journal().end, c->journal().end};
    exchange();
    CHECK(a->journal().end == ends[0]);
    CHECK(b->journal().end == ends[1]);
    CHECK(c->journal().end == ends[2]);
}

TEST_CASE("a full copy is passed on to those who have nothing else, once, however they send to each other") {
    Hub a, b, c, d;
    must(a->create_family("Own", ValueType::utf8));
    must(a->declare_column("Own", "x", ValueType::utf8, true));
    for (int i = 0; i < 30; ++i) a.put("r" + std::to_string(i), "x", std::to_string(i));
    a.count("n", "x", 5);
    a.append("l", kMorning, "from a");
    copy(a, b, GENERATE(1, 100'000));
    const auto exchange = [&] {
        for (int round = 0; round < 3; ++round) {
            send(b, c);
            send(c, d);
            send(d, c);
            send(c, b);
        }
    };
    exchange();
    CHECK(difference(a, b).empty());
    CHECK(difference(a, c).empty());
    CHECK(difference(a, d).empty());
    CHECK(must(d->counter("n", "x")) == 5);
    const ChangeNumber ends[] = {b->journal().end, c->journal().end, d->journal().end};
    exchange();
    CHECK(b->journal().end == ends[0]);
    CHECK(c->journal().end == ends[1]);
    CHECK(d->journal().end == ends[2]);
    // And a later copy as well.
    a.put("r1", "x", "later");
    copy(a, b, 1000);
    exchange();
    CHECK(must(d->get(kIndexFamily, "r1", "x"))->value == "later");
    CHECK(difference(a, d).empty());
}

TEST_CASE("after a start the journal still goes in parts") {
    const std::uint64_t limit = std::uint64_t{4} << 20;
    Hub a(kept(limit));
    std::string value(1000, '\0');
    std::mt19937 random(1);
    const auto fill = [&](int cells) {
        for (int i = 0; i < cells; ++i) {
            for (char& c : value) c = static_cast<char>(random());
            a.put("r" + std::to_string(i), "c", value);
        }
    };
    fill(3500);
    REQUIRE(a->journal().bytes > limit / 2);
    for (int start = 0; start < 3; ++start) {
        a.open();
        fill(600);
        CHECK(a->journal().bytes > limit / 2);
        CHECK(a->journal().bytes <= limit + limit / 8);
    }
}
