#include "server/routes.h"
#include "tests/catch.h"
#include "tests/temp_directory.h"

using namespace nmstore;
using namespace nmstore::server;

namespace {

class SteppedClock : public Clock {
  public:
    std::int64_t now_ms() const override { return ms; }
    std::int64_t ms = 1'321'900'000'000;
};

}  // namespace

TEST_CASE("health and metrics are answered, and who may ask", "[operations]") {
    const testing::TempDirectory directory;
    StoreOptions options;
    options.directory = directory / "data";
    auto store = Store::open(options);
    REQUIRE(store.ok());
    const Config config;
    Metrics metrics;
    SteppedClock clock;
    Context context{**store, config, metrics, clock};
    const auto routes = operation_routes(context);
    REQUIRE(routes.size() == 2);
    Request request;

    CHECK(routes[0].pattern == "/health");
    CHECK(routes[0].role == role_none);
    clock.ms += 61'500;
    const Response health = routes[0].handler(request);
    CHECK(health.status == 200);
    CHECK(health.body.find("{\"status\":\"ok\",\"version\":\"") == 0);
    CHECK(health.body.find("\"uptime_s\":61,\"writable\":true}") != std::string::npos);

    CHECK(routes[1].pattern == "/metrics");
    CHECK(routes[1].role == role_read);
    const Response text = routes[1].handler(request);
    CHECK(text.status == 200);
    CHECK(text.content_type.find("text/plain; version=0.0.4") == 0);
    CHECK(text.body.find("\nnmstore_store_writable 1\n") != std::string::npos);
}
