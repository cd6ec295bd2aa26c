// Links with filters: what has come through one tells nothing of other rows, and nothing goes round.
#include "tests/engine/hubs.h"

using namespace nmstore;
using namespace nmstore::testing;

namespace {

bool all_but_private(std::string_view, std::string_view row) {
    return !row.starts_with("private");
}

JournalFilter only(const std::string& begin) {
    return [begin](std::string_view, std::string_view row) {
        return row.starts_with(begin) || row == "*" || row.empty();
    };
}

std::uint64_t lines_at(const Hub& hub) {
    std::uint64_t out = 0;
    for (const LogRow& row : must(hub.store->log_rows({}))) {
        const auto lines = must(hub.store->lines(row, {}));
        while (must(lines->next())) ++out;
    }
    return out;
}

}  // namespace

TEST_CASE("what a third hub has written does not go round between two that filter") {
    Hub a, b, c;
    a.count("n", "x", 1);
    a.append("l", kMorning, "line");
    const bool filtered = GENERATE(false, true);  // also on its way to b
    for (int i = 0; i < 5; ++i) {
        if (filtered) {
            send_part(a, b, "f", all_but_private);
        } else {
            send(a, b);
        }
        send_part(b, c, "f", all_but_private);
        send_part(c, b, "f", all_but_private);
        a.count("n", "x", 1);
    }
    CHECK(must(b->counter("n", "x")) == 5);
    CHECK(must(c->counter("n", "x")) == 5);
    CHECK(lines_at(b) == 1);
    CHECK(lines_at(c) == 1);
    const ChangeNumber end = b->journal().end;
    send_part(b, c, "f", all_but_private);
    send_part(c, b, "f", all_but_private);
    CHECK(b->journal().end == end);
}

TEST_CASE("a hub's own records do not come back to its restored store over a filter") {
    Hub b, c;
    b.count("n", "x", 1);
    send_part(b, c, "f", all_but_private);
    const std::string backups = b.directory / "backups";
    must(b->backup(backups));
    Hub restored;
    restored.store.reset();
    restored.options.directory = restored.directory / "restored";
    must(restore_backup(backups, 0, restored.options.directory));
    restored.open();
    send_part(c, restored, "f", all_but_private);
    CHECK(must(restored->counter("n", "x")) == 1);
}

TEST_CASE("what comes through a filter hides nothing that comes on another way") {
    Hub a, b, c;
    a.put("b1", "x", "not by way of b");
    a.put("a1", "x", "by way of b");
    send_part(a, b, "f", only("a"));
    send(b, c);
    CHECK(must(c->get(kIndexFamily, "a1", "x"))->value == "by way of b");
    send(a, c);
    CHECK(must(c->get(kIndexFamily, "b1", "x"))->value == "not by way of b");
}

TEST_CASE(
    "a batch of lines whose parts go over two filters comes whole, and one that goes whole stands once") {
    Hub a, b, c;
    const auto post = [](Hub& hub, std::uint64_t number, const std::vector<std::string>& clients) {
        const auto batch = hub->begin_lines();
        for (const std::string& client : clients)
            must(batch->append({client, "l", kMorning, "line " + std::to_string(number), ""}));
        batch->set_origin("shipper", number);
        must(batch->commit());
    };
    post(a, 1, {"a1", "b1"});
    send_part(a, b, "first", only("a1"));
    send_part(a, b, "second", only("b1"));
    CHECK(lines_at(b) == 2);
    // Passed on by way of b, and sent again by its source.
    post(a, 2, {"a1"});
    Hub d;
    send(a, d);
    send_part(d, c, "f", only("a1"));
    const std::uint64_t before = lines_at(c);
    post(c, 2, {"a1"});
    CHECK(lines_at(c) == before);
}
