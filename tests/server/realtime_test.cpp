// Events to readers: every one once and in order, however often a reader comes back, however slow it is.
#include "server/realtime.h"

#include <array>
#include <nlohmann/json.hpp>

#include <condition_variable>
#include <future>
#include <random>
#include <set>
#include <thread>

#include "query/parse.h"
#include "server/websocket_frame.h"
#include "server/worker_pool.h"
#include "tests/server/realtime_case.h"

using namespace nmstore;
using namespace nmstore::server;
using namespace nmstore::testing;
using namespace nmstore::testing::followed;

namespace {

std::vector<std::string> expected_fizz(int to) {
    std::vector<std::string> out;
    for (int i = 0; i < to; i += 3) out.push_back("line " + std::to_string(i) + " fizz");
    return out;
}

}  // namespace

TEST_CASE("a tail gives the lines that match, from now on, as they are committed") {
    World world;
    world.append(0, 3);
    const auto client = world.follow(tail_of("fizz"));
    CHECK_FALSE(client->take());
    world.append(3, 10);
    world.append(10, 11);
    REQUIRE(client->take_until([&] { return client->count() == 3; }));
    CHECK(client->lines() == std::vector<std::string>{"line 3 fizz", "line 6 fizz", "line 9 fizz"});
    const auto first = client->events().at(0);
    CHECK(first["time"] == kMorning + 3);
    CHECK(first["client"] == "c");
    CHECK(first["log"] == "l");
    CHECK(first["id"].is_string());
    CHECK(parse_event_id(first["event"].get<std::string>()).ok());
    CHECK_FALSE(client->take());
}

TEST_CASE(
    "a reader that was cut off anywhere goes on behind the last event that it saw, also after a restart") {
    World world;
    std::vector<std::string> ids{format_event_id(EventId::before(0))};
    {
        FollowOptions all;
        all.after = EventId::before(0);
        for (int i = 0; i < 10; ++i) world.append(i * 5, i * 5 + 5, i % 2 == 0 ? "l" : "m");
        const auto client = world.follow(tail_of("fizz"), all);
        REQUIRE(client->take_until([&] { return client->count() == 17; }));
        CHECK(client->lines() == expected_fizz(50));
        for (const auto& event : client->events()) ids.push_back(event["event"]);
    }
    const auto check = [&](int to) {
        for (std::size_t cut = 0; cut < ids.size(); ++cut) {
            FollowOptions options;
            options.after = must(parse_event_id(ids[cut]));
            const auto client = world.follow(tail_of("fizz"), options);
            const std::vector<std::string> all = expected_fizz(to);
            const std::vector<std::string> rest(all.begin() + static_cast<std::ptrdiff_t>(cut), all.end());
            REQUIRE(client->take_until([&] { return client->count() >= rest.size(); }));
            CHECK(client->lines() == rest);
        }
    };
    check(50);
    world.restart();
    check(50);
    world.append(50, 60);
    check(60);
    must(world.store->seal());
    check(60);
}

