#include "server/websocket_frame.h"

#include <vector>

#include "tests/catch.h"
#include "tests/server/websocket_client.h"

using namespace nmstore::server;
using nmstore::testing::client_frame;
using Step = FrameReader::Step;
using namespace std::string_literals;

namespace {

constexpr std::size_t kMax = 100000;

struct Seen {
    int kind;
    int code;
    std::string payload;
    bool operator==(const Seen& other) const {
        return kind == other.kind && code == other.code && payload == other.payload;
    }
};

// What is read when the bytes come in pieces that end at these places.
std::vector<Seen> read(const std::string& bytes, const std::vector<std::size_t>& cuts = {},
                       std::size_t max = kMax) {
    FrameReader reader(max);
    std::vector<Seen> seen;
    std::string held;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t end = i < cuts.size() ? cuts[i] : bytes.size();
        held += bytes.substr(begin, end - begin);
        begin = end;
        while (true) {
            Step step = reader.feed(held);
            REQUIRE(step.used <= held.size());
            held.erase(0, step.used);
            if (step.kind == Step::need_more) break;
            seen.push_back({step.kind, static_cast<int>(step.code), step.payload});
            if (step.kind == Step::fault) return seen;
        }
        REQUIRE(held.size() <= 14 + 125);
    }
    return seen;
}

Seen message(const std::string& text) {
    return {Step::message, 1000, text};
}

int fault_of(const std::string& bytes, std::size_t max = kMax) {
    const auto seen = read(bytes, {}, max);
    if (seen.empty() || seen.back().kind != Step::fault) return 0;
    CHECK_FALSE(seen.back().payload.empty());
    return seen.back().code;
}

}  // namespace

