// Answers that stay open, over real sockets.
#include <random>
#include <thread>
#include <utility>

#include "tests/server/test_source.h"

using namespace nmstore::testing;

namespace {

std::string numbered(int number) {
    return "event " + std::to_string(number) + "\n";
}

}  // namespace

TEST_CASE("events come whole and in their order to every client", "[events]") {
    constexpr int kEvents = 10000;
    EventServer events;
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 4; ++i) {
        clients.push_back(std::make_unique<Client>(events.server.port()));
        clients.back()->send(get("/events"));
        const std::string head = clients.back()->read_answer(false).head;
        CHECK(head.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        CHECK(head.find("Cache-Control: no-store\r\n") != std::string::npos);
        CHECK(head.find("X-Accel-Buffering: no\r\n") != std::string::npos);
        events.source(static_cast<std::size_t>(i));
    }
    CHECK(events.server.metrics.streams(StreamKind::sse) == 4);
    CHECK(eventually([&] { return events.server.metrics.requests_in_flight == 0; }));
    std::thread giver([&] {
        for (int n = 0; n < kEvents; ++n) {
            for (std::size_t i = 0; i < 4; ++i) events.sources[i]->give(numbered(n));
        }
        for (std::size_t i = 0; i < 4; ++i) events.sources[i]->end();
    });
    std::string expected;
    for (int n = 0; n < kEvents; ++n) expected += numbered(n);
    for (auto& client : clients) CHECK((dechunk(*client) == expected));
    giver.join();
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(eventually([&] { return events.sources[i]->closings == 1; }));
        CHECK(events.sources[i]->late_calls == 0);
    }
    CHECK(events.server.metrics.streams(StreamKind::sse) == 0);
    // The connections go on.
    for (auto& client : clients) CHECK(client->ask(get("/get")).status == 200);
}

