#include "server/listen_address.h"

#include "tests/catch.h"

using namespace nmstore::server;

TEST_CASE("addresses are read, and loopback is known", "[listen]") {
    struct Row {
        std::string text, host;
        std::uint16_t port;
        bool loopback;
    };
    const Row rows[] = {
        {"127.0.0.1:8001", "127.0.0.1", 8001, true}, {"127.9.9.9:0", "127.9.9.9", 0, true},
        {"0.0.0.0:80", "0.0.0.0", 80, false},        {"10.0.0.1:65535", "10.0.0.1", 65535, false},
        {"[::1]:8001", "::1", 8001, true},           {"[::]:8001", "::", 8001, false},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        const auto address = parse_listen_address(row.text);
        REQUIRE(address.ok());
        CHECK(address->host == row.host);
        CHECK(address->port == row.port);
        CHECK(address->loopback == row.loopback);
        CHECK(address->text() == row.text);
    }
    const auto name = parse_listen_address("localhost:1");
    if (name.ok()) CHECK(name->loopback);  // where the machine knows it
}

TEST_CASE("what is no address is refused", "[listen]") {
    for (const char* bad : {"", "8001", ":8001", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                            "127.0.0.1:8001x", "::1:8001", "[::1]", "[]:1", "[127.0.0.1:1", "300.0.0.1.:1"}) {
        INFO(bad);
        const auto address = parse_listen_address(bad);
        REQUIRE_FALSE(address.ok());
        CHECK(address.error().code == nmstore::Code::invalid_argument);
    }
}
