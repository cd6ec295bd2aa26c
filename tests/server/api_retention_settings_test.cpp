#include "query/retention_text.h"
#include "tests/server/hub.h"

using namespace nmstore;
using testing::Hub;

TEST_CASE("how long the server keeps what comes is told") {
    Hub hub;
    hub.config.retention_interval = std::chrono::milliseconds(60'000);
    CHECK(hub.get("/api/v1/retention").body ==
          R"({"keep_ms":null,"max_bytes":null,"rules":0,"forget_names":false,"interval_ms":60000})");
    auto policy = query::parse_retention({"30d", {"web*=7d", "alerts=forever"}, "50GB", true});
    REQUIRE(policy.ok());
    hub.config.retention = std::move(*policy);
    CHECK(
        hub.get("/api/v1/retention").body ==
        R"({"keep_ms":2592000000,"max_bytes":50000000000,"rules":2,"forget_names":true,"interval_ms":60000})");
    CHECK(hub.get("/api/v1/retention?x=1").status == 400);
}