TEST_CASE("readers of HTTP/1.0 get events until the connection ends, HEAD gets none", "[events]") {
    EventServer events;
    Client head(events.server.port());
    head.send("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(head.read_answer(false).status == 200);
    CHECK(head.ask(get("/get")).status == 200);
    CHECK(events.sources[0]->openings == 0);
    CHECK(events.sources[0]->closings == 0);
    Client old(events.server.port());
    old.send("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto source = events.source(1);
    source->give("one\n");
    CHECK(old.read_until("one\n").find("Transfer-Encoding") == std::string::npos);
    source->give("two\n");
    source->end();
    CHECK(old.read_all() == "two\n");
}

TEST_CASE("a silent stream has heartbeats", "[events]") {
    TransportLimits limits;
    limits.heartbeat = 20ms;
    EventServer events(limits);
    Client client(events.server.port());
    client.send(get("/events"));
    client.read_answer(false);
    CHECK(dechunk(client, 15) == "beat\nbeat\nbeat\n");
    events.source()->end();
    const std::string rest = dechunk(client);
    CHECK(rest.find("<cut>") == std::string::npos);
    CHECK(client.ask(get("/get")).status == 200);
}

TEST_CASE("an answer whose head waits has no heartbeats, and is looked at no more often", "[events]") {
    TransportLimits limits;
    limits.heartbeat = 20ms;
    EventServer events(limits);
    events.delays_heads = true;
    Client client(events.server.port());
    const auto begun = std::chrono::steady_clock::now();
    client.send(get("/events"));
    const auto source = events.source();
    std::this_thread::sleep_for(10 * limits.heartbeat);
    const int pulls = source->pulls;
    CHECK(pulls <= (std::chrono::steady_clock::now() - begun) / limits.heartbeat + 2);
    SECTION("until there is something to say") {
        source->give("something\n");
        source->end();
        CHECK(client.read_answer(false).status == 200);
        CHECK(dechunk(client) == "something\n");
        CHECK(client.ask(get("/get")).status == 200);
    }
    SECTION("until its credentials do not hold any more") {
        events.server.source.replace(std::make_shared<ClosedToAll>());
        CHECK(client.read_answer(false).status == 200);
        CHECK(dechunk(client) == "end: unauthorized\n");
    }
}

TEST_CASE("a client that does not read ends by the write timeout, others go on", "[events]") {
    TransportLimits limits;
    limits.write_timeout = 300ms;
    EventServer events(limits);
    Client stuck(events.server.port());
    stuck.send(get("/events"));
    const auto endless = events.source(0);
    Client other(events.server.port());
    other.send(get("/events"));
    other.read_answer(false);
    const auto source = events.source(1);
    endless->endless = true;
    endless->waker()();
    REQUIRE(eventually([&] { return endless->closings == 1; }));
    CHECK(events.server.metrics.limit_hits("write_timeout") == 1);
    source->give("still here\n");
    CHECK(dechunk(other, 11) == "still here\n");
    CHECK(source->closings == 0);
    CHECK(endless->late_calls == 0);
}

TEST_CASE("a client that goes away is noticed while nothing is sent", "[events]") {
    EventServer events;
    Client closes(events.server.port());
    Client resets(events.server.port());
    for (Client* client : {&closes, &resets}) {
        client->send(get("/events"));
        client->read_answer(false);
    }
    const auto first = events.source(0);
    const auto second = events.source(1);
    closes.close();
    resets.reset();
    CHECK(eventually([&] { return first->closings == 1 && second->closings == 1; }));
    CHECK(eventually([&] { return events.server.metrics.connections == 0; }));
    // Waking what has ended is harmless.
    first->waker()();
    CHECK(first->late_calls == 0);
}

TEST_CASE("a source that fails ends without its last chunk", "[events]") {
    EventServer events;
    Client client(events.server.port());
    client.send(get("/events"));
    client.read_answer(false);
    const auto source = events.source();
    source->throws = true;
    source->waker()();
    CHECK(client.read_all().empty());
    CHECK(eventually([&] { return source->closings == 1; }));
    CHECK(events.server.metrics.handler_exceptions == 1);
}

TEST_CASE("a drain ends streams as they should end", "[events]") {
    EventServer events;
    Client client(events.server.port());
    client.send(get("/events"));
    client.read_answer(false);
    const auto source = events.source();
    events.server.listener->begin_drain();
    CHECK(client.read_all() == "0\r\n\r\n");
    client.close();
    CHECK(events.server.listener->wait_drained(kPatience));
    CHECK(source->closings == 1);
}

TEST_CASE("a drain does not wait long for clients who do not read, or do not close", "[events]") {
    TransportLimits limits;
    limits.linger = 4 * kPatience;
    limits.write_timeout = 4 * kPatience;
    EventServer events(limits);
    Client stuck(events.server.port());
    stuck.send(get("/events"));
    events.source(0)->endless = true;
    events.source(0)->waker()();
    // Its answer has ended before, it could have gone.
    Client refused(events.server.port());
    refused.send("nonsense\r\n\r\n");
    CHECK(refused.read_all().starts_with("HTTP/1.1 400 "));
    Client open(events.server.port());
    open.send(get("/events"));
    open.read_answer(false);
    events.source(1);
    Client old(events.server.port());
    old.send("GET /events HTTP/1.0\r\n\r\n");
    old.read_answer(false);
    events.source(2);
    const auto taken = [&] { return events.server.metrics.bytes_out.load(); };
    std::int64_t before = -1;
    REQUIRE(eventually([&] {  // nothing goes to the first any more
        std::this_thread::sleep_for(20ms);
        return std::exchange(before, taken()) == before;
    }));
    events.server.listener->begin_drain();
    CHECK(open.read_all() == "0\r\n\r\n");
    CHECK(old.at_end());
    CHECK(events.server.listener->wait_drained(kPatience));
    for (const auto& source : events.sources) CHECK(source->closings == 1);
    CHECK(events.server.metrics.limit_hits("write_timeout") == 0);
}

TEST_CASE("a drain lets those who read have the end of it", "[events]") {
    TransportLimits limits;
    EventServer events(limits);
    Client client(events.server.port());
    client.send(get("/events"));
    client.read_answer(false);
    const auto source = events.source();
    source->endless = true;
    source->waker()();
    CHECK(dechunk(client, 1'000'000).size() >= 1'000'000);
    events.server.listener->begin_drain();
    CHECK(dechunk(client).find("<cut>") == std::string::npos);
    client.close();
    CHECK(events.server.listener->wait_drained(kPatience));
}

TEST_CASE("wakers outlive the listener, and abandoned streams are closed", "[events]") {
    std::function<void()> waker;
    std::shared_ptr<TestSource> source;
    {
        EventServer events;
        Client client(events.server.port());
        client.send(get("/events"));
        source = events.source();
        waker = source->waker();
        events.server.listener->abandon();
        CHECK(eventually([&] { return source->closings == 1; }));
    }
    waker();
    CHECK(source->late_calls == 0);
    CHECK(source->closings == 1);
}

TEST_CASE("many threads wake a stream, and no event stays behind", "[events]") {
    EventServer events;
    Client client(events.server.port());
    client.send(get("/events"));
    client.read_answer(false);
    const auto source = events.source();
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) source->give("0123456789");
        });
    }
    const std::string content = dechunk(client, 8 * 2000 * 10);
    for (auto& thread : threads) thread.join();
    CHECK(content.size() == 8 * 2000 * 10);
    // One at a time, so that the stream sleeps before each.
    for (int i = 0; i < 300; ++i) {
        source->give("0123456789");
        REQUIRE(dechunk(client, 10) == "0123456789");
    }
}