TEST_CASE("a running tail knows clients by the tags that they have when a line comes") {
    World world;
    const auto tag = [&](const std::string& client, const std::string& text) {
        world.store.put(std::string(kIndexFamily), "client-tags", client, text);
    };
    const auto append = [&](const std::string& client, const std::string& text) {
        world.store.append(client, "l", kMorning, text);
    };
    // The last asks about the line's text where the client alone does not decide.
    const auto web = world.follow(tail_of("client:web"));
    const auto not_web = world.follow(tail_of("-client:web"));
    const auto either = world.follow(tail_of("client:web OR wanted"));
    append("a", "none has a tag");
    REQUIRE(not_web->take_until([&] { return not_web->count() == 1; }));
    tag("a", "web");
    append("a", "tagged");
    append("b", "another");
    REQUIRE(not_web->take_until([&] { return not_web->count() == 2; }));
    tag("a", "db");
    append("a", "tagged otherwise");
    REQUIRE(not_web->take_until([&] { return not_web->count() == 3; }));
    tag("b", "\"web\"");
    append("b", "tagged as well");
    append("b", "tagged still");
    REQUIRE(web->take_until([&] { return web->count() == 3; }));
    must(world.store->remove_cell(kIndexFamily, "client-tags", "b"));
    append("b", "none any more");
    append("b", "wanted");
    REQUIRE(not_web->take_until([&] { return not_web->count() == 5; }));
    REQUIRE(either->take_until([&] { return either->count() == 4; }));
    using Texts = std::vector<std::string>;
    CHECK(web->lines() == Texts{"tagged", "tagged as well", "tagged still"});
    CHECK(not_web->lines() ==
          Texts{"none has a tag", "another", "tagged otherwise", "none any more", "wanted"});
    CHECK(either->lines() == Texts{"tagged", "tagged as well", "tagged still", "wanted"});

    // While a reader is given what it missed, too.
    EventMaker maker(tail_of("client:web"), *world.store);
    must(maker.open());
    const auto changes = must(world.store->read_changes(0, SIZE_MAX));
    const auto count = [&] {
        std::vector<EventPtr> events;
        for (const Change& change : changes) must(maker.events(change, EventId::before(0), SIZE_MAX, events));
        return events.size();
    };
    CHECK(count() == 0);
    tag("b", "web");
    CHECK(count() == 5);
    tag("a", "web");
    CHECK(count() == changes.size());
}

TEST_CASE("a channel gives told values and appended lines of its row, in the order of commits") {
    World world;
    const std::string day = "c:logs:l:2011:5:22";
    const auto exact = world.follow(new_channel("", kTimeFamily, day));
    const auto glob = world.follow(new_channel("token", kTimeFamily, "c:logs:*"));
    const auto other = world.follow(new_channel("", kIndexFamily, day));
    const auto slash = world.follow(new_channel("", kIndexFamily, "a/b"));
    world.append(1, 2);
    const auto put = [&](std::string_view family, const std::string& row, const std::string& column,
                         const std::string& value, bool told) {
        const auto batch = must(world.store->begin_cells(family));
        batch->tell_values(told);
        must(batch->put(row, column, value));
        must(batch->commit());
    };
    put(kTimeFamily, day, std::to_string(kMorning + 2), "told \"value\"", true);
    put(kTimeFamily, day, std::to_string(kMorning + 3), "not told", false);
    put(kTimeFamily, "c:logs:m:2011:5:22", std::to_string(kMorning + 4), "another", true);
    put(kIndexFamily, "a/b", "x", "y", true);
    world.append(5, 6);
    REQUIRE(exact->take_until([&] { return exact->count() == 3; }));
    REQUIRE(glob->take_until([&] { return glob->count() == 4; }));
    REQUIRE(slash->take_until([&] { return slash->count() == 1; }));
    CHECK_FALSE(other->take());
    const auto events = exact->events();
    CHECK(events[0]["rowkey"] == day);
    CHECK(events[0]["line"] == "line 1");
    CHECK(events[0]["columnname"] == std::to_string(kMorning + 1));
    CHECK(must(world.store->get(kTimeFamily, day, std::to_string(kMorning + 1)))->value ==
          events[0]["columnvalue"]);
    CHECK(events[1]["columnvalue"] == "told \"value\"");
    CHECK(events[1]["columnname"] == std::to_string(kMorning + 2));
    CHECK(events[2]["line"] == "line 5");
    CHECK(glob->events()[2]["columnvalue"] == "another");
    CHECK(slash->events()[0]["columnvalue"] == "y");
    // Again from the beginning.
    FollowOptions options;
    options.after = EventId::before(0);
    const auto again = world.follow(new_channel("", kTimeFamily, day), options);
    REQUIRE(again->take_until([&] { return again->count() == 3; }));
    CHECK(again->text == exact->text);
}