TEST_CASE("the accept key is that of RFC 6455", "[websocket]") {
    CHECK(websocket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("the examples of RFC 6455 are read and written", "[websocket]") {
    CHECK(read("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s) == std::vector<Seen>{message("Hello")});
    CHECK(read("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s) ==
          std::vector<Seen>{{Step::ping, 1000, "Hello"}});
    CHECK(read("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s) ==
          std::vector<Seen>{{Step::pong, 1000, "Hello"}});
    std::string out;
    append_text_frame(out, "Hello");
    CHECK(out == "\x81\x05Hello");
    out.clear();
    append_frame(out, Opcode::ping, "Hello");
    CHECK(out == "\x89\x05Hello");
    out.clear();
    append_frame(out, Opcode::binary, std::string(256, 'x'));
    CHECK(out == "\x82\x7e\x01\x00"s + std::string(256, 'x'));
    out.clear();
    append_frame(out, Opcode::binary, std::string(65536, 'x'));
    CHECK((out == "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s + std::string(65536, 'x')));
}

TEST_CASE("lengths at the borders of their forms are read and written", "[websocket]") {
    for (const std::size_t size : {0, 1, 125, 126, 127, 65535, 65536, 100000}) {
        const std::string text(size, 'x');
        CHECK((read(client_frame(Opcode::text, text)) == std::vector<Seen>{message(text)}));
        std::string out;
        append_text_frame(out, text);
        CHECK(out.size() == size + (size < 126 ? 2 : size < 65536 ? 4 : 10));
    }
}

TEST_CASE("a close's reason is cut between characters", "[websocket]") {
    std::string out;
    append_close_frame(out, CloseCode::going_away, "bye");
    CHECK(out == "\x88\x05\x03\xe9"s + "bye");
    out.clear();
    append_close_frame(out, CloseCode::internal, std::string(122, 'x') + "\xe2\x82\xac");
    CHECK(out == "\x88\x7c\x03\xf3"s + std::string(122, 'x'));
    out.clear();
    append_close_frame(out, CloseCode::internal, std::string(120, 'x') + "\xe2\x82\xac");
    CHECK(out.size() == 127);
}

TEST_CASE("frames give the same events wherever their bytes are cut", "[websocket]") {
    const std::string euro = "\xe2\x82\xac";
    // A text in three fragments, cut within a character, with control frames between them.
    const std::string bytes =
        client_frame(Opcode::text, "one " + euro.substr(0, 1), false) + client_frame(Opcode::ping, "p1") +
        client_frame(Opcode::continuation, euro.substr(1), false) + client_frame(Opcode::pong, "") +
        client_frame(Opcode::continuation, " two") + client_frame(Opcode::binary, "\xff\x00"s) +
        client_frame(Opcode::text, "") + client_frame(Opcode::text, std::string(300, 'y')) +
        client_frame(Opcode::close, "\x03\xe8over"s);
    const std::vector<Seen> expected{{Step::ping, 1000, "p1"},
                                     {Step::pong, 1000, ""},
                                     message("one " + euro + " two"),
                                     message("\xff\x00"s),
                                     message(""),
                                     message(std::string(300, 'y')),
                                     {Step::close, 1000, "over"}};
    CHECK(read(bytes) == expected);
    std::vector<std::size_t> every;
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        every.push_back(i);
        CHECK(read(bytes, {i}) == expected);
    }
    CHECK(read(bytes, every) == expected);
}

TEST_CASE("what breaks the protocol is a fault", "[websocket]") {
    const std::string mask = "abcd";
    CHECK(fault_of("\x81\x05Hello") == 1002);  // no mask
    for (const char bits : {'\x40', '\x20', '\x10'}) {
        std::string frame = client_frame(Opcode::text, "x");
        frame[0] = static_cast<char>(frame[0] | bits);
        CHECK(fault_of(frame) == 1002);
    }
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
        CHECK(fault_of(client_frame(static_cast<Opcode>(opcode), "x")) == 1002);
    }
    for (const Opcode opcode : {Opcode::close, Opcode::ping, Opcode::pong}) {
        CHECK(fault_of(client_frame(opcode, "", false)) == 1002);
        CHECK(fault_of(client_frame(opcode, std::string(126, 'x'))) == 1002);
    }
    CHECK(fault_of(client_frame(Opcode::continuation, "x")) == 1002);
    CHECK(fault_of(client_frame(Opcode::text, "x", false) + client_frame(Opcode::text, "y")) == 1002);
    CHECK(fault_of(client_frame(Opcode::text, "x") + client_frame(Opcode::continuation, "y")) == 1002);
    CHECK(fault_of("\x81\xfe\x00\x7d"s + mask) == 1002);                          // 125 in 16 bits
    CHECK(fault_of("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff"s + mask) == 1002);  // 65535 in 64
    CHECK(fault_of("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00"s + mask) == 1002);
    CHECK(fault_of("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + mask) == 1009);
}

TEST_CASE("a message may be so large, in one frame or in many", "[websocket]") {
    CHECK(fault_of(client_frame(Opcode::text, "1234567890"), 10) == 0);
    CHECK(fault_of(client_frame(Opcode::text, "12345678901"), 10) == 1009);
    CHECK(fault_of(client_frame(Opcode::text, "12345", false) + client_frame(Opcode::continuation, "67890"),
                   10) == 0);
    CHECK(fault_of(client_frame(Opcode::text, "12345", false) + client_frame(Opcode::continuation, "678901"),
                   10) == 1009);
    // Told from the head: what follows need not come.
    CHECK(fault_of(client_frame(Opcode::text, "12345678901").substr(0, 6), 10) == 1009);
    // Each message by itself.
    CHECK(read(client_frame(Opcode::text, "1234567890") + client_frame(Opcode::text, "abcdefghij"), {}, 10)
              .size() == 2);
}

TEST_CASE("texts are UTF-8, and closes are well-formed", "[websocket]") {
    CHECK(fault_of(client_frame(Opcode::text, "\xc3")) == 1007);
    CHECK(fault_of(client_frame(Opcode::text, "\xed\xa0\x80")) == 1007);
    CHECK(fault_of(client_frame(Opcode::text, "\xc3", false) + client_frame(Opcode::continuation, "x")) ==
          1007);
    CHECK(fault_of(client_frame(Opcode::binary, "\xc3")) == 0);
    CHECK(read(client_frame(Opcode::close, "")) == std::vector<Seen>{{Step::close, 1000, ""}});
    CHECK(fault_of(client_frame(Opcode::close, "\x03")) == 1002);
    CHECK(fault_of(client_frame(Opcode::close, "\x03\xe8\xff"s)) == 1007);
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
        const std::string bytes{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
        CHECK(fault_of(client_frame(Opcode::close, bytes)) == 1002);
    }
    for (const int code : {1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999}) {
        const std::string bytes{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
        CHECK(read(client_frame(Opcode::close, bytes)) == std::vector<Seen>{{Step::close, code, ""}});
    }
}
