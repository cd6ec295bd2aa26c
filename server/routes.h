// What handlers are given, and the makers of their tables: main() puts the tables together.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "nmstore/clock.h"
#include "nmstore/store.h"
#include "server/config.h"
#include "server/metrics.h"
#include "server/router.h"

namespace nmstore::server {

// A cell was written with realtime=true: whoever follows the row's channel may hear of it. Called after the
// commit, on the handler's thread; must not block. `token` is the writer's ("" without credentials).
using PublishCell = std::function<void(std::string_view token, std::string_view family, std::string_view row,
                                       std::string_view column, std::string_view value)>;

// Lives longer than every handler. All of it may be used from many threads at a time.
struct Context {
    Store& store;
    const Config& config;
    Metrics& metrics;
    const Clock& clock;
    PublishCell publish = [](auto...) {};
};

std::vector<Route> cloudsandra_routes(Context& context);  // /v0.3
std::vector<Route> api_routes(Context& context);          // /api/v1
std::vector<Route> operation_routes(Context& context);    // /health, /metrics

}  // namespace nmstore::server