TEST_CASE("an appended line of any bytes is told as the row's cell reads") {
    World world;
    const auto channel = world.follow(new_channel("", kTimeFamily, "c:logs:l:2011:5:22"));
    const auto messages = world.follow(new_messages());
    const std::vector<std::string> lines{"plain", "\"q\" \\ \t \x01 \x7f",
                                         "\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80",
                                         "broken \xff\xc3 \xed\xb2\x80 \xe2\x82", "%41 + %u20ac"};
    for (std::size_t i = 0; i < lines.size(); ++i)
        world.store.append("c", "l", kMorning + static_cast<std::int64_t>(i), lines[i]);
    REQUIRE(channel->take_until([&] { return channel->count() == lines.size(); }));
    REQUIRE(messages->take_until([&] { return messages->count() == lines.size(); }));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string column = std::to_string(kMorning + static_cast<std::int64_t>(i));
        const auto cell = must(world.store->get(kTimeFamily, "c:logs:l:2011:5:22", column));
        REQUIRE(cell);
        // Posted forms are plain ASCII; the line beside it may hold what is no valid JSON to all readers.
        CHECK(channel->text.find("\"columnvalue\":\"" + cell->value + '"') != std::string::npos);
        CHECK(messages->events()[i]["data"] == cell->value);
    }
}

TEST_CASE("messages are what agents sent, posted or appended") {
    World world;
    const auto client = world.follow(new_messages());
    const auto batch = must(world.store->begin_cells(kTimeFamily));
    must(batch->put("10.0.0.1:plugins:df:2011:5:22", std::to_string(kMorning),
                    "{\"date\":1,\"value\":\"93\"}"));
    must(batch->put("no day row", std::to_string(kMorning), "x"));
    must(batch->commit());
    world.append(0, 1, "/var/log/x");
    REQUIRE(client->take_until([&] { return client->count() == 2; }));
    const auto events = client->events();
    CHECK(events[0]["name"] == "df");
    CHECK(events[0]["key"] == "10.0.0.1:plugins:df:2011:5:22");
    CHECK(events[0]["date"] == kMorning);
    CHECK(events[0]["data"] == "{\"date\":1,\"value\":\"93\"}");
    CHECK(events[0]["origin"] == "10.0.0.1");
    CHECK(events[1]["name"] == "/var/log/x");
    CHECK(events[1]["origin"] == "c");
}

TEST_CASE("a slow reader gets everything from the store, or is told how many it has missed") {
    World world;
    const auto slow = world.follow(tail_of("line"));
    FollowOptions drop;
    drop.slow = SlowReader::drop;
    const auto dropping = world.follow(tail_of("line"), drop);
    const auto quick = world.follow(tail_of("line"));
    CHECK_FALSE(dropping->take());  // it is there
    // More than a topic holds.
    const int count = 60'000;
    for (int i = 0; i < count; i += 2000) {
        world.append(i, i + 2000);
        REQUIRE(quick->take_until([&] { return quick->count() == static_cast<std::size_t>(i) + 2000; }));
    }
    REQUIRE(slow->take_until([&] { return slow->count() == std::size_t{count}; }));
    CHECK(slow->text == quick->text);
    CHECK(world.realtime->stats().catch_ups > 0);
    REQUIRE(dropping->take());
    const auto remark = dropping->events().at(0);
    REQUIRE(remark.contains("dropped"));
    REQUIRE(dropping->take_until(
        [&] { return dropping->text.find("line " + std::to_string(count - 1)) != std::string::npos; }));
    CHECK(remark["dropped"].get<std::size_t>() + dropping->lines().size() == std::size_t{count});
    CHECK(world.realtime->stats().dropped == remark["dropped"]);
}

