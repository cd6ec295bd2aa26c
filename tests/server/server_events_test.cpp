#include "server/server_events.h"

#include "tests/catch.h"

using namespace nmstore::server;

namespace {

std::string event(std::string_view id, std::string_view name, std::string_view data) {
    std::string out = "before\n";
    append_server_event(out, id, name, data);
    REQUIRE(out.substr(0, 7) == "before\n");
    return out.substr(7);
}

}  // namespace

TEST_CASE("an event has its fields in lines, and a blank line behind", "[server-events]") {
    CHECK(event("7", "line", "text") == "id: 7\nevent: line\ndata: text\n\n");
    CHECK(event("", "", "text") == "data: text\n\n");
    CHECK(event("7", "", "") == "id: 7\ndata: \n\n");
}

TEST_CASE("each line of the data is a field, whatever ends it", "[server-events]") {
    CHECK(event("", "", "a\nb") == "data: a\ndata: b\n\n");
    CHECK(event("", "", "a\r\nb\rc") == "data: a\ndata: b\ndata: c\n\n");
    CHECK(event("", "", "a\n\n") == "data: a\ndata: \ndata: \n\n");
    CHECK(event("", "", "\r\n") == "data: \ndata: \n\n");
    CHECK(event("", "", "id: 9\n\nevent: x") == "data: id: 9\ndata: \ndata: event: x\n\n");
}
