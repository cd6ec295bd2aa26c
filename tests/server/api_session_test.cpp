#include <nlohmann/json.hpp>

#include "tests/server/hub.h"

using namespace nmstore;
using Json = nlohmann::json;

TEST_CASE("who asks is told who they are and what they may do") {
    testing::Hub hub;
    const auto session = [&](std::uint8_t roles) {
        hub.roles = roles;
        return Json::parse(hub.get("/api/v1/session").body);
    };
    CHECK(session(server::role_read) == Json{{"token", "token"}, {"roles", {"read"}}});
    CHECK(session(server::role_read | server::role_ingest)["roles"] == Json{"ingest", "read"});
    CHECK(session(server::role_admin)["roles"] == Json{"ingest", "read", "admin"});
    CHECK(hub.get("/api/v1/session?x=1").status == 400);
}
