// nm-stored from its start to its stop: store, workers, routes, listener, in this order, and back.
#pragma once

#include "server/config.h"

namespace nmstore::server {

// Must be called before any other thread exists: the signals that stop the process are blocked in all of them
// and taken by this call alone. Returns the process's exit code.
int run_daemon(const Config& config);

}  // namespace nmstore::server
