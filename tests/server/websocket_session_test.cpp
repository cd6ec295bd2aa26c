// WebSockets over real sockets.
#include "tests/server/test_source.h"
#include "tests/server/websocket_client.h"

using namespace nmstore::testing;

namespace {

void open_socket(Client& client) {
    client.send(get("/socket", kHandshakeHeaders));
    const auto answer = client.read_answer(false);
    REQUIRE(answer.status == 101);
    REQUIRE(answer.head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
    REQUIRE(answer.head.find("Connection: Upgrade\r\n") != std::string::npos);
    REQUIRE(answer.head.find("Transfer-Encoding") == std::string::npos);
}

std::string text(std::string_view payload, bool final = true) {
    return client_frame(Opcode::text, payload, final);
}

}  // namespace

TEST_CASE("messages of a WebSocket are received, and answers come back", "[websocket]") {
    EventServer events;
    Client client(events.server.port());
    // Frames may come right behind the handshake.
    client.send(get("/socket", kHandshakeHeaders) + text("early"));
    REQUIRE(client.read_answer(false).status == 101);
    CHECK(read_frame(client).payload == "early");
    for (const std::size_t size : {0, 1, 125, 126, 65535, 65536, 1000000}) {
        const std::string message(size, 'm');
        client.send(text(message));
        const ServerFrame frame = read_frame(client);
        CHECK(frame.opcode == 1);
        CHECK((frame.payload == message));
    }
    client.send(text("in ", false) + client_frame(Opcode::ping, "between") +
                client_frame(Opcode::continuation, "parts"));
    const ServerFrame pong = read_frame(client);
    CHECK(pong.opcode == 10);
    CHECK(pong.payload == "between");
    CHECK(read_frame(client).payload == "in parts");
    const std::string bytes = text("byte by byte");
    for (const char byte : bytes) client.send(std::string(1, byte));
    CHECK(read_frame(client).payload == "byte by byte");
    CHECK(events.server.metrics.websocket_messages == 10);
    CHECK(events.server.metrics.streams(StreamKind::websocket) == 1);
}

TEST_CASE("a client closes a WebSocket", "[websocket]") {
    EventServer events;
    Client client(events.server.port());
    open_socket(client);
    const auto source = events.source();
    client.send(text("last") + client_frame(Opcode::close,
                                            "\x0f\xa0"
                                            "bye"));
    CHECK(read_frame(client).close_code() == 4000);
    CHECK(client.at_end());
    CHECK(eventually([&] { return source->closings == 1; }));
    CHECK(source->received_bytes == 4);
    client.close();
    CHECK(eventually([&] { return events.server.metrics.connections == 0; }));
}

TEST_CASE("a source's end closes a WebSocket", "[websocket]") {
    EventServer events;
    Client client(events.server.port());
    open_socket(client);
    const auto source = events.source();
    std::string frame;
    append_text_frame(frame, "last");
    source->give(frame);
    source->end();
    CHECK(read_frame(client).payload == "last");
    CHECK(read_frame(client).close_code() == 1000);
    CHECK(eventually([&] { return source->closings == 1; }));
    // What still comes is dropped, until the client's close.
    client.send(text("too late") + client_frame(Opcode::close, "\x03\xe8"));
    CHECK(client.at_end());
    CHECK(source->late_calls == 0);
}

TEST_CASE("a drain closes WebSockets, a failure too", "[websocket]") {
    EventServer events;
    Client client(events.server.port());
    open_socket(client);
    Client failing(events.server.port());
    open_socket(failing);
    const auto source = events.source(1);
    source->throws = true;
    source->waker()();
    CHECK(read_frame(failing).close_code() == 1011);
    events.server.listener->begin_drain();
    CHECK(read_frame(client).close_code() == 1001);
    CHECK(eventually([&] { return events.source(0)->closings == 1; }));
    client.close();
    failing.close();
    CHECK(events.server.listener->wait_drained(kPatience));
}

TEST_CASE("a client that breaks the protocol is told so", "[websocket]") {
    TransportLimits limits;
    limits.max_message = 100;
    EventServer events(limits);
    const std::pair<std::string, int> cases[] = {{"\x81\x05Hello", 1002},
                                                 {text("\xff"), 1007},
                                                 {text(std::string(101, 'x')), 1009},
                                                 {client_frame(Opcode::continuation, "x"), 1002}};
    std::size_t number = 0;
    for (const auto& [bytes, code] : cases) {
        Client client(events.server.port());
        open_socket(client);
        client.send(bytes);
        CHECK(read_frame(client).close_code() == code);
        CHECK(client.at_end());
        CHECK(eventually([&] { return events.source(number)->closings == 1; }));
        ++number;
    }
    CHECK(events.server.metrics.websocket_faults == 4);
    CHECK(events.server.metrics.limit_hits("max_message") == 1);
}

TEST_CASE("a silent client of a WebSocket is asked, and is dead if it does not answer", "[websocket]") {
    TransportLimits limits;
    limits.heartbeat = 500ms;
    EventServer events(limits);
    Client client(events.server.port());
    open_socket(client);
    const auto source = events.source();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(read_frame(client).opcode == 9);
        client.send(client_frame(Opcode::pong, ""));
    }
    CHECK(source->closings == 0);
    CHECK(read_frame(client).opcode == 9);
    CHECK(eventually([&] { return source->closings == 1; }));
    CHECK(client.at_end());
}

TEST_CASE("a client that sends and does not read is held back", "[websocket]") {
    TransportLimits limits;
    limits.write_timeout = 500ms;
    limits.max_message = 100000;
    EventServer events(limits);
    Client client(events.server.port());
    open_socket(client);
    const auto source = events.source();
    const std::string message = text(std::string(100000, 'x'));
    std::size_t sent = 0;
    while (sent < 1000000000 && client.send(message)) sent += message.size();
    CHECK(sent < 1000000000);
    CHECK(eventually([&] { return source->closings == 1; }));
    CHECK(events.server.metrics.limit_hits("write_timeout") == 1);
}

TEST_CASE("a WebSocket needs HTTP/1.1", "[websocket]") {
    EventServer events;
    Client client(events.server.port());
    client.send("GET /socket HTTP/1.0\r\nHost: x\r\n" + std::string(kHandshakeHeaders) + "\r\n");
    CHECK(client.read_answer().status == 400);
    CHECK(events.sources[0]->openings == 0);
}

TEST_CASE("a WebSocket whose credentials do not hold any more is closed, and nothing of it is taken",
          "[websocket]") {
    EventServer events;
    Client client(events.server.port());
    open_socket(client);
    const auto source = events.source();
    client.send(text("before"));
    CHECK(read_frame(client).payload == "before");
    events.server.source.replace(std::make_shared<ClosedToAll>());
    client.send(text("after"));
    CHECK(read_frame(client).close_code() == 1008);
    CHECK(source->received_bytes == 6);
}