TEST_CASE("connections that are dropped at any point leave nothing behind", "[events]") {
    TransportLimits limits;
    limits.heartbeat = 5ms;
    EventServer events(limits);
    std::mt19937 random(7);
    for (int i = 0; i < 500; ++i) {
        Client client(events.server.port());
        const std::string request =
            get(i % 2 == 0 ? "/events" : "/socket",
                i % 2 == 0 ? ""
                           : "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        const std::size_t sent = random() % 3 == 0 ? random() % request.size() : request.size();
        client.send(request.substr(0, sent));
        if (sent == request.size() && random() % 2 == 0) client.read_bytes(random() % 10);
        if (random() % 2 == 0) client.reset();
    }
    CHECK(eventually([&] { return events.server.metrics.connections == 0; }));
    CHECK(events.server.metrics.streams(StreamKind::sse) == 0);
    CHECK(events.server.metrics.streams(StreamKind::websocket) == 0);
    const std::lock_guard lock(events.mutex);
    for (const auto& source : events.sources) {
        CHECK(source->openings == source->closings);
        CHECK(source->late_calls == 0);
    }
}

TEST_CASE("a stream whose credentials do not hold any more is told so, and nothing more", "[events]") {
    TransportLimits limits;
    SECTION("what was to come is kept back") {
        EventServer events(limits);
        Client client(events.server.port());
        client.send(get("/events"));
        client.read_answer(false);
        events.source()->give("before\n");
        CHECK(dechunk(client, 7) == "before\n");
        events.server.source.replace(std::make_shared<OpenToAll>());
        events.source()->give("between\n");
        CHECK(dechunk(client, 8) == "between\n");
        events.server.source.replace(std::make_shared<ClosedToAll>());
        events.source()->give("after\n");
        CHECK(dechunk(client) == "end: unauthorized\n");
        CHECK(client.ask(get("/get")).status == 401);
    }
    SECTION("a silent one ends, too") {
        limits.heartbeat = 20ms;
        EventServer events(limits);
        Client client(events.server.port());
        client.send(get("/events"));
        client.read_answer(false);
        events.source();
        events.server.source.replace(std::make_shared<ClosedToAll>());
        CHECK(dechunk(client).ends_with("end: unauthorized\n"));
        CHECK(eventually([&] { return events.source()->closings == 1; }));
    }
}
