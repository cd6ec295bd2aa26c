#include "server/exchange.h"

#include "tests/server/transport_fixture.h"

using namespace nmstore::testing;

namespace {

struct Fixture {
    std::shared_ptr<std::atomic<bool>> gone = std::make_shared<std::atomic<bool>>(false);
    std::atomic<int> woken{0};
    Exchange exchange{10, gone, [this] { ++woken; }};
};

}  // namespace

TEST_CASE("an answer is handed over once", "[exchange]") {
    Fixture f;
    CHECK(f.exchange.state() == Exchange::State::waiting);
    f.exchange.answer({404, "text/plain", {}, "x", {}});
    CHECK(f.exchange.state() == Exchange::State::answered);
    CHECK(f.woken == 1);
    const Response response = f.exchange.take_response();
    CHECK(response.status == 404);
    CHECK(response.body == "x");
}

TEST_CASE("a stream's writer waits while the buffer is full", "[exchange]") {
    Fixture f;
    f.exchange.begin_stream({});
    std::atomic<int> written{0};  // Catch's assertions are for one thread
    std::thread writer([&] {
        written += f.exchange.write("0123456789") ? 1 : 0;
        written += f.exchange.write("a piece longer than the buffer") ? 1 : 0;
        f.exchange.end_stream(true);
    });
    std::string all;
    Exchange::Piece piece;
    CHECK(eventually([&] {
        piece = f.exchange.take_piece();
        CHECK(piece.bytes.size() <= 10);
        all += piece.bytes;
        return piece.ended;
    }));
    writer.join();
    CHECK(written == 2);
    CHECK(piece.complete);
    CHECK(all == "0123456789a piece longer than the buffer");
}

TEST_CASE("a blocked writer hears that its reader has gone", "[exchange]") {
    Fixture f;
    f.exchange.begin_stream({});
    std::atomic<bool> written{true};
    std::thread writer([&] { written = f.exchange.write("a piece longer than the buffer"); });
    REQUIRE(eventually([&] { return f.woken == 2; }));
    f.exchange.reader_is_gone();
    writer.join();
    CHECK_FALSE(written);
    CHECK(*f.gone);
    CHECK_FALSE(f.exchange.write("x"));
}