TEST_CASE("one commit of more than a topic may hold reaches its readers from the store, in bounded steps") {
    World world;
    const auto client = world.follow(tail_of("*"));
    const auto batch = world.store->begin_lines();
    for (int i = 0; i < 40'000; ++i)
        must(batch->append({"c",
                            i % 2 == 0 ? "l" : "m",
                            kMorning + i % 977,
                            std::to_string(i) + std::string(100, 'x'),
                            {}}));
    must(batch->commit());
    world.append(0, 2);
    REQUIRE(client->take_until([&] { return client->count() == 40'002; }));
    std::set<std::string> seen;
    for (const std::string& line : client->lines()) seen.insert(line);
    CHECK(seen.size() == 40'002);
    CHECK(client->lines().back() == "line 1");
}

TEST_CASE("who comes back too late is told that there is a gap") {
    World world;
    world.store.options.changes.keep_bytes = 64 * 100;
    world.restart();
    world.append(0, 1);
    FollowOptions options;
    options.after = EventId::before(world.store->changes().end);
    for (int i = 1; i < 500; ++i) world.append(i, i + 1);
    const auto client = world.follow(tail_of("line"), options);
    REQUIRE(client->take_until([&] { return client->text.find("line 499") != std::string::npos; }));
    const auto events = client->events();
    CHECK(events.at(0).contains("gap"));
    CHECK(events.size() > 50);
    CHECK(events.size() < 450);
    CHECK(world.realtime->stats().gaps == 1);
}

TEST_CASE("who comes back from ahead of the store is told of a gap and goes on from its end") {
    World world;
    const int before = GENERATE(0, 5);
    for (int i = 0; i < before; ++i) world.append(i, i + 1);
    const ChangeNumber end = world.store->changes().end;
    FollowOptions options;
    options.tells_place = true;
    options.after = EventId::before(end);
    {
        const auto client = world.follow(tail_of("line"), options);
        (void)client->take();
        CHECK(client->text.find("gap") == std::string::npos);  // there it may be
    }
    // By its place: the store's numbers are others in each run.
    const std::array<EventId, 4> ahead{EventId::before(end + 1), EventId::before(end + 7),
                                       EventId{end, 0, 5, 0, 0}, EventId::before(UINT64_MAX)};
    options.after = ahead.at(GENERATE(0U, 1U, 2U, 3U));
    const nlohmann::json gap{{"event", format_event_id(EventId::before(end))}, {"gap", end}};
    const auto client = world.follow(tail_of("line"), options);
    (void)client->take();
    REQUIRE(client->count() == 2);
    CHECK(client->events()[1] == gap);
    for (int i = 10; i < 20; ++i) world.append(i, i + 1);
    REQUIRE(client->take_until([&] { return client->lines().size() == 10; }));
    CHECK(client->count() == 12);
    CHECK(world.realtime->stats().gaps == 1);

    // A poll, of old clients too, does not wait for its time to be over.
    options.wait = std::chrono::seconds(300);
    options.after = EventId::before(UINT64_MAX);
    options.format = EventFormat::poll;
    const ChangeNumber now = world.store->changes().end;
    const auto poll = world.follow(tail_of("line"), options);
    REQUIRE(poll->take_until([&] { return poll->last() == EventSource::More::end; }));
    const auto answer = nlohmann::json::parse(poll->text);
    const std::string place = format_event_id(EventId::before(now));
    CHECK(answer["events"].at(0)["gap"] == now);
    CHECK(answer["next"] == place);
    options.format = EventFormat::comet;
    options.cookie = "place";
    const auto comet = world.follow(tail_of("line"), options);
    REQUIRE(comet->take_until([&] { return comet->last() == EventSource::More::end; }));
    CHECK(comet->text == "[]\n");  // its clients know values only
    std::vector<std::pair<std::string, std::string>> headers;
    comet->source().complete_head(headers);
    REQUIRE(headers.size() == 1);
    CHECK(headers[0].second.starts_with("place=" + place + ";"));
}

TEST_CASE("a poll answers with what there is, or with nothing when its time is over") {
    World world;
    FollowOptions options;
    options.format = EventFormat::poll;
    options.wait = std::chrono::milliseconds(0);
    const auto empty = world.follow(tail_of("fizz"), options);
    REQUIRE(empty->take_until([&] { return empty->last() == EventSource::More::end; }));
    auto answer = nlohmann::json::parse(empty->text);
    CHECK(answer["events"].empty());
    world.append(0, 7);
    options.wait = std::chrono::seconds(60);
    options.after = must(parse_event_id(answer["next"].get<std::string>()));
    const auto some = world.follow(tail_of("fizz"), options);
    REQUIRE(some->take_until([&] { return some->last() == EventSource::More::end; }));
    answer = nlohmann::json::parse(some->text);
    REQUIRE(answer["events"].size() == 3);
    CHECK(answer["events"][2]["line"] == "line 6 fizz");
    // Nothing twice.
    options.after = must(parse_event_id(answer["next"].get<std::string>()));
    const auto waiting = world.follow(tail_of("fizz"), options);
    CHECK_FALSE(waiting->take());
    CHECK(waiting->source().delays_head());
    world.append(8, 10);
    REQUIRE(waiting->take_until([&] { return waiting->last() == EventSource::More::end; }));
    CHECK(nlohmann::json::parse(waiting->text)["events"].size() == 1);
    // The array alone, and the place in a cookie.
    options.format = EventFormat::comet;
    options.cookie = "place";
    const auto comet = world.follow(tail_of("fizz"), options);
    REQUIRE(comet->take_until([&] { return comet->last() == EventSource::More::end; }));
    CHECK(nlohmann::json::parse(comet->text).size() == 1);
    std::vector<std::pair<std::string, std::string>> headers;
    comet->source().complete_head(headers);
    REQUIRE(headers.size() == 1);
    CHECK(headers[0].second.starts_with("place="));
}

TEST_CASE("a poll that does not wait is told what was missed, also where nobody else follows the same") {
    World world;
    FollowOptions options;
    options.format = EventFormat::poll;
    options.wait = std::chrono::milliseconds(0);
    // A topic is kept for a while that nobody reads any more.
    int filters = 0;
    const auto fresh = [&] { return tail_of("fizz -other" + std::to_string(++filters)); };
    const auto poll = [&] {
        const auto client = world.follow(fresh(), options);
        REQUIRE(client->take_until([&] { return client->last() == EventSource::More::end; }));
        const auto answer = nlohmann::json::parse(client->text);
        options.after = must(parse_event_id(answer["next"].get<std::string>()));
        return answer["events"].size();
    };
    CHECK(poll() == 0);
    // Events are found, then none are to be found.
    for (int round = 0; round < 3; ++round) {
        world.append(round * 9, round * 9 + 9);
        REQUIRE(eventually([&] { return world.realtime->stats().behind == 0; }));
        CHECK(poll() == 3);
        world.append(1, 3);
        REQUIRE(eventually([&] { return world.realtime->stats().behind == 0; }));
        CHECK(poll() == 0);
        CHECK(*options.after == EventId::before(world.store->changes().end));
    }
    // For what is being read it waits, but not for ever; and is not looked at before that.
    world.append(27, 36);
    REQUIRE(eventually([&] { return world.realtime->stats().behind == 0; }));
    std::promise<void> gate;
    const std::shared_future<void> open = gate.get_future().share();
    for (int i = 0; i < 2; ++i) REQUIRE(world.pool.try_run([open] { open.wait(); }));
    const auto client = world.follow(fresh(), options);
    CHECK_FALSE(client->take());
    CHECK(client->last() == EventSource::More::wait);
    CHECK(client->source().due() > std::chrono::steady_clock::now());
    CHECK(client->source().due() < std::chrono::steady_clock::now() + kPatience);
    gate.set_value();
    REQUIRE(client->take_until([&] { return client->last() == EventSource::More::end; }));
    CHECK(nlohmann::json::parse(client->text)["events"].size() == 3);
}

TEST_CASE("heartbeats tell how far the reader is, so that nothing old is read again") {
    World world;
    const auto client = world.follow(tail_of("rare"));
    world.append(0, 5);
    std::string id;
    // The place moves on when the follower has been there.
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (id != format_event_id(EventId::before(world.store->changes().end)) &&
           std::chrono::steady_clock::now() < deadline) {
        (void)client->take();
        id = nlohmann::json::parse(client->source().heartbeat())["event"];
    }
    CHECK(id == format_event_id(EventId::before(world.store->changes().end)));
}

TEST_CASE("a stream begins with its place, so that who is cut before the first event misses nothing") {
    World world;
    const auto place_now = [&] { return format_event_id(EventId::before(world.store->changes().end)); };
    FollowOptions options;
    options.tells_place = true;
    options.format =
        GENERATE(EventFormat::server_events, EventFormat::lines, EventFormat::websocket, EventFormat::poll);
    options.wait = std::chrono::seconds(60);
    const auto beginning = [&](const std::string& place) {
        const std::string object = R"({"event":")" + place + R"(","heartbeat":true})";
        std::string out;
        if (options.format == EventFormat::server_events) out = "id: " + place + "\n:\n\n";
        if (options.format == EventFormat::lines) out = object + "\n";
        if (options.format == EventFormat::websocket) append_text_frame(out, object);
        return out;  // of a poll nothing: it tells where it ends
    };
    const std::string empty = place_now();
    auto client = world.follow(tail_of("line"), options);
    CHECK(client->take() == (options.format != EventFormat::poll));
    CHECK(client->text == beginning(empty));
    CHECK_FALSE(client->take());
    world.append(0, 2);
    REQUIRE(client->take_until([&] { return client->text.find("line 1") != std::string::npos; }));

    // Who comes back is told the same place again, until there is something new.
    const std::string place = place_now();
    options.after = must(parse_event_id(place));
    client = world.follow(tail_of("line"), options);
    (void)client->take();
    CHECK(client->text == beginning(place));
    options.after = must(parse_event_id(empty));
    client = world.follow(tail_of("line"), options);
    REQUIRE(client->take_until([&] { return client->text.find("line 1") != std::string::npos; }));
    CHECK(client->text.starts_with(beginning(empty)));
    CHECK(client->text.find("line 0") != std::string::npos);
    if (options.format == EventFormat::poll) return;

    options.tells_place = false;
    client = world.follow(tail_of("line"), options);
    REQUIRE(client->take_until([&] { return client->text.find("line 1") != std::string::npos; }));
    CHECK_FALSE(client->text.starts_with(beginning(empty)));
    CHECK(client->text.find("heartbeat") == std::string::npos);
}

TEST_CASE("readers that come and go while much is written miss nothing between their first and last event") {
    World world;
    std::atomic<bool> stop{false};
    constexpr int kCommits = 300;
    std::thread writer([&] {
        for (int i = 0; i < kCommits; ++i) {
            const auto batch = world.store->begin_lines();
            (void)batch->append({"c", "l", kMorning + i, "number " + std::to_string(i), {}});
            (void)batch->commit();
        }
        stop = true;
    });
    std::mt19937 random(1);
    std::string last = format_event_id(EventId::before(0));
    std::vector<std::string> lines;
    while (lines.size() < kCommits) {
        FollowOptions options;
        options.after = must(parse_event_id(last));
        const auto client = world.follow(tail_of("number"), options);
        const std::size_t wanted = std::min<std::size_t>(1 + random() % 40, kCommits - lines.size());
        REQUIRE(client->take_until([&] { return client->count() >= wanted; }));
        for (std::string& line : client->lines()) lines.push_back(std::move(line));
        last = client->events().back()["event"];
    }
    writer.join();
    REQUIRE(lines.size() == kCommits);
    for (int i = 0; i < kCommits; ++i)
        CHECK(lines[static_cast<std::size_t>(i)] == "number " + std::to_string(i));
}
