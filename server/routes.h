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

class Alerts;
class CredentialSource;
class OpenConnections;
class Realtime;
class Replication;
class RunningWork;

// Lives longer than every handler. All of it may be used from many threads at a time.
struct Context {
    Store& store;
    const Config& config;
    Metrics& metrics;
    const Clock& clock;
    // Runs a job on the pool of handlers; false: its queue is full. Jobs must not throw. Any thread.
    std::function<bool(std::function<void()> job)> run_job{};
    Realtime* realtime = nullptr;        // none: nothing can be followed
    Alerts* alerts = nullptr;            // none: no rules are evaluated
    Replication* replication = nullptr;  // none: nothing is sent, and nothing is taken from other hubs
    const OpenConnections* connections = nullptr;   // none: nobody is known to be connected
    RunningWork* running_work = nullptr;            // none: it is not known what runs
    const CredentialSource* credentials = nullptr;  // none: it is not known whose there are
};

// The handler, but where this hub is a standby and the call changes data, `refuse`'s answer.
Handler refusing_on_standby(Context& context, Method method, Role role, std::string_view pattern,
                            Handler handler, Response (*refuse)(const Error& error));
// unavailable: this hub is a standby.
Result<void> may_write(const Context& context);

std::vector<Route> cloudsandra_routes(Context& context);  // /v0.3
std::vector<Route> api_routes(Context& context);          // /api/v1
std::vector<Route> operation_routes(Context& context);    // /health, /metrics
std::vector<Route> comet_routes(Context& context);        // /cloudsandra: channels, as old pages open them

}  // namespace nmstore::server
